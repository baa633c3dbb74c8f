"""The report for programs. Fields are only ever added; ``version`` counts changes that would break a reader."""

from __future__ import annotations

import json
from typing import Any

from bufferlint.finding import Finding, Fix, Problem, Report
from bufferlint.report.view import View
from bufferlint.text.escaping import json_without_commands
from bufferlint.text.source import Source
from bufferlint.text.span import Location

VERSION = 1


def render(report: Report, view: View) -> str:
    """``filename`` is relative to the current folder; rows and columns count from 1, in a notebook within ``cell``."""
    document = {
        "version": VERSION,
        "findings": [finding_fields(finding, view) for finding in report.findings],
        "problems": [problem_fields(problem, view) for problem in report.problems],
        "summary": summary(report, view),
    }
    return json_without_commands(json.dumps(document, indent=2) + "\n")


def summary(report: Report, view: View) -> dict[str, int]:
    """Counts: what was looked at, what was found, and what ``fix`` would do about it."""
    applied = sum(map(view.applies, report.findings))
    hidden = sum(map(view.hidden, report.findings))
    return {
        "files": report.files,
        "findings": len(report.findings),
        "fixable": applied,
        "unsafe": hidden,
        "withheld": len(report.findings) - applied - hidden,
        "known": report.known,
        "problems": len(report.problems),
    }


def finding_fields(finding: Finding, view: View) -> dict[str, Any]:
    """A finding as ``schemas/report.schema.json`` has it."""
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "filename": view.exact_path(finding.path),
        "cell": finding.location.cell,
        "location": _location(finding.location),
        "end_location": _location(finding.end_location),
        "severity": finding.severity.value,
        "url": view.rule_url(finding.name),
        "class": finding.class_name or None,
        "attribute": finding.attribute,
        "kind": finding.kind,
        "reason": finding.reason,
        "persistent": finding.persistent,
        "fix": _fix(finding.fix, view.source(finding.path)) if finding.fix else None,
        "withheld": finding.withheld,
    }


def _fix(fix: Fix, source: Source | None) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "edits": [
            {
                "cell": source.location(edit.span.start).cell,
                "location": _location(source.location(edit.span.start)),
                "end_location": _location(source.location(edit.span.end)),
                "content": edit.replacement,
            }
            for edit in fix.edits
            if source is not None
        ],
        "caveat": fix.caveat,
        "adds_keys": list(fix.adds_keys),
    }


def problem_fields(problem: Problem, view: View) -> dict[str, Any]:
    """A problem as ``schemas/report.schema.json`` has it."""
    location = problem.location
    return {
        "filename": view.exact_path(problem.path),
        "cell": location.cell if location else None,
        "location": _location(location) if location else None,
        "cause": problem.cause,
        "advice": problem.advice,
    }


def _location(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}
