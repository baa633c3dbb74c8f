"""What an outline tells of code, read from the tree of Python's own parser."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from bufferlint.ir.definitions import Binding, ClassHeader, ClassName, FunctionHeader, Outline
from bufferlint.syntax.imports import imported
from bufferlint.text.source import Source
from bufferlint.text.span import Span

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign


class Headers:
    """The outline of a file, as far as it was read."""

    __slots__ = ("bindings", "classes", "functions", "globals_", "stars")

    def __init__(self) -> None:
        self.bindings: list[Binding] = []
        self.stars: list[str] = []
        self.classes: list[ClassHeader] = []
        self.functions: list[FunctionHeader] = []
        self.globals_: list[ClassName] = []

    def add(self, more: Headers) -> None:
        self.bindings += more.bindings
        self.stars += more.stars
        self.classes += more.classes
        self.functions += more.functions
        self.globals_ += more.globals_

    def outline(self, path: str) -> Outline:
        return Outline(
            path,
            tuple(self.bindings),
            tuple(self.stars),
            tuple(self.classes),
            tuple(self.functions),
            tuple(self.globals_),
        )


class Members:
    """The methods and names of a class, as far as they were read."""

    __slots__ = ("methods", "names")

    def __init__(self) -> None:
        self.methods: list[FunctionHeader] = []
        self.names: list[ClassName] = []

    def add(self, more: Members) -> None:
        self.methods += more.methods
        self.names += more.names


def base_name(node: ast.expr) -> str | None:
    """The dotted name of a base; of one that is chosen where torch may be missing, or made by a call, that of the class
    which it stands for."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            names = (base_name(body), base_name(orelse))
            return next((name for name in names if name not in (None, "object")), None)
        case ast.Call(func=ast.Name(id="getattr"), args=[of, ast.Constant(value=str() as last), *_]):
            name = dotted(of)
            return f"{name}.{last}" if name and last.isidentifier() else None
        case ast.Call(func=func, args=[_, base]) if (dotted(func) or "").rpartition(".")[2] == "with_metaclass":
            return dotted(base)
    return dotted(node)


def metaclass_name(node: ast.ClassDef) -> str | None:
    return next((dotted(each.value) or "?" for each in node.keywords if each.arg == "metaclass"), None)


def decorator_names(nodes: Iterable[ast.expr]) -> tuple[str, ...]:
    return tuple(dotted(node.func if isinstance(node, ast.Call) else node) or "?" for node in nodes)


def assigned_names(node: Assignment) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        for part in (target,) if isinstance(target, ast.Name) else ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def dotted(node: ast.expr | None) -> str | None:
    """``a.b`` of a name, of a call's callee, of what is subscripted; None for anything else."""
    while isinstance(node, ast.Subscript):
        node = node.value
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


def is_type_checking(test: ast.expr) -> bool:
    return dotted(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


class TreeReader:
    """Adds to ``headers`` what the tree of a source holds. The source may be a piece of a file, ``at`` some offset of
    it, and have a line end more than the file, which ends at ``file_end``."""

    def __init__(self, source: Source, headers: Headers, at: int = 0, file_end: int | None = None) -> None:
        self._source = source
        self._headers = headers
        self._at = at
        self._file_end = len(source.text) if file_end is None else file_end

    def block(self, body: Iterable[ast.stmt], prefix: str, scope: str, typing_only: bool) -> None:
        """Statements that are not in a class body, unless they define a class there."""
        for node, guarded in _flat(body, typing_only):
            match node:
                case ast.Import() | ast.ImportFrom():
                    self._import(node, scope, guarded)
                case ast.ClassDef():
                    self._class(node, prefix, scope)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    header = self._header(node, prefix)
                    self._headers.functions.append(header)
                    self._inside(node, header)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if not scope:
                    self._headers.globals_ += self._names(node)

    def members(self, body: Iterable[ast.stmt], qualname: str, scope: str, members: Members) -> None:
        """Statements of a class body."""
        for node, _ in _flat(body, False):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    header = self._header(node, f"{qualname}.")
                    members.methods.append(header)
                    self._inside(node, header)
                case ast.ClassDef():
                    members.names.append(ClassName(node.name, self._body_span(node), True, False))
                    self._class(node, f"{qualname}.", scope)
                case ast.Import() | ast.ImportFrom():
                    bound = (name for name, _ in imported(node))
                    members.names += [ClassName(name, self._span(node), True, False) for name in bound if name != "*"]
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    members.names += self._names(node)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: str, typing_only: bool) -> None:
        for name, target in imported(node):
            if name == "*":
                self._headers.stars.append(target)
            else:
                start = self._line_start(node.lineno)
                self._headers.bindings.append(Binding(name, target, scope, typing_only, start))

    def _inside(self, node: FunctionNode, header: FunctionHeader) -> None:
        self.block(node.body, f"{header.qualname}.<locals>.", header.qualname, False)

    def _header(self, node: FunctionNode, prefix: str) -> FunctionHeader:
        return FunctionHeader(node.name, prefix + node.name, self._lines(node), decorator_names(node.decorator_list))

    def _class(self, node: ast.ClassDef, prefix: str, scope: str) -> None:
        qualname, members, place = prefix + node.name, Members(), len(self._headers.classes)
        self.members(node.body, qualname, scope, members)
        header = ClassHeader(
            node.name,
            qualname,
            self._lines(node),
            tuple(base_name(base) for base in node.bases),
            decorator_names(node.decorator_list),
            metaclass_name(node),
            tuple(members.methods),
            tuple(members.names),
            *self._insertion(node),
            scope,
        )
        self._headers.classes.insert(place, header)

    def _names(self, node: Assignment) -> Iterator[ClassName]:
        annotated = isinstance(node, ast.AnnAssign)
        for name in assigned_names(node):
            yield ClassName(name, self._span(node), node.value is not None, annotated)

    def _insertion(self, node: ast.ClassDef) -> tuple[int | None, str]:
        """Before the first function, its decorators and comments right above it; else behind the last statement."""
        first = node.body[0]
        if first.lineno == node.lineno:
            return None, ""
        line = self._line(first.lineno)
        indent = line[: len(line) - len(line.lstrip())]
        for child in node.body:
            if isinstance(child, FunctionNode):
                row = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                while row > 1 and self._line(row - 1).startswith(indent + "#"):
                    row -= 1
                return self._line_start(row), indent
        return self.line_behind(node), indent

    def first_line(self, node: FunctionNode | ast.ClassDef) -> int:
        return self._line_start(min([node.lineno, *(each.lineno for each in node.decorator_list)]))

    def line_behind(self, node: ast.stmt) -> int | None:
        """The line behind a statement; None when the file ends before."""
        row = (node.end_lineno or node.lineno) + 1
        start = self._line_start(row) if row <= self._source.line_count() else self._file_end + 1
        return start if start <= self._file_end else None

    def _lines(self, node: FunctionNode | ast.ClassDef) -> Span:
        behind = self.line_behind(node)
        return Span(self.first_line(node), self._file_end if behind is None else behind)

    def _body_span(self, node: ast.ClassDef) -> Span:
        """From the ``class`` to the end of the last line."""
        last = node.end_lineno or node.lineno
        return Span(self._offset(node.lineno, node.col_offset), self._line_start(last) + len(self._line(last)))

    def _span(self, node: ast.stmt) -> Span:
        return Span(
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def _line_start(self, row: int) -> int:
        return self._at + self._source.offset(row)

    def _line(self, row: int) -> str:
        return self._source.line(row)

    def _offset(self, row: int, column: int) -> int:
        """``column`` counts UTF-8 bytes, as Python's parser does."""
        line = self._line(row)
        return self._line_start(row) + (column if line.isascii() else len(line.encode()[:column].decode()))


def _flat(body: Iterable[ast.stmt], typing_only: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a block with those of its if, try, with, for and while blocks in their place.

    Without recursion: each ``elif`` lies within the one before it.
    """
    pending = [(iter(body), typing_only)]
    while pending:
        block, hidden = pending[-1]
        node = next(block, None)
        if node is None:
            pending.pop()
        elif type(node) not in _BLOCKS:
            yield node, hidden
        else:
            pending += [(iter(inner), guarded) for inner, guarded in reversed(list(_blocks(node, hidden)))]


_BLOCKS = frozenset((ast.If, ast.Try, ast.With, ast.AsyncWith, ast.For, ast.While, ast.AsyncFor))


def _blocks(node: ast.stmt, hidden: bool) -> Iterator[tuple[list[ast.stmt], bool]]:
    """The blocks of a compound statement, and whether only a type checker runs them."""
    match node:
        case ast.If():
            yield node.body, hidden or is_type_checking(node.test)
            yield node.orelse, hidden
        case ast.Try():
            for block in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                yield block, hidden
        case ast.With() | ast.AsyncWith():
            yield node.body, hidden
        case ast.For() | ast.While() | ast.AsyncFor():
            yield node.body, hidden
            yield node.orelse, hidden
