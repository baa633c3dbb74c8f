"""The outline of a file from a scan for its headers: the bodies of functions are passed over by their indentation.

A piece of code that Python's parser takes alone ends outside of brackets and strings, so that the next line begins a
statement: whatever is between functions is read that way, piece by piece, each piece kept by its text. The body of a
function is passed over only where its strings leave no doubt of its end. Where anything deceives, some piece does not
parse, and the file is for the caller to parse whole.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cache

from bufferlint.ir.definitions import Binding, ClassHeader, ClassName, FunctionHeader, Outline
from bufferlint.syntax.extents import REST, STRING, body_end, head_end, statement_end
from bufferlint.syntax.header_lines import Kind, Line, read_line
from bufferlint.syntax.header_pieces import (
    Statement,
    are_branches,
    bases,
    decorators,
    is_signature,
    parsed_indented,
    statement,
)
from bufferlint.syntax.limits import overlong_line
from bufferlint.syntax.tree_outline import FunctionNode, Headers, Members, TreeReader
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_DEEPEST = 20
"""Blocks in each other."""
_MAY_BEGIN_STRING = frozenset("\"'rRuU")


def scanned(source: Source) -> Outline | None:
    """The outline of a file; None where only a parse of the whole can tell it."""
    text = source.text
    if "\f" in text or "\0" in text or ("\r" in text and text.count("\r") != text.count("\r\n")):
        return None
    if ("\t" in text and "\n\t" in text and "\n " in text) or overlong_line(text) is not None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _Scan(source).run()


class _Block:
    """Statements that begin at one indentation, in a ``scope``, the function that they are in, and what an outline
    tells of them. ``prefix`` comes before the names that are defined there, ``members`` are of the class."""

    __slots__ = ("depth", "first_function", "headers", "indent", "members", "prefix", "scope", "typing_only")

    def __init__(
        self, indent: str, prefix: str, scope: str, members: Members | None, depth: int, headers: Headers
    ) -> None:
        self.indent = indent
        self.prefix = prefix
        self.scope = scope
        self.members = members
        self.depth = depth
        self.headers = headers
        self.typing_only = False
        self.first_function: int | None = None
        """The offset of its first line."""


class _Scan:
    """Methods that read code give the offset of the line behind it, and 0 when they are in doubt."""

    def __init__(self, source: Source) -> None:
        self._path = source.path
        self._size = len(source.text)
        self._text = source.text if source.text.endswith("\n") else source.text + "\n"

    def run(self) -> Outline | None:
        block = _Block("", "", "", None, 0, Headers())
        is_read = self._next(0)[1].kind is Kind.BLANK or self._block(0, block)
        return block.headers.outline(self._path) if is_read else None

    def _next(self, at: int) -> tuple[int, Line]:
        """The next line with code; a blank one at the end."""
        text = self._text
        while at < len(text):
            stop = text.index("\n", at)
            line = read_line(text[at:stop])
            if line.kind is not Kind.BLANK:
                return at, line
            at = stop + 1
        return at, Line(Kind.BLANK)

    def _block(self, at: int, block: _Block) -> int:
        """Statements, of which there must be one."""
        text, indent, end = self._text, block.indent, 0
        first, names = -1, list[str]()
        while (stop := text.find("\n", at)) >= 0:
            line = read_line(text[at:stop])
            kind = line.kind
            if kind is Kind.BLANK:
                at = stop + 1
                continue
            if line.indent != indent:
                return end if len(line.indent) < len(indent) and first < 0 else 0
            if kind is Kind.DECORATOR:
                first = at if first < 0 else first
                more, at = (line.names, stop + 1) if line.is_whole else self._decorators(at, indent)
                if not at:
                    return 0
                names += more
                continue
            if kind is Kind.STATEMENT and first < 0:
                if line.names or line.imports:
                    self._add(line, Span(at + len(indent), at + line.end), at, block)
                at = end = stop + 1
                continue
            at = end = self._longer(line, at, at if first < 0 else first, tuple(names), block)
            if not end:
                return 0
            first, names = -1, []
        return end if first < 0 else 0

    def _decorators(self, at: int, indent: str) -> tuple[tuple[str, ...], int]:
        """The names of decorators on any number of lines, and the line of what they decorate."""
        found = _definition(indent).search(self._text, at)
        code = self._text[at + len(indent) : found.start()].replace("\n" + indent, "\n") if found else ""
        names = decorators(code)
        return (names, found.start() + 1) if found and names else ((), 0)

    def _longer(self, line: Line, at: int, first: int, names: tuple[str, ...], block: _Block) -> int:
        """A statement of more than one line, ``first`` that of its first decorator."""
        if line.kind is Kind.FUNCTION:
            end = self._function(line, at, first, names, block)
        elif line.kind is Kind.CLASS:
            end = self._class(line, at, first, names, block)
        elif first < at:
            return 0
        elif line.kind is Kind.BLOCK:
            end = self._compound(line, at, block)
        else:
            end = self._simple(at, at + len(block.indent), block)
        return end or self._parsed(at + len(block.indent), first, block)

    def _function(self, line: Line, at: int, first: int, names: tuple[str, ...], block: _Block) -> int:
        text, start = self._text, at + line.end
        body = text.index("\n", start) + 1 if line.is_whole else head_end(text, start)
        if not line.is_whole and not (body and is_signature(text[start:body])):
            return 0
        end, definitions = body_end(text, body, len(block.indent))
        if not end or definitions is None:
            return 0
        header = FunctionHeader(line.name, block.prefix + line.name, self._lines(first, end), names)
        inside = self._inside(definitions, header, block.depth) if definitions else None
        if definitions and inside is None:
            return 0
        (block.headers.functions if block.members is None else block.members.methods).append(header)
        if inside:
            block.headers.add(inside)
        if block.first_function is None:
            block.first_function = first
        return end

    def _inside(self, definitions: Sequence[int], function: FunctionHeader, depth: int) -> Headers | None:
        """Returns what the body of a function defines and imports; None when that is in doubt."""
        text, end = self._text, 0
        headers, prefix = Headers(), f"{function.qualname}.<locals>."
        for start in definitions if depth < _DEEPEST else ():
            if start >= end:
                at = text.rfind("\n", 0, start) + 1
                block = _Block(text[at:start], prefix, function.qualname, None, depth + 1, headers)
                end = self._one(at, block)
                if not end:
                    return None
        return headers if depth < _DEEPEST else None

    def _one(self, at: int, block: _Block) -> int:
        """A statement, with its decorators."""
        first, names, line = at, list[str](), self._next(at)[1]
        while line.kind is Kind.DECORATOR:
            more, at = self._decorators(at, block.indent)
            names += more
            at, line = self._next(at) if at else (0, line)
            if not at or line.indent != block.indent:
                return 0
        if line.kind is Kind.STATEMENT and first == at:
            self._add(line, Span(at + len(block.indent), at + line.end), at, block)
            return self._text.index("\n", at) + 1
        return self._longer(line, at, first, tuple(names), block)

    def _class(self, line: Line, at: int, first: int, names: tuple[str, ...], block: _Block) -> int:
        text, start = self._text, at + line.end
        body = text.index("\n", start) + 1 if line.is_whole else self._body_of_class(start)
        known = line.bases or (bases(text[start:body]) if body else None)
        if known is None:
            return 0
        name, members = line.name, Members()
        qualname, indent = block.prefix + name, self._next(body)[1].indent
        inside = _Block(indent, f"{qualname}.", block.scope, members, block.depth + 1, Headers())
        is_indented = len(indent) > len(block.indent) and block.depth < _DEEPEST
        end = self._block(body, inside) if is_indented else 0
        if not end:
            return 0
        if block.members is not None:
            span = Span(at + len(block.indent), _without_line_end(text, end))
            block.members.names.append(ClassName(name, span, True, False))
        header = ClassHeader(
            name,
            qualname,
            self._lines(first, end),
            known.names,
            names,
            known.metaclass,
            tuple(members.methods),
            tuple(members.names),
            self._insertion(inside, end),
            indent,
            block.scope,
        )
        block.headers.classes.append(header)
        block.headers.add(inside.headers)
        return end

    def _body_of_class(self, at: int) -> int:
        """The line behind the header of a class, ``at`` lying behind its name."""
        if self._text[at] == "(":
            return head_end(self._text, at + 1)
        rest = REST.match(self._text, at + 1)
        return rest.end() if rest else 0

    def _insertion(self, block: _Block, end: int) -> int | None:
        at = block.first_function
        if at is None:
            return end if end <= self._size else None
        while self._text.startswith(block.indent + "#", before := self._text.rfind("\n", 0, at - 1) + 1):
            at = before
        return at

    def _compound(self, line: Line, at: int, block: _Block) -> int:
        """An ``if``, ``try``, ``with``, ``for`` or ``while`` with what belongs to it."""
        text, kinds = self._text, ""
        headers, members = Headers(), None if block.members is None else Members()
        while True:
            body = text.index("\n", at) + 1
            head, indent = line.branch, self._next(body)[1].indent
            if head is None or len(indent) <= len(block.indent) or block.depth >= _DEEPEST:
                return 0
            inside = _Block(indent, block.prefix, block.scope, members, block.depth + 1, headers)
            inside.typing_only = block.typing_only or head.typing_only
            end = self._block(body, inside)
            if not end:
                return 0
            kinds += head.kind
            at, line = self._next(end)
            if line.kind is not Kind.BRANCH or line.indent != block.indent:
                break
        if not are_branches(kinds):
            return 0
        block.headers.add(headers)
        if block.members is not None and members is not None:
            block.members.add(members)
        return end

    def _simple(self, at: int, start: int, block: _Block) -> int:
        """A statement that holds no others."""
        text = self._text
        string = STRING.match(text, start) if text[start] in _MAY_BEGIN_STRING else None
        rest = REST.match(text, string.end()) if string and "\\" not in string[0] and string[0].isascii() else None
        if rest:
            return rest.end()
        end = statement_end(text, start, len(block.indent))
        found = statement(text[start:end])
        if found is None:
            return 0
        if found.names or found.imports:
            self._add(found, Span(start, start + found.end), at, block)
        return text.index("\n", start + found.end) + 1

    def _add(self, found: Line | Statement, span: Span, line: int, block: _Block) -> None:
        if block.members is not None:
            bound = found.names or [name for name, _ in found.imports if name != "*"]
            block.members.names += [ClassName(name, span, found.has_value, found.annotated) for name in bound]
            return
        if found.names and not block.scope:
            block.headers.globals_ += [ClassName(name, span, found.has_value, found.annotated) for name in found.names]
        for name, target in found.imports:
            if name == "*":
                block.headers.stars.append(target)
            else:
                block.headers.bindings.append(Binding(name, target, block.scope, block.typing_only, line))

    def _parsed(self, start: int, line: int, block: _Block) -> int:
        """Statements that are read from a tree: whatever is not that plain. ``line`` is that of the first decorator."""
        text = self._text
        end = statement_end(text, start, len(block.indent), with_branches=True)
        carrier, body = parsed_indented(text[line:end])
        if not body:
            return 0
        piece = Source(self._path, carrier + text[line:end])
        reader = TreeReader(piece, block.headers, line - len(carrier), self._size)
        if block.members is None:
            reader.block(body, block.prefix, block.scope, block.typing_only)
        else:
            reader.members(body, block.prefix[:-1], block.scope, block.members)
        function = next((each for each in body if isinstance(each, FunctionNode)), None)
        if function is not None and block.first_function is None:
            block.first_function = reader.first_line(function)
        return reader.line_behind(body[-1]) or len(text)

    def _lines(self, start: int, end: int) -> Span:
        return Span(start, min(end, self._size))


def _without_line_end(text: str, end: int) -> int:
    return end - (2 if text.startswith("\r", end - 2) else 1)


@cache
def _definition(indent: str) -> re.Pattern[str]:
    """The first definition behind decorators."""
    return re.compile(rf"\n{indent}(?:async[ \t]+def|def|class)\b")
