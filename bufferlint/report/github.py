"""Workflow commands that GitHub Actions turns into annotations of a pull request."""

from __future__ import annotations

from bufferlint.finding import Finding, Problem, Report, Severity
from bufferlint.report.severity import WORDS
from bufferlint.report.view import View
from bufferlint.text.escaping import visible


def render(report: Report, view: View) -> str:
    """A line each; paths are relative to the repository's top. A notebook has no lines there: its first is named."""
    lines = [_finding(finding, view) for finding in report.findings]
    lines += [_problem(problem, view) for problem in report.problems]
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, view: View) -> str:
    place: dict[str, object] = {"line": 1}
    if finding.location.cell is None:
        start, end = finding.location, finding.end_location
        place = {"line": start.row, "col": start.column, "endLine": end.row, "endColumn": end.column}
    title = f"bufferlint ({finding.code})"
    message = f"{view.place(finding.path, finding.location)}: {finding.code} {finding.message} ({finding.reason})"
    return _command(finding.severity, {"title": title, "file": view.from_top(finding.path), **place}, message)


def _problem(problem: Problem, view: View) -> str:
    row = problem.location.row if problem.location and problem.location.cell is None else 1
    place = {"title": "bufferlint", "file": view.from_top(problem.path), "line": row}
    return _command(Severity.ERROR, place, view.problem(problem))


def _command(severity: Severity, properties: dict[str, object], message: str) -> str:
    named = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
    return f"::{WORDS['github'][severity]} {named}::{_escaped(message)}"


def _escaped(text: str, special: str = "") -> str:
    """GitHub's own escapes: of its escape character, and within properties of what separates them."""
    text = visible(text).replace("%", "%25")
    for character in special:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
