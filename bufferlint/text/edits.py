"""Replacements of ranges of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bufferlint.text.span import Span

_EMPTY_LINE = re.compile(r"(\r\n|\r|\n)\1\Z")


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Put ``replacement`` where ``span`` is; an empty span inserts."""

    span: Span
    replacement: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap, in any order; ValueError when two of them do.

    Identical edits count once: two fixes may ask for the same class-level annotation. Different insertions at one place
    stand in the order of their text, so that the result does not depend on the order of the edits, and share the empty
    line that each of them ends with.
    """
    parts: list[str] = []
    at = 0
    ordered = sorted(set(edits))
    for index, edit in enumerate(ordered, 1):
        if edit.span.start < at or edit.span.end > len(text):
            raise ValueError(f"edits overlap or leave the text at character {edit.span.start}")
        replacement = edit.replacement
        if index < len(ordered) and ordered[index].span == edit.span:
            replacement = _EMPTY_LINE.sub(r"\1", replacement)
        parts += [text[at : edit.span.start], replacement]
        at = edit.span.end
    parts.append(text[at:])
    return "".join(parts)


def conflict(edits: Iterable[Edit], others: Iterable[Edit]) -> bool:
    """Returns whether the two groups of edits cannot both be applied to one text; insertions at one place can."""
    mine = set(edits)
    return any(edit != other and edit.span.overlaps(other.span) for other in others for edit in mine)
