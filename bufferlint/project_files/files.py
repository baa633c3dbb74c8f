"""Which files a run looks at."""

from __future__ import annotations

import errno
import glob
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bufferlint.finding import Problem
from bufferlint.project_files.ignore import Patterns, covers, ignored

SUFFIXES = (".py", ".ipynb")
_NOT_PYTHON = (".md", ".rst", ".txt", ".toml", ".cfg", ".ini", ".json", ".yaml", ".yml", ".html")
"""How files end that are named by accident, as by a shell's pattern."""
_MOST_PATTERNS = 1_000_000
"""Bytes of the largest file of patterns for git, each a regular expression. A larger one counts as none."""
ROOT_MARKERS = ("bufferlint.toml", "pyproject.toml", "setup.py", "setup.cfg", ".git")


@dataclass(frozen=True, slots=True)
class Targets:
    """The files to look at, absolute with forward slashes, sorted; the paths that gave none; the folders walked."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    folders: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    """The files that were named themselves, not found in a folder."""


def absolute(path: str) -> str:
    """The absolute spelling of a path, with forward slashes; symlinks stay as they are."""
    return Path(os.path.normpath(Path(path).absolute())).as_posix()


def is_regular(path: str) -> bool:
    """Returns whether there is a file of bytes: no pipe, device, folder, symlink to nowhere or to itself, impossible
    name."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 (Path makes an object for each of many paths)
    except (OSError, ValueError):
        return False


def read_bounded(path: str, most: int) -> bytes:
    """The bytes of a file of at most so many; OSError for a larger one, and for what cannot be read.

    Its size is not believed: a link may lead to a file of the system that has none, and no end. One that would make its
    reader wait is empty.
    """
    waits = not is_regular(path)

    def opened(name: str, flags: int) -> int:
        return os.open(name, flags if waits else flags | getattr(os, "O_NONBLOCK", 0))

    with open(path, "rb", opener=opened) as file:
        data = file.read(most + 1) or b""
    if len(data) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), path)
    return data


def collect(paths: Sequence[str], excludes: Sequence[Patterns], force: bool = False, git: bool = True) -> Targets:
    """Files as named, and the Python files and notebooks under folders that neither ``excludes`` nor git leaves out;
    without ``git`` those that git ignores too.

    A path named by the user is taken whatever the patterns say, but with ``force`` not past ``excludes``. Of several
    names for one file, one is kept.
    """
    found: list[str] = []
    problems: list[Problem] = []
    folders: list[str] = []
    named: set[str] = set()
    for path in map(absolute, _expanded(paths)):
        if force and any(covers(_below_here(group), path) for group in excludes):
            continue
        if Path(path).is_dir():
            for item in _walk(path, excludes, folders, git):
                if isinstance(item, Problem):
                    problems.append(item)
                else:
                    found.append(item)
        elif path.endswith(_NOT_PYTHON):
            problems.append(Problem(path, "not Python", "name Python files, notebooks or folders"))
        elif os.path.lexists(path):
            found.append(path)
            named.add(path)
        else:
            problems.append(Problem(path, "no such file or folder", "check the spelling and the folder you run from"))
    return Targets(_one_name_each(found), tuple(problems), tuple(folders), frozenset(named))


def listed(
    top: str, excludes: Sequence[Patterns], most: int, git: bool = True
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The Python files and notebooks under a folder, as `collect` finds them, and the folders that were walked. With
    more than ``most`` files the walk ends, and the last value is False."""
    folders: list[str] = []
    files: list[str] = []
    for item in _walk(top, excludes, folders, git):
        if isinstance(item, str):
            files.append(item)
        if len(files) > most:
            return tuple(files), tuple(folders), False
    return _one_name_each(files), tuple(folders), True


def project_root(paths: Sequence[str]) -> str:
    """The nearest folder above all the paths that looks like a project's top, else the folder they share.

    The folder is never inside a package: relative imports of the files stay below it.
    """
    folder = common_folder(paths)
    package = package_top(f"{folder}/any")
    return project_top(folder) or (posixpath.dirname(package) if package else folder)


def project_top(folder: str) -> str | None:
    """The nearest folder, at or above one, that holds the mark of a project. A home folder, what lies above it and the
    root of a drive are none: what lies there has little to do with each other."""
    homes = _homes()
    for candidate in (folder, *_parents(folder)):
        if candidate in homes or candidate == posixpath.dirname(candidate):
            continue
        if any(os.path.lexists(f"{candidate}/{marker}") for marker in ROOT_MARKERS):
            return candidate
    return None


def _homes() -> frozenset[str]:
    """The user's home folder and those above it, as they are spelled and as links resolve them."""
    home = os.path.expanduser("~")  # noqa: PTH111 (Path.home raises where there is none)
    spelled = {Path(home).as_posix(), Path(os.path.realpath(home)).as_posix()} if home != "~" else set[str]()
    return frozenset(folder for each in spelled for folder in (each, *_parents(each)))


def package_top(path: str) -> str | None:
    """The outermost package that a file lies in; one folder without an ``__init__.py`` may lie between two packages."""
    outermost, gap, homes = None, 0, _homes()
    for folder in _parents(path):
        if folder in homes or gap > 1:
            break
        if os.path.lexists(f"{folder}/__init__.py"):
            outermost, gap = folder, 0
        else:
            gap += 1
    return outermost


def _below_here(patterns: Patterns) -> Patterns:
    """Patterns for any folder as patterns for what lies below the current one: nobody means the folders above it."""
    return patterns if patterns.base else replace(patterns, base=absolute("."))


def repository_top(folder: str) -> str | None:
    """The git repository's top folder at or above a folder; None outside of any."""
    return next((each for each in (folder, *_parents(folder)) if os.path.lexists(f"{each}/.git")), None)


def common_folder(paths: Sequence[str]) -> str:
    """The deepest folder that holds all the paths; the current folder when there are none."""
    folders = [path if path.is_dir() else path.parent for path in map(Path, map(absolute, paths))]
    return Path(os.path.commonpath(folders)).as_posix() if folders else absolute(".")


def _parents(folder: str) -> list[str]:
    return [parent.as_posix() for parent in Path(folder).parents]


def _expanded(paths: Sequence[str]) -> Iterator[str]:
    """The paths, with patterns that the shell left alone (``src/**/*.py``) replaced by what they match."""
    for path in paths:
        if os.path.lexists(path) or not glob.has_magic(path):
            yield path
            continue
        pattern = Path(absolute(path))
        matches = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
        yield from [match.as_posix() for match in matches] or [path]


def _one_name_each(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths without those that are other names of one among them; a name that is no symlink is kept first."""
    by_file: dict[str, str] = {}
    for path in sorted(set(paths), key=lambda path: (Path(path).is_symlink(), path)):
        by_file.setdefault(os.path.realpath(path), path)
    return tuple(sorted(by_file.values()))


def _walk(top: str, excludes: Sequence[Patterns], walked: list[str], git: bool) -> Iterator[str | Problem]:
    """Files under a folder, symlinked folders left out; a folder that cannot be listed is a Problem."""
    pending = [(top, patterns_above(top) if git else ())]
    while pending:
        folder, above = pending.pop()
        walked.append(folder)
        patterns = above + patterns_in(folder) if git else ()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            yield Problem(folder, f"cannot list the folder: {error.strerror}", "make it readable, or exclude it")
            continue
        for entry in entries:
            path = f"{folder.rstrip('/')}/{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            if not (is_folder or (entry.name.endswith(SUFFIXES) and is_regular(path))):
                continue
            if ignored(patterns, path, is_folder) or any(group.verdict(path, is_folder) for group in excludes):
                continue
            if is_folder:
                pending.append((path, patterns))
            else:
                yield path


def patterns_above(folder: str) -> tuple[Patterns, ...]:
    """Returns what git reads before it comes to a folder: ``info/exclude`` and each ``.gitignore`` from the top
    down."""
    above = [folder, *_parents(folder)]
    top = next((at for at, candidate in enumerate(above) if os.path.lexists(f"{candidate}/.git")), None)
    if top is None:
        return ()
    patterns = _patterns_of(f"{above[top]}/.git/info/exclude", above[top])
    for candidate in reversed(above[1 : top + 1]):
        patterns += patterns_in(candidate)
    return patterns


def patterns_in(folder: str) -> tuple[Patterns, ...]:
    return _patterns_of(f"{folder.rstrip('/')}/.gitignore", folder)


def is_ignored_by_git(path: str) -> bool:
    """Returns whether the patterns of git take out a file that is not tracked yet."""
    folder = posixpath.dirname(path)
    return ignored(patterns_above(folder) + patterns_in(folder), path, False)


def _patterns_of(file: str, base: str) -> tuple[Patterns, ...]:
    if not is_regular(file):
        return ()
    try:
        text = read_bounded(file, _MOST_PATTERNS).decode("utf-8-sig", errors="surrogateescape")
    except OSError:
        return ()
    return (Patterns.parse(base, text.split("\n")),)
