"""Python's own syntax tree -> IR: the one reader of bodies.

Spans are Python's: a tuple's and a generator's hold their parentheses, another value's begin behind them, and what
stands in an f-string lies where the f-string lies. Where an edit has to know more, it asks `syntax.anchors`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.expressions import Expression
from bufferlint.ir.reader import Unreadable
from bufferlint.ir.statements import Block, Function, Parameter, Statement
from bufferlint.syntax.imports import imported
from bufferlint.syntax.limits import too_much
from bufferlint.syntax.parsing import function_in, parsed
from bufferlint.syntax.patterns import PatternReader
from bufferlint.text.source import line_starts
from bufferlint.text.span import Span

_DEEPEST = 60
_FORM_FEEDS = re.compile(r"[ \t]*\f[ \t\f]*(?<=\f)")
"""The part of an indent that Python forgets: columns are counted anew behind a form feed."""


def read_function(path: str, text: str, header: FunctionHeader) -> Function | Unreadable:
    """Lower a function whose header an outline gave."""
    forgotten = _FORM_FEEDS.match(text, header.span.start, header.span.end)
    start = forgotten.end() if forgotten else header.span.start
    code = text[start : header.span.end]
    refused = too_much(code)
    if refused is not None:
        return Unreadable(path, refused[0], start + refused[1])
    carrier, node = function_in(code, header.name)
    if node is None:
        return Unreadable(path, f"it is not valid Python: the function '{header.name}' cannot be parsed", start)
    try:
        return _Converter(path, carrier + code, start - len(carrier)).function(node, header.qualname)
    except RecursionError:
        return Unreadable(path, "its code is nested too deeply to be analysed", start)


def read_statement(path: str, text: str, span: Span) -> Statement | Unreadable | None:
    """Lower one simple statement, which need not begin its line; None for one that states nothing."""
    code = text[span.start : span.end]
    refused = too_much(code)
    if refused is not None:
        return Unreadable(path, refused[0], span.start + refused[1])
    body = parsed(code)
    if not body:
        return Unreadable(path, "it is not valid Python: a statement cannot be parsed", span.start)
    try:
        return next(iter(_Converter(path, code, span.start).statement(body[0], "")), None)
    except RecursionError:
        return Unreadable(path, "its code is nested too deeply to be analysed", span.start)


def read_module(path: str, text: str) -> Function | None:
    """The statements of a module's body as those of a function without parameters: functions are left out, and of
    classes their methods. None when the file cannot be parsed."""
    body = parsed(text) if not too_much(text) else None
    if body is None:
        return None
    try:
        converter = _ModuleConverter(path, text, 0)
        statements = tuple(s for node in body for s in converter.statement(node, ""))
        return Function(path, "<module>", Span(0, len(text)), (), None, (), statements)
    except RecursionError:
        return None


_LONGEST_NUMBER = 4096
"""Bits of a number that is a value to us: Python refuses to write longer ones in decimal (from 14,000 bits on)."""


class _Converter:
    """Turns the nodes of one piece of code, which begins ``shift`` characters into its file, into IR."""

    def __init__(self, path: str, code: str, shift: int) -> None:
        self._path = path
        self._code = code
        self._shift = shift
        self._starts = line_starts(code)
        self._is_ascii = code.isascii()
        self._fixed: Span | None = None
        self._depth = 0

    # -- places --------------------------------------------------------------------------------------------------

    def span(self, node: Any) -> Span:
        if self._fixed is not None:
            return self._fixed
        return Span(
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno, node.end_col_offset),
        )

    def _offset(self, row: int, column: int) -> int:
        start = self._starts[row - 1]
        if not self._is_ascii:
            line = self._code[start : start + column]
            column = column if line.isascii() else len(line.encode()[:column].decode(errors="ignore"))
        return self._shift + start + column

    # -- functions and statements --------------------------------------------------------------------------------

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str) -> Function:
        return Function(
            self._path,
            qualname,
            self.span(node),
            tuple(self._parameters(node.args)),
            self._optional(node.returns),
            tuple(map(self.read, node.decorator_list)),
            self._block(node.body, qualname),
        )

    def _parameters(self, args: ast.arguments) -> Iterator[Parameter]:
        plain = [*args.posonlyargs, *args.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
        for arg, default in zip(plain, defaults, strict=True):
            yield Parameter(arg.arg, self._optional(arg.annotation), self._optional(default), "")
        if args.vararg is not None:
            yield Parameter(args.vararg.arg, self._optional(args.vararg.annotation), None, "*")
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            yield Parameter(arg.arg, self._optional(arg.annotation), self._optional(default), "k")
        if args.kwarg is not None:
            yield Parameter(args.kwarg.arg, self._optional(args.kwarg.annotation), None, "**")

    def _block(self, body: Iterable[ast.stmt], qualname: str) -> Block:
        return tuple([statement for node in body for statement in self.statement(node, qualname)])

    def statement(self, node: ast.stmt, qualname: str) -> Iterable[Statement]:
        """One statement, or none for what states nothing: ``pass``, ``nonlocal``."""
        read, span = self.read, self.span(node)
        match node:
            case ast.Assign(targets=targets, value=value):
                yield self._assign(span, tuple(map(read, targets)), value, None)
            case ast.Expr(value=value):
                yield st.Evaluate(span, read(value))
            case ast.If():
                yield st.If(span, read(node.test), self._block(node.body, qualname), self._block(node.orelse, qualname))
            case ast.Return():
                yield st.Return(span, self._optional(node.value))
            case ast.AnnAssign(target=target, annotation=annotation, value=None):
                yield st.Annotate(span, read(target), read(annotation))
            case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value):
                yield self._assign(span, (read(target),), value, read(annotation))
            case ast.AugAssign():
                yield st.Augment(span, read(node.target), _OPERATORS[type(node.op)], read(node.value))
            case ast.For() | ast.AsyncFor():
                body, orelse = self._block(node.body, qualname), self._block(node.orelse, qualname)
                yield st.For(span, read(node.target), read(node.iter), body, orelse)
            case ast.While():
                body, orelse = self._block(node.body, qualname), self._block(node.orelse, qualname)
                yield st.While(span, read(node.test), body, orelse)
            case ast.With() | ast.AsyncWith():
                items = tuple((read(i.context_expr), self._optional(i.optional_vars)) for i in node.items)
                yield st.With(span, items, self._block(node.body, qualname))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield st.Define(span, self.function(node, f"{qualname}.<locals>.{node.name}"))
            case ast.ClassDef():
                yield st.DefineClass(span, node.name)
            case ast.Assert():
                yield st.Evaluate(span, read(node.test))
            case ast.Raise():
                yield st.Leave(span, "raise", self._optional(node.exc))
            case ast.Break():
                yield st.Leave(span, "break")
            case ast.Continue():
                yield st.Leave(span, "continue")
            case ast.Delete(targets=targets):
                deleted = tuple(map(read, targets))
                one = deleted[0]
                yield st.Delete(span, one.items if len(deleted) == 1 and isinstance(one, ir.Display) else deleted)
            case ast.Global(names=names):
                yield st.Global(span, tuple(names))
            case ast.Import() | ast.ImportFrom():
                yield st.Import(span, tuple((name, target) for name, target in imported(node) if name != "*"))
            case ast.Match():
                yield self._match(node, span, qualname)
            case _ if type(node).__name__ in ("Try", "TryStar"):
                yield self._try(node, span, qualname)

    def _match(self, node: ast.Match, span: Span, qualname: str) -> Statement:
        subject, patterns = self.read(node.subject), PatternReader(self.read, self.span)
        cases = (
            st.Case(
                patterns.test(case.pattern, subject),
                tuple(patterns.captures(case.pattern, subject)),
                self._optional(case.guard),
                self._block(case.body, qualname),
            )
            for case in node.cases
        )
        return st.Match(span, subject, tuple(cases))

    def _try(self, node: Any, span: Span, qualname: str) -> Statement:
        handlers = tuple((h.name, self._block(h.body, qualname)) for h in node.handlers)
        body, orelse = self._block(node.body, qualname), self._block(node.orelse, qualname)
        return st.Try(span, body, handlers, orelse, self._block(node.finalbody, qualname))

    def _assign(
        self, span: Span, targets: tuple[Expression, ...], value: ast.expr, annotation: Expression | None
    ) -> st.Assign:
        return st.Assign(span, targets, self.read(value), annotation)

    # -- expressions ---------------------------------------------------------------------------------------------

    def read(self, node: ast.expr) -> Expression:
        reader = _READERS.get(type(node))
        if reader is None or self._depth >= _DEEPEST:
            return ir.Opaque(self.span(node))
        self._depth += 1
        expression = reader(self, node)
        self._depth -= 1
        return expression

    def _optional(self, node: ast.expr | None) -> Expression | None:
        return None if node is None else self.read(node)

    def _name(self, node: ast.Name) -> Expression:
        return ir.Name(self.span(node), node.id)

    def _constant(self, node: ast.Constant) -> Expression:
        if isinstance(node.value, int) and node.value.bit_length() > _LONGEST_NUMBER:
            return ir.Opaque(self.span(node))
        return ir.Constant(self.span(node), node.value)

    def _attribute(self, node: ast.Attribute) -> Expression:
        return ir.Attribute(self.span(node), self.read(node.value), node.attr)

    def _call(self, node: ast.Call) -> Expression:
        parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if node.keywords and any(isinstance(arg, ast.Starred) for arg in node.args):
            parts.sort(key=lambda part: (part.lineno, part.col_offset))
        return ir.Call(self.span(node), self.read(node.func), tuple(map(self._argument, parts)))

    def _argument(self, part: ast.expr | ast.keyword) -> ir.Argument:
        if isinstance(part, ast.keyword):
            return ir.Argument(self.read(part.value), part.arg, "" if part.arg else "**")
        if isinstance(part, ast.Starred):
            return ir.Argument(self.read(part.value), None, "*")
        return ir.Argument(self.read(part))

    def _subscript(self, node: ast.Subscript) -> Expression:
        several = isinstance(node.slice, ast.Tuple) and node.slice.elts and not self._in_parentheses(node.slice)
        index = node.slice.elts if several and isinstance(node.slice, ast.Tuple) else [node.slice]
        return ir.Subscript(self.span(node), self.read(node.value), self._items(index))

    def _in_parentheses(self, node: ast.Tuple) -> bool:
        """Returns whether a tuple's own parentheses are written: they count for its place then, those of a first part
        too."""
        first, last = node.elts[0], node.elts[-1]
        begins = (node.lineno, node.col_offset) == (first.lineno, first.col_offset)
        return not begins and (node.end_lineno, node.end_col_offset) != (last.end_lineno, last.end_col_offset)

    def _slice(self, node: ast.Slice) -> Expression:
        parts = (self._optional(node.lower), self._optional(node.upper), self._optional(node.step))
        return ir.Slice(self.span(node), parts)

    def _items(self, nodes: Iterable[ast.expr]) -> tuple[Expression, ...]:
        return tuple([self._starred(n) if isinstance(n, ast.Starred) else self.read(n) for n in nodes])

    def _starred(self, node: ast.Starred) -> Expression:
        value = self.read(node.value)
        return ir.Starred(value.span, value)

    def _display(self, node: ast.List | ast.Tuple | ast.Set) -> Expression:
        return ir.Display(self.span(node), type(node).__name__.lower(), self._items(node.elts))

    def _dict(self, node: ast.Dict) -> Expression:
        keys, values = tuple(map(self._optional, node.keys)), tuple(map(self.read, node.values))
        return ir.Dict(self.span(node), keys, values)

    def _unary(self, node: ast.UnaryOp) -> Expression:
        return ir.Unary(self.span(node), _OPERATORS[type(node.op)], self.read(node.operand))

    def _binary(self, node: ast.BinOp) -> Expression:
        left, right = self.read(node.left), self.read(node.right)
        return ir.Binary(self.span(node), left, _OPERATORS[type(node.op)], right)

    def _boolean(self, node: ast.BoolOp) -> Expression:
        """``a and b and c`` is ``(a and b) and c`` in the IR."""
        span, op = self.span(node), _OPERATORS[type(node.op)]
        whole = self.read(node.values[0])
        for value in node.values[1:]:
            right = self.read(value)
            whole = ir.Boolean(Span(span.start, right.span.end), whole, op, right)
        return whole

    def _compare(self, node: ast.Compare) -> Expression:
        ops = tuple(_OPERATORS[type(op)] for op in node.ops)
        return ir.Compare(self.span(node), self.read(node.left), ops, tuple(map(self.read, node.comparators)))

    def _conditional(self, node: ast.IfExp) -> Expression:
        return ir.Conditional(self.span(node), self.read(node.test), self.read(node.body), self.read(node.orelse))

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Expression:
        generators = tuple(
            ir.Generator(self.read(g.target), self.read(g.iter), tuple(map(self.read, g.ifs))) for g in node.generators
        )
        element = node.value if isinstance(node, ast.DictComp) else node.elt
        return ir.Comprehension(self.span(node), _COMPREHENSIONS[type(node)], self.read(element), generators)

    def _lambda(self, node: ast.Lambda) -> Expression:
        args = node.args
        each = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        each += [star for star in (args.vararg, args.kwarg) if star is not None]
        names = tuple(arg.arg for arg in each)
        plain = [*args.posonlyargs, *args.args]
        pairs = list(zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True))
        pairs += [(arg, each) for arg, each in zip(args.kwonlyargs, args.kw_defaults, strict=True) if each is not None]
        defaults = tuple((arg.arg, self.read(value)) for arg, value in pairs)
        return ir.Lambda(self.span(node), names, self.read(node.body), defaults)

    def _walrus(self, node: ast.NamedExpr) -> Expression:
        return ir.Walrus(self.span(node), self.read(node.target), self.read(node.value))

    def _formatted(self, node: ast.JoinedStr) -> Expression:
        """Before Python 3.12 the places of the expressions inside are wrong."""
        outer, self._fixed = self._fixed, self.span(node)
        parts: list[str | Expression] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            elif isinstance(part, ast.FormattedValue):
                value = self.read(part.value)
                plain = part.conversion == -1 and part.format_spec is None
                parts.append(value if plain else ir.Opaque(value.span, (value,)))
        whole = ir.FormattedString(self._fixed, tuple(parts))
        self._fixed = outer
        return whole

    def _opaque(self, node: ast.Await | ast.Yield | ast.YieldFrom) -> Expression:
        parts = () if node.value is None else (self.read(node.value),)
        what = {ast.Await: "await", ast.Yield: "yield"}.get(type(node), "yield from")
        return ir.Opaque(self.span(node), parts, what)


class _ModuleConverter(_Converter):
    """Reads a module's own statements, without the functions that it defines."""

    def statement(self, node: ast.stmt, qualname: str) -> Iterable[Statement]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return ()
        if isinstance(node, ast.ClassDef):
            return (st.DefineClass(self.span(node), node.name, self._block(node.body, qualname)),)
        return super().statement(node, qualname)


_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip

_COMPREHENSIONS: dict[type[ast.expr], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.GeneratorExp: "generator",
    ast.DictComp: "dict",
}

_READERS: dict[type[ast.expr], Callable[[_Converter, Any], Expression]] = {
    ast.Name: _Converter._name,
    ast.Constant: _Converter._constant,
    ast.Attribute: _Converter._attribute,
    ast.Call: _Converter._call,
    ast.Subscript: _Converter._subscript,
    ast.Slice: _Converter._slice,
    ast.List: _Converter._display,
    ast.Tuple: _Converter._display,
    ast.Set: _Converter._display,
    ast.Dict: _Converter._dict,
    ast.UnaryOp: _Converter._unary,
    ast.BinOp: _Converter._binary,
    ast.BoolOp: _Converter._boolean,
    ast.Compare: _Converter._compare,
    ast.IfExp: _Converter._conditional,
    ast.ListComp: _Converter._comprehension,
    ast.SetComp: _Converter._comprehension,
    ast.GeneratorExp: _Converter._comprehension,
    ast.DictComp: _Converter._comprehension,
    ast.Lambda: _Converter._lambda,
    ast.NamedExpr: _Converter._walrus,
    ast.JoinedStr: _Converter._formatted,
    ast.Await: _Converter._opaque,
    ast.Yield: _Converter._opaque,
    ast.YieldFrom: _Converter._opaque,
}
