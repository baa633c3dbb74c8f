"""The project that a file belongs to, and the other files in it: they bear on what is found in the file."""

from __future__ import annotations

import os
import posixpath
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bufferlint.project_files.files import (
    listed,
    package_top,
    patterns_above,
    patterns_in,
    project_root,
    project_top,
    repository_top,
)
from bufferlint.project_files.ignore import Patterns, ignored

MOST_FILES = 10_000
"""Files of a project that are looked through for what bears on others. Finding and searching them takes 2 s of CPU time
(measured on 10,000 files of 13 KB)."""

_TICK = 20_000_000
"""Nanoseconds that the time of a change may lie before the clock: kernels stamp files by a tick of theirs."""

Excludes = Callable[[str], Sequence[Patterns]]
"""What is left out of the project with some top folder."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one project, and the folders that were walked to find them. ``is_complete`` is False when there are
    more than `MOST_FILES`: then ``files`` is empty."""

    files: tuple[str, ...]
    folders: tuple[str, ...]
    is_complete: bool
    started: int
    """When the walk began, in nanoseconds."""

    def is_fresh(self) -> bool:
        """Is no folder, and nothing that it tells git to ignore, younger than the walk?"""
        before = self.started - _TICK
        changed = (_changed(f"{folder}{name}") for folder in self.folders for name in ("", "/.gitignore"))
        return all(moment < before for moment in changed if moment is not None)


@dataclass(frozen=True, slots=True)
class Part:
    """Targets that belong to one project. ``top`` is its folder; None for files that are part of no project: then what
    bears on them is looked for in the packages that they lie in. ``root`` is where the search for imports ends."""

    root: str
    targets: tuple[str, ...]
    top: str | None = None


@dataclass(slots=True)
class Membership:
    """Sorts files by project. ``named`` are the files that a person named, be they excluded or not."""

    excludes: Excludes
    named: frozenset[str] = frozenset()
    respects_git: bool = True
    """Is what git ignores no part of a project?"""
    listings: dict[str, Listing] = field(default_factory=dict)
    """The projects that were walked so far, by top folder."""
    _tops: dict[str, str | None] = field(default_factory=dict)
    _outside: dict[tuple[str, str], bool] = field(default_factory=dict)

    def parts(self, targets: Iterable[str]) -> tuple[Part, ...]:
        """The targets by project; those that are left out of theirs, or have none, come last."""
        by_top: dict[str, list[str]] = {}
        alone: list[str] = []
        left_out: dict[str, list[str]] = {}
        for path in targets:
            top = self._top(posixpath.dirname(path))
            if top is None:
                alone.append(path)
            else:
                (left_out if self._is_left_out(path, top) else by_top).setdefault(top, []).append(path)
        parts = [Part(_import_root(top), tuple(own), top) for top, own in by_top.items()]
        parts += [Part(_import_root(top), tuple(own)) for top, own in left_out.items()]
        return (*parts, *([Part(project_root(alone), tuple(alone))] if alone else []))

    def files(self, part: Part) -> tuple[str, ...]:
        """The files among which that is looked for which bears on the targets of a part; those are named as they are,
        also where a link gives them another name."""
        if part.top is not None:
            found = self._listing(part.top).files
        else:
            packages = dict.fromkeys(filter(None, map(package_top, part.targets)))
            found = tuple(file for package in packages for file in self._listing(package).files)
        others = {real for path in part.targets if (real := os.path.realpath(path)) != path}
        return tuple(file for file in found if file not in others) if others else found

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that were walked."""
        return tuple(folder for listing in self.listings.values() for folder in listing.folders)

    @property
    def too_large(self) -> tuple[str, ...]:
        """The top folders of projects with too many files to look through."""
        return tuple(top for top, listing in self.listings.items() if not listing.is_complete)

    def _listing(self, top: str) -> Listing:
        if top not in self.listings:
            started = time.time_ns()
            files, folders, is_complete = listed(top, self.excludes(top), MOST_FILES, self.respects_git)
            self.listings[top] = Listing(files if is_complete else (), folders, is_complete, started)
        return self.listings[top]

    def _top(self, folder: str) -> str | None:
        if folder not in self._tops:
            self._tops[folder] = project_top(folder)
        return self._tops[folder]

    def _is_left_out(self, path: str, top: str) -> bool:
        """Is a file excluded from its project, or ignored by git? Of one that was not named, its folder tells."""
        if self._is_folder_left_out(posixpath.dirname(path), top):
            return True
        return path in self.named and self._is_ruled_out(path, top, False)

    def _is_folder_left_out(self, folder: str, top: str) -> bool:
        if len(folder) <= len(top):
            return False
        key = (folder, top)
        if key not in self._outside:
            above = self._is_folder_left_out(posixpath.dirname(folder), top)
            self._outside[key] = above or self._is_ruled_out(folder, top, True)
        return self._outside[key]

    def _is_ruled_out(self, path: str, top: str, is_folder: bool) -> bool:
        if any(group.verdict(path, is_folder) for group in self.excludes(top)):
            return True
        folder = posixpath.dirname(path)
        if is_folder and Path(path).is_symlink():
            return True  # a walk does not follow it
        return self.respects_git and ignored(patterns_above(folder) + patterns_in(folder), path, is_folder)


def _import_root(top: str) -> str:
    """The folder up to which imports of a project's files are looked for: its repository's top, else its own."""
    repository = repository_top(top)
    return repository if repository and project_top(repository) == repository else top


def _changed(path: str) -> int | None:
    """When a file or folder last changed; None when there is none."""
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 (Path makes an object for each of many paths)
    except OSError:
        return None
