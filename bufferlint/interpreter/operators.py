"""What operators give."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.containers import united
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.literals import members, number
from bufferlint.interpreter.magnitudes import of_numbers
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.tensor_properties import array_traits
from bufferlint.interpreter.uses import Uses
from bufferlint.interpreter.values import NUMBER, TEXT, TRUTH, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression


class Operators:
    """Applies operators to values."""

    def __init__(self, context: Context, uses: Uses) -> None:
        self._context = context
        self._uses = uses

    def unary(self, op: str, operand: Value, expression: Expression, frame: Frame) -> Value:
        """The value of ``op operand``."""
        if op == "not":
            return NUMBER
        if operand.is_array_like:
            kept = operand.traits & Trait.INTEGER
            result = tensors.arithmetic(op, [operand], self._context.reason(expression, frame))
            return replace(result, traits=result.traits | kept)
        if operand.only(Kind.NUMBER):
            number = operand.constant
            return replace(NUMBER, constant=-number if op == "-" and isinstance(number, int | float) else None)
        return operand if operand.only(Kind.ARRAY) or (op == "~" and operand == TRUTH) else UNKNOWN

    def binary(self, left: Value, op: str, right: Value, expression: Expression, frame: Frame) -> Value:
        """The value of ``left op right``."""
        left, right = (side.without(Kind.NONE, Kind.ABSENT) for side in (left, right))
        numeric = (Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER, Kind.NUMBER)
        if left.is_array_like or right.is_array_like:
            other = right if left.is_array_like else left
            if other.may(Kind.CONTAINER, Kind.TEXT) or (op == "%" and not left.only(*numeric)):
                return UNKNOWN
            self._uses.note_mixed_device([left, right], expression, frame)
            return tensors.arithmetic(op, [left, right], self._context.reason(expression, frame))
        if left.only(*numeric) and right.only(*numeric):
            if left.only(Kind.NUMBER) and right.only(Kind.NUMBER):
                result = number(left.constant, op, right.constant)
                return replace(result, traits=result.traits | of_numbers(left, op, right))
            return join([NUMBER, tensors.arithmetic(op, [left, right], self._context.reason(expression, frame))])
        if left.only(Kind.ARRAY, Kind.NUMBER) and right.only(Kind.ARRAY, Kind.NUMBER):
            return Value(frozenset({Kind.ARRAY}), array_traits(op, Arguments((left, right), {})))
        if left.only(Kind.TEXT):
            return TEXT
        if left.only(Kind.CONTAINER) and right.only(Kind.CONTAINER) and op == "+":
            if left.items is not None and right.items is not None:
                return Value(frozenset({Kind.CONTAINER}), items=left.items + right.items)
            return Value(frozenset({Kind.CONTAINER}), element=join([*members(left), *members(right)]))
        if left.only(Kind.CONTAINER) and right.only(Kind.CONTAINER) and op == "|":
            return united(left, right)
        if right.only(Kind.CONTAINER) and left.only(Kind.NUMBER, Kind.UNKNOWN) and op == "*":
            left, right = right, left
        if left.only(Kind.CONTAINER) and right.only(Kind.NUMBER, Kind.UNKNOWN) and op == "*":
            return Value(frozenset({Kind.CONTAINER}), element=join(members(left)))
        return TRUTH if TRUTH in (left, right) and op in ("&", "|", "^") else UNKNOWN

    def compare(self, operands: list[Value], expression: ir.Compare, frame: Frame) -> Value:
        """The value of a comparison, chained ones included."""
        if any(op in ("is", "is not", "in", "not in") for op in expression.ops) or len(operands) > 2:
            return NUMBER
        if any(operand.is_array_like for operand in operands):
            self._uses.note_mixed_device(operands, expression, frame)
            return tensors.arithmetic(expression.ops[0], operands, self._context.reason(expression, frame))
        if any(operand.only(Kind.ARRAY) for operand in operands):
            return Value(frozenset({Kind.ARRAY}))
        certain = not any(operand.may(Kind.UNKNOWN, Kind.ARRAY, Kind.TENSOR) for operand in operands)
        return NUMBER if certain else TRUTH
