"""The project's files as they lie on the disk, with unsaved text laid over them where there is some."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bufferlint.finding import Problem
from bufferlint.project_files.files import is_regular, read_bounded
from bufferlint.project_files.membership import Membership, Part
from bufferlint.text.source import Encoding, Source, Undecodable, decode
from bufferlint.text.span import Location
from bufferlint.text.workspace import Gathered, Workspace, pieces_of

if TYPE_CHECKING:
    from bufferlint.engine import Change
    from bufferlint.project_files.notes import Notes


LARGEST = 100_000_000
"""Bytes of the largest file that is read: what is made of it takes some ten times as much memory."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it was read: its Python text, and the encoding of it or, of a notebook, the bytes that hold it."""

    source: Source
    encoding: Encoding | None = None
    notebook: bytes = b""

    @property
    def raw(self) -> bytes:
        """The file's bytes: decoding made sure that a text gives them back."""
        return self.encoding.encode(self.source.text) if self.encoding else self.notebook


class DiskWorkspace:
    """A `Workspace` on the disk. ``overlay`` holds what stands for a file's content, by absolute path: bytes, or what
    reading them would give. ``membership`` tells the projects of files; without it, no file has others beside it."""

    def __init__(
        self,
        root: str,
        overlay: Mapping[str, bytes | Opened | Problem] | None = None,
        membership: Membership | None = None,
    ) -> None:
        self._root = root
        self._overlay = dict(overlay or {})
        self._membership = membership
        self._opened: dict[str, Opened | Problem] = {}
        self._raw: dict[str, bytes] = {}
        """Bytes of files that were searched for words, but not opened so far."""
        self.notes: Notes | None = None
        """The facts that earlier runs gathered from files."""
        self._asked: set[str] = set()
        """Paths that were asked for, be there a file or not."""

    @property
    def root(self) -> str:
        return self._root

    @property
    def overlaid(self) -> frozenset[str]:
        """The paths whose content is not the disk's."""
        return frozenset(self._overlay)

    def source(self, path: str) -> Source | None:
        """The file's text as it was when first asked for; None when there is no such file or it is no Python text."""
        if path not in self._opened and path not in self._overlay and not is_regular(path):
            self._asked.add(path)
            return None
        opened = self.open(path)
        return opened.source if isinstance(opened, Opened) else None

    @property
    def files(self) -> tuple[str, ...]:
        return ()

    def may_mention(self, path: str, word: str) -> bool:
        """False when a file certainly does not hold a word: its bytes tell, in every encoding that Python takes."""
        if path in self._opened or path in self._overlay or not word.isascii():
            source = self.source(path)
            return source is not None and word in source.text
        return word.encode() in self._raw_of(path)

    def pieces(self, path: str) -> frozenset[str]:
        if path in self._opened or path in self._overlay:
            source = self.source(path)
            return pieces_of(source.text) if source is not None else frozenset()
        return pieces_of(self._raw_of(path))

    def _raw_of(self, path: str) -> bytes:
        if path not in self._raw:
            self._asked.add(path)
            self._raw[path] = self._bytes(path)
        return self._raw[path]

    @property
    def remembers(self) -> bool:
        return self.notes is not None and not self.notes.is_empty

    def gathered(self, path: str, gather: Callable[[Source], Gathered]) -> Gathered:
        """Returns what is gathered from a file's text; a file that is as an earlier run noted it is not read."""
        if path in self._opened or path in self._overlay:
            source = self.source(path)
            return gather(source) if source is not None else Gathered()
        self._asked.add(path)
        mark, known = self.notes.of(path) if self.notes is not None else (None, None)
        if known is None:
            opened = DiskWorkspace._read(self, path)  # its text is not kept: of most files no more is asked
            known = gather(opened.source) if isinstance(opened, Opened) else Gathered()
            if self.notes is not None:
                self.notes.note(path, mark, known)
        return known

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        if self._membership is None:
            return [(self, targets)]
        return [
            (_ProjectWorkspace(self, self._membership, part), part.targets) for part in self._membership.parts(targets)
        ]

    @property
    def asked_for(self) -> frozenset[str]:
        """The paths that were asked for so far, those of no file among them."""
        return frozenset(self._asked).union(self._opened)

    def was_asked_for(self, paths: Iterable[str]) -> None:
        """Note what another process asked its copy for."""
        self._asked.update(paths)

    def open(self, path: str) -> Opened | Problem:
        """The file as it was when first asked for, or why it cannot be read."""
        if path not in self._opened:
            self._opened[path] = self._read(path)
        return self._opened[path]

    def readable(self, paths: Iterable[str]) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
        """The paths that can be read, and the problems of the others."""
        opened = {path: self.open(path) for path in paths}
        problems = tuple(outcome for outcome in opened.values() if isinstance(outcome, Problem))
        return tuple(path for path, outcome in opened.items() if isinstance(outcome, Opened)), problems

    def rewritten(self, change: Change) -> bytes | Problem:
        """The bytes of a changed file: what is not edited stays byte for byte."""
        path = change.before.path
        opened = self.open(path)
        if isinstance(opened, Problem):
            return opened
        try:
            if opened.encoding is None:
                from bufferlint.project_files import notebook

                return notebook.rewrite(opened.raw, change.edits)
            return opened.encoding.encode(change.after)
        except ValueError as error:
            return Problem(path, f"the fix cannot be written into the file: {error}", "make this change by hand")

    def _read(self, path: str) -> Opened | Problem:
        given = self._overlay.get(path)
        if isinstance(given, Opened | Problem):
            return given
        try:
            state = None if given is not None else Path(path).stat()
            if state is not None and not stat.S_ISREG(state.st_mode):
                advice = "name a file, or '-' to check what comes on standard input"
                return Problem(path, "it is a pipe or a device, not a file", advice)
            size = len(given) if given is not None else state.st_size if state is not None else 0
            if size > LARGEST:
                cause = f"it has {size:,} bytes, too many to be analysed"
                return Problem(path, cause, "split it, or leave it out with --exclude")
            kept = self._raw.pop(path, None)
            raw = given if given is not None else kept if kept else read_bounded(path, LARGEST)
        except OSError as error:
            return Problem(path, f"cannot read it: {error.strerror or error}", "make it readable, or leave it out")
        if path.endswith(".ipynb"):
            from bufferlint.project_files import notebook

            source = notebook.read(path, raw)
            return source if isinstance(source, Problem) else Opened(source, notebook=raw)
        decoded = decode(raw)
        if isinstance(decoded, Undecodable):
            location = Location(decoded.line, 1) if decoded.line else None
            advice = "save it as UTF-8, or name its encoding in a comment on the first line (PEP 263)"
            return Problem(path, f"cannot decode it: {decoded.cause}", advice, location)
        text, encoding = decoded
        return Opened(Source(path, text), encoding)

    def _bytes(self, path: str) -> bytes:
        """The bytes of a file; none where it cannot be read."""
        try:
            return read_bounded(path, LARGEST) if is_regular(path) else b""
        except OSError:
            return b""


class _ProjectWorkspace:
    """The files of a `DiskWorkspace` that belong to one project."""

    def __init__(self, disk: DiskWorkspace, membership: Membership, part: Part) -> None:
        self._membership = membership
        self._part = part
        self.source = disk.source
        self.may_mention = disk.may_mention
        self.pieces = disk.pieces
        self.gathered = disk.gathered
        self.remembers = disk.remembers

    @property
    def root(self) -> str:
        return self._part.root

    @property
    def files(self) -> tuple[str, ...]:
        return self._membership.files(self._part)

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        return [(self, targets)]
