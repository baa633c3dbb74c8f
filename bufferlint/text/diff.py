"""Unified diffs that ``git apply`` takes."""

from __future__ import annotations

import difflib
import re

_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def unified_diff(before: str, after: str, path: str, context: int = 3) -> str:
    """The diff of one file; ``path`` is relative to where the diff will be applied. Empty when nothing differs.

    Lines end at a line feed alone (a carriage return belongs to its line, as git sees it); a last line without a line
    feed is followed by git's marker.
    """
    if before == after:
        return ""
    old, new = _LINES.findall(before), _LINES.findall(after)
    out: list[str] = []
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=context):
        out.append(line)
        if not line.endswith("\n"):
            out.append("\n\\ No newline at end of file\n")
    return "".join(out)
