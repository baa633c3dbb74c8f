"""Where a run may write: under the project, and what the command line names."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bufferlint.finding import Problem
from bufferlint.project_files.files import absolute, repository_top

_CODE = (".py", ".pyi", ".ipynb", ".toml", ".cfg")


@dataclass(frozen=True, slots=True)
class Boundaries:
    """``root`` is the project's, ``named`` what the command line names.

    A file counts as where it really lies, past all links.
    """

    root: str
    named: Sequence[str]

    def refusal(self, path: str) -> Problem | None:
        """Returns why a file that is to be rewritten must not be: a link leads out of the project, and nobody named
        it."""
        if path in map(absolute, self._written()):
            return None
        real = os.path.realpath(path)
        if any(_lies_in(real, folder) for folder in (self.root, *self.named)):
            return None
        cause = f"it is a link to {real}, which lies outside of the project, so it was not written"
        return Problem(path, cause, "name the link or the file on the command line to have it fixed")

    def _written(self) -> Iterator[str]:
        """The paths of the command line, and what its patterns match."""
        for name in self.named:
            yield name
            if glob.has_magic(name):
                yield from glob.glob(name, recursive=True)  # noqa: PTH207 - patterns may be absolute

    def holds(self, path: str) -> bool:
        """Does a file lie under the project, or in its repository?"""
        top = repository_top(self.root)
        return any(_lies_in(os.path.realpath(path), folder) for folder in (self.root, *([top] if top else [])))


def is_one_of(path: str, files: Iterable[str]) -> bool:
    """Is this one of the files, maybe under another name?"""
    if not os.path.lexists(path):
        return False
    real = os.path.realpath(path)
    return any(os.path.realpath(file) == real or _is_same(file, real) for file in files)


def holds_code(path: str) -> bool:
    """Is there a file of code or configuration under a path? No report is written over one."""
    return os.path.lexists(path) and os.path.realpath(path).lower().endswith(_CODE)


def _is_same(file: str, real: str) -> bool:
    try:
        return Path(file).samefile(real)
    except OSError:
        return False


def _lies_in(real: str, folder: str) -> bool:
    top = os.path.realpath(folder).rstrip(os.sep) + os.sep
    return real.startswith(top)
