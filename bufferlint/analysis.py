"""One reading of a workspace: what is linked once, and what is said of any of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from bufferlint import baseline
from bufferlint.finding import Applicability, Finding, Problem, Report
from bufferlint.incremental.dependencies import Dependencies
from bufferlint.ir.budget import OverBudget
from bufferlint.ir.reader import Unreadable
from bufferlint.model.project import Project
from bufferlint.settings import Settings
from bufferlint.syntax.lowering_cache import LoweringCache
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.span import Span
from bufferlint.text.workspace import Workspace

if TYPE_CHECKING:  # rules are loaded once there is something to judge: most runs have nothing
    from bufferlint.ir.comments import Suppression
    from bufferlint.ir.definitions import Outline
    from bufferlint.model.attribute_history import AttributeHistory
    from bufferlint.model.module_class import ModuleClass
    from bufferlint.rules._rule import Check, Fault, Rule
    from bufferlint.screening.needs import Need
    from bufferlint.suppression import Partition

_PARTLY = "a part of the file cannot be read, and may rely on the attribute as it is"
_NOT_IN_CHECKPOINTS = (
    "no checkpoint holds these weights: register them without --load-old-checkpoints, and load older checkpoints with "
    "strict=False"
)
_NOT_FIXABLE = "the settings 'fixable' and 'unfixable' leave out its rule"
Part = TypeVar("Part")
OnClass = Callable[[float, str], None]
"""Takes the part of the classes that are judged, from 0 to 1, and the name of the next one."""
Reported = tuple[int, "Finding"]
"""What a class reports, and how many classes of the project the class is built of."""


class Executor(Protocol):
    """Does some work for all of the paths, a share at a time; the order of the parts does not matter."""

    def __call__(self, work: Callable[[Sequence[str]], Part], paths: Sequence[str]) -> Sequence[Part]: ...


def unseen(_done: float, _name: str) -> None:
    """Shows nobody how far the judging is."""


def alone(work: Callable[[Sequence[str]], Part], paths: Sequence[str]) -> Sequence[Part]:
    """All of it at once, here."""
    return [work(paths)]


@dataclass(frozen=True, slots=True)
class Found:
    """What rules find in the classes of some files, and code that LibCST refused; nothing yet if files were
    ``misread``: if their outline was not that of the whole file. ``sight`` is what was looked at on the way."""

    findings: tuple[Reported, ...]
    unreadable: Mapping[tuple[str, int], Unreadable]
    sight: Dependencies
    misread: tuple[str, ...] = ()


class Analysis:
    """One reading of the workspace."""

    def __init__(
        self,
        targets: Sequence[str],
        workspace: Workspace,
        settings: Settings,
        cache: LoweringCache | None = None,
        *,
        screened: bool = True,
        spread: Executor = alone,
        on_phase: Callable[[str], None] = lambda _: None,
        on_class: OnClass = unseen,
        with_related: bool = False,
    ) -> None:
        self._spread = spread
        self._with_related = with_related
        self._on_phase = on_phase
        self._on_class = on_class
        self._workspace = workspace
        self._settings = settings
        self._screened = screened
        self._targets = targets
        self._reader = SyntaxReader(workspace, cache)
        self.sight = self._reader.sight
        """What was looked at so far."""
        self._link()

    def _link(self) -> None:
        bases, factories = self._settings.module_bases, self._settings.tensor_factories
        self._project = Project(self._reader, self._targets, bases, factories, lambda: self._workspace.files)

    def report(self, paths: Sequence[str]) -> Report:
        if self._spread is alone and self._has_nothing_to_judge(paths):
            return Report((), tuple(sorted(self._problems(paths), key=lambda problem: problem.sort_key)), len(paths))
        kept = [finding for sifted in self._sifted(paths) for finding in sifted.kept]
        problems = tuple(sorted(self._problems(paths), key=lambda problem: problem.sort_key))
        kept.sort(key=lambda finding: finding.sort_key)
        self.sight.whole.update(finding.path for finding in kept)
        new, known = baseline.partition(kept, self._settings.baseline, self._workspace)
        return Report(new, problems, len(paths), len(known))

    def _has_nothing_to_judge(self, paths: Sequence[str]) -> bool:
        """Returns whether the usual rules have nothing to look at: no class with a tensor, no comment that silences
        one."""
        self._reader.budget.restart()
        usual = self._screened and not (self._settings.select or self._settings.extend_select)
        return (
            usual
            and not any(map(self._reader.own_suppressing, paths))
            and not self._project.may_have_module_classes(frozenset(paths), self._usual_needs())
        )

    def _usual_needs(self) -> set[Need]:
        """Returns what the rules need that are on by default."""
        from bufferlint.rules import selected

        return {rule.needed(self._settings) for rule in selected(self._settings) if rule.check}

    def judged(self, paths: Sequence[str]) -> Iterator[tuple[Finding, str]]:
        """Each finding, and what silences it; that is empty for one that is reported."""
        for sifted in self._sifted(paths):
            new, known = baseline.partition(sifted.kept, self._settings.baseline, self._workspace)
            yield from ((finding, "") for finding in new)
            yield from ((finding, "in the baseline") for finding in known)
            for finding, by in sifted.silenced:
                yield finding, f"suppressed by {self._quoted(finding.path, by)}"

    def _sifted(self, paths: Sequence[str]) -> Iterator[Partition]:
        """Yields what the selected rules find, by file; rules that comments name are asked too, to know if those are
        used."""
        from bufferlint.rules import selected
        from bufferlint.suppression import Partition, named, partition, unused

        rules = selected(self._settings)
        own = {path: self._reader.own_suppressing(path) for path in paths}
        reviews = [rule for rule in rules if rule.review]
        comments = (s for each in own.values() if each for s in each.suppressions)
        asked = tuple(dict.fromkeys(named(comments))) if reviews else ()
        found = self._found(paths, tuple(dict.fromkeys((*rules, *asked))), self._settings)
        more = self._said_when_named(paths, asked)
        chosen = {path: self._chosen(path, rules) for path in paths}
        broken = {problem.path for problem in self._problems(paths)}
        for path, each in own.items():
            findings = found.get(path, [])
            each = each or (self._reader.suppressing(path) if findings else None)
            source = self._workspace.source(path)
            if each is None or source is None:
                yield Partition(tuple(finding for finding in findings if finding.code in chosen[path]))
                continue
            said = {finding.sort_key for finding in findings}
            extra = {finding.sort_key: finding for finding in more.get(path, ()) if finding.sort_key not in said}
            sifted = partition((*findings, *extra.values()), each, source)
            idle = () if path in broken else tuple(unused(source, each, sifted, ()))
            idle = tuple(unused(source, each, sifted, self._uncertain(path))) if idle else ()
            faults = [(rule, fault) for rule in reviews if rule.review for u in idle for fault in rule.review(u)]
            about = partition([self._finding(rule, "", fault) for rule, fault in faults], each, source)
            kept = (f for f in (*sifted.kept, *about.kept) if f.code in chosen[path] and f.sort_key not in extra)
            silenced = (*sifted.silenced, *about.silenced)
            pairs = (pair for pair in silenced if pair[0].code in chosen[path] and pair[0].sort_key not in extra)
            yield Partition(tuple(kept), tuple(pairs))

    def _said_when_named(self, paths: Sequence[str], asked: Sequence[Rule]) -> dict[str, list[Finding]]:
        """Returns what rules that comments name would say if the settings named them: a comment may be there for it."""
        rules = tuple(each for each in asked if each.needs_when_named and not each.is_named(self._settings))
        codes = (rule.code for rule in rules)
        settings = replace(self._settings, extend_select=(*self._settings.extend_select, *codes))
        return self._found(paths, rules, settings) if rules else {}

    def _uncertain(self, path: str) -> tuple[Span, ...]:
        """Returns where a file stores in an attribute what this run could not tell, though another with more files
        might."""
        modules = self._project.module_classes(frozenset((path,)))
        return tuple(event.span for module in modules for event in module.uncertain if event.path == path)

    def _chosen(self, path: str, rules: Sequence[Rule]) -> set[str]:
        """The codes that are reported of one file."""
        ignored = [s for file, selectors in self._settings.file_ignores if file == path for s in selectors]
        return {rule.code for rule in rules if not rule.answers_to_any(ignored)}

    def _found(self, paths: Sequence[str], rules: Sequence[Rule], settings: Settings) -> dict[str, list[Finding]]:
        """Returns what the rules find, by file. Files that turn out not to be what their outlines said are known for
        what they are from then on, and the others are linked anew."""
        while True:
            parts = self._spread(lambda share: self._search(share, paths, rules, settings), self._project.paths)
            for part in parts:
                self.sight.join(part.sight)
            misread = {path for part in parts for path in part.misread}
            if not misread:
                break
            for path in misread:
                self._reader.confirm(path)
            self._link()
        found: dict[tuple[object, ...], Reported] = {}
        for part in parts:
            self._reader.unreadable.update(part.unreadable)
            _merge(found, part.findings)
        partly = {problem.path for problem in self._problems(paths)}
        by_path: dict[str, list[Finding]] = {}
        for _, finding in found.values():
            kept = replace(finding, fix=None, withheld=_PARTLY) if finding.path in partly else finding
            by_path.setdefault(finding.path, []).append(kept)
        return by_path

    def _search(self, share: Sequence[str], paths: Sequence[str], rules: Sequence[Rule], settings: Settings) -> Found:
        """Returns what the rules find in the classes of the files of a ``share`` that have code in one of ``paths``."""
        needs = {rule.needed(settings) for rule in rules if rule.check} if self._screened else None
        self._reader.budget.restart()
        self._reader.budget.allow_for(self._project.size)
        modules = self._project.module_classes(frozenset(paths), needs, frozenset(share))
        misread = self._misread(self._project.files_in_doubt())
        if misread:
            return Found((), {}, self.sight, misread)
        self._on_phase(f"filtering classes ({len(modules)} may have findings)")
        checks = [(rule, rule.check) for rule in rules if rule.check]
        for path in {module.path for module in modules}:
            self._reader.budget.begin(path, self._reader.length(path))
        faults: list[tuple[ModuleClass, Rule, Fault]] = []
        for number, module in enumerate(modules):
            self._on_class(number / len(modules), module.name)
            faults += ((module, rule, fault) for rule, fault in self._faults_within_budget(module, checks, settings))
        self._on_phase("interpreting classes")
        files = {owner.path for module, _, _ in faults for owner in module.lineage.classes}
        files.update(path for path in set(share).intersection(paths) if self._reader.own_suppressing(path))
        files.update(path for path, _ in self._reader.unreadable)
        misread = self._misread(files)
        if misread:
            return Found((), {}, self.sight, misread)
        found: dict[tuple[object, ...], Reported] = {}
        _merge(
            found,
            (
                (len(module.lineage.classes), self._related(self._finding(rule, module.name, fault), module))
                for module, rule, fault in faults
                if self._reader.anchors(fault.path, fault.span) is not None
            ),
        )
        return Found(tuple(found.values()), dict(self._reader.unreadable), self.sight)

    def _faults_within_budget(
        self, module: ModuleClass, checks: Sequence[tuple[Rule, Check]], settings: Settings
    ) -> Sequence[tuple[Rule, Fault]]:
        """Returns what rules say of a class; nothing, and a problem of its file, if that takes too many steps."""
        budget, path = self._reader.budget, module.path
        try:
            with budget.of_class(path):
                return [(rule, fault) for rule, check in checks for fault in check(module, settings)]
        except OverBudget:
            if budget.left_of(path) <= 0:
                self._reader.leave_out_from(path, module.header)
                return ()
            start, most = module.header.span.start, budget.most_of_a_class
            cause = f"class {module.name} takes more than {most:,} steps to analyse, and is left out"
            advice = "split the class, or leave the file out with --exclude"
            self._reader.unreadable.setdefault((path, start), Unreadable(path, cause, start, advice))
            return ()

    def _misread(self, files: Iterable[str]) -> tuple[str, ...]:
        """The files whose outline is not that of the whole file."""
        return tuple(path for path in sorted(files) if not self._reader.confirm(path))

    def _quoted(self, path: str, suppression: Suppression) -> str:
        """A suppression as it is written, and where."""
        location = self._reader.where(path, suppression.span.start)
        text = self._reader.text(path)[suppression.span.start : suppression.span.end]
        return f"'{text}' on line {location.row}" + (f" of cell {location.cell}" if location.cell else "")

    def classes_with_plain_tensors(self, paths: Sequence[str]) -> list[tuple[str, str]]:
        """The path and name of each module class of these files whose construction leaves a tensor unregistered,
        whatever rules say of it."""
        from bufferlint.screening.needs import Need

        self._reader.budget.restart()
        modules = self._project.module_classes(frozenset(paths), {Need.TENSOR}, frozenset(paths))
        holding = (each for each in modules if any(each.attribute(name).reported for name in each.stored))
        return [(module.path, module.name) for module in holding]

    def why_silent(self, path: str, class_name: str, attribute: str) -> str:
        return self._project.why_silent(path, class_name, attribute)

    def history(self, path: str, class_name: str, attribute: str) -> AttributeHistory:
        """The history of an attribute; KeyError with a message when the file has no such module class."""
        return self._project.history(path, class_name, attribute)

    def held_at(self, model: tuple[str, str], of: tuple[str, str]) -> tuple[str, ...]:
        """The prefixes of the keys of a class in the state_dict of a model that holds it; both by path and name."""
        return self._project.held_at(model, of)

    def outlines(self) -> dict[str, Outline]:
        """The outlines of the files that were asked for and can be read."""
        return self._reader.outlines()

    def dependents(self, paths: Iterable[str]) -> set[str]:
        return self._project.dependents(paths)

    def _finding(self, rule: Rule, class_name: str, fault: Fault) -> Finding:
        from bufferlint.rules import may_fix

        source = self._workspace.source(fault.path)
        assert source is not None, fault.path
        fix, withheld = fault.fix, fault.withheld
        if fix is not None and not may_fix(rule, self._settings):
            fix, withheld = None, _NOT_FIXABLE
        elif fix is not None and self._settings.load_old_checkpoints and any("." in key for key in fix.adds_keys):
            fix, withheld = None, _NOT_IN_CHECKPOINTS
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
            fix,
            withheld,
        )

    def _related(self, finding: Finding, module: ModuleClass) -> Finding:
        """The finding with its related places, if they are asked for."""
        if not self._with_related:
            return finding
        from bufferlint.related_places import related_places

        return replace(finding, related=related_places(module.attribute(finding.attribute), finding.path, finding.span))

    def _problems(self, paths: Sequence[str]) -> Iterable[Problem]:
        wanted = set(paths)
        outlines = (self._reader.outline(path) for path in paths)
        unreadable = [o for o in outlines if isinstance(o, Unreadable)]
        wanted -= {fault.path for fault in unreadable}
        bodies = [u for u in self._reader.unreadable.values() if u.path in wanted]
        for fault in (*unreadable, *bodies):
            source = self._workspace.source(fault.path)
            place = source.location(fault.offset) if source else None
            yield Problem(fault.path, fault.cause, fault.advice, place)


def _merge(found: dict[tuple[object, ...], Reported], findings: Iterable[Reported]) -> None:
    """Take in findings; of one that several classes report, the most safe_only."""
    for reported in findings:
        key = (reported[1].sort_key, reported[1].code)
        found[key] = min(found.get(key, reported), reported, key=_trust)


def _trust(reported: Reported) -> tuple[int, int, str, str, str, str]:
    """The least trusting comes first: a finding that two classes report keeps the most careful fix. Of alike ones that
    of the class which inherits least: it is asked whether or not those that add nothing to it are."""
    depth, finding = reported
    applicability = finding.fix.applicability if finding.fix else None
    rank = 0 if applicability is None else 2 if applicability is Applicability.SAFE else 1
    return (rank, depth, finding.class_name, finding.message, finding.reason, finding.withheld or "")
