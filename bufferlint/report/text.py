"""For a person: each finding with its line of source, what the belief rests on, and why it may not be fixed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from bufferlint.finding import Finding, Fix, Report
from bufferlint.report.view import LEAST_COLUMNS, View, printable, reason_against, width
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.escaping import visible
from bufferlint.text.source import Source

_CUT = "..."


def render(report: Report, view: View) -> str:
    """Text with terminal styles; `click.unstyle` takes them out."""
    return "".join(f"{_finding(finding, view)}\n" for finding in report.findings)


def _finding(finding: Finding, view: View) -> str:
    place = view.place(finding.path, finding.location)
    head = click.style(place, bold=True)
    code = click.style(finding.code, fg="red", bold=True)
    mark = click.style(finding.mark, fg="cyan")
    message, *rest = _folded(visible(finding.message), f"{place}: {finding.code} {finding.mark} ", "    ", view)
    lines = [f"{head}: {code} {mark} {message}", *rest]
    source = view.source(finding.path)
    gutter = " " * len(str(finding.location.row))
    bar = click.style(f"{gutter} |", fg="blue", bold=True)
    if source is not None:
        lines += [bar, *_excerpt(finding, source, bar, view)]
        if view.show_fixes and finding.fix is not None:
            lines += [bar, *(f"{bar} {line}" for line in _changed(finding.fix, source))]
    equals = click.style(f"{gutter} =", fg="blue", bold=True)
    for note in _notes(finding, view):
        first, *rest = _folded(visible(note), f"{gutter} = ", f"{gutter}   ", view)
        lines += [f"{equals} {first}", *rest]
    return "".join(f"{line}\n" for line in lines)


def _folded(text: str, before: str, indent: str, view: View) -> list[str]:
    """A text in lines that fit the terminal: the first goes behind ``before``, the others are indented."""
    if view.columns is None or view.columns < LEAST_COLUMNS:
        return [text]
    if len(before) + len(text.partition(" ")[0]) > view.columns:  # not one word of it fits behind a long path
        return ["", *textwrap.wrap(text, view.columns, initial_indent=indent, subsequent_indent=indent)]
    lines = textwrap.wrap(
        text,
        view.columns,
        initial_indent=" " * len(before),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [lines[0][len(before) :], *lines[1:]] if lines else [""]


def _excerpt(finding: Finding, source: Source, bar: str, view: View) -> list[str]:
    """The finding's first line and carets below what it covers there."""
    row = source.row(finding.span.start)
    line = source.line(row)
    start = finding.span.start - source.offset(row)
    end = min(finding.span.end - source.offset(row), len(line))
    before, covered, after = printable(line[:start]), printable(line[start:end]), printable(line[end:])
    room = None if view.columns is None or view.columns < LEAST_COLUMNS else view.columns - len(click.unstyle(bar)) - 1
    if room is not None and width(before + covered + after) > room:
        before, covered, after = _fitted(before, covered, after, room)
    carets = click.style("^" * max(1, width(covered)), fg="red", bold=True)
    number = click.style(f"{finding.location.row} |", fg="blue", bold=True)
    return [f"{number} {before}{covered}{after}".rstrip(), f"{bar} {' ' * width(before)}{carets}"]


def _fitted(before: str, covered: str, after: str, room: int) -> tuple[str, str, str]:
    """A line cut to a width: first of its indentation, then behind and before what is covered, last of that."""
    bare = before.lstrip()
    before = bare if width(bare + covered + after) <= room else bare[-8:] if len(bare) <= 8 else _CUT + bare[-5:]
    left = room - width(before)
    if width(covered) > left:
        return before, _cut(covered, left), ""
    return before, covered, _cut(after, left - width(covered))


def _cut(text: str, room: int) -> str:
    """The beginning of a text that fits, with dots where some is missing."""
    if width(text) <= room:
        return text
    while text and width(text) > room - len(_CUT):
        text = text[:-1]
    return f"{text}{_CUT}"[:room]


def _changed(fix: Fix, source: Source) -> Iterator[str]:
    """The lines that a fix takes out and puts in, as a diff shows them."""
    groups: list[tuple[int, int, list[Edit]]] = []
    for edit in sorted(fix.edits):
        first, last = source.row(edit.span.start), source.row(edit.span.end)
        if groups and first <= groups[-1][1]:
            start, end, edits = groups.pop()
            groups.append((start, max(end, last), [*edits, edit]))
        else:
            groups.append((first, last, [edit]))
    for first, last, edits in groups:
        start = source.offset(first)
        end = source.offset(last + 1) if last < source.line_count() else len(source.text)
        old = source.text[start:end]
        new = apply_edits(old, [Edit(edit.span.shifted(-start), edit.replacement) for edit in edits])
        before, after = old.splitlines(), new.splitlines()
        while before and after and before[-1] == after[-1]:
            del before[-1], after[-1]
        while before and after and before[0] == after[0]:
            del before[0], after[0]
        yield from (click.style(f"- {printable(line)}".rstrip(), fg="red") for line in before)
        yield from (click.style(f"+ {printable(line)}".rstrip(), fg="green") for line in after)


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
