"""The uses of a name that make a class known to other code: told from the text around each, without a parse."""

from __future__ import annotations

import re

_RENAMED = re.compile(r"(?:[\s\\]|#[^\r\n]*)+as\b")
_ASSIGNED = re.compile(r"=[\s\\(]*(?:\w+\s*\.\s*)*\Z")
_STATEMENT_END = re.compile(r"[ \t]*(?:[;#)\\\r\n]|\Z)")
_HEADER_END = re.compile(r"\)\s*:")
_STATEMENT_START = re.compile(r"(?:\A|[\r\n\f;:])[ \t]*\Z")
_WINDOW = 200
"""Characters before a name in which an assignment to another name begins."""


def may_pass_on(text: str, name: str) -> bool:
    """False when a file certainly neither inherits from a class of some name nor gives the class another name.

    True for ``class B(name)``, ``import name as b`` and ``b = name``, and wherever the text around is not that plain.
    """
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not _continues(text, at - 1) and not _continues(text, end):
            before = text[max(0, at - _WINDOW) : at]
            is_assigned = _STATEMENT_END.match(text, end) and _ASSIGNED.search(before)
            if is_assigned or _RENAMED.match(text, end) or _is_in_header(text, at):
                return True
        at = text.find(name, end)
    return False


def _continues(text: str, at: int) -> bool:
    """Is the character at an offset a part of a word?"""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _is_in_header(text: str, at: int) -> bool:
    """May an offset lie between ``class`` and the end of that statement's bases?"""
    start = text.rfind("class", 0, at)
    while start >= 0 and not _HEADER_END.search(text, start, at):
        if _STATEMENT_START.search(text[max(0, start - _WINDOW) : start]):
            return True
        start = text.rfind("class", 0, start)
    return False
