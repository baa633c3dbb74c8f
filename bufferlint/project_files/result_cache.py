"""Answers of earlier runs, each good for as long as nothing that it rests on has changed.

An answer rests on the files that were read, on those that were looked for in vain, on what lies in the folders that
were walked, and on the request itself. Of a file that has changed since, it may rest on nothing but what is still the
same, or what is found out again and turns out the same. Whatever is wrong with a kept answer, it counts as none.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from bufferlint import __version__

FOLDER = ".bufferlint_cache"
_TAG = "CACHEDIR.TAG"
_TAG_TEXT = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by bufferlint; https://bford.info/cachedir\n"
_MAGIC = b"bufferlint answer 3\n"
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
_LISTED = (".py", ".ipynb", ".gitignore")

_MOST_CHANGED = 50
"""Files of which it is worth asking whether what changed in them makes a difference."""

Mark = tuple[int, int, int] | None
"""Time of the last change, size and mode of a file; None when there is none."""
_Marks = Sequence[tuple[str, Mark]]
_Listings = Sequence[tuple[str, int | None, list[str] | None]]
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
        self._request = repr((__version__, sys.version, os.getcwd(), getattr(os, "getuid", int)(), request))
        self._file = os.path.join(folder, f"{zlib.crc32(self._request.encode()):08x}.answer")
        self._say = say
        self._started = time.time_ns()

    def answer(self) -> Answer | None:
        """The kept answer if it still holds."""
        kept = self._load()
        if kept is None:
            return None
        request, files, folders, packed, answer = kept
        if request != self._request:
            return None
        now = [(path, _mark(path)) for path, _ in files]
        changed = [path for (path, mark), (_, before) in zip(now, files, strict=True) if mark != before]
        if len(changed) > _MOST_CHANGED:
            return None
        for path, moment, names in folders:
            if _changed(path) != moment and _listing(path) != names:
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
        marks = [(path, _mark(path)) for path in sorted({*files, *looked_for})]
        listings = [(path, _changed(path), _listing(path)) for path in sorted(set(folders))]
        self._keep(marks, listings, traces, answer)

    def _keep(self, marks: _Marks, listings: _Listings, traces: Traces, answer: Answer) -> None:
        times = [mark[0] for _, mark in marks if mark and not stat.S_ISDIR(mark[2])]
        if not all(map(self._is_settled, (*times, *(changed or 0 for _, changed, _ in listings)))):
            self._say("cache: nothing kept, since a file changed just now")
            return
        told: Any = traces
        kept: Any = (self._request, marks, listings, marshal.dumps(told), tuple(answer))
        body = marshal.dumps(kept)
        try:
            store(self._folder, os.path.basename(self._file), _head(body) + body, _MOST)
        except OSError as error:
            self._say(f"cache: nothing kept, since {self._folder} cannot be written: {error.strerror}")

    def _is_settled(self, changed: int) -> bool:
        coarse = changed % _SECOND == 0  # a file system that counts in seconds, or in two
        return changed < self._started - (2 * _SECOND if coarse else _TICK)

    def _load(self) -> Any:
        try:
            with open(self._file, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say(f"cache: {self._file} cannot be read: {error.strerror}")
            return None
        head, body = data[: len(_MAGIC) + 4], data[len(_MAGIC) + 4 :]
        if body and head == _head(body):
            return marshal.loads(body)
        self._say(f"cache: {self._file} is damaged or of another version: ignored")
        return None


def _agreed(changed: Sequence[str], files: _Marks, traces: Traces) -> Traces | None:
    """The traces of an answer that is still good after some files have changed."""
    if any(path not in traces[0] for path in changed):
        return None
    from bufferlint.project_files.traces import agreed

    return agreed(changed, {path for path, _ in files}, traces)


def store(folder: str, name: str, data: bytes, most: int) -> None:
    """Put a file into a cache folder, whole or not at all, and take out the oldest of its kind past ``most``."""
    os.makedirs(folder, exist_ok=True)
    for mark, text in ((".gitignore", "*\n"), (_TAG, _TAG_TEXT)):
        path = os.path.join(folder, mark)
        if not os.path.exists(path):
            _write(path, text.encode())
    _write(os.path.join(folder, name), data)
    kind = os.path.splitext(name)[1]
    kept = [entry for entry in os.scandir(folder) if entry.name.endswith(kind)]
    for entry in sorted(kept, key=_age)[:-most]:
        with suppress(FileNotFoundError):  # another run was faster
            os.remove(entry.path)


def clean(folder: str) -> int | None:
    """Remove a cache folder; how many answers it held, None when it is none of ours. OSError when it cannot go."""
    if not os.path.isfile(os.path.join(folder, _TAG)):
        return None
    names = os.listdir(folder)
    for name in names:
        if name.endswith((".answer", ".verdict", ".part")) or name in (".gitignore", _TAG):
            os.remove(os.path.join(folder, name))
    if not os.listdir(folder):
        os.rmdir(folder)
    return sum(name.endswith((".answer", ".verdict")) for name in names)


def _head(body: bytes) -> bytes:
    return _MAGIC + zlib.crc32(body).to_bytes(4, "big")


def _write(path: str, data: bytes) -> None:
    part = f"{path}.{os.getpid()}.part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)


def _age(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _mark(path: str) -> Mark:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(found.st_mode):
        return (0, 0, found.st_mode)  # what lies in it is another question
    return (found.st_mtime_ns, found.st_size, found.st_mode)


def _changed(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None


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
