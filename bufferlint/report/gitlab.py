"""GitLab's Code Quality report."""

from __future__ import annotations

import json
from typing import Any

from bufferlint.finding import Finding, Problem, Report
from bufferlint.report.fingerprint import fingerprints
from bufferlint.report.severity import WORDS
from bufferlint.report.view import View
from bufferlint.text.escaping import json_without_commands
from bufferlint.text.span import Location


def render(report: Report, view: View) -> str:
    """Paths are relative to the repository's top. A notebook has no lines there: its first is named."""
    marks = fingerprints(report.findings, view)
    issues = [_finding(finding, mark, view) for finding, mark in zip(report.findings, marks, strict=True)]
    issues += [_problem(problem, view) for problem in report.problems]
    return json_without_commands(json.dumps(issues, indent=2) + "\n")


def _finding(finding: Finding, mark: str, view: View) -> dict[str, Any]:
    cell = f" (cell {finding.location.cell}, line {finding.location.row})" if finding.location.cell else ""
    return {
        "description": f"{finding.code}: {finding.message}{cell}",
        "check_name": finding.name,
        "fingerprint": mark,
        "severity": WORDS["gitlab"][finding.severity],
        "location": _location(view.from_top(finding.path), finding.location, finding.end_location),
    }


def _problem(problem: Problem, view: View) -> dict[str, Any]:
    start = problem.location or Location(1, 1)
    return {
        "description": f"{problem.cause}; {problem.advice}",
        "check_name": "unreadable-input",
        "fingerprint": f"unreadable-input:{view.from_top(problem.path)}:{problem.cause}",
        "severity": "blocker",
        "location": _location(view.from_top(problem.path), start, start),
    }


def _location(path: str, start: Location, end: Location) -> dict[str, Any]:
    if start.cell is not None:
        start = end = Location(1, 1)
    return {
        "path": path,
        "positions": {
            "begin": {"line": start.row, "column": start.column},
            "end": {"line": end.row, "column": end.column},
        },
    }
