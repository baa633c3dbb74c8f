"""Small pieces of code that stand alone, read by Python's own parser and kept by their text, since they recur.

A piece that parses alone means the same in its place, and what is between pieces is told from brackets: a list of
parameters is valid if each parameter is and their order is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from keyword import kwlist
from typing import NamedTuple

from bufferlint.syntax.imports import imported
from bufferlint.syntax.tree_outline import (
    assigned_names,
    base_name,
    decorator_names,
    is_type_checking,
    metaclass_name,
)
from bufferlint.text.source import line_starts

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CARRIER = "if 1:\n"
_MOST_KEPT = 1 << 15
"""Pieces of a kind; transformers has 11,000 different statements at the level of classes."""
_ORDER = re.compile("p*d*(?:v[pd]*|s[pd]+)?k?e?")
"""Parameters without a default and with one, ``*args`` or ``*``, ``**kwargs``; an empty one is behind a last comma."""


_AROUND = {
    "else": ("if 1: 0\n", ""),
    "try": ("", "\nfinally: 0"),
    "except": ("try: 0\n", ""),
    "finally": ("try: 0\n", ""),
}
_NAME = "[A-Za-z_][A-Za-z_0-9]*"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_OUTER = rf"{_DOTTED}(?:\[{_DOTTED}(?:, {_DOTTED})*\])?"
_TYPE = rf"{_OUTER}(?: \| {_OUTER})*"
_NUMBER = r"-?(?:0|[1-9]\d{0,18}|\d+\.\d*|\d+(?:\.\d*)?e-?\d+)"
_VALUE = rf"""{_NUMBER}|"[ -!#-[\]-~]*"|'[ -&(-[\]-~]*'|{_DOTTED}|\[\]|{{}}|\(\)"""
_PLAIN_ASSIGNMENT = re.compile(rf"({_NAME})(: (?:{_TYPE}))?(?: = (?:{_VALUE}))?", re.ASCII)
_PLAIN_IMPORT = re.compile(rf"from (\.*{_DOTTED}|\.+) import ({_NAME}(?: as {_NAME})?(?:, {_NAME}(?: as {_NAME})?)*)")
_PLAIN_PARAMETER = re.compile(rf"(\*\*|\*|)({_NAME})(?:: (?:{_TYPE}))?( ?= ?(?:{_VALUE}))?", re.ASCII)
_WORDS = re.compile(_NAME)
_NO_NAMES = frozenset(kwlist)
_NO_VALUES = _NO_NAMES - {"None", "True", "False"}
_BRANCHES = re.compile("il*e?|we?|h|t(?:(?:x+b?|b)e?n?|n)")


class Statement(NamedTuple):
    """An import, an assignment, or any other statement in one piece. ``end`` is where it ends in its code."""

    end: int
    imports: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    has_value: bool = True
    annotated: bool = False


class Bases(NamedTuple):
    names: tuple[str | None, ...]
    metaclass: str | None


class Branch(NamedTuple):
    """The line above a block; ``kind`` is the letter of it in `are_branches`."""

    kind: str
    typing_only: bool = False


def _parsed(code: str) -> list[ast.stmt] | None:
    """The statements of a piece; None when Python does not take it. Its warnings are for the caller to silence."""
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parsed_indented(code: str) -> tuple[str, list[ast.stmt]]:
    """Returns what had to be put before whole lines to parse them, and their statements: none if Python takes none."""
    if code[:1] not in " \t":
        return "", _parsed(code) or []
    match _parsed(_CARRIER + code):
        case [ast.If(body=body, orelse=[])]:
            return _CARRIER, body
    return "", []


@lru_cache(_MOST_KEPT)
def statement(code: str) -> Statement | None:
    """The only statement of a piece; None when there are more, or none, or it holds others."""
    if code.startswith("from ") and (imports := _plain_import(code)):
        return imports
    plain = _PLAIN_ASSIGNMENT.fullmatch(code)
    if plain and plain.end(1) < len(code) and _has_no_keyword(code, plain[1]):
        has_value = (plain.end(2) if plain[2] else plain.end(1)) < len(code)
        return Statement(len(code), (), (plain[1],), has_value, plain[2] is not None)
    body = _parsed(code)
    if body is None or len(body) != 1 or code.endswith("\\"):
        return None
    match body[0]:
        case ast.Import() | ast.ImportFrom() as node:
            return Statement(_end(code, node), imports=tuple(imported(node)))
        case ast.Assign() | ast.AugAssign() as node:
            return Statement(_end(code, node), names=tuple(assigned_names(node)))
        case ast.AnnAssign() as node:
            names, has_value = tuple(assigned_names(node)), node.value is not None
            return Statement(_end(code, node), names=names, has_value=has_value, annotated=True)
        case ast.Expr() | ast.Assert() | ast.Delete() | ast.Pass() | ast.Raise() as node:
            return Statement(_end(code, node))
    return None


def _plain_import(code: str) -> Statement | None:
    found = _PLAIN_IMPORT.fullmatch(code)
    if found is None:
        return None
    module, joint = found[1], "" if found[1].endswith(".") else "."
    parts = [part.partition(" as ") for part in found[2].split(", ")]
    words = {*module.split("."), *(part[0] for part in parts), *(part[2] for part in parts)}
    if not _NO_NAMES.isdisjoint(words):
        return None
    return Statement(len(code), tuple((alias or name, f"{module}{joint}{name}") for name, _, alias in parts))


@lru_cache(_MOST_KEPT)
def bases(code: str) -> Bases | None:
    """The bases in what stands between the name of a class and its body; None when Python does not take it."""
    match _parsed(f"class _{code} 0"):
        case [ast.ClassDef(body=[ast.Expr()]) as node]:
            return Bases(tuple(base_name(each) for each in node.bases), metaclass_name(node))
    return None


@lru_cache(_MOST_KEPT)
def branch(code: str) -> Branch | None:
    """Returns what begins a block of a compound statement; None when ``code`` does not, or holds more."""
    word = code[: len(code) - len(code.lstrip(_LETTERS))]
    before, behind = _AROUND.get(word, ("", ""))
    match _parsed(f"{before}{code.removeprefix('el') if word == 'elif' else code}\n 0{behind}"):
        case [ast.If(test=test, body=[ast.Expr()], orelse=[])] if not before:
            guarded = is_type_checking(test)
            return Branch("i" if word == "if" else "l", guarded)
        case [ast.For() | ast.While()]:
            return Branch("w")
        case [ast.With()]:
            return Branch("h")
        case [ast.If(orelse=[ast.Expr()])] if word == "else":
            return Branch("e")
        case [ast.Try(handlers=[handler])]:
            return Branch("x" if handler.type else "b")
        case [ast.Try()]:
            return Branch("t" if word == "try" else "n")
    return None


def are_branches(kinds: str) -> bool:
    """May branches of these kinds follow each other?"""
    return _BRANCHES.fullmatch(kinds) is not None


@lru_cache(_MOST_KEPT)
def decorators(code: str) -> tuple[str, ...] | None:
    """The names of decorators; None when Python does not take them."""
    match _parsed(f"{code}\ndef _(): 0"):
        case [ast.FunctionDef() as node]:
            return decorator_names(node.decorator_list)
    return None


@lru_cache(_MOST_KEPT)
def is_signature(code: str) -> bool:
    """Does Python take what stands between a function's opening bracket and its body?"""
    inside, bracket, behind = code.rpartition(")")
    if bracket and "#" not in inside and _signature(f"){behind}") == "e":
        kinds = [_signature(f"{part}\n):") for part in _parts(inside)]
        if None not in kinds and _ORDER.fullmatch("".join(map(str, kinds))):
            return True
    match _parsed(f"def _({code} 0"):
        case [ast.FunctionDef(body=[ast.Expr()])]:
            return True
    return False


def _parts(parameters: str) -> Iterator[str]:
    """Yields what stands between the commas that are in no brackets."""
    held: str | None = None
    for part in parameters.split(","):
        held = part if held is None else f"{held},{part}"
        if held.count("[") + held.count("(") + held.count("{") == held.count("]") + held.count(")") + held.count("}"):
            yield held.strip(" \t\r\n")
            held = None
    if held is not None:
        yield held


@lru_cache(_MOST_KEPT)
def _signature(code: str) -> str | None:
    """The kind of the only parameter in ``code``; None when it is no signature, or one of several parameters."""
    if code == "*\n):":
        return "s"
    plain = _PLAIN_PARAMETER.fullmatch(code, 0, len(code) - len("\n):")) if code.endswith("\n):") else None
    if plain and not (plain[1] and plain[3]) and _has_no_keyword(code, plain[2]):
        return {"": "d" if plain[3] else "p", "*": "v", "**": "k"}[plain[1]]
    match _parsed(f"def _({code} 0"):
        case [ast.FunctionDef(args=args, body=[ast.Expr()], returns=returns)]:
            if returns is not None and not code.startswith(")"):
                return None
            match args:
                case ast.arguments([], [], None, [], [], None, []):
                    return "e"
                case ast.arguments([], [_], None, [], [], None, defaults):
                    return "d" if defaults else "p"
                case ast.arguments([], [], ast.arg(), [], [], None, []):
                    return "v"
                case ast.arguments([], [], None, [], [], ast.arg(), []):
                    return "k"
    return None


def _has_no_keyword(code: str, name: str) -> bool:
    """May all words of a plain piece be names, but for constants that are no attributes?"""
    words = _WORDS.findall(code)
    if name in _NO_NAMES or not _NO_VALUES.isdisjoint(words):
        return False
    return ".None" not in code and ".True" not in code and ".False" not in code


def _end(code: str, node: ast.stmt) -> int:
    row, column = node.end_lineno or 1, node.end_col_offset or 0
    if row == 1 and code.isascii():
        return column
    start = line_starts(code)[row - 1]
    return start + len(code[start:].encode()[:column].decode())
