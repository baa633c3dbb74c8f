"""Where the values of a JSON text lie. Made for text that ``json.loads`` has accepted: nothing is checked again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bufferlint.text.span import Span

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_STRUCTURE = re.compile(_STRING + r"|[\[\]{}]", re.DOTALL)
_SCALAR = re.compile(_STRING + r"|[^\s,\]}]+", re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_UNIT = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)


def top(text: str) -> Span:
    """The document's one value."""
    start = _past_space(text, 0)
    return Span(start, _end(text, start))


def members(text: str, value: Span) -> dict[str, Span]:
    """The values of an object by name; of two with one name the last, as ``json.loads`` has it."""
    found: dict[str, Span] = {}
    at = _past_space(text, value.start + 1)
    while text[at] != "}":
        key_end = _end(text, at)
        start = _past_space(text, _past_space(text, key_end) + 1)
        end = _end(text, start)
        found[json.loads(text[at:key_end])] = Span(start, end)
        at = _past_comma(text, end)
    return found


def items(text: str, value: Span) -> Iterator[Span]:
    """The values of an array, in order."""
    at = _past_space(text, value.start + 1)
    while text[at] != "]":
        end = _end(text, at)
        yield Span(at, end)
        at = _past_comma(text, end)


def character_starts(text: str, value: Span) -> list[int]:
    """Returns where each character of a string lies in the text, and, last, where the closing quote does."""
    return [unit.start() for unit in _UNIT.finditer(text, value.start + 1, value.end - 1)] + [value.end - 1]


def _end(text: str, start: int) -> int:
    """The end of the value that starts here, without recursion: depth is the input's choice."""
    if text[start] not in "[{":
        match = _SCALAR.match(text, start)
        return match.end() if match else start
    depth = 0
    for match in _STRUCTURE.finditer(text, start):
        mark = text[match.start()]
        depth += (mark in "[{") - (mark in "]}")
        if not depth:
            return match.end()
    return len(text)


def _past_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _past_comma(text: str, at: int) -> int:
    """The next value's start, or the closing bracket."""
    at = _past_space(text, at)
    return _past_space(text, at + 1) if text[at] == "," else at
