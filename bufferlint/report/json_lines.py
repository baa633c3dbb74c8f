"""The report for programs, a line for each finding and for each problem, as they are in the format ``json``."""

from __future__ import annotations

import json

from bufferlint.finding import Report
from bufferlint.report.json import finding_fields, problem_fields
from bufferlint.report.view import View
from bufferlint.text.escaping import json_without_commands


def render(report: Report, view: View) -> str:
    lines = [finding_fields(finding, view) for finding in report.findings]
    lines += [problem_fields(problem, view) for problem in report.problems]
    return json_without_commands("".join(f"{json.dumps(line)}\n" for line in lines))
