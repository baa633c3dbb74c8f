"""Changes of files: made of the fixes of findings, laid over the files they change, and distrusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bufferlint.finding import Applicability, Finding, Fix, Problem, Report, Severity
from bufferlint.settings import Settings
from bufferlint.syntax.reader import compiles
from bufferlint.text.diff import line_edits
from bufferlint.text.edits import Compatible, Edit, apply_edits
from bufferlint.text.overlay import Overlay, edited
from bufferlint.text.source import Source
from bufferlint.text.workspace import Workspace

_OUR_BUG = "please report this as a bug of bufferlint; the class is left as it was"


@dataclass(frozen=True, slots=True)
class Change:
    """What ``fix`` makes of one file: ``after`` is ``before.text`` with ``edits`` applied, which fix ``fixed``."""

    before: Source
    edits: tuple[Edit, ...]
    after: str
    fixed: tuple[Finding, ...]


def changes(
    findings: Sequence[Finding],
    workspace: Workspace,
    settings: Settings,
    skip: frozenset[tuple[str, str]],
    safe_only: frozenset[tuple[str, str]],
) -> list[Change]:
    """Returns what the fixes that the settings ask for make of the files. Of fixes that collide the first wins.
    ``leave`` are (path, class) pairs not to touch, ``careful`` those that get safe fixes only."""
    chosen: dict[str, tuple[Compatible, list[Finding]]] = {}
    for finding in findings:
        fix_ = finding.fix
        where = (finding.path, finding.class_name)
        if fix_ is None or not _applies(fix_, settings) or where in skip:
            continue
        if where in safe_only and fix_.applicability is not Applicability.SAFE:
            continue
        if finding.path not in chosen:
            chosen[finding.path] = (Compatible(), [])
        edits, fixed = chosen[finding.path]
        if edits.take(fix_.edits):
            fixed.append(finding)
    changes: list[Change] = []
    for path in sorted(chosen):
        edits, fixed = chosen[path]
        source = workspace.source(path)
        if source is not None and edits:
            unique = tuple(edits)
            changes.append(Change(source, unique, apply_edits(source.text, unique), tuple(fixed)))
    return changes


def _applies(fix_: Fix, settings: Settings) -> bool:
    return fix_.applicability is Applicability.SAFE or (
        fix_.applicability is Applicability.UNSAFE and settings.unsafe_fixes
    )


def validate_rewrites(
    changes: Sequence[Change], before: Report, again: Report, touched: set[str]
) -> dict[tuple[str, str], Problem]:
    """The classes whose rewrite is not what it should be, each with the problem to report."""
    broken = {problem.path for problem in again.problems} - {problem.path for problem in before.problems}
    known = {_identity(finding) for finding in before.findings}
    seen = {_identity(finding) for finding in again.findings}
    faults: dict[tuple[str, str], Problem] = {}
    for change in changes:
        culprits = _unparsable(change) if change.before.path in broken else frozenset()
        for finding in change.fixed:
            where = (finding.path, finding.class_name)
            name = f"the rewrite of '{finding.attribute}' in {finding.class_name}"
            if finding.class_name in culprits:
                faults[where] = Problem(finding.path, f"{name} does not parse", _OUR_BUG, finding.location)
            elif finding.class_name and _identity(finding) in seen:
                faults[where] = Problem(finding.path, f"{name} does not fix the finding", _OUR_BUG, finding.location)
    for finding in again.findings:
        new = finding.path in touched and _identity(finding) not in known and finding.severity is not Severity.INFO
        new = new and bool(finding.class_name)
        fixed = [f for c in changes for f in c.fixed if f.path == finding.path] if new else []
        own = [f for f in fixed if f.class_name == finding.class_name]
        for each in own or fixed:
            cause = f"the rewrite of {each.class_name} brings a new finding ({finding.attribute})"
            faults.setdefault((each.path, each.class_name), Problem(each.path, cause, _OUR_BUG, each.location))
    return faults


def _unparsable(change: Change) -> frozenset[str]:
    """The classes whose own edits make the file unparsable; all of them when it takes several."""
    classes = {finding.class_name for finding in change.fixed}
    alone = {name: {e for f in change.fixed if f.class_name == name and f.fix for e in f.fix.edits} for name in classes}
    bad = frozenset(name for name in classes if not compiles(apply_edits(change.before.text, alone[name])))
    return bad or frozenset(classes)


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return (finding.code, finding.path, finding.class_name, finding.attribute)


def overlaid(workspace: Workspace, changes: Iterable[Change]) -> Workspace:
    """The workspace as it is once changes are made."""
    return Overlay(workspace, [edited(change.before, change.edits) for change in changes])


def composed(first: Change | None, then: Change) -> Change:
    """Two changes of one file as one."""
    if first is None:
        return then
    edits = line_edits(first.before.text, then.after)
    return Change(first.before, edits, then.after, first.fixed + then.fixed)
