"""What a run saw of the files on the disk, for its answer to outlive changes of what it did not see."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bufferlint.incremental.dependencies import Dependencies, Fingerprint, Questions, trace
from bufferlint.incremental.revalidation import revalidated
from bufferlint.project_files.result_cache import Traces
from bufferlint.project_files.workspace import DiskWorkspace


def traced(workspace: DiskWorkspace, sight: Dependencies, module_bases: tuple[str, ...]) -> Traces:
    """Returns what was seen of each file that does not count as a whole, in a run with ``module_bases`` in its
    settings."""
    questions = sight.questions()
    sources = filter(None, map(workspace.source, sorted(sight.outlines)))
    found = ((source.path, trace(source, sight, questions)) for source in sources)
    by_path = {path: tuple(each) for path, each in found if each is not None}
    return by_path, tuple(questions), workspace.root, module_bases


def agreed(paths: Iterable[str], files: Collection[str], traces: Traces) -> Traces | None:
    """The traces of a run that would see the same after a change of some of the ``files`` that count; None when it may
    not, be it for another file that would count then."""
    by_path, questions, root, module_bases = traces
    known = {path: Fingerprint(*each) for path, each in by_path.items()}
    workspace, now = DiskWorkspace(root), dict(by_path)
    for path in paths:
        found = revalidated(path, workspace, known, Questions(*questions), module_bases)
        if found is None:
            return None
        now[path] = tuple(found)
    return (now, questions, root, module_bases) if workspace.asked_for <= set(files) else None
