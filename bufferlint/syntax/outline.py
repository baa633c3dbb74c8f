"""The outline of a file, from Python's own parser: imports, class and function headers, where each body lies."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator

from bufferlint.ir.definitions import Binding, ClassHeader, ClassName, FunctionHeader, Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.elision import skeleton
from bufferlint.syntax.imports import imported
from bufferlint.syntax.limits import deepest, overlong_line
from bufferlint.syntax.newer_syntax import refusal
from bufferlint.syntax.parsing import parsed
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def outline(source: Source) -> Outline | Unreadable:
    """Outline a file, or say why Python cannot parse it. An error within a function may go unnoticed."""
    shape = skeleton(source.text) if overlong_line(source.text) is None else None
    tree = parsed(shape) if shape is not None else None
    return _Outliner(source).run(tree) if tree is not None else whole_outline(source)


def whole_outline(source: Source) -> Outline | Unreadable:
    """Outline a file all of which is valid, or say why Python cannot parse it."""
    refused = overlong_line(source.text)
    if refused:
        return Unreadable(source.path, *refused)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.text)
    except SyntaxError as error:
        row = min(max(error.lineno or 1, 1), source.line_count())
        column = max((error.offset or 1) - 1, 0)
        offset = min(source.offset(row) + column, source.offset(row) + len(source.line(row)))
        newer = refusal(source.text)
        if newer is not None:
            return Unreadable(source.path, newer[0], offset, newer[1])
        return Unreadable(source.path, f"it is not valid Python: {error.msg}", offset)
    except (RecursionError, MemoryError):
        return Unreadable(source.path, "its code is nested too deeply to be parsed", deepest(source.text).offset)
    except ValueError as error:
        return Unreadable(source.path, f"it is not valid Python: {error}", 0)
    return _Outliner(source).run(tree.body)


def _base(node: ast.expr) -> str | None:
    """The dotted name of a base; of one that is chosen where torch may be missing, or made by a call, that of the class
    which it stands for."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            names = (_base(body), _base(orelse))
            return next((name for name in names if name not in (None, "object")), None)
        case ast.Call(func=ast.Name(id="getattr"), args=[of, ast.Constant(value=str() as last), *_]):
            name = dotted(of)
            return f"{name}.{last}" if name and last.isidentifier() else None
        case ast.Call(func=func, args=[_, base]) if (dotted(func) or "").rpartition(".")[2] == "with_metaclass":
            return dotted(base)
    return dotted(node)


def dotted(node: ast.expr | None) -> str | None:
    """``a.b`` of a name, of a call's callee, of what is subscripted; None for anything else."""
    while isinstance(node, ast.Subscript):
        node = node.value
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else None


class _Outliner:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._bindings: list[Binding] = []
        self._stars: list[str] = []
        self._classes: list[ClassHeader] = []
        self._functions: list[FunctionHeader] = []
        self._globals: list[ClassName] = []

    def run(self, body: Iterable[ast.stmt]) -> Outline:
        self._block(body, prefix="", scope="", typing_only=False)
        return Outline(
            self._source.path,
            tuple(self._bindings),
            tuple(self._stars),
            tuple(self._classes),
            tuple(self._functions),
            tuple(self._globals),
        )

    def _block(self, body: Iterable[ast.stmt], prefix: str, scope: str, typing_only: bool) -> None:
        for node, guarded in _flat(body, typing_only):
            match node:
                case ast.Import() | ast.ImportFrom():
                    self._import(node, scope, guarded)
                case ast.ClassDef():
                    self._class(node, prefix, scope)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._function(node, prefix, scope)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if not scope:
                    self._globals += self._names(node)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: str, typing_only: bool) -> None:
        for name, target in imported(node):
            if name == "*":
                self._stars.append(target)
            else:
                self._bindings.append(Binding(name, target, scope, typing_only, self._source.offset(node.lineno)))

    def _function(self, node: _Function, prefix: str, scope: str) -> None:
        header = self._header(node, prefix)
        self._functions.append(header)
        self._block(node.body, f"{header.qualname}.<locals>.", header.qualname, False)

    def _header(self, node: _Function, prefix: str) -> FunctionHeader:
        names = [dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list]
        return FunctionHeader(node.name, prefix + node.name, self._lines(node), tuple(n or "?" for n in names))

    def _class(self, node: ast.ClassDef, prefix: str, scope: str) -> None:
        qualname = prefix + node.name
        methods: list[FunctionHeader] = []
        names: list[ClassName] = []
        inner: list[tuple[list[ast.stmt], str, str]] = []
        for child, _ in _flat(node.body, False):
            match child:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    header = self._header(child, f"{qualname}.")
                    methods.append(header)
                    inner.append((child.body, f"{header.qualname}.<locals>.", header.qualname))
                case ast.ClassDef():
                    names.append(ClassName(child.name, self._body_span(child), True, False))
                    inner.append(([child], f"{qualname}.", scope))
                case ast.Import() | ast.ImportFrom():
                    bound = (name for name, _ in imported(child))
                    names += [ClassName(name, self._span(child), True, False) for name in bound if name != "*"]
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    names += self._names(child)
        metaclass = next((dotted(k.value) or "?" for k in node.keywords if k.arg == "metaclass"), None)
        insertion, indent = self._insertion(node)
        self._classes.append(
            ClassHeader(
                node.name,
                qualname,
                self._lines(node),
                tuple(_base(base) for base in node.bases),
                tuple(dotted(d.func if isinstance(d, ast.Call) else d) or "?" for d in node.decorator_list),
                metaclass,
                tuple(methods),
                tuple(names),
                insertion,
                indent,
                scope,
            )
        )
        for body, inner_prefix, inner_scope in inner:
            self._block(body, inner_prefix, inner_scope, False)

    def _names(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Iterator[ClassName]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        annotated = isinstance(node, ast.AnnAssign)
        for target in targets:
            for part in (target,) if isinstance(target, ast.Name) else ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield ClassName(part.id, self._span(node), node.value is not None, annotated)

    def _insertion(self, node: ast.ClassDef) -> tuple[int | None, str]:
        """Before the first function, its decorators and comments right above it; else behind the last statement."""
        first = node.body[0]
        if first.lineno == node.lineno or self._source.row(self._lines(node).start) > first.lineno:
            return None, ""
        start = self._source.offset(first.lineno)
        indent = self._source.text[start : start + len(self._source.line(first.lineno))]
        indent = indent[: len(indent) - len(indent.lstrip())]
        for child in node.body:
            if isinstance(child, _Function):
                row = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                while row > 1 and self._source.line(row - 1).startswith(indent + "#"):
                    row -= 1
                return self._source.offset(row), indent
        last = (node.body[-1].end_lineno or node.lineno) + 1
        if last > self._source.line_count():
            return None, indent
        return self._source.offset(last), indent

    def _lines(self, node: _Function | ast.ClassDef) -> Span:
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        end = (node.end_lineno or node.lineno) + 1
        stop = self._source.offset(end) if end <= self._source.line_count() else len(self._source.text)
        return Span(self._source.offset(first), stop)

    def _body_span(self, node: ast.ClassDef) -> Span:
        """From the ``class`` to the end of the last line."""
        last = node.end_lineno or node.lineno
        end = self._source.offset(last) + len(self._source.line(last))
        return Span(self._offset(node.lineno, node.col_offset), end)

    def _span(self, node: ast.stmt) -> Span:
        return Span(
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )

    def _offset(self, row: int, column: int) -> int:
        """``column`` counts UTF-8 bytes, as Python's parser does."""
        line = self._source.line(row)
        return self._source.offset(row) + (column if line.isascii() else len(line.encode()[:column].decode()))


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
            yield node.body, hidden or dotted(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
            yield node.orelse, hidden
        case ast.Try():
            for block in (node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody):
                yield block, hidden
        case ast.With() | ast.AsyncWith():
            yield node.body, hidden
        case ast.For() | ast.While() | ast.AsyncFor():
            yield node.body, hidden
            yield node.orelse, hidden
