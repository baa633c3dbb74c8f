"""The pipeline as pure functions: sources in, findings and rewritten texts out. Reads no file and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bufferlint import baseline
from bufferlint.facts.reader import Unreadable
from bufferlint.finding import Applicability, Finding, Problem, Report
from bufferlint.rewriting import Change as Change
from bufferlint.rewriting import changes as changes_of
from bufferlint.rewriting import composed, distrust, overlaid
from bufferlint.semantics.project import Project
from bufferlint.settings import Settings
from bufferlint.syntax.fact_cache import FactCache
from bufferlint.syntax.reader import SyntaxReader, TreeReader
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.span import Span
from bufferlint.text.workspace import Workspace

if TYPE_CHECKING:  # rules are loaded once there is something to judge: most runs have nothing
    from bufferlint.facts.comments import Suppression
    from bufferlint.rules._rule import Fault, Rule
    from bufferlint.semantics.module_class import ModuleClass
    from bufferlint.suppression import Sifted

_MOST_PASSES = 4
_PARTLY = "a part of the file cannot be read, and may rely on the attribute as it is"


@dataclass(frozen=True, slots=True)
class FixResult:
    """``before`` is what ``analyse`` reports, ``remaining`` what it would report once the changes were written."""

    before: Report
    changes: tuple[Change, ...]
    remaining: Report
    problems: tuple[Problem, ...] = ()
    """Rewrites that did not survive the re-check and were dropped: bugs of ours."""


def analyse(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    cache: FactCache | None = None,
    *,
    screened: bool = True,
    lap: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check the target files; other files of the workspace are read as context when a target refers to them.

    A ``cache`` that is handed from run to run spares the reading of code that did not change. ``screened`` says whether
    to ask LibCST only where a cheaper look expects something; the report is the same. ``lap`` is told which part of
    the work has just been done.
    """
    analysis = _Analysis(targets, workspace, settings, cache, screened=screened, lap=lap)
    lap("outlining the files, linking their classes")
    report = analysis.report(targets)
    lap("reading what may have findings with LibCST, checking it")
    return report


def explain(path: str, class_name: str, attribute: str, workspace: Workspace, settings: Settings) -> str:
    """What is reported of an attribute, or why nothing is; KeyError with a message when there is no such class."""
    analysis = _Analysis([path], workspace, settings)
    said = [
        f"{finding.code} {finding.mark} {finding.message} ({finding.reason})" + (f"; {silence}" if silence else "")
        for finding, silence in analysis.judged([path])
        if (finding.class_name, finding.attribute) == (class_name, attribute)
    ]
    return "\n".join(dict.fromkeys(said)) or analysis.why_silent(path, class_name, attribute)


def add_ignores(targets: Sequence[str], workspace: Workspace, settings: Settings) -> FixResult:
    """Give each statement with a finding a comment that silences it. Findings about comments are left as they are."""
    before = _Analysis(targets, workspace, settings).report(targets)
    reader = SyntaxReader(workspace)
    changes: list[Change] = []
    for path in dict.fromkeys(finding.path for finding in before.findings):
        findings = tuple(finding for finding in before.findings if finding.path == path and finding.class_name)
        source = workspace.source(path)
        edits = tuple(sorted(_silencing(reader, path, findings)))
        if source is not None and edits:
            changes.append(Change(source, edits, apply_edits(source.text, edits), findings))
    remaining = _Analysis(targets, overlaid(workspace, changes), settings).report(targets)
    return FixResult(before, tuple(changes), remaining)


def ignoring(finding: Finding, workspace: Workspace) -> tuple[Edit, ...]:
    """The edits that silence one finding with a comment at its statement."""
    return _silencing(SyntaxReader(workspace), finding.path, (finding,))


def fix(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    leave: frozenset[tuple[str, str]] = frozenset(),
    cache: FactCache | None = None,
    careful: frozenset[tuple[str, str]] = frozenset(),
) -> FixResult:
    """Apply safe fixes in memory, unsafe ones too if the settings say so.

    ``leave`` are (path, class) pairs not to touch, ``careful`` those that get safe fixes only. Every
    rewrite is read and checked again; a class whose rewrite does not parse, keeps its finding or brings a new one is
    left as it was, with a problem that says so.
    """
    cache = cache or FactCache()
    before = remaining = _Analysis(targets, workspace, settings, cache).report(targets)
    changes: dict[str, Change] = {}
    problems: list[Problem] = []
    for _ in range(_MOST_PASSES):
        current = overlaid(workspace, changes.values())
        step = _step(targets, current, settings, leave, careful, remaining, cache)
        remaining = step.remaining
        problems += step.problems
        leave |= frozenset((problem.path, name) for problem, name in zip(step.problems, step.left, strict=True))
        for change in step.changes:
            changes[change.before.path] = composed(changes.get(change.before.path), change)
        if not step.changes:
            break
    return FixResult(before, tuple(changes[path] for path in sorted(changes)), remaining, tuple(problems))


@dataclass(frozen=True, slots=True)
class _Step:
    """One pass of fixes; ``left`` names the class that each problem leaves as it was."""

    changes: tuple[Change, ...]
    remaining: Report
    problems: tuple[Problem, ...] = ()
    left: tuple[str, ...] = ()


def _step(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    leave: frozenset[tuple[str, str]],
    careful: frozenset[tuple[str, str]],
    report: Report,
    cache: FactCache,
) -> _Step:
    """Apply the fixes of ``report`` and check what came out, without the screen; fixes that fail are dropped."""
    problems: dict[tuple[str, str], Problem] = {}
    while True:
        changes = changes_of(report.findings, workspace, settings, leave | frozenset(problems), careful)
        if not changes:
            return _Step((), report, tuple(problems.values()), tuple(name for _, name in problems))
        paths = {change.before.path for change in changes}
        analysis = _Analysis(targets, overlaid(workspace, changes), settings, cache, screened=False)
        touched = sorted(paths | (analysis.dependents(paths) & set(targets)))
        again = analysis.report(touched)
        faults = distrust(changes, report, again, set(touched))
        if not faults:
            break
        problems |= faults
    kept = [finding for finding in report.findings if finding.path not in touched]
    findings = tuple(sorted([*kept, *again.findings], key=lambda finding: finding.sort_key))
    remaining = replace(report, findings=findings)
    return _Step(tuple(changes), remaining, tuple(problems.values()), tuple(name for _, name in problems))


class _Analysis:
    """One reading of the workspace."""

    def __init__(
        self,
        targets: Sequence[str],
        workspace: Workspace,
        settings: Settings,
        cache: FactCache | None = None,
        *,
        screened: bool = True,
        lap: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._lap = lap
        self._workspace = workspace
        self._settings = settings
        self._screened = screened
        self._targets = targets
        self._reader = SyntaxReader(workspace, cache)
        self._link()

    def _link(self) -> None:
        bases, factories = self._settings.module_bases, self._settings.tensor_factories
        self._screen = Project(TreeReader(self._reader), self._targets, bases, factories)
        self._project = self._screen.read_again(self._reader)

    def report(self, paths: Sequence[str]) -> Report:
        if self._has_nothing_to_judge(paths):
            return Report((), tuple(sorted(self._problems(paths), key=lambda problem: problem.sort_key)), len(paths))
        kept = [finding for sifted in self._sifted(paths) for finding in sifted.kept]
        problems = tuple(sorted(self._problems(paths), key=lambda problem: problem.sort_key))
        kept.sort(key=lambda finding: finding.sort_key)
        new, known = baseline.sift(kept, self._settings.baseline, self._workspace)
        return Report(new, problems, len(paths), len(known))

    def _has_nothing_to_judge(self, paths: Sequence[str]) -> bool:
        """Whether the usual rules have nothing to look at: no class with a tensor, no comment that silences one."""
        usual = self._screened and not (self._settings.select or self._settings.extend_select)
        return (
            usual
            and not any(map(self._reader.own_suppressing, paths))
            and not self._screen.may_have_module_classes(frozenset(paths))
        )

    def judged(self, paths: Sequence[str]) -> Iterator[tuple[Finding, str]]:
        """Each finding, and what silences it; that is empty for one that is reported."""
        for sifted in self._sifted(paths):
            new, known = baseline.sift(sifted.kept, self._settings.baseline, self._workspace)
            yield from ((finding, "") for finding in new)
            yield from ((finding, "in the baseline") for finding in known)
            for finding, by in sifted.silenced:
                yield finding, f"suppressed by {self._quoted(finding.path, by)}"

    def _sifted(self, paths: Sequence[str]) -> Iterator[Sifted]:
        """What the selected rules find, by file; rules that comments name are asked too, to know if those are used."""
        from bufferlint.rules import selected
        from bufferlint.suppression import Sifted, named, sift, unused

        rules = selected(self._settings)
        own = {path: self._reader.own_suppressing(path) for path in paths}
        reviews = [rule for rule in rules if rule.review]
        asked = named(s for each in own.values() if each for s in each.suppressions) if reviews else ()
        found = self._found(paths, tuple(dict.fromkeys((*rules, *asked))))
        chosen = {path: self._chosen(path, rules) for path in paths}
        broken = {problem.path for problem in self._problems(paths)}
        for path, each in own.items():
            findings = found.get(path, [])
            each = each or (self._reader.suppressing(path) if findings else None)
            source = self._workspace.source(path)
            if each is None or source is None:
                yield Sifted(tuple(finding for finding in findings if finding.code in chosen[path]))
                continue
            sifted = sift(findings, each, source)
            idle = () if path in broken else tuple(unused(source, each, sifted, ()))
            idle = tuple(unused(source, each, sifted, self._uncertain(path))) if idle else ()
            faults = [(rule, fault) for rule in reviews if rule.review for u in idle for fault in rule.review(u)]
            said = [self._finding(rule, "", fault) for rule, fault in faults]
            about = sift(said, each, source)
            kept = (finding for finding in (*sifted.kept, *about.kept) if finding.code in chosen[path])
            silenced = (pair for pair in (*sifted.silenced, *about.silenced) if pair[0].code in chosen[path])
            yield Sifted(tuple(kept), tuple(silenced))

    def _uncertain(self, path: str) -> tuple[Span, ...]:
        """Where a file stores in an attribute what this run could not tell, though another with more files might."""
        modules = self._screen.module_classes(frozenset((path,)))
        return tuple(event.span for module in modules for event in module.uncertain if event.path == path)

    def _chosen(self, path: str, rules: Sequence[Rule]) -> set[str]:
        """The codes that are reported of one file."""
        ignored = [s for file, selectors in self._settings.file_ignores if file == path for s in selectors]
        return {rule.code for rule in rules if not rule.answers_to_any(ignored)}

    def _found(self, paths: Sequence[str], rules: Sequence[Rule]) -> dict[str, list[Finding]]:
        """What the rules find, by file."""
        found: dict[tuple[object, ...], Finding] = {}
        candidates = self._certain_candidates(paths, rules)
        self._lap(f"looking for findings with Python's own parser ({len(candidates)} classes may have some)")
        for module in candidates:
            for rule in rules:
                for fault in rule.check(module, self._settings) if rule.check else ():
                    finding = self._finding(rule, module.name, fault)
                    key = (finding.sort_key, finding.code)
                    found[key] = min(found.get(key, finding), finding, key=_trust)
        partly = {problem.path for problem in self._problems(paths)}
        by_path: dict[str, list[Finding]] = {}
        for finding in found.values():
            kept = replace(finding, fix=None, withheld=_PARTLY) if finding.path in partly else finding
            by_path.setdefault(finding.path, []).append(kept)
        return by_path

    def _certain_candidates(self, paths: Sequence[str], rules: Sequence[Rule]) -> list[ModuleClass]:
        """The candidates, once the files that they come from have been parsed as a whole. What cannot be parsed is
        found by that, and the other files are linked again without it."""
        while True:
            candidates = list(self._candidates(paths, rules))
            files = {owner.path for module in candidates for owner in module.lineage.classes}
            files.update(path for path in paths if self._reader.own_suppressing(path))
            files.update(path for path, _ in self._reader.unreadable)
            wrong = [path for path in sorted(files) if not self._reader.confirm(path)]
            if not wrong:
                return candidates
            self._link()

    def _candidates(self, paths: Sequence[str], rules: Sequence[Rule]) -> Iterator[ModuleClass]:
        """The module classes in which a reading by Python's own parser finds something, read with LibCST."""
        cold = self._screened and all(rule.needs_tensor or not rule.check for rule in rules)
        for module in self._screen.module_classes(frozenset(paths), screened=cold):
            if not self._screened or any(
                True for rule in rules if rule.check for _ in rule.check(module, self._settings)
            ):
                yield self._project.same(module)

    def _quoted(self, path: str, suppression: Suppression) -> str:
        """A suppression as it is written, and where."""
        location = self._reader.where(path, suppression.span.start)
        text = self._reader.text(path)[suppression.span.start : suppression.span.end]
        return f"'{text}' on line {location.row}" + (f" of cell {location.cell}" if location.cell else "")

    def why_silent(self, path: str, class_name: str, attribute: str) -> str:
        return self._project.why_silent(path, class_name, attribute)

    def dependents(self, paths: Iterable[str]) -> set[str]:
        return self._project.dependents(paths)

    def _finding(self, rule: Rule, class_name: str, fault: Fault) -> Finding:
        source = self._workspace.source(fault.path)
        assert source is not None, fault.path
        return Finding(
            rule.code,
            rule.name,
            fault.message,
            fault.path,
            fault.span,
            source.location(fault.span.start),
            source.location(fault.span.end),
            fault.severity,
            class_name,
            fault.attribute,
            fault.kind,
            fault.reason,
            fault.persistent,
            fault.fix,
            fault.withheld,
        )

    def _problems(self, paths: Sequence[str]) -> Iterable[Problem]:
        wanted = set(paths)
        outlines = (self._reader.outline(path) for path in paths)
        unreadable = [o for o in outlines if isinstance(o, Unreadable)]
        wanted -= {fault.path for fault in unreadable}
        bodies = [u for u in self._reader.unreadable.values() if u.path in wanted]
        for fault in (*unreadable, *bodies):
            source = self._workspace.source(fault.path)
            place = source.location(fault.offset) if source else None
            yield Problem(fault.path, fault.cause, "mend the file, or leave it out with --exclude", place)


def _silencing(reader: SyntaxReader, path: str, findings: Sequence[Finding]) -> tuple[Edit, ...]:
    from bufferlint.suppression import silencing

    source = reader.source(path)
    return tuple(silencing(findings, reader.comments(path), source)) if source else ()


def _trust(finding: Finding) -> tuple[int, str]:
    """The least trusting comes first: a finding that two classes report keeps the most careful fix."""
    if finding.fix is None:
        return (0, finding.class_name)
    return (2 if finding.fix.applicability is Applicability.SAFE else 1, finding.class_name)
