"""A report of ``check``: put into its format, printed or written into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from bufferlint.cli.output import deliver, labelled, safe

if TYPE_CHECKING:
    from bufferlint.cli.invocation import Invocation
    from bufferlint.finding import Report
    from bufferlint.project_files.result_cache import Answer
    from bufferlint.report.view import View

FOR_PEOPLE = ("text", "concise")
"""Formats that name no address of a rule's page."""


def columns(output_file: str | None) -> int | None:
    """The width of the terminal that a report goes to; None for a file or a pipe, where nothing is made to fit."""
    return os.get_terminal_size(sys.stdout.fileno()).columns if _is_terminal(output_file) else None


def _is_terminal(output_file: str | None) -> bool:
    try:
        return output_file is None and os.isatty(sys.stdout.fileno())
    except (OSError, ValueError):  # closed, or no stream of the system's
        return False


def noted(report: Report, setup: Invocation, quiet: bool) -> list[str]:
    """Returns what is said on stderr: complaints, warnings, and at last the summary, which may be empty."""
    from bufferlint.cli.invocation import complaints
    from bufferlint.report.summary import found

    warnings = [] if quiet else setup.warnings
    notes = [*map(safe, complaints(report.problems, setup.view)), *map(safe, warnings)]
    broken = {problem.path for problem in report.problems}
    checked = sum(path not in broken for path in setup.targets)
    notes.append(found(report, setup.view, checked) if setup.targets or report.problems else "")
    return notes


def say_answer(answer: Answer, others: dict[str, Any]) -> int:
    """Print an answer; the exit code."""
    _deliver(answer.output, others["output_file"])
    *complaints, summary = answer.notes
    for note in complaints:
        deliver(note, err=True)
    if not others["quiet"]:
        nothing = labelled("warning", "no Python file or notebook found under the given paths")
        deliver(summary or nothing, err=True)
    return answer.code


def changed_since(report: Report, setup: Invocation, revision: str) -> Report:
    """The report of what changed since a revision."""
    from bufferlint.cli.errors import UsageError
    from bufferlint.project_files.changed_lines import ChangedLines
    from bufferlint.project_files.git import GitError

    try:
        return ChangedLines.since(revision, setup.view.folder, setup.workspace).only(report)
    except GitError as error:
        raise UsageError(f"--diff-base {revision}: {error}; name a revision of the repository you run in") from error


def rendered(report: Report, view: View, form: str, statistics: bool) -> str:
    """The report in a format: each is a module of ``report`` with the format's name."""
    from bufferlint.cli.invocation import homepage

    if statistics:
        from bufferlint.report import statistics as counts

        return counts.render_json(report, view) if form.startswith("json") else safe(counts.render(report, view))
    module = import_module(f"bufferlint.report.{form.replace('-', '_')}")
    if form in FOR_PEOPLE:
        return safe(module.render(report, view))
    return str(module.render(report, replace(view, home=homepage())))


def _deliver(output: str, file: str | None) -> None:
    """Print the output, or write it into a file, without colours there."""
    if file is None:
        deliver(output, nl=False)
        return
    from pathlib import Path

    from bufferlint.cli.errors import UsageError

    try:
        Path(file).write_text(click.unstyle(output), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}; name another file for the findings") from error


def refuse_input(file: str | None, setup: Invocation) -> None:
    """UsageError when the output would be written over a file that is checked, or over what says how."""
    from bufferlint.cli.errors import UsageError
    from bufferlint.project_files.boundaries import holds_code, is_one_of

    read: Iterable[str | None] = (*setup.targets, *setup.config.files, setup.baseline)
    if file is not None and is_one_of(file, filter(None, read)):
        raise UsageError(f"-o {file}: it is one of the files that are read; name another file for the findings")
    if file is not None and holds_code(file):
        raise UsageError(f"-o {file}: it holds code or configuration; name another file for the findings")
