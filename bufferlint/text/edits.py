"""Replacements of ranges of a text."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
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


class Compatible:
    """Edits that can all be applied to one text, gathered group by group; insertions at one place can."""

    def __init__(self) -> None:
        self._sorted: list[Edit] = []
        self._known: set[Edit] = set()

    def __iter__(self) -> Iterator[Edit]:
        """Yields the edits in the order of their places."""
        return iter(self._sorted)

    def __len__(self) -> int:
        return len(self._sorted)

    def take(self, group: Iterable[Edit]) -> bool:
        """Takes in a whole group, unless one of its edits collides with an edit that was taken before."""
        new = [edit for edit in dict.fromkeys(group) if edit not in self._known]
        if any(map(self._collides, new)):
            return False
        for edit in new:
            insort(self._sorted, edit)
        self._known.update(new)
        return True

    def _collides(self, edit: Edit) -> bool:
        place = bisect_left(self._sorted, edit)  # those taken do not overlap: only the neighbours can
        neighbours = self._sorted[max(0, place - 1) : place + 1]
        return any(edit.span.overlaps(other.span) for other in neighbours)
