"""IPython's additions to Python (magics, shell lines, help), made harmless without moving any character."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bufferlint.text.span import Span

_PYTHON_CELL_MAGICS = frozenset(("capture", "debug", "ipytest", "prun", "pypy", "python", "python3", "time", "timeit"))
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_MAGIC_LINE = re.compile(r"[ \t]*[%!?,;/]")
_CELL_MAGIC = re.compile(r"(?:[ \t]*[\r\n])*(?P<line>%%(?P<name>\w*)[^\r\n]*)")
_DIRECTIVE = re.compile("noqa|bufferlint", re.IGNORECASE)
"""What would make a comment of another language's one that speaks to us."""
# A string that does not end goes on to the end of its line or of the text: looked at once, not once for each quote.
_TOKEN = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r'|(?P<string>"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"""|\\?\Z)'
    r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'''|\\?\Z)"
    r'|"[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*(?:"|\\?(?=[\r\n]|\Z))'
    r"|'[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*(?:'|\\?(?=[\r\n]|\Z)))"
    r"|(?P<joined>\\(?:\r\n|\r|\n))"
    r"|(?P<opening>[(\[{])|(?P<closing>[)\]}])"
    r"|(?P<end>\r\n|\r|\n)"
    r"|(?P<assigned>(?<![=!<>])=[ \t]*(?=[%!]))"
    r"|(?P<help>\?[ \t]*(?=[\r\n]|\Z))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Neutral:
    """``text`` is a cell's code, character for character, but for what ``magics`` covers: lines no edit may touch."""

    text: str
    magics: tuple[Span, ...]


def neutralise(code: str) -> Neutral:
    """Code that Python can parse, of the same length: what only IPython reads becomes comments and bare names.

    A cell whose magic takes the body as Python (``%%time``) keeps its body; any other ``%%`` cell becomes comments.
    """
    work = _Work(list(code))
    start = 0
    cell_magic = _CELL_MAGIC.match(code)
    if cell_magic and cell_magic["name"] not in _PYTHON_CELL_MAGICS:
        work.silence(code, Span(0, len(code)))
        return work.result(code)
    if cell_magic:
        start = cell_magic.end()
        work.silence(code, Span(cell_magic.start("line"), start))
    while start < len(code):
        if _MAGIC_LINE.match(code, start):
            end = _joined_end(code, start)
            work.silence(code, Span(start, end))
        else:
            end = _statement(code, start, work)
        start = end
    return work.result(code)


@dataclass(slots=True)
class _Work:
    characters: list[str]
    magics: list[Span] = field(default_factory=list)

    def result(self, code: str) -> Neutral:
        for magic in self.magics:
            for word in _DIRECTIVE.finditer(code, magic.start, magic.end):
                self.characters[word.start()] = "_"
        return Neutral("".join(self.characters), tuple(self.magics))

    def silence(self, code: str, span: Span) -> None:
        """Make each line a comment, behind a bare name where an indented block may need a statement."""
        self.magics.append(span)
        line = _line(code, span.start)
        indent = len(line) - len(line.lstrip(" \t"))
        if indent:
            self.name(code, span.start + indent)
            self.comments(code, span.start + len(line), span.end)
        else:
            self.comments(code, span.start, span.end)

    def comments(self, code: str, start: int, end: int) -> None:
        """Make the lines between two line starts comments."""
        while start < end:
            line = _line(code, start)
            if line.strip():
                self.characters[start] = "#"
            start += len(line)

    def name(self, code: str, at: int) -> None:
        """Make the rest of a line a bare name and a comment."""
        replacement = "_#"[: len(_line(code, at).rstrip("\r\n"))]
        self.characters[at : at + len(replacement)] = replacement


def _statement(code: str, start: int, work: _Work) -> int:
    """Pass over one logical line, silencing ``x = !cmd``, ``x = %magic`` and ``obj?``; its end."""
    depth = 0
    for token in _TOKEN.finditer(code, start):
        kind = token.lastgroup
        if kind == "opening":
            depth += 1
        elif kind == "closing":
            depth = max(0, depth - 1)
        elif depth:
            continue
        elif kind == "end":
            return token.end()
        elif kind == "assigned":
            end = _joined_end(code, token.end())
            work.magics.append(Span(start, end))
            work.name(code, token.end())
            work.comments(code, token.end() + len(_line(code, token.end())), end)
            return end
        elif kind == "help":
            end = token.end() + len(_line(code, token.end()))
            work.silence(code, Span(start, end))
            return end
    return len(code)


def _joined_end(code: str, at: int) -> int:
    """The end of a line and of those that a trailing backslash joins to it."""
    line = _line(code, at)
    while line.rstrip("\r\n").endswith("\\"):
        at += len(line)
        line = _line(code, at)
    return at + len(line)


def _line(code: str, at: int) -> str:
    """From a place to the end of its line, line end included."""
    match = _LINE.match(code, at)
    return match.group() if match else ""
