"""The sentences at the end of a run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import click

from bufferlint.finding import Applicability, Finding, Report
from bufferlint.report.view import View, plural, reason_against, width
from bufferlint.text.escaping import visible
from bufferlint.text.source import Source

SHOWN_KEYS = 20
"""More names than that are counted only."""


def found(report: Report, view: View, checked: int) -> str:
    """Returns what ``check`` found in how many files, and what to do about it."""
    if not report.findings:
        return f"No findings in {plural(checked, 'file')}{_unread(report)}.{_known(report)}"
    fixable = sum(map(view.applies, report.findings))
    hidden = sum(map(view.hidden, report.findings))
    parts = [f"{fixable} fixable with `fix --apply`"] if fixable else []
    if hidden:
        parts.append(f"{hidden} with `--unsafe-fixes`" if fixable else f"{hidden} fixable with `fix --unsafe-fixes`")
    if not parts:
        code = min(finding.code for finding in report.findings)
        parts.append(f"fix by hand, as `bufferlint rule {code}` says")
    count = plural(len(report.findings), "finding")
    return f"Found {count} ({', '.join(parts)}){_unread(report)}.{_known(report)}"


def fixed(findings: Sequence[Finding], left: Sequence[Finding], *, written: bool) -> str:
    """Returns what ``fix`` did, or would do, and how much it leaves."""
    files = len({finding.path for finding in findings})
    verb = "Fixed" if written else "Would fix"
    done = f"{verb} {plural(len(findings), 'finding')} in {plural(files, 'file')}" if findings else "Nothing to fix"
    done += "" if written or not findings else " (written with `fix --apply`)"
    return f"{done}; {plural(len(left), 'finding')} left." if left else f"{done}."


def left_over(findings: Iterable[Finding], view: View, refused: Mapping[tuple[str, str], str]) -> list[str]:
    """A line for each finding that stays, with why. ``refused`` are classes that the verifier did not pass."""
    rows = [(finding, refused.get((finding.path, finding.class_name))) for finding in findings]
    reasons = [why or reason_against(finding, view) or "no safe rewrite" for finding, why in rows]
    places = _aligned([finding for finding, _ in rows], view)
    word = click.style("left", fg="yellow")
    return [f"{word} {place}: {visible(reason)}" for place, reason in zip(places, reasons, strict=True)]


def fixed_findings(findings: Iterable[Finding], view: View, proven: Collection[tuple[str, str]] = ()) -> list[str]:
    """A line for each finding that was fixed; an unsafe fix says so, and that it is proven if its class is."""
    word, listed = click.style("fixed", fg="green"), list(findings)
    places = _aligned(listed, view)
    return [f"{word} {place}{_trust(finding, proven)}" for finding, place in zip(listed, places, strict=True)]


def _trust(finding: Finding, proven: Collection[tuple[str, str]]) -> str:
    if finding.fix is None or finding.fix.applicability is Applicability.SAFE:
        return ""
    return " (unsafe, proven)" if (finding.path, finding.class_name) in proven else " (unsafe)"


def added_keys(findings: Iterable[Finding], loads_old: bool = False) -> str:
    """The state_dict keys that come with the fixes, and what they mean for old checkpoints; empty if there are none.

    A state_dict that lacks a key of the module is refused by a strict load (torch: ``Missing key(s) in state_dict``),
    unless the class was given what fills it: ``loads_old``.
    """
    added = {
        (finding.path, f"{finding.class_name}.{key}")
        for finding in findings
        if finding.fix
        for key in finding.fix.adds_keys
    }
    if not added:
        return ""
    names = sorted({visible(name) for _, name in added})
    named = ", ".join(names[:SHOWN_KEYS]) + (f" and {len(names) - SHOWN_KEYS} more" if len(names) > SHOWN_KEYS else "")
    if loads_old:
        return f"{plural(len(added), 'state_dict key')} added: {named}. Checkpoints saved before load with strict=True."
    of_modules = all(key.endswith(".*") for _, key in added)
    return f"{plural(len(added), 'state_dict key')} added: {named}. Checkpoints saved before load with strict=False" + (
        "." if of_modules else "; --non-persistent adds no keys."
    )


_WHOLE = re.compile(r"torch\.save\(\s*(?:self\.)?(?:\w*model|net|network|module)\s*,")


def pickled_whole(sources: Iterable[Source], view: View) -> str:
    """Returns what becomes of modules that the project saves whole: an old file brings the plain tensor back, without
    an error (torch 2.13: the pickle holds ``__dict__``); empty where none is."""
    for source in sources:
        found = _WHOLE.search(source.text)
        if found:
            place = view.place(source.path, source.location(found.start()))
            return f"{place}: saves a whole module; a file written before brings the plain tensor back, not the buffer."
    return ""


def _aligned(findings: Sequence[Finding], view: View) -> list[str]:
    """The place, the code and the attribute of each finding, the codes below each other."""
    places = [f"{view.place(finding.path, finding.location)}:" for finding in findings]
    columns = max(map(width, places), default=0)
    return [
        f"{place}{' ' * (columns - width(place))} {finding.code} {visible(finding.subject)}"
        for finding, place in zip(findings, places, strict=True)
    ]


def _known(report: Report) -> str:
    return f" {plural(report.known, 'finding')} known from the baseline." if report.known else ""


def _unread(report: Report) -> str:
    files = len({problem.path for problem in report.problems})
    return f"; {files} could not be read" if files else ""
