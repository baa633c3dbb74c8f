"""From changed texts to a patch, or to written files."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bufferlint.engine import Change
from bufferlint.finding import Applicability, Finding, Problem
from bufferlint.project_files.atomic_write import write
from bufferlint.project_files.boundaries import Boundaries
from bufferlint.project_files.files import repository_top
from bufferlint.project_files.git import uncommitted
from bufferlint.project_files.workspace import DiskWorkspace, Opened
from bufferlint.report.view import relative
from bufferlint.text.diff import quoted, unified_diff
from bufferlint.text.escaping import visible


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
    named = [(_named(relative(file.change.before.path, folder)), file) for file in files]
    prefix = _below_repository(folder)
    from_top = bool(prefix) and any(name.startswith(prefix) for name, _ in named)
    parts: list[str] = []
    for below, file in named:
        name = posixpath.normpath(prefix + below) if from_top else below
        steers = visible(file.change.before.path) != file.change.before.path
        end = "\t" if " " in name and not steers else ""
        before, after = file.before.decode("latin-1"), file.after.decode("latin-1")
        both = (quoted(f"a/{name}"), quoted(f"b/{name}")) if steers else (f"a/{name}", f"b/{name}")
        parts += [f"diff --git {' '.join(both)}\n"] if from_top else []
        parts.append(unified_diff(before, after, name + end, quote=steers))
    return "".join(parts).encode("latin-1")


def _named(path: str) -> str:
    """A path in bytes, each as one character."""
    return os.fsencode(path).decode("latin-1")


def _below_repository(folder: str) -> str:
    """The path of a folder from its repository's top, with a slash at the end; empty at the top and outside of any."""
    top = repository_top(folder)
    below = Path(folder).relative_to(top).as_posix() if top else "."
    return "" if below == "." else _named(f"{below}/")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was done, and why the rest was not."""

    done: tuple[Rewritten, ...]
    problems: tuple[Problem, ...] = ()


def written(files: Iterable[Rewritten], waiting: Sequence[int] = ()) -> Delivered:
    """Write the files to the disk, one after the other, until a signal that ends the run is among those waiting."""
    done: list[Rewritten] = []
    problems: list[Problem] = []
    for file in files:
        if waiting:
            break
        problem = write(file.change.before.path, new=file.after, expected=file.before)
        if problem is None:
            done.append(file)
        else:
            problems.append(problem)
    return Delivered(tuple(done), tuple(problems))


def within(files: Iterable[Rewritten], boundaries: Boundaries) -> Delivered:
    """The files without those that must not be written for where they lie."""
    judged = [(file, boundaries.refusal(file.change.before.path)) for file in files]
    return Delivered(
        tuple(file for file, problem in judged if problem is None),
        tuple(problem for _, problem in judged if problem is not None),
    )


def only_committed(files: Sequence[Rewritten]) -> Delivered:
    """The files without those that would get an unsafe fix and hold changes that git does not know."""
    risky = [file for file in files if any(_is_unsafe(finding) for finding in file.change.fixed)]
    dirty = uncommitted(file.change.before.path for file in risky)
    advice = "commit or stash them, or give --allow-dirty, to have unsafe fixes made in it"
    problems = tuple(Problem(path, f"{cause}, so it was left alone", advice) for path, cause in dirty.items())
    return Delivered(tuple(file for file in files if file.change.before.path not in dirty), problems)


def _is_unsafe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.applicability is Applicability.UNSAFE
