"""Single lines that stand alone, as a scan for headers needs them, kept by their text, since they recur."""

from __future__ import annotations

import re
from enum import Enum, auto
from keyword import iskeyword
from typing import NamedTuple

from bufferlint.syntax.extents import STRING
from bufferlint.syntax.header_pieces import Bases, Branch, bases, branch, decorators, is_signature, statement

_MOST_KEPT, _LONGEST_KEPT = 1 << 15, 200
_CLASS = re.compile(r"class[ \t]+([A-Za-z_][A-Za-z_0-9]*)[ \t]*(?=[(:])")
_FUNCTION = re.compile(r"(?:async[ \t]+)?def[ \t]+([A-Za-z_][A-Za-z_0-9]*)[ \t]*\(")
_WORD = re.compile(r"\w*")
_BLOCKS = frozenset({"if", "for", "while", "try", "with"})
_BRANCHES = frozenset({"elif", "else", "except", "finally"})
_GOES_ON = frozenset("([{,\\:")
"""The last character of a line that is no statement of its own."""


class Kind(Enum):
    BLANK = auto()
    STATEMENT = auto()
    DECORATOR = auto()
    """If ``is_whole``."""
    FUNCTION = auto()
    CLASS = auto()
    BLOCK = auto()
    """The first line of a compound statement."""
    BRANCH = auto()
    """The line above another of its blocks."""
    MORE = auto()
    """It takes more lines to tell."""


class Line(NamedTuple):
    """What a line holds. ``end`` is where its statement ends in it. Of a header on more than one line, ``is_whole`` is
    False, and ``end`` is where its name ends."""

    kind: Kind
    indent: str = ""
    end: int = 0
    names: tuple[str, ...] = ()
    imports: tuple[tuple[str, str], ...] = ()
    has_value: bool = True
    annotated: bool = False
    is_whole: bool = True
    name: str = ""
    bases: Bases | None = None
    branch: Branch | None = None


_BLANK = Line(Kind.BLANK)
_kept: dict[str, Line] = {}


def read_line(line: str) -> Line:
    """Returns what a line holds that begins a statement. Warnings of Python's parser are for the caller to silence."""
    found = _kept.get(line)
    if found is None:
        found = _read(line)
        if len(line) < _LONGEST_KEPT:
            if len(_kept) > _MOST_KEPT:
                _kept.clear()
            _kept[line] = found
    return found


def _read(line: str) -> Line:
    code = line.lstrip(" \t")
    indent = line[: len(line) - len(code)]
    code = code.rstrip(" \t\r")
    if not code or code[0] == "#":
        return _BLANK
    word = _word(code)
    if word in ("def", "async", "class"):
        return _header(code, indent, word == "class")
    if word in _BLOCKS or word in _BRANCHES:
        return Line(Kind.BLOCK if word in _BLOCKS else Kind.BRANCH, indent, branch=branch(code))
    more = Line(Kind.MORE, indent)
    if code[0] == "@":
        names = decorators(code) if code[-1] not in _GOES_ON else None
        return Line(Kind.DECORATOR, indent, names=names or (), is_whole=names is not None)
    string = STRING.match(code)
    if string and string.end() == len(code) and "\\" not in code and code.isascii():
        return Line(Kind.STATEMENT, indent)
    found = statement(code) if code[-1] not in _GOES_ON else None
    if found is None:
        return more
    return Line(
        Kind.STATEMENT, indent, len(indent) + found.end, found.names, found.imports, found.has_value, found.annotated
    )


def _word(code: str) -> str:
    found = _WORD.match(code)
    return found[0] if found else ""


def _header(code: str, indent: str, is_class: bool) -> Line:
    found = (_CLASS if is_class else _FUNCTION).match(code)
    if found is None or iskeyword(found[1]):
        return Line(Kind.MORE, indent)
    rest = code[found.end() :] + "\n"
    kind, end = Kind.CLASS if is_class else Kind.FUNCTION, len(indent) + found.end()
    if not code.endswith(":"):
        return Line(kind, indent, end, name=found[1], is_whole=False)
    if is_class:
        known = bases(rest)
        return Line(kind, indent, end, name=found[1], is_whole=known is not None, bases=known)
    return Line(kind, indent, end, name=found[1], is_whole=is_signature(rest))
