"""A text to send in when a fix that was called safe did not pass."""

from __future__ import annotations

import platform

from bufferlint import __version__
from bufferlint.engine import Change
from bufferlint.report.verdict import described
from bufferlint.text.diff import unified_diff
from bufferlint.verify.contract import Recipe, Status, Verdict


def bug_report(path: str, class_name: str, change: Change, verdict: Verdict, recipe: Recipe) -> str:
    """Returns what was rewritten how, and which checks it failed; without the file's other lines."""
    codes = sorted({finding.code for finding in change.fixed if finding.class_name == class_name})
    failed = [
        f"- {check.title}: {check.after.detail} (before: {check.before})"
        for check in verdict.checks
        if check.after.status is Status.FAIL
    ]
    lines = [
        f"{path}::{class_name}: a fix that bufferlint calls safe did not pass. This is a bug of bufferlint: please",
        "report the text between the lines.",
        "--------------------------------------------------------------------------------",
        f"bufferlint {__version__}, Python {platform.python_version()}, {platform.system()}",
        f"{', '.join(codes)} in {class_name}, verified with {described(recipe)}",
        "",
        *failed,
        "",
        unified_diff(change.before.text, change.after, path).rstrip("\n"),
        "--------------------------------------------------------------------------------",
    ]
    return "\n".join(lines)
