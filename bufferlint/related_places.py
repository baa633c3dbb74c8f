"""Where the tensor of a finding is made, and where it is used: places beside the statement that is reported."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Related
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.text.span import Span

_MOST_USES = 3


def related_places(history: AttributeHistory, path: str, span: Span) -> tuple[Related, ...]:
    """The places of a finding at a statement, in the order in which a reader asks for them."""
    return tuple(dict.fromkeys((*_made(history, path, span), *_uses(history))))


def _made(history: AttributeHistory, path: str, span: Span) -> Iterator[Related]:
    for event in history.events:
        reason = event.value.reason
        if (event.path, event.span) != (path, span) or reason is None:
            continue
        if reason.path != path or not span.contains(reason.span):
            yield Related(reason.path, reason.span, f"the tensor is made here: {reason.text}")


def _uses(history: AttributeHistory) -> Iterator[Related]:
    """Reads outside of construction, which run where the module is."""
    uses = (
        Related(owner.path, read.expression.span, f"'{history.name}' is used here, in {header.name}")
        for owner, header, usage in history.usages_mentioning()
        if header.name != "__init__"
        for read in usage.reads.get(history.name, ())
    )
    yield from (use for use, _ in zip(uses, range(_MOST_USES), strict=False))
