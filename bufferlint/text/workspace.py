"""Files by path, wherever they come from: a disk, an editor's buffers, a test's dictionary."""

from __future__ import annotations

from typing import Protocol

from bufferlint.text.source import Source


class Workspace(Protocol):
    """Gives the text of the project's files. Paths are absolute, with forward slashes."""

    @property
    def root(self) -> str:
        """The project's top folder: nothing above it is ever asked for."""

    def source(self, path: str) -> Source | None:
        """The file's text, the same all through a run; None when there is no such file or it cannot be decoded."""
