"""For a person: each finding with its line of source, what the belief rests on, and why it may not be fixed."""

from __future__ import annotations

import click

from bufferlint.finding import Finding, Report
from bufferlint.report.view import View, printable, reason_against, width
from bufferlint.text.escaping import visible
from bufferlint.text.source import Source


def render(report: Report, view: View) -> str:
    """Text with terminal styles; `click.unstyle` takes them out."""
    return "".join(f"{_finding(finding, view)}\n" for finding in report.findings)


def _finding(finding: Finding, view: View) -> str:
    head = click.style(view.place(finding.path, finding.location), bold=True)
    code = click.style(finding.code, fg="red", bold=True)
    mark = click.style(finding.mark, fg="cyan")
    lines = [f"{head}: {code} {mark} {visible(finding.message)}"]
    source = view.source(finding.path)
    gutter = " " * len(str(finding.location.row))
    bar = click.style(f"{gutter} |", fg="blue", bold=True)
    if source is not None:
        lines += [bar, *_excerpt(finding, source, bar)]
    lines += [f"{click.style(f'{gutter} =', fg='blue', bold=True)} {visible(note)}" for note in _notes(finding, view)]
    return "".join(f"{line}\n" for line in lines)


def _excerpt(finding: Finding, source: Source, bar: str) -> list[str]:
    """The finding's first line and carets below what it covers there."""
    row = source.row(finding.span.start)
    line = source.line(row)
    start = finding.span.start - source.offset(row)
    end = min(finding.span.end - source.offset(row), len(line))
    before, covered = printable(line[:start]), printable(line[start:end])
    carets = click.style("^" * max(1, width(covered)), fg="red", bold=True)
    number = click.style(f"{finding.location.row} |", fg="blue", bold=True)
    return [f"{number} {printable(line)}".rstrip(), f"{bar} {' ' * width(before)}{carets}"]


def _notes(finding: Finding, view: View) -> list[str]:
    notes = [finding.reason]
    caveat = finding.fix.caveat if finding.fix else None
    against = reason_against(finding, view)
    if view.hidden(finding):
        notes.append(against)
    elif against:
        notes.append(f"not fixed: {against}")
    elif caveat:
        notes.append(f"the fix is unsafe: {caveat}")
    return notes
