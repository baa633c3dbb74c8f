"""Which lines of the files differ from a revision of the git repository that they lie in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bufferlint.finding import Finding, Report
from bufferlint.project_files.files import repository_top
from bufferlint.project_files.git import GitError, git
from bufferlint.project_files.workspace import DiskWorkspace
from bufferlint.text.diff import line_edits


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Findings on lines that differ from ``base``, a commit; ``renamed`` gives the old path of each changed file,
    None for a new one. Paths in it are relative to ``top``."""

    top: str
    base: str
    renamed: dict[str, str | None]
    workspace: DiskWorkspace
    _rows: dict[str, frozenset[int] | None] = field(default_factory=dict)

    @classmethod
    def since(cls, revision: str, folder: str, workspace: DiskWorkspace) -> ChangedLines:
        """Returns what changed since the branch left a revision: since its merge base with HEAD. GitError says why
        not."""
        top = repository_top(folder)
        if top is None:
            raise GitError("this folder lies in no git repository")
        commit = _git(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", accept=(0, 1, 128)).strip()
        if not commit:
            raise GitError("git knows no such revision")
        bases = _git(top, "merge-base", "--all", commit, "HEAD", accept=(0, 1)).split()
        base = bases[0] if bases else commit
        names = _git(top, "diff", "--name-status", "-z", "-M", "--ignore-submodules=all", base)
        changed = dict(_renamed(names.split("\0")))
        new = _git(top, "ls-files", "--others", "-z").split("\0")
        return cls(top, base, {**changed, **{path: None for path in new if path}}, workspace)

    def only(self, report: Report) -> Report:
        """The report without findings whose lines are all as they were."""
        return replace(report, findings=tuple(finding for finding in report.findings if self._holds(finding)))

    def _holds(self, finding: Finding) -> bool:
        source = self.workspace.source(finding.path)
        if finding.path not in self._rows:
            self._rows[finding.path] = self._changed(finding.path)
        rows = self._rows[finding.path]
        if source is None or rows is None:
            return True
        first, last = source.row(finding.span.start), source.row(finding.span.end)
        return not rows.isdisjoint(range(first, last + 1))

    def _changed(self, path: str) -> frozenset[int] | None:
        """The changed lines, counted over the whole text (of a notebook: its code); None for all of them."""
        below = path.removeprefix(self.top.rstrip("/") + "/")
        if below == path:
            return None
        if below not in self.renamed and path not in self.workspace.overlaid:
            return frozenset()
        old_path = self.renamed.get(below, below)
        new = self.workspace.source(path)
        if old_path is None or new is None:
            return None
        try:
            raw = git(self.top, "show", f"{self.base}:{old_path}")
        except GitError:
            return None
        old = DiskWorkspace(self.workspace.root, {path: raw}).source(path)
        if old is None:
            return None
        edits = line_edits(new.text, old.text)
        return frozenset(
            row
            for edit in edits
            for row in range(new.row(edit.span.start), new.row(max(edit.span.start, edit.span.end - 1)) + 1)
            if edit.span.start < edit.span.end
        )


def _renamed(fields: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Pairs of new and old path from ``git diff --name-status -z``."""
    rest = iter(fields)
    for status in rest:
        if not status:
            continue
        path = next(rest)
        if status[0] in "RC":
            yield next(rest), path
        else:
            yield path, None if status[0] == "A" else path


def _git(folder: str, *arguments: str, accept: tuple[int, ...] = (0,)) -> str:
    return git(folder, *arguments, accept=accept).decode(errors="surrogateescape")
