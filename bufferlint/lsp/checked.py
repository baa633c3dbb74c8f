"""One version of an open file, analysed: what is found, and what its fixes make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bufferlint import engine
from bufferlint.finding import Finding, Problem, Report
from bufferlint.lsp.documents import Buffer, Document, cell_texts
from bufferlint.project_files import notebook
from bufferlint.project_files.projects import Project
from bufferlint.project_files.workspace import DiskWorkspace, Opened
from bufferlint.settings import Persistence, Settings
from bufferlint.text.diff import line_edits
from bufferlint.text.edits import Edit, apply_edits

BufferEdits = tuple[Buffer, tuple[Edit, ...]]


@dataclass(slots=True)
class Checked:
    """``report`` is of ``document``; what else is asked of this version is computed once."""

    document: Document
    project: Project
    workspace: DiskWorkspace
    report: Report
    _others: dict[bool, Report] = field(default_factory=dict)
    _fixed: list[tuple[BufferEdits, ...]] = field(default_factory=list)

    def other_persistence(self, finding: Finding) -> Finding | None:
        """The finding as it would be if its buffer's persistence were the opposite."""
        if finding.persistent is None:
            return None
        persistent = not finding.persistent
        if persistent not in self._others:
            persistence = Persistence.PERSISTENT if persistent else Persistence.NON_PERSISTENT
            self._others[persistent] = self._analysed(replace(self.project.settings, persistence=persistence))
        same = (f for f in self._others[persistent].findings if f.sort_key == finding.sort_key)
        return next((f for f in same if f.persistent == persistent), None)

    def fixed(self) -> tuple[BufferEdits, ...]:
        """The edits of all safe fixes, which the engine has tried out together; of unsafe ones as well where the
        editor's settings allow them."""
        if self.project.excluded:
            return ()
        if not self._fixed:
            # the project's configuration may allow `fix` more than what is made whenever a file is saved
            settings = replace(self.project.settings, unsafe_fixes=self.project.fixes_unsafe)
            path, facts = self.document.path, self.project.memory.facts
            result = engine.fix([path], self.workspace, settings, cache=facts)
            edits = [edit for change in result.changes if change.before.path == path for edit in change.edits]
            self._fixed.append(self.edited(edits))
        return self._fixed[0]

    def ignoring(self, finding: Finding) -> tuple[BufferEdits, ...]:
        """The edits that silence a finding with a comment."""
        return self.edited(engine.ignoring(finding, self.workspace))

    def edited(self, edits: Iterable[Edit]) -> tuple[BufferEdits, ...]:
        """Edits of the engine's text as those of the editor's buffers; none when a notebook cannot take them."""
        unique, opened = tuple(sorted(set(edits))), self.document.opened
        if not unique or not isinstance(opened, Opened):
            return ()
        if opened.encoding is not None:
            if len({edit.span for edit in unique}) < len(unique):  # two insertions at one place share their empty line
                unique = line_edits(opened.source.text, apply_edits(opened.source.text, unique))
            return ((self.document.buffers[0], unique),)
        try:
            cells = cell_texts(notebook.rewrite(opened.raw, unique))
        except ValueError:
            return ()
        pairs = zip(self.document.buffers, cells, strict=True)
        return tuple((b, line_edits(b.source.text, text)) for b, text in pairs if text != b.source.text)

    def _analysed(self, settings: Settings) -> Report:
        return engine.analyse([self.document.path], self.workspace, settings, self.project.memory.facts)


def check(document: Document, project: Project, buffers: Mapping[str, Opened | Problem]) -> Checked:
    """Analyse an open file; ``buffers`` are all that are open, by path."""
    workspace = project.workspace(document.path, buffers)
    if project.excluded:
        return Checked(document, project, workspace, Report())
    readable, problems = workspace.readable([document.path])
    report = engine.analyse(readable, workspace, project.settings, project.memory.facts, with_related=True)
    report = replace(report, problems=(*report.problems, *problems))
    return Checked(document, project, workspace, report)
