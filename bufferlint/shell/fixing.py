"""From changed texts to a patch, or to written files."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bufferlint.engine import Change
from bufferlint.finding import Problem
from bufferlint.shell.files import repository_top
from bufferlint.shell.output.view import relative
from bufferlint.shell.workspace import DiskWorkspace, Opened
from bufferlint.shell.writing import write
from bufferlint.text.diff import unified_diff


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A change with its file's bytes as they were read and as they are to be."""

    change: Change
    before: bytes
    after: bytes


def rewritten(changes: Iterable[Change], workspace: DiskWorkspace) -> tuple[tuple[Rewritten, ...], tuple[Problem, ...]]:
    """The changes in bytes, and those that the file's format cannot take."""
    done: list[Rewritten] = []
    problems: list[Problem] = []
    for change in changes:
        opened = workspace.open(change.before.path)
        after = workspace.rewritten(change)
        if isinstance(after, Problem):
            problems.append(after)
        elif isinstance(opened, Opened):
            done.append(Rewritten(change, opened.raw, after))
    return tuple(done), tuple(problems)


def patch(files: Iterable[Rewritten], folder: str) -> bytes:
    """One patch that ``git apply`` takes in ``folder``, in the files' own bytes.

    A diff is made of bytes, each as one character (Latin-1): no encoding, byte order mark or line end is lost.
    Paths are relative to the folder, but where git would take one for a path from the repository's top (a folder
    ``pkg`` with a ``pkg`` in it): then they are relative to the top and marked as such.
    """
    named = [(os.fsencode(relative(file.change.before.path, folder)).decode("latin-1"), file) for file in files]
    prefix = _below_repository(folder)
    from_top = bool(prefix) and any(name.startswith(prefix) for name, _ in named)
    parts: list[str] = []
    for below, file in named:
        name = posixpath.normpath(prefix + below) if from_top else below
        end = "\t" if " " in name else ""
        diff = unified_diff(file.before.decode("latin-1"), file.after.decode("latin-1"), name + end)
        parts += [f"diff --git a/{name} b/{name}\n"] if from_top else []
        parts.append(diff)
    return "".join(parts).encode("latin-1")


def _below_repository(folder: str) -> str:
    """The path of a folder from its repository's top, with a slash at the end; empty at the top and outside of any."""
    top = repository_top(folder)
    below = Path(folder).relative_to(top).as_posix() if top else "."
    return "" if below == "." else os.fsencode(f"{below}/").decode("latin-1")


def written(files: Iterable[Rewritten]) -> tuple[tuple[Rewritten, ...], tuple[Problem, ...]]:
    """Write the files to the disk; those that were written, and why the others were not."""
    outcomes = [(file, write(file.change.before.path, new=file.after, expected=file.before)) for file in files]
    done = tuple(file for file, problem in outcomes if problem is None)
    return done, tuple(problem for _, problem in outcomes if problem is not None)
