"""Answers of earlier runs, each good for as long as nothing that it rests on has changed.

An answer rests on the files that were read, on those that were looked for in vain, on what lies in the folders that
were walked, and on the request itself. Of a file that has changed since, it may rest on nothing but what is still the
same, or what is found out again and turns out the same. Whatever is wrong with a kept answer, it counts as none;
only what this user wrote is looked into (`bufferlint.project_files.sealed_files`).
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bufferlint import __version__
from bufferlint.project_files.sealed_files import Unsealed, key, read, state_folder, store

FOLDER = ".bufferlint_cache"
_FORM = 6
"""Counts changes of what an answer consists of."""
_FIELDS = 5
"""Request, files, folders, traces and answer."""
_MOST = 64
"""Answers kept in a folder; the oldest go first."""
_TICK = 10_000_000
"""Nanoseconds within which a second change to a file may leave its time as it is."""
_SECOND = 1_000_000_000
_MARKERS = (
    "bufferlint.toml", "pyproject.toml", "setup.py", "setup.cfg", ".git", ".git/info/exclude", ".gitignore",
    "__init__.py",
)  # fmt: skip
"""What a run looks for in the folders above its paths."""
_PASSED_OVER = frozenset({FOLDER, "__pycache__"})
_LISTED = (".py", ".ipynb", ".gitignore", ".git", ".toml", ".cfg")
"""Files to check, and what marks or configures a project."""

_MOST_CHANGED = 50
"""Files of which it is worth asking whether what changed in them makes a difference."""

Mark = tuple[int, ...] | None
"""State of a file: times of the last change of its content and of its inode, inode, size and mode; None when there is
no file. The second time cannot be set by hand, and the inode tells where a link leads."""
_Marks = Sequence[tuple[str, Mark]]
_Listings = Sequence[tuple[str, Mark, list[str] | None]]
Traces = tuple[Mapping[str, tuple[Any, ...]], tuple[Any, ...], str, tuple[str, ...]]
"""What an answer rests on in files by path, and what was asked of all: see `bufferlint.incremental.dependencies`, as
tuples. Then the root of the project, and the module bases of its settings."""


class Answer(NamedTuple):
    """What a run prints and its exit code; ``notes`` are the lines for stderr."""

    output: str
    notes: list[str]
    code: int


class Cache:
    """The kept answer to one request. ``say`` is told what a person who debugs wants to know."""

    def __init__(self, folder: str, request: object, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._request = repr((__version__, _FORM, sys.version, os.getcwd(), getattr(os, "getuid", int)(), request))
        self._file = os.path.join(folder, f"{zlib.crc32(self._request.encode()):08x}.answer")
        self._key = key()
        self._say = say
        if self._key is None:
            say(f"cache: none, since no key can be kept in {state_folder()}")
        self._started = time.time_ns()

    def answer(self) -> Answer | None:
        """The kept answer if it still holds."""
        kept = self._load()
        if kept is None:
            return None
        request, files, folders, packed, answer = kept
        if request != self._request:
            return None
        now = [(path, mark_of(path)) for path, _ in files]
        changed = [path for (path, mark), (_, before) in zip(now, files, strict=True) if mark != before]
        if len(changed) > _MOST_CHANGED:
            return None
        for path, state, names in folders:
            if _folder_mark(path) != state and _listing(path) != names:
                return None
        if changed:
            traces = _agreed(changed, files, marshal.loads(packed))
            if traces is None:
                return None
            self._say(f"cache: what changed in {', '.join(changed)} makes no difference")
            self._keep(now, folders, traces, Answer(*answer))
        self._say(f"cache: answered from {self._file}")
        return Answer(*answer)

    def keep(
        self, answer: Answer, files: Iterable[str], folders: Iterable[str], above: Iterable[str], traces: Traces
    ) -> None:
        """Keep an answer that rests on these files and folders, and on the markers of the folders ``above``; ``traces``
        tell what it rests on in some of the files.

        It is not kept if one of them changed so lately that a further change might not show.
        """
        looked_for = (os.path.join(folder, name) for folder in above for name in _MARKERS)
        walked = sorted(set(folders))
        links = (link for folder in walked for link in _links(folder))
        marks = [(path, mark_of(path)) for path in sorted({*files, *looked_for, *links})]
        listings = [(path, _folder_mark(path), _listing(path)) for path in walked]
        self._keep(marks, listings, traces, answer)

    def _keep(self, marks: _Marks, listings: _Listings, traces: Traces, answer: Answer) -> None:
        states = [mark for _, mark in (*marks, *((path, mark) for path, mark, _ in listings)) if mark]
        if not all(is_settled(moment, self._started) for state in states for moment in state[:2]):
            self._say("cache: nothing kept, since a file changed just now")
            return
        if self._key is None:
            return
        told: Any = traces
        kept: Any = (self._request, marks, listings, marshal.dumps(told), tuple(answer))
        body = marshal.dumps(kept)
        try:
            store(self._folder, os.path.basename(self._file), body, self._key, _MOST)
        except OSError as error:
            self._say(f"cache: nothing kept, since {self._folder} cannot be written: {error.strerror}")

    def _load(self) -> Any:
        if self._key is None:
            return None
        try:
            body = read(self._folder, os.path.basename(self._file), self._key)
        except Unsealed as error:
            self._say(f"cache: {self._file} {error}")
            return None
        if body is None:
            return None
        try:
            kept = marshal.loads(body)
        except (EOFError, TypeError, ValueError):  # of another Python
            return None
        return kept if isinstance(kept, tuple) and len(kept) == _FIELDS else None


def _agreed(changed: Sequence[str], files: _Marks, traces: Traces) -> Traces | None:
    """The traces of an answer that is still good after some files have changed."""
    if any(path not in traces[0] for path in changed):
        return None
    from bufferlint.project_files.traces import agreed

    return agreed(changed, {path for path, _ in files}, traces)


def is_settled(changed: int, started: int) -> bool:
    """Did a file change so long before a run started that a further change would show?"""
    coarse = changed % _SECOND == 0  # a file system that counts in seconds, or in two
    return changed < started - (2 * _SECOND if coarse else _TICK)


def mark_of(path: str) -> Mark:
    """The state of a file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(found.st_mode):
        return (0, 0, 0, 0, found.st_mode)  # what lies in it is another question
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size, found.st_mode)


def _folder_mark(path: str) -> Mark:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def _links(folder: str) -> list[str]:
    """The links in a folder that may lead to files: where they lead changes without a change of the folder."""
    try:
        with os.scandir(folder) as listing:
            return [entry.path for entry in listing if entry.name.endswith(_LISTED) and entry.is_symlink()]
    except OSError:
        return []


def _listing(folder: str) -> list[str] | None:
    """The names in a folder that a walk takes notice of, those of folders with a slash."""
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError:
        return None
    names = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _PASSED_OVER:
                names.append(entry.name + "/")
        elif entry.name.endswith(_LISTED):
            names.append(entry.name)
    return sorted(names)
