"""Files by path, wherever they come from: a disk, an editor's buffers, a test's dictionary."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from bufferlint.text.source import Source


class Gathered(NamedTuple):
    """Facts that are asked of every file of a project: the words in it that begin with a capital, and about how many
    classes it has."""

    words: frozenset[str] = frozenset()
    classes: int = 0


_PIECE = re.compile(r"[A-Za-z0-9_]+")
_PIECE_OF_BYTES = re.compile(_PIECE.pattern.encode())


def pieces_of(text: str | bytes) -> frozenset[str]:
    """The longest runs of ASCII letters, digits and underscores in a text, or in its bytes."""
    if isinstance(text, bytes):
        return frozenset(piece.decode() for piece in frozenset(_PIECE_OF_BYTES.findall(text)))
    return frozenset(_PIECE.findall(text))


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

    def pieces(self, path: str) -> frozenset[str]:
        """All ASCII words of a file, and perhaps pieces of others; told without decoding the file."""

    @property
    def remembers(self) -> bool:
        """True where an earlier run told what is gathered from most files."""

    def gathered(self, path: str, gather: Callable[[Source], Gathered]) -> Gathered:
        """Returns what is gathered from a file's text, perhaps by an earlier run; nothing where there is no file."""

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        """The targets of each project, with that project's workspace."""
