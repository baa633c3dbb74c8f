"""What a run saw of the files on the disk, for its answer to outlive changes of what it did not see."""

from __future__ import annotations

from collections.abc import Iterable

from bufferlint.shell.cache import Traces
from bufferlint.shell.workspace import DiskWorkspace
from bufferlint.syntax.sight import Questions, Sight, Trace, agrees, trace


def traced(workspace: DiskWorkspace, sight: Sight) -> Traces:
    """What was seen of each file that does not count as a whole."""
    questions = sight.questions()
    sources = filter(None, map(workspace.source, sorted(sight.outlines)))
    found = ((source.path, trace(source, sight, questions)) for source in sources)
    return {path: tuple(each) for path, each in found if each is not None}, tuple(questions)


def agree(paths: Iterable[str], traces: Traces) -> bool:
    """Whether a run would see the same of some files as before they changed."""
    by_path, questions = traces[0], Questions(*traces[1])
    workspace = DiskWorkspace("/")
    sources = ((workspace.source(path), Trace(*by_path[path])) for path in paths)
    return all(source is not None and agrees(source, before, questions) for source, before in sources)
