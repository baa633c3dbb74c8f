"""The uses of a name that make a class known to other code: told from the text around each, without a parse."""

from __future__ import annotations

import re
from bisect import bisect_right

from bufferlint.ir.definitions import FunctionHeader, Holders, Outline
from bufferlint.syntax.words import Words, continues, whole_words
from bufferlint.text.span import Span

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
        if not continues(text, at - 1) and not continues(text, end):
            before = text[max(0, at - _WINDOW) : at]
            is_assigned = _STATEMENT_END.match(text, end) and _ASSIGNED.search(before)
            if is_assigned or _RENAMED.match(text, end) or _is_in_header(text, at):
                return True
        at = text.find(name, end)
    return False


def _is_in_header(text: str, at: int) -> bool:
    """May an offset lie between ``class`` and the end of that statement's bases?"""
    start = text.rfind("class", 0, at)
    while start >= 0 and not _HEADER_END.search(text, start, at):
        if _STATEMENT_START.search(text[max(0, start - _WINDOW) : start]):
            return True
        start = text.rfind("class", 0, start)
    return False


_STORE = re.compile(
    r"""(?xm)
    (?<![\w.\])]) [A-Za-z_]\w* \s* \. \s* (?:
        \w+ [ \t]* (?: : [^=\r\n]+ )? (?:[-+*/%@&|^]|//|<<|>>|\*\*)? = (?!=)
      | register_\w+ \( | __dict__\b | __setattr__\b
    )
  | (?:^|;) [ \t]* [(\[*]* [A-Za-z_]\w* \s* \. \s* \w+ [ \t]* [,)\]] [^=\r\n()]* (?:\) [ \t]*)? = (?!=)
  | \b (?:setattr|vars) \( \s* \w
"""
)


def may_store_on_argument(code: str) -> bool:
    """False when a function certainly sets no attribute of what it is given."""
    return _STORE.search(code) is not None


class Functions:
    """The functions of a file, methods too, by place: found for any number of words."""

    def __init__(self, outline: Outline) -> None:
        headers = [*outline.functions, *(method for header in outline.classes for method in header.methods)]
        self._within: list[list[Span]] = []
        """Each outermost function with those inside of it, in the order of places."""
        for span in sorted((header.span for header in headers), key=lambda span: (span.start, -span.end)):
            if self._within and span.start < self._within[-1][0].end:
                self._within[-1].append(span)
            else:
                self._within.append([span])
        self._starts = [group[0].start for group in self._within]

    def holding(self, words: Words, word: str) -> Holders:
        """The code of the file that holds a word."""
        inside, is_outside = set[Span](), False
        for at in words.places(word):
            place = bisect_right(self._starts, at) - 1
            found = [span for span in self._within[place] if span.start <= at < span.end] if place >= 0 else []
            inside.update(found)
            is_outside = is_outside or not found
        return Holders(frozenset(inside), is_outside)


def is_only_read_of_instance(code: str, header: FunctionHeader, word: str) -> bool:
    """Is each place of a method that holds a word ``self.word``, so that it touches no other object's attribute?"""
    if not _TAKES_SELF.search(code) or not _IS_PLAIN.isdisjoint(header.decorators):
        return False
    return all(code[max(0, at - 5) : at] == "self." and not continues(code, at - 6) for at in whole_words(code, word))


_TAKES_SELF = re.compile(r"\bdef\s+\w+\s*\(\s*self\b")
_IS_PLAIN = frozenset({"staticmethod", "classmethod"})
