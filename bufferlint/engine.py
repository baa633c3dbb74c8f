"""The pipeline as pure functions: sources in, findings and rewritten texts out. Reads no file and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bufferlint.analysis import Analysis, Executor, OnClass, alone, unseen
from bufferlint.finding import Finding, Problem, Report
from bufferlint.fixes.applying import Change as Change
from bufferlint.fixes.applying import changes as changes_of
from bufferlint.fixes.applying import composed, overlaid, validate_rewrites
from bufferlint.incremental.dependencies import Dependencies
from bufferlint.settings import Settings
from bufferlint.syntax.lowering_cache import LoweringCache
from bufferlint.syntax.reader import SyntaxReader, compiles
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.workspace import Workspace

_MOST_PASSES = 4
Wanted = Callable[[Report], Collection[str]]


@dataclass(frozen=True, slots=True)
class FixResult:
    """``before`` is what ``analyse`` reports, ``remaining`` what it would report once the changes were written."""

    before: Report
    changes: tuple[Change, ...]
    remaining: Report
    problems: tuple[Problem, ...] = ()
    """Rewrites that did not survive the re-check and were dropped: bugs of ours."""
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(path, class) pairs that were left as they are since checkpoints saved before would not load, with why."""


def analyse(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    cache: LoweringCache | None = None,
    *,
    screened: bool = True,
    spread: Executor = alone,
    on_phase: Callable[[str], None] = lambda _: None,
    on_class: OnClass = unseen,
    sight: Dependencies | None = None,
    with_related: bool = False,
) -> Report:
    """Check the target files, those of each project apart. Other files of their project are context: what they say of
    a target's classes counts, but they are not reported.

    A ``cache`` that is handed from run to run spares the reading of code that did not change. ``screened`` says whether
    to ask LibCST only where a cheaper look expects something; the report is the same. ``spread`` may share the judging
    out among processes. ``on_phase`` is told which part of the work has just been done, ``on_class`` how far the
    judging is and which class comes next, ``sight`` what was looked at.
    ``with_related`` adds to each finding the other places of the code that it has to do with.
    """
    reports: list[Report] = []
    for project, own in workspace.by_project(targets):
        how = {"screened": screened, "with_related": with_related}
        analysis = Analysis(own, project, settings, cache, spread=spread, on_phase=on_phase, on_class=on_class, **how)
        on_phase("outlining the files, linking their classes")
        reports.append(analysis.report(own))
        if sight is not None:
            sight.join(analysis.sight)
            sight.outlines.update(analysis.outlines())
        on_phase("reading what may have findings with LibCST, checking it")
    return _joined(reports)


def _joined(reports: Sequence[Report]) -> Report:
    """The reports of several projects as one."""
    if len(reports) == 1:
        return reports[0]
    findings = sorted((f for report in reports for f in report.findings), key=lambda finding: finding.sort_key)
    problems = sorted((p for report in reports for p in report.problems), key=lambda problem: problem.sort_key)
    files, known = sum(report.files for report in reports), sum(report.known for report in reports)
    return Report(tuple(findings), tuple(problems), files, known)


def classes_with_plain_tensors(
    targets: Sequence[str], workspace: Workspace, settings: Settings
) -> tuple[tuple[str, str], ...]:
    """The path and name of each module class of the targets whose construction leaves a tensor unregistered, also of
    those of which nothing is reported: the code moves it by hand, or a comment says that it is meant so."""
    found: list[tuple[str, str]] = []
    for project, own in workspace.by_project(targets):
        found += Analysis(own, project, settings).classes_with_plain_tensors(own)
    return tuple(dict.fromkeys(found))


def explain(path: str, class_name: str, attribute: str, workspace: Workspace, settings: Settings) -> str:
    """Returns what is reported of an attribute, or why nothing is; KeyError with a message when there is no such
    class."""
    ((project, _),) = workspace.by_project([path])
    analysis = Analysis([path], project, settings)
    said = [
        f"{finding.code} {finding.mark} {finding.message} ({finding.reason})" + (f"; {silence}" if silence else "")
        for finding, silence in analysis.judged([path])
        if (finding.class_name, finding.attribute) == (class_name, attribute)
    ]
    return "\n".join(dict.fromkeys(said)) or analysis.why_silent(path, class_name, attribute)


def explain_fix(path: str, class_name: str, attribute: str, workspace: Workspace, settings: Settings) -> str:
    """The obligations of registering an attribute, with what was seen of each; KeyError with a message when there is no
    such module class."""
    from bufferlint.fixes.explanation import explained

    ((project, _),) = workspace.by_project([path])
    return explained(Analysis([path], project, settings).history(path, class_name, attribute), settings)


def places(
    models: Sequence[tuple[str, str]], classes: Sequence[tuple[str, str]], workspace: Workspace, settings: Settings
) -> dict[tuple[str, str], list[tuple[tuple[str, str], str]]]:
    """For each of some classes the models that hold instances of it, each with the prefix that their keys have in its
    state_dict. Both are by file and name; a model that is no module class of the project holds none."""
    found: dict[tuple[str, str], list[tuple[tuple[str, str], str]]] = {}
    for file, name in models:
        for project, own in workspace.by_project([file]):
            analysis = Analysis(own, project, settings)
            for where in classes:
                prefixes = analysis.held_at((file, name), where)
                found.setdefault(where, []).extend(((file, name), prefix) for prefix in prefixes)
    return found


def add_ignores(targets: Sequence[str], workspace: Workspace, settings: Settings) -> FixResult:
    """Give each statement with a finding a comment that silences it. Findings about comments are left as they are."""
    before = analyse(targets, workspace, settings)
    reader = SyntaxReader(workspace)
    changes: list[Change] = []
    for path in dict.fromkeys(finding.path for finding in before.findings):
        findings = tuple(finding for finding in before.findings if finding.path == path and finding.class_name)
        source = workspace.source(path)
        edits = tuple(sorted(_silencing(reader, path, findings)))
        if source is not None and edits:
            changes.append(Change(source, edits, apply_edits(source.text, edits), findings))
    remaining = analyse(targets, overlaid(workspace, changes), settings)
    return FixResult(before, tuple(changes), remaining)


def ignoring(finding: Finding, workspace: Workspace) -> tuple[Edit, ...]:
    """The edits that silence one finding with a comment at its statement."""
    return _silencing(SyntaxReader(workspace), finding.path, (finding,))


def fix(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    skip: frozenset[tuple[str, str]] = frozenset(),
    cache: LoweringCache | None = None,
    safe_only: frozenset[tuple[str, str]] = frozenset(),
    *,
    spread: Executor = alone,
    on_class: OnClass = unseen,
    wanted: Wanted | None = None,
) -> FixResult:
    """Apply safe fixes in memory, unsafe ones too if the settings say so.

    ``skip`` are (path, class) pairs not to touch, ``safe_only`` those that get safe fixes only. ``wanted`` takes
    what is found in a project and returns the files whose rewrites are asked for; None stands for all. Every
    rewrite is read and checked again; a class whose rewrite does not parse, keeps its finding or brings a new one is
    left as it was, with a problem that says so.
    """
    cache = cache or LoweringCache()
    parts = workspace.by_project(targets)
    make = _fixed_to_load if settings.load_old_checkpoints else _fixed
    results = [make(own, project, settings, skip, cache, safe_only, spread, on_class, wanted) for project, own in parts]
    if len(results) == 1:
        return results[0]
    changes = sorted((c for result in results for c in result.changes), key=lambda change: change.before.path)
    problems = tuple(problem for result in results for problem in result.problems)
    before = _joined([result.before for result in results])
    remaining = _joined([result.remaining for result in results])
    refused = {key: why for result in results for key, why in result.refused.items()}
    return FixResult(before, tuple(changes), remaining, problems, refused)


def _fixed(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    skip: frozenset[tuple[str, str]],
    cache: LoweringCache,
    safe_only: frozenset[tuple[str, str]],
    spread: Executor,
    on_class: OnClass,
    wanted: Wanted | None,
) -> FixResult:
    """The fixes in the targets of one project."""
    before = Analysis(targets, workspace, settings, cache, spread=spread, on_class=on_class).report(targets)
    if wanted is not None:
        files = wanted(before)
        skip |= {(finding.path, finding.class_name) for finding in before.findings if finding.path not in files}
    remaining = before
    changes: dict[str, Change] = {}
    problems: list[Problem] = []
    for _ in range(_MOST_PASSES):
        current = overlaid(workspace, changes.values())
        step = _step(targets, current, settings, skip, safe_only, remaining, cache, spread)
        remaining = step.remaining
        problems += step.problems
        skip |= frozenset((problem.path, name) for problem, name in zip(step.problems, step.left, strict=True))
        for change in step.changes:
            changes[change.before.path] = composed(changes.get(change.before.path), change)
        if not step.changes:
            break
    if settings.clean_up and changes:
        cleaned = _cleaned_up(targets, workspace, settings, skip, cache, safe_only, changes)
        problems += cleaned.problems
        remaining = cleaned.remaining
    return FixResult(before, tuple(changes[path] for path in sorted(changes)), remaining, tuple(problems))


def _cleaned_up(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    skip: frozenset[tuple[str, str]],
    cache: LoweringCache,
    safe_only: frozenset[tuple[str, str]],
    changes: dict[str, Change],
) -> _Step:
    """Remove the moves by hand of what ``changes`` registered, and add that to them."""
    current = overlaid(workspace, changes.values())
    moves = replace(settings, select=("BUF008",), extend_select=(), ignore=(), unsafe_fixes=True)
    registered = {(f.path, f.class_name, f.attribute) for change in changes.values() for f in change.fixed}
    report = Analysis(targets, current, moves, cache, screened=False).report(targets)
    own = (f for f in report.findings if (f.path, f.class_name, f.attribute) in registered)
    step = _step(targets, current, moves, skip, safe_only, replace(report, findings=tuple(own)), cache)
    for change in step.changes:
        changes[change.before.path] = composed(changes.get(change.before.path), change)
    analysis = Analysis(targets, overlaid(workspace, changes.values()), settings, cache, screened=False)
    return replace(step, remaining=analysis.report(targets))


def _fixed_to_load(
    targets: Sequence[str],
    workspace: Workspace,
    settings: Settings,
    skip: frozenset[tuple[str, str]],
    cache: LoweringCache,
    safe_only: frozenset[tuple[str, str]],
    spread: Executor,
    on_class: OnClass,
    wanted: Wanted | None,
) -> FixResult:
    """The fixes in the targets of one project, and in each class with new state_dict keys what lets a checkpoint
    without them load. A class that can't have that is left as it is."""
    from bufferlint.fixes.old_checkpoints import loader

    refused: dict[tuple[str, str], str] = {}
    while True:
        left = skip | frozenset(refused)
        result = _fixed(targets, workspace, settings, left, cache, safe_only, spread, on_class, wanted)
        fixed = overlaid(workspace, result.changes)
        analysis = Analysis(targets, fixed, settings, cache, screened=False)
        new: dict[tuple[str, str], str] = {}
        loading: list[Change] = []
        for change in result.changes:
            edits: set[Edit] = set()
            for (path, class_name), keys in _keys_by_class(change.fixed).items():
                made = loader(analysis.history(path, class_name, keys[0]).of, keys)
                if isinstance(made, str):
                    new[path, class_name] = made
                else:
                    edits.update(made)
            source = fixed.source(change.before.path)
            if source is None or not edits:
                loading.append(change)
                continue
            more = Change(source, tuple(sorted(edits)), apply_edits(source.text, edits), ())
            if not compiles(more.after):
                new |= dict.fromkeys(_keys_by_class(change.fixed), "what would load them does not parse")
            loading.append(composed(change, more))
        if not new:
            return replace(result, changes=tuple(loading), refused=refused)
        refused |= {key: f"older checkpoints would not load with strict=True: {why}" for key, why in new.items()}


def _keys_by_class(fixed: Sequence[Finding]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The state_dict keys that each class gains by fixes."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for finding in fixed:
        keys = finding.fix.adds_keys if finding.fix is not None else ()
        if keys:
            where = (finding.path, finding.class_name)
            found[where] = tuple(dict.fromkeys((*found.get(where, ()), *keys)))
    return found


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
    skip: frozenset[tuple[str, str]],
    safe_only: frozenset[tuple[str, str]],
    report: Report,
    cache: LoweringCache,
    spread: Executor = alone,
) -> _Step:
    """Apply the fixes of ``report`` and check what came out, without the screen; fixes that fail are dropped."""
    problems: dict[tuple[str, str], Problem] = {}
    while True:
        changes = changes_of(report.findings, workspace, settings, skip | frozenset(problems), safe_only)
        if not changes:
            return _Step((), report, tuple(problems.values()), tuple(name for _, name in problems))
        paths = {change.before.path for change in changes}
        analysis = Analysis(targets, overlaid(workspace, changes), settings, cache, screened=False, spread=spread)
        touched = sorted(paths | (analysis.dependents(paths) & set(targets)))
        again = analysis.report(touched)
        faults = validate_rewrites(changes, report, again, set(touched))
        if not faults:
            break
        problems |= faults
    kept = [finding for finding in report.findings if finding.path not in touched]
    findings = tuple(sorted([*kept, *again.findings], key=lambda finding: finding.sort_key))
    remaining = replace(report, findings=findings)
    return _Step(tuple(changes), remaining, tuple(problems.values()), tuple(name for _, name in problems))


def _silencing(reader: SyntaxReader, path: str, findings: Sequence[Finding]) -> tuple[Edit, ...]:
    from bufferlint.suppression import silencing

    source = reader.source(path)
    return tuple(silencing(findings, reader.comments(path), source)) if source else ()
