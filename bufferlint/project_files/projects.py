"""The projects that files belong to: their configuration, and what earlier analyses read of their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bufferlint.cli.errors import UsageError
from bufferlint.cli.invocation import refuse_unknown_rules
from bufferlint.finding import Problem
from bufferlint.project_files import baseline_file
from bufferlint.project_files import config as configuration
from bufferlint.project_files.config import Config
from bufferlint.project_files.files import ROOT_MARKERS, project_root
from bufferlint.project_files.ignore import covers
from bufferlint.project_files.membership import Excludes, Listing, Membership
from bufferlint.project_files.notes import Notes
from bufferlint.project_files.workspace import DiskWorkspace, Opened
from bufferlint.settings import Settings
from bufferlint.syntax.lowering_cache import LoweringCache

_State = tuple[int, int]
"""Time of the last change, and size."""


@dataclass(slots=True)
class Memory:
    """What was read of the files of one folder: facts by code, and files on the disk as long as they do not change."""

    facts: LoweringCache = field(default_factory=LoweringCache)
    disk: dict[str, tuple[_State, Opened | Problem]] = field(default_factory=dict)
    raw: dict[str, tuple[_State, bytes]] = field(default_factory=dict)
    """Files that were only searched for words."""
    listings: dict[str, Listing] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def fresh_listings(self) -> dict[str, Listing]:
        """The projects that were listed before, but for those in which a file may have come or gone since."""
        for top in [top for top, listing in self.listings.items() if not listing.is_fresh()]:
            del self.listings[top]
        return self.listings


@dataclass(frozen=True, slots=True)
class Project:
    """``root`` and ``settings`` are those that the command line would have for a file."""

    root: str
    settings: Settings
    memory: Memory
    excludes: Excludes
    respects_git: bool = True
    excluded: bool = False
    """Whether the configuration leaves the file out."""
    fixes_unsafe: bool = False
    """Whether the editor's own settings let its command that fixes all make unsafe fixes."""

    def workspace(self, path: str, buffers: Mapping[str, Opened | Problem]) -> DiskWorkspace:
        """The project of a file, open files as the editor shows them."""
        return _EditorWorkspace(path, buffers, self)


class Projects:
    """Finds the project of a file; one whose configuration changed on the disk is made anew."""

    def __init__(
        self,
        given: Mapping[str, object] | None = None,
        config_file: str | None = None,
        folders: Mapping[str, Projects] | None = None,
    ) -> None:
        """``given`` are options by key that hold over those of the configuration, ``config_file`` the one to read;
        ``folders`` are those with options of their own, by path."""
        self._given = given or {}
        self._config_file = config_file
        self._folders = folders or {}
        self._memories: dict[str, Memory] = {}
        self._known: dict[str, tuple[tuple[str, ...], object, Project | tuple[Problem, ...]]] = {}

    def of(self, path: str) -> Project | tuple[Problem, ...]:
        """The project, or what is wrong with its configuration: the same tuple until it changes."""
        folder = max((each for each in self._folders if path.startswith(f"{each}/")), key=len, default=None)
        if folder is not None:
            return self._folders[folder].of(path)
        if path in self._known:
            watched, state, project = self._known[path]
            if state == [_state(each) for each in watched]:
                return project
        file = self._config_file or configuration.find([path])
        config = configuration.load(file)
        watched = (*_configuring(path), *configuration.files_read(file, config))
        if isinstance(config, Config) and (baseline := configuration.baseline_file(config, {})):
            watched += (baseline,)
        state = [_state(each) for each in watched]
        project = self._made(path, config) if isinstance(config, Config) else config
        self._known[path] = (watched, state, project)
        return project

    def _made(self, path: str, config: Config) -> Project | tuple[Problem, ...]:
        settings = configuration.settings_for([path], config, self._given)
        try:
            refuse_unknown_rules(config.values, {}, config)
        except UsageError as error:
            return (Problem(config.file or path, error.message, "correct the file"),)
        baseline = configuration.baseline_file(config, {})
        known = baseline_file.load(baseline) if baseline else ()
        if isinstance(known, Problem):
            return (known,)
        root = project_root([path])
        groups = (each if each.base else replace(each, base=root) for each in configuration.excludes(config, {}))
        excluded = any(covers(group, path) for group in groups)
        memory = self._memories.setdefault(root, Memory())
        memory.listings.clear()  # what is excluded may be something else now
        excludes = configuration.excludes_by_project(config, {}, forced=False)
        git = bool(config.values.get("respect-gitignore", True))
        unsafe = self._given.get("unsafe-fixes") is True
        return Project(root, replace(settings, baseline=known), memory, excludes, git, excluded, unsafe)


class _EditorWorkspace(DiskWorkspace):
    """A workspace that lasts for one analysis, and what is the same in the next is not read again."""

    def __init__(self, path: str, buffers: Mapping[str, Opened | Problem], project: Project) -> None:
        listings = project.memory.fresh_listings()
        membership = Membership(project.excludes, frozenset((path,)), project.respects_git, listings)
        super().__init__(project.root, buffers, membership)
        self._memory = project.memory
        self.notes = project.memory.notes

    def _read(self, path: str) -> Opened | Problem:
        state = None if path in self.overlaid else _state(path)
        known = self._memory.disk.get(path)
        if state is None or known is None or known[0] != state:
            found = super()._read(path)
            if state is not None:
                self._memory.disk[path] = (state, found)
            return found
        return known[1]

    def _bytes(self, path: str) -> bytes:
        state = _state(path)
        known = self._memory.raw.get(path)
        if state is None or known is None or known[0] != state:
            found = super()._bytes(path)
            if state is not None:
                self._memory.raw[path] = (state, found)
            return found
        return known[1]


def _configuring(path: str) -> Iterator[str]:
    """The files above a file that may configure it, or mark the project's top."""
    for folder in Path(path).parents:
        yield from ((folder / name).as_posix() for name in ROOT_MARKERS)


def _state(path: str) -> _State | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
