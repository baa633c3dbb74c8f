"""Findings and problems as diagnostics, and the page of a diagnostic's rule as hover text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from lsprotocol import types

from bufferlint.cli.invocation import homepage
from bufferlint.finding import Finding, Problem, Severity
from bufferlint.lsp.checked import Checked
from bufferlint.lsp.documents import Buffer
from bufferlint.lsp.positions import Positions
from bufferlint.report.rule_page import markdown
from bufferlint.report.view import View
from bufferlint.rules import catalogue
from bufferlint.rules._rule import Rule
from bufferlint.text.escaping import visible
from bufferlint.text.span import Span

SOURCE = "bufferlint"
UNNECESSARY = frozenset(("manual-device-move", "unused-suppression"))
"""Rules about code that could be left out; editors show it faded."""

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def diagnostics(checked: Checked, positions: Positions, *, related: bool) -> dict[Buffer, list[types.Diagnostic]]:
    """The diagnostics of each buffer of a document, with ``related`` information where that is shown; a buffer without
    any has an empty list."""
    found: dict[Buffer, list[types.Diagnostic]] = {buffer: [] for buffer in checked.document.buffers}
    for finding in checked.report.findings:
        place = checked.document.locate(finding.span)
        if place is not None:
            made = diagnostic(finding, *place, positions)
            if related and finding.related:
                made.related_information = list(_related(finding, checked, positions))
            found[place[0]].append(made)
    for problem in checked.report.problems:
        buffer, made = _of_problem(problem, checked, positions)
        found[buffer].append(made)
    return found


def diagnostic(finding: Finding, buffer: Buffer, span: Span, positions: Positions) -> types.Diagnostic:
    """``data`` names the attribute, and says what a fix would do or why there is none."""
    page = _page(finding.name)
    return types.Diagnostic(
        range=positions.range(buffer.source, span),
        message=visible(finding.message),
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(page) if page else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.name in UNNECESSARY else None,
        data={
            "rule": finding.name,
            "class": finding.class_name,
            "attribute": finding.attribute,
            "reason": finding.reason,
            "fix": finding.fix.applicability.value if finding.fix else None,
            "caveat": finding.fix.caveat if finding.fix else None,
            "withheld": finding.withheld,
        },
    )


def _related(finding: Finding, checked: Checked, positions: Positions) -> Iterator[types.DiagnosticRelatedInformation]:
    """The other places that a finding names, in this document and in others."""
    for each in finding.related:
        place = checked.document.locate(each.span) if each.path == finding.path else None
        if place is not None:
            location = types.Location(place[0].uri, positions.range(place[0].source, place[1]))
        elif each.path.endswith(".ipynb") or (source := checked.workspace.source(each.path)) is None:
            continue  # a cell of a notebook that is not open has no address
        else:
            location = types.Location(Path(each.path).as_uri(), positions.range(source, each.span))
        yield types.DiagnosticRelatedInformation(location, visible(each.message))


def at(
    checked: Checked,
    uri: str,
    range_: types.Range,
    positions: Positions,
    asked: Sequence[types.Diagnostic] = (),
    *,
    on_lines: bool = False,
) -> Iterator[tuple[Finding, Buffer, Span]]:
    """The findings that a range of a buffer touches, each with its own place there, and those whose diagnostics are
    ``asked`` for. With ``on_lines`` a cursor touches all of its line."""
    for finding in checked.report.findings:
        place = checked.document.locate(finding.span)
        if place is None or place[0].uri != uri:
            continue
        buffer, span = place
        wanted = positions.span(buffer.source, range_)
        touched = wanted.start <= span.end and span.start <= wanted.end
        if on_lines and wanted.start == wanted.end:
            row = buffer.source.row(wanted.start)
            touched |= buffer.source.row(span.start) <= row <= buffer.source.row(span.end)
        if touched or _is_asked(finding, positions.range(buffer.source, span), asked):
            yield finding, buffer, span


def _is_asked(finding: Finding, place: types.Range, asked: Sequence[types.Diagnostic]) -> bool:
    """Is the finding what one of the editor's diagnostics is about?"""
    return any(each.source == SOURCE and each.code == finding.code and each.range == place for each in asked)


def hover(findings: list[Finding]) -> str:
    """Markdown: what is believed of each finding, then the pages of their rules."""
    said = [f"**{f.code}** `{f.name}`: {f.message}" + (f" ({f.reason})" if f.reason else "") for f in findings]
    said += [f"Not fixed: {f.withheld}" for f in findings if f.withheld]
    said += [f"Unsafe fix: {f.fix.caveat}" for f in findings if f.fix and f.fix.caveat]
    said = list(map(visible, said))
    rules = dict.fromkeys(rule for rule in (_rule(f.code) for f in findings) if rule)
    return "\n\n".join([*said, *("---\n\n" + markdown(rule.page) for rule in rules)])


def _of_problem(problem: Problem, checked: Checked, positions: Positions) -> tuple[Buffer, types.Diagnostic]:
    buffers, location = checked.document.buffers, problem.location
    buffer = buffers[location.cell - 1 if location and location.cell else 0]
    start = types.Position(0, 0)
    if location is not None and location.row <= buffer.source.line_count():
        offset = min(buffer.source.offset(location.row) + location.column - 1, len(buffer.source.text))
        start = positions.position(buffer.source, offset)
    message, severity = visible(f"{problem.cause}; {problem.advice}"), types.DiagnosticSeverity.Error
    return buffer, types.Diagnostic(types.Range(start, start), message, severity, source=SOURCE)


def _rule(code: str) -> Rule | None:
    return next((rule for rule in catalogue() if rule.code == code), None)


@cache
def _home() -> str | None:
    return homepage()


def _page(rule: str) -> str | None:
    """The address of a rule's page; None as long as the project has none: the page is shown by hovering then."""
    return View("", home=_home()).rule_url(rule)
