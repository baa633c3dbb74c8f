"""Counts by rule."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bufferlint.finding import Finding, Report
from bufferlint.report.view import View


def render(report: Report, view: View) -> str:
    """A line for each rule, the most frequent first: count, code, whether ``fix`` fixes all ``[*]``, some ``[-]`` or
    none ``[ ]`` of its findings, and name."""
    rows = _rows(report)
    width = max((len(str(len(findings))) for findings in rows), default=0)
    lines = [f"{len(f):>{width}}  {f[0].code}  {_mark(f, view)}  {f[0].name}" for f in rows]
    return "".join(f"{line}\n" for line in lines)


def render_json(report: Report, view: View) -> str:
    """The same as a list of objects."""
    rows = [
        {"code": f[0].code, "name": f[0].name, "count": len(f), "fixable": sum(map(view.applies, f))}
        for f in _rows(report)
    ]
    return json.dumps(rows, indent=2) + "\n"


def _rows(report: Report) -> list[list[Finding]]:
    by_code: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    return sorted(by_code.values(), key=lambda findings: (-len(findings), findings[0].code))


def _mark(findings: Sequence[Finding], view: View) -> str:
    fixable = sum(map(view.applies, findings))
    return "[*]" if fixable == len(findings) else "[-]" if fixable else "[ ]"
