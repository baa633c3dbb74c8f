"""Logging commands that Azure Pipelines turn into issues of a run."""

from __future__ import annotations

from bufferlint.finding import Finding, Problem, Report, Severity
from bufferlint.report.severity import WORDS
from bufferlint.report.view import View
from bufferlint.text.escaping import visible, without_commands


def render(report: Report, view: View) -> str:
    """A line each; paths are relative to the repository's top. A notebook has no lines there: its first is named."""
    lines = [_finding(finding, view) for finding in report.findings]
    lines += [_problem(problem, view) for problem in report.problems]
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, view: View) -> str:
    place: dict[str, object] = {"linenumber": 1}
    if finding.location.cell is None:
        place = {"linenumber": finding.location.row, "columnnumber": finding.location.column}
    properties = {"sourcepath": view.from_top(finding.path), **place, "code": finding.code}
    where = "" if finding.location.cell is None else f"{view.place(finding.path, finding.location)}: "
    return _issue(finding.severity, properties, f"{where}{finding.message} ({finding.reason})")


def _problem(problem: Problem, view: View) -> str:
    row = problem.location.row if problem.location and problem.location.cell is None else 1
    return _issue(Severity.ERROR, {"sourcepath": view.from_top(problem.path), "linenumber": row}, view.problem(problem))


def _issue(severity: Severity, properties: dict[str, object], message: str) -> str:
    named = "".join(f"{name}={_escaped(str(value), ';]')};" for name, value in properties.items())
    return f"##vso[task.logissue type={WORDS['azure'][severity]};{named}]{_escaped(message)}"


def _escaped(text: str, special: str = "") -> str:
    """Azure's own escapes: of its escape character, and within properties of what separates them."""
    text = without_commands(visible(text)).replace("%", "%AZP25")
    for character in special:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
