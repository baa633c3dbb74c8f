"""Files by path, wherever they come from: a disk, an editor's buffers, a test's dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bufferlint.text.source import Source


class Workspace(Protocol):
    """Gives the text of a project's files. Paths are absolute, with forward slashes."""

    @property
    def root(self) -> str:
        """The top folder for imports: nothing above it is ever asked for."""

    @property
    def files(self) -> Sequence[str]:
        """The project's files, in which subclasses, callers and outside writes of a class are looked for. They are
        listed when first asked for."""

    def source(self, path: str) -> Source | None:
        """The file's text, the same all through a run; None when there is no such file or it cannot be decoded."""

    def may_mention(self, path: str, word: str) -> bool:
        """False when a file certainly does not hold a word; told without decoding the file."""

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        """The targets of each project, with that project's workspace."""
