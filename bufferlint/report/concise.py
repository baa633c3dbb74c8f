"""One line for each finding."""

from __future__ import annotations

from bufferlint.finding import Finding, Report
from bufferlint.report.view import View
from bufferlint.text.escaping import visible


def render(report: Report, view: View) -> str:
    return "".join(f"{line(finding, view)}\n" for finding in report.findings)


def line(finding: Finding, view: View) -> str:
    place = view.place(finding.path, finding.location)
    return f"{place}: {finding.code} {finding.mark} {visible(finding.message)}"
