"""What a run saw of the files on the disk, for its answer to outlive changes of what it did not see."""

from __future__ import annotations

from collections.abc import Iterable

from bufferlint.shell.cache import Traces
from bufferlint.shell.workspace import DiskWorkspace
from bufferlint.syntax.sight import Sight, Trace, agrees, trace


def traced(workspace: DiskWorkspace, sight: Sight) -> Traces:
    """What was seen of each file that does not count as a whole."""
    sources = filter(None, map(workspace.source, sorted(sight.outlines)))
    found = ((source.path, trace(source, sight)) for source in sources)
    return {path: (each.numbers, each.digest) for path, each in found if each is not None}, sorted(sight.words)


def agree(paths: Iterable[str], traces: Traces) -> bool:
    """Whether a run would see the same of some files as before they changed."""
    by_path, words = traces
    workspace = DiskWorkspace("/")
    sources = {path: workspace.source(path) for path in paths}
    return all(source is not None and agrees(source, Trace(*by_path[path]), words) for path, source in sources.items())
