"""LibCST expressions -> facts."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.syntax.positions import Positions

_DEEPEST = 60
"""Expressions nested deeper are opaque: nobody after this room needs to mind Python's recursion limit for them."""
_CONSTANTS: dict[str, object] = {"None": None, "True": True, "False": False}


class ExpressionReader:
    """Turns LibCST expression nodes into facts; ``positions`` must cover the module that they belong to."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._depth = 0

    def read(self, node: cst.BaseExpression) -> Expression:
        reader = _READERS.get(type(node))
        if reader is None or self._depth >= _DEEPEST:
            return ir.Opaque(self._positions.inner(node))
        self._depth += 1
        expression = reader(self, node)
        self._depth -= 1
        return expression

    def read_optional(self, node: cst.BaseExpression | None) -> Expression | None:
        return None if node is None else self.read(node)

    def _name(self, node: cst.Name) -> Expression:
        span = self._positions.inner(node)
        if node.value in _CONSTANTS:
            return ir.Constant(span, _CONSTANTS[node.value])
        return ir.Name(span, node.value)

    def _literal(self, node: cst.Integer | cst.Float | cst.Imaginary | cst.SimpleString) -> Expression:
        span = self._positions.inner(node)
        try:
            return ir.Constant(span, literal_eval(node.value))
        except (SyntaxError, ValueError):  # an integer of more digits than Python converts
            return ir.Opaque(span)

    def _ellipsis(self, node: cst.Ellipsis) -> Expression:
        return ir.Constant(self._positions.inner(node), Ellipsis)

    def _attribute(self, node: cst.Attribute) -> Expression:
        return ir.Attribute(self._positions.inner(node), self.read(node.value), node.attr.value)

    def _call(self, node: cst.Call) -> Expression:
        args = tuple(
            ir.Argument(self.read(arg.value), arg.keyword.value if arg.keyword else None, arg.star) for arg in node.args
        )
        return ir.Call(self._positions.inner(node), self.read(node.func), args)

    def _subscript(self, node: cst.Subscript) -> Expression:
        index = tuple(self._element(element.slice) for element in node.slice)
        return ir.Subscript(self._positions.inner(node), self.read(node.value), index)

    def _element(self, node: cst.BaseSlice) -> Expression:
        if isinstance(node, cst.Slice):
            parts = (self.read_optional(node.lower), self.read_optional(node.upper), self.read_optional(node.step))
            return ir.Slice(self._positions.outer(node), parts)
        if isinstance(node, cst.Index):
            value = self.read(node.value)
            return ir.Starred(value.span, value) if getattr(node, "star", None) else value
        return ir.Opaque(self._positions.outer(node))

    def _items(self, elements: Sequence[cst.BaseElement]) -> tuple[Expression, ...]:
        items: list[Expression] = []
        for element in elements:
            value = self.read(element.value)
            items.append(ir.Starred(value.span, value) if isinstance(element, cst.StarredElement) else value)
        return tuple(items)

    def _list(self, node: cst.List) -> Expression:
        return ir.Display(self._positions.inner(node), "list", self._items(node.elements))

    def _tuple(self, node: cst.Tuple) -> Expression:
        return ir.Display(self._positions.inner(node), "tuple", self._items(node.elements))

    def _set(self, node: cst.Set) -> Expression:
        return ir.Display(self._positions.inner(node), "set", self._items(node.elements))

    def _dict(self, node: cst.Dict) -> Expression:
        keys: list[Expression | None] = []
        values: list[Expression] = []
        for element in node.elements:
            keys.append(self.read(element.key) if isinstance(element, cst.DictElement) else None)
            values.append(self.read(element.value))
        return ir.Dict(self._positions.inner(node), tuple(keys), tuple(values))

    def _unary(self, node: cst.UnaryOperation) -> Expression:
        return ir.Unary(self._positions.inner(node), _operator(node.operator), self.read(node.expression))

    def _binary(self, node: cst.BinaryOperation) -> Expression:
        left, right = self.read(node.left), self.read(node.right)
        return ir.Binary(self._positions.inner(node), left, _operator(node.operator), right)

    def _boolean(self, node: cst.BooleanOperation) -> Expression:
        left, right = self.read(node.left), self.read(node.right)
        return ir.Boolean(self._positions.inner(node), left, _operator(node.operator), right)

    def _compare(self, node: cst.Comparison) -> Expression:
        return ir.Compare(
            self._positions.inner(node),
            self.read(node.left),
            tuple(_operator(c.operator) for c in node.comparisons),
            tuple(self.read(c.comparator) for c in node.comparisons),
        )

    def _conditional(self, node: cst.IfExp) -> Expression:
        parts = self.read(node.test), self.read(node.body), self.read(node.orelse)
        return ir.Conditional(self._positions.inner(node), *parts)

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> Expression:
        generators: list[ir.Generator] = []
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            conditions = tuple(self.read(test.test) for test in clause.ifs)
            generators.append(ir.Generator(self.read(clause.target), self.read(clause.iter), conditions))
            clause = clause.inner_for_in
        element = node.value if isinstance(node, cst.DictComp) else node.elt
        kind = _COMPREHENSIONS[type(node)]
        return ir.Comprehension(self._positions.inner(node), kind, self.read(element), tuple(generators))

    def _lambda(self, node: cst.Lambda) -> Expression:
        params = node.params
        each = [*params.posonly_params, *params.params, *params.kwonly_params]
        each += [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
        return ir.Lambda(self._positions.inner(node), tuple(param.name.value for param in each), self.read(node.body))

    def _walrus(self, node: cst.NamedExpr) -> Expression:
        return ir.Walrus(self._positions.inner(node), self.read(node.target), self.read(node.value))

    def _formatted(self, node: cst.FormattedString) -> Expression:
        parts: list[str | Expression] = []
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                parts.append(part.value)
            elif isinstance(part, cst.FormattedStringExpression):
                value = self.read(part.expression)
                plain = part.conversion is None and part.format_spec is None
                parts.append(value if plain else ir.Opaque(value.span, (value,)))
        return ir.FormattedString(self._positions.inner(node), tuple(parts))

    def _concatenated(self, node: cst.ConcatenatedString) -> Expression:
        span = self._positions.inner(node)
        left, right = self.read(node.left), self.read(node.right)
        if isinstance(left, ir.Constant) and isinstance(right, ir.Constant):
            if isinstance(left.value, str) and isinstance(right.value, str):
                return ir.Constant(span, left.value + right.value)
            if isinstance(left.value, bytes) and isinstance(right.value, bytes):
                return ir.Constant(span, left.value + right.value)
        return ir.FormattedString(span, (*_parts(left), *_parts(right)))

    def _opaque(self, node: cst.Await | cst.Yield | cst.From) -> Expression:
        inner: Any = (
            node.item
            if isinstance(node, cst.From)
            else (node.expression if isinstance(node, cst.Await) else node.value)
        )
        if isinstance(inner, cst.From):
            inner = inner.item
        parts = () if inner is None else (self.read(inner),)
        return ir.Opaque(self._positions.inner(node), parts, "await" if isinstance(node, cst.Await) else "yield")


def _operator(node: cst.CSTNode) -> str:
    """The operator as written in Python's grammar, such as ``not in``."""
    return _OPERATORS[type(node).__name__]


def _parts(expression: Expression) -> tuple[str | Expression, ...]:
    if isinstance(expression, ir.FormattedString):
        return expression.parts
    if isinstance(expression, ir.Constant) and isinstance(expression.value, str):
        return (expression.value,)
    return (expression,)


_OPERATORS = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%", "Power": "**",
    "MatrixMultiply": "@", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LeftShift": "<<", "RightShift": ">>",
    "Not": "not", "Minus": "-", "Plus": "+", "BitInvert": "~", "And": "and", "Or": "or",
    "Equal": "==", "NotEqual": "!=", "LessThan": "<", "LessThanEqual": "<=", "GreaterThan": ">",
    "GreaterThanEqual": ">=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not",
    "AddAssign": "+", "SubtractAssign": "-", "MultiplyAssign": "*", "DivideAssign": "/", "FloorDivideAssign": "//",
    "ModuloAssign": "%", "PowerAssign": "**", "MatrixMultiplyAssign": "@", "BitAndAssign": "&", "BitOrAssign": "|",
    "BitXorAssign": "^", "LeftShiftAssign": "<<", "RightShiftAssign": ">>",
}  # fmt: skip

_COMPREHENSIONS: dict[type[cst.CSTNode], str] = {
    cst.ListComp: "list",
    cst.SetComp: "set",
    cst.GeneratorExp: "generator",
    cst.DictComp: "dict",
}

_READERS: dict[type[cst.CSTNode], Callable[[ExpressionReader, Any], Expression]] = {
    cst.Name: ExpressionReader._name,
    cst.Integer: ExpressionReader._literal,
    cst.Float: ExpressionReader._literal,
    cst.Imaginary: ExpressionReader._literal,
    cst.SimpleString: ExpressionReader._literal,
    cst.Ellipsis: ExpressionReader._ellipsis,
    cst.Attribute: ExpressionReader._attribute,
    cst.Call: ExpressionReader._call,
    cst.Subscript: ExpressionReader._subscript,
    cst.List: ExpressionReader._list,
    cst.Tuple: ExpressionReader._tuple,
    cst.Set: ExpressionReader._set,
    cst.Dict: ExpressionReader._dict,
    cst.UnaryOperation: ExpressionReader._unary,
    cst.BinaryOperation: ExpressionReader._binary,
    cst.BooleanOperation: ExpressionReader._boolean,
    cst.Comparison: ExpressionReader._compare,
    cst.IfExp: ExpressionReader._conditional,
    cst.ListComp: ExpressionReader._comprehension,
    cst.SetComp: ExpressionReader._comprehension,
    cst.GeneratorExp: ExpressionReader._comprehension,
    cst.DictComp: ExpressionReader._comprehension,
    cst.Lambda: ExpressionReader._lambda,
    cst.NamedExpr: ExpressionReader._walrus,
    cst.FormattedString: ExpressionReader._formatted,
    cst.ConcatenatedString: ExpressionReader._concatenated,
    cst.Await: ExpressionReader._opaque,
    cst.Yield: ExpressionReader._opaque,
}
operator = _operator
