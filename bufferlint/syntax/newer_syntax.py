"""Code that the running Python refuses and a later one takes, told by LibCST, which reads the syntax of both."""

from __future__ import annotations

import re
import sys

from bufferlint.syntax.limits import deepest

Version = tuple[int, int]
_HINT = re.compile(
    r"^[ \t\f]*(?:async[ \t]+def|def|class|type|lazy|except)\b"  # PEP 654, 695, 696, 758, 810
    r"|\b(?:[fF][rR]?|[rR][fF]|[tT][rR]?|[rR][tT])[\"']"  # PEP 701, 750
    r"|[\[({,:][ \t]*\*",  # PEP 646, 798
    re.MULTILINE,
)
_LONGEST = 1_000_000
_DEEPEST = 300


def needed(text: str, running: Version = sys.version_info[:2]) -> tuple[Version, str] | None:
    """The Python that a text needs and the newest syntax in it; None when it is not valid, or valid now."""
    if len(text) > _LONGEST or not _HINT.search(text) or deepest(text).levels > _DEEPEST:
        return None
    from bufferlint.syntax.anchors import newer_syntax  # importing libcst takes a quarter of a second

    newest = max(newer_syntax(text), default=None)
    return newest if newest is not None and newest[0] > running else None


def refusal(text: str) -> tuple[str, str] | None:
    """Returns why the running Python refuses a text that a later one takes, and what to do; None when that is not
    why."""
    found = needed(text)
    if found is None:
        return None
    (major, minor), what = found
    version = f"{major}.{minor}"
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    cause = f"it needs Python {version} or later ({what}), and bufferlint runs under {here}"
    return cause, f"run bufferlint under Python {version} or later, or leave the file out with --exclude"
