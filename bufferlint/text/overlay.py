"""Files as they are once they are edited, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.source import Cell, Source
from bufferlint.text.span import Span
from bufferlint.text.workspace import Gathered, Workspace, pieces_of


class Overlay:
    """A workspace with some files changed."""

    def __init__(self, below: Workspace, changed: Iterable[Source]) -> None:
        self._below = below
        self._sources = {source.path: source for source in changed}

    @property
    def root(self) -> str:
        return self._below.root

    @property
    def files(self) -> Sequence[str]:
        return self._below.files

    def source(self, path: str) -> Source | None:
        return self._sources.get(path) or self._below.source(path)

    def may_mention(self, path: str, word: str) -> bool:
        changed = self._sources.get(path)
        return word in changed.text if changed else self._below.may_mention(path, word)

    def pieces(self, path: str) -> frozenset[str]:
        changed = self._sources.get(path)
        return pieces_of(changed.text) if changed else self._below.pieces(path)

    @property
    def remembers(self) -> bool:
        return self._below.remembers

    def gathered(self, path: str, gather: Callable[[Source], Gathered]) -> Gathered:
        changed = self._sources.get(path)
        return gather(changed) if changed else self._below.gathered(path, gather)

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        parts = self._below.by_project(targets)
        return [(Overlay(workspace, self._sources.values()), own) for workspace, own in parts]


def edited(source: Source, edits: Sequence[Edit]) -> Source:
    """The source after edits, its cells grown by what was inserted into them."""

    def moved(offset: int, inclusive: bool) -> int:
        before = [e for e in edits if e.span.end < offset or (inclusive and e.span.end == offset)]
        return offset + sum(len(e.replacement) - (e.span.end - e.span.start) for e in before)

    cells = [
        Cell(cell.number, Span(moved(cell.span.start, False), moved(cell.span.end, True))) for cell in source.cells
    ]
    return Source(source.path, apply_edits(source.text, edits), tuple(cells))
