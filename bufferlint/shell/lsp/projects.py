"""The projects that open files belong to: their configuration, and what earlier analyses read of their files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bufferlint.finding import Problem
from bufferlint.settings import Settings
from bufferlint.shell import config as configuration
from bufferlint.shell.config import Config
from bufferlint.shell.files import project_root
from bufferlint.shell.ignore import Patterns
from bufferlint.shell.workspace import DiskWorkspace, Opened
from bufferlint.syntax.fact_cache import FactCache

_State = tuple[int, int]
"""Time of the last change, and size."""


@dataclass(slots=True)
class Memory:
    """What was read of the files of one folder: facts by code, and files on the disk as long as they do not change."""

    facts: FactCache = field(default_factory=FactCache)
    disk: dict[str, tuple[_State, Opened | Problem]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """``root`` and ``settings`` are those that the command line would have for a file."""

    root: str
    settings: Settings
    excludes: tuple[Patterns, ...]
    memory: Memory

    def workspace(self, buffers: Mapping[str, Opened | Problem]) -> DiskWorkspace:
        """The project's files, open ones as the editor shows them."""
        return _EditorWorkspace(self.root, buffers, self.memory.disk)


class Projects:
    """Finds the project of a file; one whose configuration changed on the disk is made anew."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}
        self._projects: dict[str, tuple[object, Project | tuple[Problem, ...]]] = {}

    def of(self, path: str) -> Project | tuple[Problem, ...]:
        """The project, or what is wrong with its configuration: the same tuple until it changes."""
        folder = str(Path(path).parent)
        state = _configuration_state(folder)
        known = self._projects.get(folder)
        if known is None or known[0] != state:
            known = self._projects[folder] = (state, self._made(path))
        return known[1]

    def _made(self, path: str) -> Project | tuple[Problem, ...]:
        config = configuration.load(configuration.find([path]))
        if not isinstance(config, Config):
            return config
        root = project_root([path])
        memory = self._memories.setdefault(root, Memory())
        return Project(root, configuration.settings(config.values), configuration.excludes(config, {}), memory)


class _EditorWorkspace(DiskWorkspace):
    """A workspace that lasts for one analysis, and what is the same in the next is not read again."""

    def __init__(
        self, root: str, buffers: Mapping[str, Opened | Problem], disk: dict[str, tuple[_State, Opened | Problem]]
    ) -> None:
        super().__init__(root)
        self._opened.update(buffers)
        self._disk = disk

    def _read(self, path: str) -> Opened | Problem:
        state = _state(path)
        known = self._disk.get(path)
        if state is None or known is None or known[0] != state:
            found = super()._read(path)
            if state is not None:
                self._disk[path] = (state, found)
            return found
        return known[1]


def _configuration_state(folder: str) -> object:
    """What changes when a configuration file above a folder, or the place of the project's top, does."""
    names = ("bufferlint.toml", "pyproject.toml", "setup.py", "setup.cfg", ".git")
    return tuple(_state(f"{each}/{name}") for each in (folder, *map(str, Path(folder).parents)) for name in names)


def _state(path: str) -> _State | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
