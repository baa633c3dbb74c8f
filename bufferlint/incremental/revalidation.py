"""Whether a run would still say what one said before, once some files have changed that it did not look at as a whole.

Where only the screen looked, its verdicts are found again: that takes the file that changed and what it refers to, not
the project. Only if they come out as before, from nothing that was not looked at before, does the answer stand.
"""

from __future__ import annotations

from collections.abc import Mapping

from bufferlint.incremental.dependencies import Fingerprint, Questions, merge, places, rehash
from bufferlint.ir.definitions import Outline
from bufferlint.syntax.outline import outline
from bufferlint.text.workspace import Workspace


def revalidated(
    path: str,
    workspace: Workspace,
    traces: Mapping[str, Fingerprint],
    questions: Questions,
    module_bases: tuple[str, ...] = (),
) -> Fingerprint | None:
    """The trace of a file that changed if a run would report the same; None when only a run can tell.

    ``traces`` and ``questions`` are those of the run before, which ``module_bases`` are settings of.
    """
    source, before = workspace.source(path), traces[path]
    found = outline(source) if source is not None and not source.cells else None
    if source is None or not isinstance(found, Outline):
        return None
    now = rehash(source.text, found, before, questions)
    if now.digest != before.digest:
        return None
    if now.verdict == before.verdict:
        return now

    from bufferlint.model.project import Project  # what judges is loaded for an edit that it has to judge
    from bufferlint.syntax.reader import SyntaxReader

    reader = SyntaxReader(workspace)
    project = Project(reader, [path], module_bases)
    if not all(project.holds_back(*held) for held in before.held):
        return None
    at = places(found)
    asked = ((at.get(piece), to, name) for piece, to, name in before.passing)
    if any(span is None or project.passes_tensors(path, span, to, name) for span, to, name in asked):
        return None
    reader.sight.outlines.update(reader.outlines())
    if path not in reader.sight.outlines:
        return None  # nothing tells of what was judged there
    wider = merge(path, traces, questions, reader.sight) if not project.files_in_doubt() else None
    return rehash(source.text, found, wider, questions) if wider is not None else None
