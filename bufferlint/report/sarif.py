"""SARIF 2.1.0 (OASIS), which code scanning services read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bufferlint import __version__
from bufferlint.finding import Finding, Fix, Problem, Report
from bufferlint.report.fingerprint import fingerprints
from bufferlint.report.severity import WORDS
from bufferlint.report.view import View
from bufferlint.rules import catalogue
from bufferlint.text.escaping import json_without_commands
from bufferlint.text.source import Source
from bufferlint.text.span import Location

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_TOP = "SRCROOT"


def render(report: Report, view: View) -> str:
    """One run. Paths are relative to the repository's top; columns count code points; notebooks have no regions."""
    marks = fingerprints(report.findings, view)
    run = {
        "tool": {"driver": _driver(view)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_TOP: {"uri": f"{Path(view.top).as_uri().rstrip('/')}/"}},
        "invocations": [
            {
                "executionSuccessful": not report.problems,
                "toolExecutionNotifications": [_notification(problem, view) for problem in report.problems],
            }
        ],
        "results": [_result(finding, mark, view) for finding, mark in zip(report.findings, marks, strict=True)],
    }
    return json_without_commands(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n")


def _driver(view: View) -> dict[str, Any]:
    rules = [
        {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": _paragraph(rule.page)},
            "help": {"text": rule.page, "markdown": rule.page.replace("``", "`")},
            "defaultConfiguration": {"level": "warning", "enabled": rule.on_by_default},
            **({"helpUri": url} if (url := view.rule_url(rule.name)) else {}),
        }
        for rule in catalogue()
    ]
    home = {"informationUri": view.home} if view.home else {}
    return {"name": "bufferlint", "version": __version__, "semanticVersion": __version__, **home, "rules": rules}


def _paragraph(page: str) -> str:
    """The first paragraph below the first heading: what the rule does."""
    return " ".join(page.partition("----\n")[2].lstrip("-\n").partition("\n\n")[0].split())


def _result(finding: Finding, mark: str, view: View) -> dict[str, Any]:
    where: dict[str, Any] = {"artifactLocation": _artifact(finding.path, view)}
    if finding.location.cell is None:
        where["region"] = _region(finding.location, finding.end_location)
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": [rule.code for rule in catalogue()].index(finding.code),
        "level": WORDS["sarif"][finding.severity],
        "message": {"text": f"{finding.message} ({finding.reason})"},
        "locations": [
            {
                "physicalLocation": where,
                "logicalLocations": [{"fullyQualifiedName": finding.subject, "kind": "member"}],
            }
        ],
        "partialFingerprints": {"bufferlint/v1": mark},
        "properties": {
            "class": finding.class_name or None,
            "attribute": finding.attribute,
            "persistent": finding.persistent,
            "withheld": finding.withheld,
            "cell": finding.location.cell,
            "row": finding.location.row,
        },
    }
    source = view.source(finding.path)
    if finding.fix is not None and source is not None and not source.cells:
        result["fixes"] = [_fix(finding.fix, source, view)]
    return result


def _fix(fix: Fix, source: Source, view: View) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": _region(source.location(edit.span.start), source.location(edit.span.end)),
            "insertedContent": {"text": edit.replacement},
        }
        for edit in fix.edits
    ]
    caveat = f" ({fix.applicability.value}: {fix.caveat})" if fix.caveat else f" ({fix.applicability.value})"
    return {
        "description": {"text": fix.message + caveat},
        "artifactChanges": [{"artifactLocation": _artifact(source.path, view), "replacements": replacements}],
    }


def _notification(problem: Problem, view: View) -> dict[str, Any]:
    where: dict[str, Any] = {"artifactLocation": _artifact(problem.path, view)}
    if problem.location is not None and problem.location.cell is None:
        where["region"] = {"startLine": problem.location.row, "startColumn": problem.location.column}
    return {
        "level": "error",
        "message": {"text": f"{problem.cause}; {problem.advice}"},
        "locations": [{"physicalLocation": where}],
    }


def _artifact(path: str, view: View) -> dict[str, str]:
    """Relative to the repository's top, absolute outside of it."""
    shown = view.from_top(path)
    if shown.startswith("/") or ":" in shown.partition("/")[0]:
        return {"uri": f"file://{'' if shown.startswith('/') else '/'}{quote(shown)}"}
    return {"uri": quote(shown), "uriBaseId": _TOP}


def _region(start: Location, end: Location) -> dict[str, int]:
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}
