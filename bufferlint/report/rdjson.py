"""The diagnostics format of reviewdog (``rdjson``), with fixes as suggestions."""

from __future__ import annotations

import json
from typing import Any

from bufferlint.finding import Finding, Fix, Problem, Report, Severity
from bufferlint.report.severity import WORDS
from bufferlint.report.view import View
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.escaping import json_without_commands
from bufferlint.text.source import Source


def render(report: Report, view: View) -> str:
    """Paths are relative to the repository's top, columns count bytes. A notebook has no lines there."""
    source = {"name": "bufferlint", **({"url": view.home} if view.home else {})}
    diagnostics = [_finding(finding, view) for finding in report.findings]
    diagnostics += [_problem(problem, view) for problem in report.problems]
    document = {"source": source, "severity": WORDS["rdjson"][Severity.WARNING], "diagnostics": diagnostics}
    return json_without_commands(json.dumps(document, indent=2) + "\n")


def _finding(finding: Finding, view: View) -> dict[str, Any]:
    source = view.source(finding.path)
    location: dict[str, Any] = {"path": view.from_top(finding.path)}
    cell = finding.location.cell
    if source is not None and cell is None:
        location["range"] = _range(source, finding.span.start, finding.span.end)
    where = f" (cell {cell}, line {finding.location.row})" if cell else ""
    url = view.rule_url(finding.name)
    made: dict[str, Any] = {
        "message": f"{finding.message} ({finding.reason}){where}",
        "location": location,
        "severity": WORDS["rdjson"][finding.severity],
        "code": {"value": finding.code, **({"url": url} if url else {})},
    }
    if finding.fix is not None and view.applies(finding) and source is not None and cell is None:
        made["suggestions"] = [_suggestion(finding.fix, source)]
    return made


def _suggestion(fix: Fix, source: Source) -> dict[str, Any]:
    """All edits of a fix as one: what reads suggestions takes each for a fix of its own."""
    start, end = min(edit.span.start for edit in fix.edits), max(edit.span.end for edit in fix.edits)
    moved = [Edit(edit.span.shifted(-start), edit.replacement) for edit in fix.edits]
    return {"range": _range(source, start, end), "text": apply_edits(source.text[start:end], moved)}


def _problem(problem: Problem, view: View) -> dict[str, Any]:
    location: dict[str, Any] = {"path": view.from_top(problem.path)}
    if problem.location is not None and problem.location.cell is None:
        location["range"] = {"start": {"line": problem.location.row, "column": problem.location.column}}
    return {
        "message": f"{problem.cause}; {problem.advice}",
        "location": location,
        "severity": WORDS["rdjson"][Severity.ERROR],
    }


def _range(source: Source, start: int, end: int) -> dict[str, Any]:
    return {"start": _position(source, start), "end": _position(source, end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    row = source.row(offset)
    before = source.text[source.offset(row) : offset]
    return {"line": row, "column": len(before.encode(errors="surrogatepass")) + 1}
