"""A workspace of texts: what tests hand to the engine and to the rooms below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bufferlint.engine import FixResult, analyse, fix
from bufferlint.finding import Report
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from bufferlint.text.workspace import Gathered, Workspace, pieces_of

ROOT = "/project"


class MemoryWorkspace:
    """A `Workspace` whose files are the values of a dictionary, by path below `ROOT`."""

    def __init__(self, files: Mapping[str, str | Source]) -> None:
        self._sources = {at(path): _source(at(path), content) for path, content in files.items()}

    @property
    def root(self) -> str:
        return ROOT

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self._sources)

    @property
    def files(self) -> tuple[str, ...]:
        return self.paths

    def source(self, path: str) -> Source | None:
        return self._sources.get(path)

    def may_mention(self, path: str, word: str) -> bool:
        return word in self._sources[path].text

    def pieces(self, path: str) -> frozenset[str]:
        return pieces_of(self._sources[path].text)

    @property
    def remembers(self) -> bool:
        return False

    def gathered(self, path: str, gather: Callable[[Source], Gathered]) -> Gathered:
        source = self.source(path)
        return gather(source) if source is not None else Gathered()

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        return [(self, targets)]


def at(path: str) -> str:
    """The absolute path of a file of the workspace."""
    return f"{ROOT}/{path}"


def check(
    files: Mapping[str, str | Source], settings: Settings | None = None, targets: Sequence[str] | None = None
) -> Report:
    """What ``analyse`` says of the targets, by default of all files."""
    workspace = MemoryWorkspace(files)
    paths = workspace.paths if targets is None else [at(path) for path in targets]
    return analyse(paths, workspace, settings or Settings())


def mend(
    files: Mapping[str, str | Source], settings: Settings | None = None, targets: Sequence[str] | None = None
) -> FixResult:
    """What ``fix`` makes of the targets, by default of all files."""
    workspace = MemoryWorkspace(files)
    paths = workspace.paths if targets is None else [at(path) for path in targets]
    return fix(paths, workspace, settings or Settings())


def mended(files: Mapping[str, str], result: FixResult) -> dict[str, str]:
    """The files as ``fix`` leaves them."""
    return {**files, **{change.before.path[len(ROOT) + 1 :]: change.after for change in result.changes}}


def _source(path: str, content: str | Source) -> Source:
    return content if isinstance(content, Source) else Source(path, content)
