"""Python's own parser as the judge of where things lie: nodes by their place, in characters of the text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_KINDS: dict[type, tuple[type[ast.expr], ...]] = {
    ir.Name: (ast.Name,),
    ir.Attribute: (ast.Attribute,),
    ir.Call: (ast.Call,),
    ir.Subscript: (ast.Subscript,),
    ir.Constant: (ast.Constant,),
    ir.Dict: (ast.Dict,),
    ir.Unary: (ast.UnaryOp,),
    ir.Binary: (ast.BinOp,),
    ir.Boolean: (ast.BoolOp,),
    ir.Compare: (ast.Compare,),
    ir.Conditional: (ast.IfExp,),
    ir.Comprehension: (ast.ListComp, ast.SetComp, ast.DictComp),
    ir.Lambda: (ast.Lambda,),
    ir.Walrus: (ast.NamedExpr,),
    ir.FormattedString: (ast.JoinedStr,),
    ir.Slice: (ast.Slice,),
}
_DISPLAYS: dict[str, type[ast.List] | type[ast.Set]] = {"list": ast.List, "set": ast.Set}


@dataclass
class Oracle:
    """The nodes of a file by their place."""

    source: Source
    tree: ast.Module = field(init=False)
    expressions: dict[Span, list[ast.expr]] = field(init=False, default_factory=dict)
    statements: dict[Span, ast.stmt] = field(init=False, default_factory=dict)
    _functions: dict[int, ast.FunctionDef | ast.AsyncFunctionDef] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.tree = ast.parse(self.source.text)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.expr):
                self.expressions.setdefault(self.span(node), []).append(node)
            elif isinstance(node, ast.stmt):
                self.statements[self.span(node)] = node
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    self._functions[self.span(node).start] = node

    def span(self, node: ast.expr | ast.stmt) -> Span:
        start = self._offset(node.lineno, node.col_offset)
        return Span(start, self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0))

    def agrees(self, expression: Expression) -> bool:
        """Whether Python sees the same kind of expression, with the same particulars, at the same place."""
        return any(_same(expression, node) for node in self.expressions.get(expression.span, []))

    def function(self, start: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The function whose ``def`` or ``async def`` begins there."""
        return self._functions.get(start)

    def _offset(self, row: int, column: int) -> int:
        line = self.source.line(row)
        return self.source.offset(row) + len(line.encode()[:column].decode())


def placed(expression: Expression) -> Iterator[Expression]:
    """An expression and all within it whose place Python's parser tells too.

    Its tuples count their parentheses in, its generators those of the call; an operand of ``and`` joins its neighbours.
    """
    own = not isinstance(expression, ir.Opaque | ir.Starred)
    if isinstance(expression, ir.Display):
        own = expression.kind != "tuple"
    if isinstance(expression, ir.Comprehension):
        own = expression.kind != "generator"
    if own:
        yield expression
    for child in ir.children(expression):
        if isinstance(expression, ir.Boolean) and isinstance(child, ir.Boolean) and child.op == expression.op:
            yield from (inner for inner in placed(child) if inner is not child)
        else:
            yield from placed(child)


def expressions_of(statement: st.Statement) -> Iterator[Expression]:
    """The expressions that stand in a statement itself, not in its blocks."""
    match statement:
        case st.Assign(targets=targets, value=value, annotation=annotation):
            yield from (*targets, value, *([annotation] if annotation else []))
        case st.Augment(target=target, value=value):
            yield from (target, value)
        case st.Evaluate(value=value):
            yield value
        case st.Return(value=value) | st.Leave(value=value):
            yield from [value] if value is not None else []
        case st.Delete(targets=targets):
            yield from targets
        case st.If(test=test) | st.While(test=test):
            yield test
        case st.For(target=target, iterable=iterable):
            yield from (target, iterable)
        case st.With(items=items):
            yield from (part for item in items for part in item if part is not None)
        case st.Match(subject=subject):
            yield subject


def _same(expression: Expression, node: ast.expr) -> bool:
    if isinstance(expression, ir.Display):
        return isinstance(node, _DISPLAYS[expression.kind]) and len(node.elts) == len(expression.items)
    if not isinstance(node, _KINDS[type(expression)]):
        return False
    match expression, node:
        case ir.Name(id=name), ast.Name(id=other):
            return name == other
        case ir.Attribute(attr=name), ast.Attribute(attr=other):
            return name == other
        case ir.Constant(value=value), ast.Constant(value=found):
            return type(value) is type(found) and repr(value) == repr(found)
        case ir.Call(args=args), ast.Call(args=positional, keywords=keywords):
            stars = sum(isinstance(arg, ast.Starred) for arg in positional)
            named = {keyword.arg for keyword in keywords if keyword.arg}
            return (
                len(args) == len(positional) + len(keywords)
                and stars == sum(arg.star == "*" for arg in args)
                and named == {arg.keyword for arg in args if arg.keyword}
            )
        case ir.Compare(comparators=comparators), ast.Compare(comparators=others):
            return len(comparators) == len(others)
        case ir.Dict(keys=keys), ast.Dict(keys=others_):
            return [key is None for key in keys] == [key is None for key in others_]
    return True
