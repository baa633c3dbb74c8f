"""Which findings comments silence, which comments silence nothing, and the edits that write new ones."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bufferlint.finding import Finding
from bufferlint.ir.comments import Comments, Suppression
from bufferlint.rules import catalogue
from bufferlint.rules._rule import Rule, Unused, answers_to
from bufferlint.text.edits import Edit
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_OUR_CODE = re.compile(r"BUF\d+", re.IGNORECASE)
_MOST_ALIKE = 100
"""Suppressions of a whole file that count for one finding."""


@dataclass(frozen=True, slots=True)
class Partition:
    """``kept`` are to be reported, ``silenced`` are not, each with a comment that asks for it."""

    kept: tuple[Finding, ...]
    silenced: tuple[tuple[Finding, Suppression], ...] = ()


def partition(findings: Sequence[Finding], comments: Comments, source: Source) -> Partition:
    """The findings of one file that its comments skip. A fix that would change a silenced statement is withheld."""
    kept: list[Finding] = []
    silenced: list[tuple[Finding, Suppression]] = []
    places = _Places(comments)
    for finding in findings:
        by = places.silencing(finding)
        silenced += [(finding, each) for each in by]
        if not by:
            kept.append(_withheld(finding, places, source))
    return Partition(tuple(kept), tuple(silenced))


class _Places:
    """The suppressions of a file by the lines they stand at, so that none is asked about a place far from it."""

    def __init__(self, comments: Comments) -> None:
        self._order = {suppression: at for at, suppression in enumerate(comments.suppressions)}
        self._whole = [suppression for suppression in self._order if suppression.whole_file]
        self._by_statement: dict[Span, list[Suppression]] = {}
        for suppression in self._order:
            if suppression.statement is not None and not suppression.whole_file:
                self._by_statement.setdefault(suppression.statement, []).append(suppression)
        self._statements = sorted(self._by_statement)  # no two overlap
        self._about: dict[tuple[str, str, bool], list[Suppression]] = {}

    def silencing(self, finding: Finding) -> list[Suppression]:
        """Those that skip a finding, in order. Of very many for the whole file the first count."""
        key = (finding.code, finding.name, bool(finding.class_name))
        if key not in self._about:
            self._about[key] = [each for each in self._whole if _means(each, finding)][:_MOST_ALIKE]
        start = finding.span.start
        near = [each for each in self.touching(Span(start, start)) if _means(each, finding)]
        whole = self._about[key]
        return sorted((*whole, *near), key=self._order.__getitem__) if near and whole else near or whole

    def at(self, place: Span) -> list[Suppression]:
        """Those that stand at a place, in order."""
        found = self._whole + self.touching(Span(place.start, place.start))
        return sorted(found, key=self._order.__getitem__) if len(found) > 1 else found

    def touching(self, place: Span) -> list[Suppression]:
        """Those that stand at statements which a range touches."""
        found: list[Suppression] = []
        at = bisect.bisect_right(self._statements, place.end, key=lambda statement: statement.start)
        while at and self._statements[at - 1].end >= place.start:
            at -= 1
            found += self._by_statement[self._statements[at]]
        return found

    def first(self, suppressions: Iterable[Suppression]) -> Suppression | None:
        return min(suppressions, key=self._order.__getitem__, default=None)


def named(suppressions: Iterable[Suppression]) -> Iterator[Rule]:
    """The rules that must be asked to know whether the suppressions are used."""
    for suppression in suppressions:
        for rule in catalogue():
            if any(rule.answers_to(selector) for selector in suppression.selectors) or (
                suppression.ours and not suppression.selectors and rule.on_by_default
            ):
                yield rule


def unused(source: Source, comments: Comments, sifted: Partition, uncertain: Sequence[Span]) -> Iterator[Unused]:
    """The suppressions of one file that silence nothing, or not all that they name. Other tools' are left alone, and
    where ``uncertain`` places are covered only rules that do not exist are unused for sure."""
    places = _Places(comments)
    doubted = {suppression for place in uncertain for suppression in places.at(place)}
    used: dict[Suppression, list[Finding]] = {}
    for finding, by in sifted.silenced:
        used.setdefault(by, []).append(finding)
    for suppression in comments.suppressions:
        unsure = suppression in doubted
        findings = used.get(suppression, [])
        idle = tuple(
            selector
            for selector in suppression.selectors
            if (suppression.ours or _OUR_CODE.fullmatch(selector))
            and not any(rule.review and rule.answers_to(selector) for rule in catalogue())
            and not any(answers_to(finding.code, finding.name, selector) for finding in findings)
        )
        unknown = tuple(each for each in idle if not any(rule.answers_to(each) for rule in catalogue()))
        idle = unknown if unsure else idle
        if idle or (suppression.ours and not (suppression.selectors or findings or unsure)):
            yield Unused(source.path, source.text, suppression, idle, unknown)


def silencing(findings: Iterable[Finding], comments: Comments, source: Source) -> Iterator[Edit]:
    """Edits that give the statement of each finding a comment which silences it, in one file; findings about comments
    get none. A statement that has such a comment of ours gets the code added to it."""
    wanted: dict[Span, list[str]] = {}
    for finding in findings:
        statement = comments.statement(finding.span.start)
        if statement is not None and finding.class_name:
            codes = wanted.setdefault(statement, [])
            codes += [finding.code] if finding.code not in codes else []
    lists: dict[Span | None, Span] = {}
    for each in comments.suppressions:
        if each.ours and not each.whole_file and each.listed:
            lists.setdefault(each.statement, each.listed)
    for statement, codes in wanted.items():
        listed = lists.get(statement)
        if listed is not None:
            yield Edit(Span(listed.end, listed.end), "".join(f", {code}" for code in codes))
        else:
            end = statement.start + len(source.text[statement.start : statement.end].rstrip())
            yield Edit(Span(end, statement.end), f"  # bufferlint: ignore[{', '.join(codes)}]")


def _means(suppression: Suppression, finding: Finding) -> bool:
    """Returns whether a suppression is about what a finding is about; one without selectors is not about comments."""
    if not suppression.selectors:
        return bool(finding.class_name)
    return any(answers_to(finding.code, finding.name, selector) for selector in suppression.selectors)


def _withheld(finding: Finding, places: _Places, source: Source) -> Finding:
    """The finding without its fix, where that would change a statement with a comment that suppresses the finding."""
    if finding.fix is None:
        return finding
    changed = (
        suppression
        for edit in finding.fix.edits
        for suppression in places.touching(edit.span)
        if suppression.statement is not None and _changes(edit, suppression.statement)
    )
    first = places.first(suppression for suppression in changed if _means(suppression, finding))
    if first is None or first.statement is None:
        return finding
    row = source.location(first.statement.start).row
    return replace(finding, fix=None, withheld=f"the fix would change line {row}, which a comment suppresses")


def _changes(edit: Edit, lines: Span) -> bool:
    """Returns whether an edit changes lines; whole lines put before them, or behind their line end, do not."""
    if edit.span.start < edit.span.end:
        return edit.span.overlaps(lines)
    inside = lines.start < edit.span.start <= lines.end
    return inside or (edit.span.start == lines.start and not edit.replacement.endswith(("\n", "\r")))
