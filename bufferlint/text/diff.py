"""Unified diffs that ``git apply`` takes."""

from __future__ import annotations

import re

from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def unified_diff(before: str, after: str, path: str, context: int = 3, *, quote: bool = False) -> str:
    """The diff of one file; ``path`` is relative to where the diff will be applied. Empty when nothing differs.

    ``quote`` writes the path as git writes one that holds control characters; its characters are bytes then.

    Lines end at a line feed alone (a carriage return belongs to its line, as git sees it); a last line without a line
    feed is followed by git's marker.
    """
    if before == after:
        return ""
    import difflib

    old, new = _LINES.findall(before), _LINES.findall(after)
    out: list[str] = []
    named = quoted if quote else str
    for line in difflib.unified_diff(old, new, named(f"a/{path}"), named(f"b/{path}"), n=context):
        out.append(line)
        if not line.endswith("\n"):
            out.append("\n\\ No newline at end of file\n")
    return "".join(out)


def quoted(name: str) -> str:
    """A name of bytes (each a character of Latin-1) in double quotes, as git writes what is not plain ASCII."""
    return '"' + "".join(_in_quotes(character) for character in name) + '"'


def _in_quotes(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if " " <= character <= "~" else f"\\{ord(character):03o}"


def line_edits(before: str, after: str) -> tuple[Edit, ...]:
    """The edits, each of whole lines, that turn one text into another."""
    import difflib  # most runs need none

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Edit(Span(starts[low], starts[high]), "".join(new[first:last]))
        for kind, low, high, first, last in matcher.get_opcodes()
        if kind != "equal"
    )
