"""The uses of a name that make a class known to other code: told from the text around each, without a parse."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from typing import NamedTuple

from bufferlint.ir.definitions import FunctionHeader, Holders, Outline
from bufferlint.syntax.words import Words, continues, whole_words
from bufferlint.text.span import Span
from bufferlint.text.workspace import Gathered

_WORD = re.compile(r"[A-Z]\w*")
_CAPITAL = re.compile(r"[A-Z]\w*\(?")
_MANY_COMMENTS = 20
"""Comments that speak of imports, one after the other, behind which nothing is told apart."""
_IMPORT = re.compile(r"import\b[ \t]*(?:\((?:[\w\s,.]|#[^\n]*)*|(?:[\w \t,.*]|\\\r?\n)*)")
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


def is_defined_there(text: str, name: str) -> bool:
    """Returns whether a file certainly defines a function of some name at module level, and imports nothing under
    it."""
    if not any(_opens_function(text, at) for at in whole_words(text, name)):
        return False
    imports = _Imports(text)
    return not any(imports.may_hold(at) for at in whole_words(text, name))


def _opens_function(text: str, at: int) -> bool:
    """Is the name at an offset certainly that of a function at module level?"""
    before = text[max(0, at - _WINDOW) : at]
    line = before.rpartition("\n")[2]
    is_def = line.startswith("def") and line[3:].isspace() and (len(line) < len(before) or at < _WINDOW)
    return is_def and _CALLED.match(text, at) is not None


class _Imports:
    """The imports of a text: each is matched once, however many places are asked about."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [found.start() for found in re.finditer("import", text)]
        self._known: dict[int, tuple[int, bool]] = {}
        """Where an import ends, and whether its line begins with a comment, by where it starts."""

    def may_hold(self, at: int) -> bool:
        """May the name at an offset stand in an import? What stands behind many comments that speak of imports may."""
        before = bisect_right(self._starts, at)
        for start in reversed(self._starts[max(0, before - _MANY_COMMENTS) : before]):
            end, is_comment = self._at(start)
            if end > at:
                return True
            if not is_comment:
                return False
        return before > _MANY_COMMENTS

    def _at(self, start: int) -> tuple[int, bool]:
        if start not in self._known:
            found = _IMPORT.match(self._text, start)
            line = self._text.rfind("\n", 0, start) + 1
            self._known[start] = (found.end() if found else start, "#" in self._text[line:start])
        return self._known[start]


def gathered(text: str) -> Gathered:
    """Gathers from a text what is asked of every file of a project."""
    return Gathered(frozenset(map(sys.intern, set(_WORD.findall(text)))), text.count("\nclass "))


def called(text: str, start: int = 0, end: int = sys.maxsize) -> frozenset[str]:
    """The names that begin with a capital and are called, in a text or between two of its offsets."""
    return frozenset(name[:-1] for name in _CAPITAL.findall(text, start, end) if name[-1] == "(")


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
    (?<![\w.\])]) [A-Za-z_]\w* (?:
        (?:[ \t]|\\\r?\n)* \. (?:[ \t]|\\\r?\n)*
        \w+ [ \t]* (?: : [^=\r\n]+ )? (?:[-+*/%@&|^]|//|<<|>>|\*\*)? = (?!=)
      | \s* \. \s* (?: register_\w+ \( | __dict__\b | __setattr__\b )
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


def may_bind(code: str, header: FunctionHeader, word: str, is_method: bool) -> bool:
    """False when a function certainly neither binds nor deletes an attribute ``word`` of an object other than its own
    instance, nor has the word as a string or as the keyword of an argument."""
    has_instance = is_method and _TAKES_SELF.search(code) is not None and _IS_PLAIN.isdisjoint(header.decorators)
    return any(_may_be_bound(code, at, at + len(word), has_instance) for at in whole_words(code, word))


def _may_be_bound(code: str, start: int, end: int, has_instance: bool) -> bool:
    """Returns whether a word that stands there may be the attribute that a statement binds, or a string."""
    if code[max(0, start - 1) : start] in ("'", '"') and code[end : end + 1] in ("'", '"'):
        return True
    before = code[max(0, start - _WINDOW) : start].rstrip()
    if not before.endswith("."):
        return _KEYWORD.match(code, end) is not None
    if has_instance and _OF_SELF.search(before):
        return False
    after = _AFTER_WORD.match(code, end)
    if after is None:
        return bool(_IN_TARGET.search(before.rpartition("\n")[2])) or bool(_TARGET_BEFORE.search(before))
    mark, line = after[1], code[after.end() :].partition("\n")[0]
    if mark in (",", ")", "]"):
        return bool(_UNPACKED.search(code)) or (mark == "," and "=" in line) or bool(_TARGET_BEFORE.search(before))
    return mark != ":" or bool(line.strip()) or bool(_TARGET_BEFORE.search(before))


class HandedOn(NamedTuple):
    """A place where code may call a name with all of some keywords: ``name(..., **keywords)``."""

    at: int
    keywords: str
    is_certain: bool
    """It certainly is a call of that name, and not a string, or a bracket in one."""


def handing_on_keywords(text: str) -> dict[str, list[HandedOn]]:
    """The names that a text may call with all of some keywords, never too few; with the places of those keywords."""
    found: dict[str, list[HandedOn]] = {}
    seen, quotes = 0, 0
    for keywords in _KEYWORDS.finditer(text):
        at = keywords.start()
        start = _opening(text, at)
        called = _LAST_NAME.search(text[max(0, start - _WINDOW) : start])
        quotes += text.count('"""', seen, at) + text.count("'''", seen, at)
        seen = at
        line = text.rfind("\n", max(0, start - _FAR), start) + 1
        is_certain = line > 0 and quotes % 2 == 0 and {"'", '"', "#"}.isdisjoint(text[line:at])
        names = {called[1]} if called else set[str]()
        if not {"'", '"', "#"}.isdisjoint(text[start:at]):  # a bracket there may be none
            names.update(_CALLED.findall(text, max(0, start - _WINDOW), at))
        for name in names:
            found.setdefault(name, []).append(HandedOn(at, keywords[1], is_certain))
    return found


def may_take(code: str, name: str) -> bool:
    """False when a function certainly has no parameter of some name."""
    defined = _DEFINED.search(code)
    depth = 0
    for mark in _MARK.finditer(code, defined.end() - 1 if defined else 0):
        depth += (mark[0] in "([{") - (mark[0] in ")]}")
        if depth == 0 and mark[0] in ")]}":
            return any(True for _ in whole_words(code[: mark.end()], name))
    return True


def _opening(text: str, at: int) -> int:
    """The place of the bracket in which an offset lies."""
    for first in (max(0, at - _NEAR), max(0, at - _FAR)):
        opened: list[int] = []
        for mark in _BRACKETS.finditer(text, first, at):
            if mark[0] in "([{":
                opened.append(mark.start())
            elif opened:
                opened.pop()
        if opened:
            return opened[-1]
    return first


_NEAR = 400
_FAR = 20_000
"""Characters before the keywords of a call in which it begins."""
_KEYWORDS = re.compile(r"\*\*[\s(]*([^\W\d]\w*)[\s)]*[,)#]")
_DEFINED = re.compile(r"\bdef\s+\w+\s*\(")
_BRACKETS = re.compile(r"[()\[\]{}]")
_MARK = re.compile(r"[()\[\]{}]|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|#[^\n]*")
_LAST_NAME = re.compile(r"([^\W\d]\w*)\s*\Z")
_CALLED = re.compile(r"([^\W\d]\w*)\s*\(")
_TAKES_SELF = re.compile(r"\bdef\s+\w+\s*\(\s*self\b")
_OF_SELF = re.compile(r"(?<![\w.])self\.\Z")
_AFTER_WORD = re.compile(r"[\s\\]*((?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)|[,)\]:\[])")
"""What follows an attribute that is bound, or may be: an assignment, the next target, an annotation, a subscript."""
_KEYWORD = re.compile(r"[\s\\]*=(?!=)")
_IN_TARGET = re.compile(r"\b(?:for|del)\b")
_TARGET_BEFORE = re.compile(r"\b(?:as|del)[\s(\[]+[\w.,\s]*\Z")
_UNPACKED = re.compile(r"[)\]]\s*=(?!=)")
"""The end of targets in brackets, or of a subscript that is one."""
_IS_PLAIN = frozenset({"staticmethod", "classmethod"})
