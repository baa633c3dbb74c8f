"""How deep and how long code is, told from its tokens: what parsers would take minutes or the whole process for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

_DEEPEST = 1000
"""LibCST 1.9 raises RecursionError at 400 to 800 levels, but overflows a stack of 8 MiB, and so kills the process, from
about 2,500 on: its parser recurses without a limit."""
_PATTERN = 120
"""What a bracket in a ``case`` counts: LibCST 1.9 takes milliseconds for 12 in each other, and minutes for 16."""
_LONG_FUNCTION, _MOST_IN_A_FUNCTION = 60_000, 30_000
"""A function is too long with more characters and more tokens: LibCST takes some 100 microseconds for each token. The
longest functions that people write have about half of that."""
_LONG_LINE, _MOST_IN_A_LINE = 1_000_000, 200_000
"""A line is too long with more characters and more tokens: Python's parser takes a kilobyte for each token."""

_MOST_FIELDS = 5_000
"""Fields of one f-string: until Python 3.12 its parser looks for each of them in the whole string."""

_TOKEN = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r"|(?P<deeper>[bBrRuUfFtT]{0,2}(?:\"\"\"[^\"\\]*(?:(?:\\.|\"(?!\"\"))[^\"\\]*)*\"\"\""
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''"
    r"|\"[^\"\\\r\n]*(?:\\(?:\r\n|.)[^\"\\\r\n]*)*\""
    r"|'[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*')"
    r"|\*\*|//|<<|>>|:=|[-+*/%@&|^~.](?!=)|\b(?:and|or|not|if|else|await|yield|for)\b)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<branch>^[ \t\f]*elif\b)|(?P<case>^[ \t\f]*case\b)"
    r"|(?P<lambda>\blambda\b)"
    r"|(?P<name>\w+)"
    r"|(?P<joined>\\(?:\r\n|\r|\n))"
    r"|(?P<opening>[(\[{])|(?P<closing>[)\]}])|(?P<comma>,)"
    r"|(?P<end>[;\r\n])",
    re.DOTALL | re.MULTILINE,
)
_DEEPER = (*"([{\"'-+*/%@&|^~.<>:", "and", "or", "not", "if", "else", "await", "yield", "for", "lambda")
"""What code holds wherever it goes a level deeper."""


@dataclass(frozen=True, slots=True)
class Depth:
    """``levels`` is an upper bound of the nesting of the deepest statement, which starts at ``offset``."""

    levels: int
    offset: int


def too_much(code: str) -> tuple[str, int] | None:
    """Returns why a function or statement is not for LibCST, and the offset of the place; None when it is."""
    if len(code) <= _DEEPEST and "case" not in code:
        return None
    if len(code) > _LONG_FUNCTION and _has_more_tokens(code, _MOST_IN_A_FUNCTION):
        return f"its code is too long to be analysed ({len(code):,} characters in one function)", 0
    if "case" not in code and sum(map(code.count, _DEEPER)) <= _DEEPEST:
        return None
    found = deepest(code)
    return ("its code is nested too deeply to be analysed", found.offset) if found.levels > _DEEPEST else None


def overlong_line(text: str) -> tuple[str, int] | None:
    """Returns why a text is not for Python's parser, and the offset of the line that is too long; None when it is."""
    if text.count("{") > _MOST_FIELDS:
        for token in _TOKEN.finditer(text):
            if token["deeper"] and token[0].count("{") > _MOST_FIELDS and "f" in token[0][:2].lower():
                return f"it has an f-string with {token[0].count('{'):,} fields, too long to be analysed", token.start()
    if len(text) <= _LONG_LINE:
        return None
    start = 0
    for line in text.splitlines(keepends=True):
        if len(line) > _LONG_LINE and _has_more_tokens(line, _MOST_IN_A_LINE):
            return f"it has a line of {len(line):,} characters, too long to be analysed", start
        start += len(line)
    return None


def _has_more_tokens(code: str, most: int) -> bool:
    return next(islice(_TOKEN.finditer(code), most, None), None) is not None


def deepest(code: str) -> Depth:
    """The statement of a text whose expression, or whose chain of ``elif``, is nested most deeply."""
    found = Depth(0, 0)
    start = levels = kept = branches = 0
    weight = 1
    around: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(code):
        match token.lastgroup:
            case "deeper":
                levels += 1
            case "lambda":
                levels += 1
                kept = levels
            case "opening":
                around.append((levels + 1, kept))
                levels += weight
                kept = levels
            case "closing" if around:
                levels, kept = around.pop()
            case "comma":
                levels = kept
            case "branch":
                branches += 1
            case "case":
                weight = _PATTERN
            case "end" if not around:
                start, levels, kept, weight = token.end(), 0, 0, 1
        if levels + branches > found.levels:
            found = Depth(levels + branches, start)
    return found
