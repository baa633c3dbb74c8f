"""What the statements of a text do with the modules that it makes: told from logical lines, by expressions.

A container is kept where an attribute is assigned a list, tuple, dict or partial call, or a local that is one, and a
module may be made for it: within its brackets, or in what is appended to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CHAIN = re.compile(r"(?<![.\w])([^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)(\s*\()?")
_ASSIGNED = re.compile(r"([^=()\[\]{}:]+)(?::[^=]+)?=(?!=)\s*(.*)", re.DOTALL)
_FILLED = re.compile(
    r"([\w. \t]+?)\s*(?:\[.*?\]\s*=(?!=)|\+=|\.\s*(?:append|extend|insert|add|update)\s*\()(.*)", re.DOTALL
)
_MAY_FILL = re.compile(r"\]\s*=|\+=|\.\s*(?:append|extend|insert|add|update)\s*\(")
_SUBMODULE = re.compile(r"\w+[ \t]*\.[ \t]*(\w+)[ \t]*=[ \t]*([\w.]*[A-Z]\w*)\(")
"""An attribute that is assigned what a class gives: of most statements of most constructors there is no more to say."""
_LOOP = re.compile(r"(?:async\s+)?for\s+(.+?)\s+in\s+(.*)", re.DOTALL)
_RETURN = re.compile(r"return\b\s*(.*)", re.DOTALL)
_GROUP = re.compile(
    r"[\[({]|(?:list|tuple|dict|set|sorted|OrderedDict|(?:collections\s*\.\s*)?OrderedDict)\s*\(|(?:functools\s*\.\s*)?partial\s*\("
)
_WORD_OR_BRACKET = re.compile(r"[()\[\]{}]|\b(?:if|else|or|and)\b")
_MARK = re.compile(r"[()\[\]{}\n;]")
_NAME = re.compile(r"[^\W\d]\w*\Z")
_STRING = re.compile(
    r"""\"{3}[\s\S]*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|\#[^\n]*"""
)
"""A string or a comment; a string that nothing ends takes the rest, so that no part is looked through twice."""
_COMPOUND = re.compile(r"(?:if|elif|else|while|with|try|finally|except|case)\b")
_DEEPEST = 20
"""Brackets that are looked into; what lies deeper may be anything."""


class Statements:
    """What the statements of one piece of code do with what ``makers`` give."""

    def __init__(self, makers: frozenset[str], classes: frozenset[str]) -> None:
        self._makers = makers
        self._classes = classes
        self._made: set[str] = set()
        self._groups: set[str] = set()
        self.stores = self.returns = False
        self.plain: set[str] = set()
        self.filled: set[str] = set()
        self.results: set[str] = set()
        """Calls whose result an attribute is assigned, or the code returns."""
        self.aliases: dict[str, set[str]] = {}
        """Locals, with the names in what they are assigned: each may be another name of a function."""

    @property
    def called(self) -> set[str]:
        """The names of what gives the results, and those that they may stand for."""
        found, pending = set(self.results), [*self.results]
        while pending:
            of = pending.pop()
            more = self.aliases.get(of, set()) - found
            found |= more
            pending += more
        return found

    def grows(self, statements: list[str]) -> bool:
        """Go over the statements; False once nothing new is learned."""
        before = len(self._made) + len(self._groups)
        for statement in statements:
            self._statement(statement)
        return not self.stores and len(self._made) + len(self._groups) > before

    def _statement(self, statement: str) -> None:
        simple = _SUBMODULE.match(statement)
        if simple and _closing(statement, simple.end(2)) == len(statement) - 1 and not _GROUP.match(simple[2] + "("):
            self.results.add(simple[2])
            self.plain.update([simple[1]] if simple[2] not in self._classes else [])
            return
        loop, returned = _LOOP.match(statement), _RETURN.match(statement)
        if loop:
            if self._is_made(loop[2]):
                self._made.update(CHAIN.findall(loop[1])[at][0] for at in range(len(CHAIN.findall(loop[1]))))
            return
        if returned:
            for each in _alternatives(returned[1]):
                self.returns = self.returns or self._is_group(each)
                chain = CHAIN.match(each)
                self.results.update(["".join(chain[1].split())] if chain and chain[2] else [])
            return
        filled = _FILLED.match(statement) if _MAY_FILL.search(statement) else None
        assigned = _ASSIGNED.match(statement) if "=" in statement else None
        if filled and (not assigned or "[" in filled[0] or self._is_made(filled[2])):
            self._filled(filled[1].strip(), filled[2])
        if assigned:
            self._assigned(assigned[1].strip(), assigned[2])

    def _filled(self, target: str, value: str) -> None:
        if self._is_made(value):
            self._made.add(target)
            self._groups.add(target)
            self.filled.update([target.rpartition(".")[2].strip()] if "." in target else [])

    def _assigned(self, target: str, value: str) -> None:
        names = [name.strip(" *()") for name in target.split(",")]
        own = [name.rpartition(".")[2].strip() for name in names if name.count(".") == 1]
        for each in _alternatives(value):
            is_group = self._is_group(each)
            self._of_one(own, len(names) > 1, each, is_group)
            local = [name for name in names if "." not in name]
            if is_group or self._is_made(each):
                self._made.update(local)
                self._groups.update(local if is_group else ())
            for name in local:
                self.aliases.setdefault(name, set()).update("".join(chain.split()) for chain, _ in CHAIN.findall(each))

    def _of_one(self, own: list[str], is_unpacked: bool, value: str, is_group: bool) -> None:
        """Attributes ``own`` are assigned a value, or what it is unpacked to."""
        if not own:
            return
        chain = CHAIN.match(value)
        is_call = bool(chain and chain[2]) and self._is_one_call(value)
        name = "".join(chain[1].split()) if chain and chain[2] else ""
        self.results.update([name] if name else [])
        self.stores = self.stores or is_group or (is_unpacked and not is_call and self._is_made(value))
        if not (is_call and name in self._classes):
            self.plain.update(own)

    def _is_group(self, value: str) -> bool:
        """Is it a container for which modules may be made?"""
        if _NAME.match(value):
            return value in self._groups and value in self._made
        written = bool(_GROUP.match(value)) or "[" in value or "," in _outside_brackets(value)
        return written and self._is_made(value) and not self._is_one_call(value)

    def _is_one_call(self, value: str) -> bool:
        """Is it one call of a maker, whatever its arguments are: ``nn.Sequential(*[...])``?"""
        chain = CHAIN.match(value)
        if not chain or not chain[2] or _GROUP.match(value):
            return False
        return not _outside_brackets(value)[len(chain[1].strip()) :].strip(" ().") and "".join(chain[1].split()) != ""

    def _is_made(self, value: str) -> bool:
        return any(
            (called and "".join(chain.split()) in self._makers) or chain.partition(".")[0].strip() in self._made
            for chain, called in CHAIN.findall(value)
        )


def parameters(code: str, start: int) -> set[str]:
    """The names in the parameters of a function whose name ends at ``start``."""
    depth = 0
    for mark in _MARK.finditer(code, start):
        depth += (mark[0] in "([{") - (mark[0] in ")]}")
        if depth == 0 and mark[0] == ")":
            return {chain for chain, _ in CHAIN.findall(code, start, mark.start())}
    return set()


def without_words(code: str) -> str:
    """A text without its comments and strings, which are words for people; what an f-string calls is code."""
    return _STRING.sub(_unless_formatted, code)


def without_strings(code: str) -> str:
    """A text without its comments, and with all strings empty."""
    return _STRING.sub(_blank, code)


def _unless_formatted(found: re.Match[str]) -> str:
    is_formatted = found.string[found.start() - 1 : found.start()] in ("f", "F") and found.start() > 0
    return found[0] if is_formatted else _blank(found)


def _blank(found: re.Match[str]) -> str:
    return "" if found[0].startswith("#") else '""'


def logical_lines(code: str) -> Iterator[str]:
    """The logical lines of a text without strings and comments; a line's ``if ...:`` before a statement left out."""
    depth, start = 0, 0
    for mark in _MARK.finditer(code):
        letter = mark[0]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif depth <= 0:
            yield from _simple(code[start : mark.start()].strip())
            start = mark.end()
    yield from _simple(code[start:].strip())


def _simple(line: str) -> Iterator[str]:
    if not line:
        return
    if _COMPOUND.match(line) and ":" in line:
        outside = 0
        for at, letter in enumerate(line):
            outside += (letter in "([{") - (letter in ")]}")
            if letter == ":" and outside == 0:
                line = line[at + 1 :].strip()
                break
    if line:
        yield line


def _alternatives(value: str) -> Iterator[str]:
    """The values that an expression may have: ``a`` and ``b`` of ``a if c else b`` and of ``a or b``; ``c`` is among
    them too."""
    pending = [(value, 0)]
    while pending:
        whole, depth = pending.pop()
        each = whole.strip()
        if depth == _DEEPEST:
            yield each
        elif each.startswith("(") and _closing(each) == len(each) - 1 and "," not in _outside_brackets(each[1:-1]):
            pending.append((each[1:-1], depth + 1))
        else:
            places = list(_top_level_words(each))
            starts, ends = [0, *(end for _, end in places)], [*(start for start, _ in places), len(each)]
            pieces = [each[start:end] for start, end in zip(starts, ends, strict=True)]
            if len(pieces) == 1:
                yield each
            else:
                pending += [(piece, depth + 1) for piece in pieces]


def _top_level_words(value: str) -> Iterator[tuple[int, int]]:
    """The places of the keywords of an expression that stand in no brackets."""
    depth = 0
    for found in _WORD_OR_BRACKET.finditer(value):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0 and found[0].isalpha():
            yield found.span()


def _closing(value: str, start: int = 0) -> int:
    """The place of the bracket that closes the first one from ``start`` on."""
    depth = 0
    for found in _MARK.finditer(value, start):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0:
            return found.start()
    return -1


def _outside_brackets(value: str) -> str:
    """A text with what stands in brackets left out."""
    out, depth = [], 0
    for letter in value:
        depth -= letter in ")]}"
        if depth == 0:
            out.append(letter)
        depth += letter in "([{"
    return "".join(out)
