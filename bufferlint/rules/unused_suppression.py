"""A comment that silences a rule which has nothing to say there.

What it does
------------
Reports ``# noqa: BUF001``, ``# bufferlint: ignore[BUF001]`` and ``# bufferlint: ignore-file[BUF001]`` where the rule
reports nothing, or where there is no such rule. A bare ``# noqa`` and the codes of other tools are never reported. A
suppression counts for the whole statement at whose end, or on any line of which, it stands. Whether a rule has
something to say does not depend on ``select`` and ``ignore``: each rule that a comment names is asked. Nothing is said
where an attribute gets a value that cannot be told: a run with more files may tell, and find what the comment is for.

Why it is bad
-------------
The comment claims a fault that is no longer there, and will hide the next one on that line.

Example
-------
Bad::

    self.register_buffer("mask", torch.ones(3))  # noqa: BUF001

Good::

    self.register_buffer("mask", torch.ones(3))

Fix
---
The comment is removed, or the idle code from it; codes of other tools and other comments on the line stay. The code
does not change, so the fix is safe.

References
----------
ruff reports the same of its own codes as RUF100, ESLint with ``--report-unused-disable-directives``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.ir.comments import Suppression
from bufferlint.rules._rule import Fault, Unused
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

CODE = "BUF100"


def review(unused: Unused) -> Iterator[Fault]:
    suppression, idle = unused.suppression, ", ".join(unused.idle)
    place = "in this file" if suppression.whole_file else "here"
    if unused.unknown:
        message = f"unused suppression: there is no rule {', '.join(map(repr, unused.unknown))}"
    else:
        message = f"unused suppression: {idle or 'no rule'} reports nothing {place}"
    alone = suppression.statement is None and not suppression.whole_file
    yield Fault(
        unused.path,
        suppression.span,
        message,
        idle,
        "comment",
        "comment: on a line of its own, where it applies to no statement" if alone else "comment",
        fix=Fix(Applicability.SAFE, "Remove the unused suppression", (_removal(unused),)),
    )


def _removal(unused: Unused) -> Edit:
    """Take the idle selectors out of their list, or the suppression out of its comment, or the comment off its line."""
    suppression = unused.suppression
    kept = [selector for selector in suppression.selectors if selector not in unused.idle]
    if kept and suppression.listed is not None:
        return Edit(suppression.listed, ", ".join(kept))
    before = unused.text[suppression.comment.start : suppression.span.start].rstrip()
    after = unused.text[suppression.span.end : suppression.comment.end]
    if before:
        return Edit(Span(suppression.comment.start + len(before), suppression.span.end), "")
    if after.strip():
        end = suppression.span.end + len(after) - len(after.lstrip())
        return Edit(Span(suppression.span.start, end), "" if after.lstrip().startswith("#") else "# ")
    return Edit(_with_blanks(unused.text, suppression), "")


def _with_blanks(text: str, suppression: Suppression) -> Span:
    """A comment with the blanks before it, and with its line end where nothing else is on the line."""
    start, end = suppression.comment.start, suppression.comment.end
    while start and text[start - 1] in " \t\f":
        start -= 1
    if start and text[start - 1] not in "\r\n":
        return Span(start, end)
    line_end = next((mark for mark in ("\r\n", "\n", "\r") if text.startswith(mark, end)), "")
    return Span(start, end + len(line_end))
