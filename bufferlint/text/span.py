"""Half-open ranges of a text, counted in characters from its start."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` (included) to ``end`` (excluded) of a source's text."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place as a person counts it: row and column from 1, columns in characters; in a notebook, rows of its cell.

    ``cell`` is the position of the cell among all cells of the notebook, from 1; None outside notebooks.
    """

    row: int
    column: int
    cell: int | None = None
