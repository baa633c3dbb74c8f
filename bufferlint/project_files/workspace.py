"""The project's files as they lie on the disk, with unsaved text laid over them where there is some."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bufferlint.finding import Problem
from bufferlint.project_files.files import is_regular
from bufferlint.text.source import Encoding, Source, Undecodable, decode
from bufferlint.text.span import Location

if TYPE_CHECKING:
    from bufferlint.engine import Change


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
    reading them would give."""

    def __init__(self, root: str, overlay: Mapping[str, bytes | Opened | Problem] | None = None) -> None:
        self._root = root
        self._overlay = dict(overlay or {})
        self._opened: dict[str, Opened | Problem] = {}
        self._missed: set[str] = set()

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
            self._missed.add(path)
            return None
        opened = self.open(path)
        return opened.source if isinstance(opened, Opened) else None

    @property
    def asked_for(self) -> frozenset[str]:
        """The paths that were asked for so far, those of no file among them."""
        return frozenset(self._missed).union(self._opened)

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
            if given is None and not stat.S_ISREG(Path(path).stat().st_mode):
                advice = "name a file, or '-' to check what comes on standard input"
                return Problem(path, "it is a pipe or a device, not a file", advice)
            raw = Path(path).read_bytes() if given is None else given
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
