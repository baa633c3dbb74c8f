"""Expression + frame -> Value, with the reason for believing so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.assignments import Assignments
from bufferlint.interpreter.attributes import Attributes
from bufferlint.interpreter.calls import Calls
from bufferlint.interpreter.containers import displayed
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.literals import child, constant, element, keeps_all, member
from bufferlint.interpreter.narrowing import Narrowing
from bufferlint.interpreter.observations import Observations
from bufferlint.interpreter.operators import Operators
from bufferlint.interpreter.state import Frame, State, in_place_of_none, join_states
from bufferlint.interpreter.values import TEXT, UNKNOWN, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir.budget import EXPRESSION
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import External, LocalFunction

_OBJECTS = (Kind.MODULE, Kind.UNKNOWN, Kind.OTHER, Kind.HOLDER)
"""Kinds of values with attributes that code may set."""


_OF_OPERANDS = ir.Subscript | ir.Binary | ir.Unary | ir.Attribute
"""What may have the dtype of an operand of which nothing else is known."""


class Evaluator:
    """Evaluates expressions."""

    def __init__(
        self,
        context: Context,
        definitions: Definitions,
        attributes: Attributes,
        operators: Operators,
        calls: Calls,
        assignments: Assignments,
        narrowing: Narrowing,
        observations: Observations,
    ) -> None:
        self._context = context
        self._definitions = definitions
        self._attributes = attributes
        self._operators = operators
        self._calls = calls
        self._assignments = assignments
        self._narrowing = narrowing
        self._observations = observations

    def evaluate(self, expression: Expression, frame: Frame) -> Value:
        """The value of an expression, with the effects that evaluating it has on names and attributes."""
        if self._observations.of_expression(expression, frame):
            return UNKNOWN
        self._context.reader.budget.spend(EXPRESSION)
        value = self._evaluated(expression, frame)
        if isinstance(expression, _OF_OPERANDS) and value.kinds == UNKNOWN.kinds:
            fixed = self._observations.operands.is_fixed(expression)
            value = replace(value, traits=value.traits | Trait.FIXED_DTYPE) if fixed else value
        self._context.run.values[id(expression)] = value
        if isinstance(expression, ir.Binary) and expression.op == "@":
            self._observations.operands.of_operator(
                "torch.matmul", (expression.left, expression.right), expression, frame
            )
        return value

    def _evaluated(self, expression: Expression, frame: Frame) -> Value:
        match expression:
            case ir.Constant(value=value):
                return constant(value)
            case ir.Name(id=name):
                return self._name(name, frame)
            case ir.Attribute(value=value, attr=attr):
                base = self.evaluate(value, frame)
                kept = frame.field(expression) if base.may(*_OBJECTS) else None
                return kept or self._attributes.read(base, attr, expression, frame)
            case ir.Call():
                return self._calls.call(expression, frame)
            case ir.Subscript():
                return self._subscript(expression, frame)
            case ir.Display(kind=kind, items=items):
                return self._display(kind, items, frame)
            case ir.Dict(keys=keys, values=values):
                named = tuple(None if key is None else self.evaluate(key, frame) for key in keys)
                return displayed(named, tuple([self.evaluate(value, frame) for value in values]))
            case ir.Unary(op=op, operand=operand):
                return self._operators.unary(op, self.evaluate(operand, frame), expression, frame)
            case ir.Binary(left=left, op=op, right=right):
                operands = (self.evaluate(left, frame), self.evaluate(right, frame))
                return self._operators.binary(operands[0], op, operands[1], expression, frame)
            case ir.Boolean(left=left, op=op, right=right):
                return self._boolean(left, op, right, frame)
            case ir.Compare():
                compared = [self.evaluate(part, frame) for part in (expression.left, *expression.comparators)]
                return self._operators.compare(compared, expression, frame)
            case ir.Conditional():
                return self._conditional(expression, frame)
            case ir.Comprehension():
                return self._comprehension(expression, frame)
            case ir.Lambda():
                made = self._context.closure(expression, frame)
                if frame.instance is None and isinstance(made.reference, LocalFunction):
                    self._calls.run_for_effects(made.reference)
                return made
            case ir.Walrus(target=target, value=value):
                result = self.evaluate(value, frame)
                self._assignments.bind(target, result, frame)
                return result
            case ir.FormattedString():
                return self._formatted(expression, frame)
            case ir.Starred(value=value):
                return self.evaluate(value, frame)
            case ir.Opaque(what="yield" | "yield from" as what, parts=parts):
                given = [self.evaluate(part, frame) for part in parts]
                frame.yielded += given if what == "yield" else map(element, given)
                return UNKNOWN
        for part in ir.children(expression):
            self.evaluate(part, frame)
        return UNKNOWN

    def _formatted(self, expression: ir.FormattedString, frame: Frame) -> Value:
        parts = [part if isinstance(part, str) else self.evaluate(part, frame).constant for part in expression.parts]
        known = all(isinstance(part, str | int) for part in parts)
        return replace(TEXT, constant="".join(map(str, parts))) if known else TEXT

    def _name(self, name: str, frame: Frame) -> Value:
        known = frame.find(name)
        if known is not None:
            if known.reason is not None and known.reason.path == frame.path:
                return known.because(replace(known.reason, via=f"local '{name}'"))
            return known
        found = self._context.names.lookup(frame.path, name, frame.scope)
        if found is not None:
            return self._definitions.referred(found)
        return Value(frozenset({Kind.UNKNOWN}), reference=External(f"builtins.{name}"))

    def _display(self, kind: str, items: Iterable[Expression], frame: Frame) -> Value:
        values: list[Value] = []
        exact = kind != "set"
        for item in items:
            value = self.evaluate(item, frame)
            if isinstance(item, ir.Starred):
                exact = exact and value.items is not None
                values += value.items if value.items is not None else [value.element or UNKNOWN]
            else:
                values.append(value)
        if exact:
            return Value(frozenset({Kind.CONTAINER}), items=tuple(values))
        return Value(frozenset({Kind.CONTAINER}), element=join(values))

    def _subscript(self, expression: ir.Subscript, frame: Frame) -> Value:
        base = self.evaluate(expression.value, frame)
        index = [self.evaluate(part, frame) for part in expression.index if not isinstance(part, ir.Slice)]
        if base.is_array_like:
            whole = all(keeps_all(part) for part in expression.index)
            fancy = any(value.is_array_like or value.only(Kind.CONTAINER) for value in index)
            return tensors.index(base, whole, fancy, self._context.reason(expression, frame))
        if base.only(Kind.CONTAINER):
            return member(base, expression.index[0] if len(expression.index) == 1 else None, index)
        if base.only(Kind.CALLABLE):
            return base
        if base.only(Kind.MODULE) and (base.items or base.element) and not isinstance(expression.index[0], ir.Slice):
            return child(base, index[0].constant) if len(index) == 1 else element(base)
        return base if base.only(Kind.ARRAY, Kind.TEXT) else UNKNOWN

    def _boolean(self, left: Expression, op: str, right: Expression, frame: Frame) -> Value:
        first = self.evaluate(left, frame)
        second = self.evaluate(right, frame)
        return join([first.without(Kind.NONE) if op == "or" else first, second])

    def _conditional(self, expression: ir.Conditional, frame: Frame) -> Value:
        self.evaluate(expression.test, frame)
        results: list[Value] = []
        before, ends, tested = frame.state(), list[State](), frame.tested_for_none(expression.test)
        for branch, truth in ((expression.body, True), (expression.orelse, False)):
            frame.restore(before)
            if self._narrowing.narrow(expression.test, truth, frame):
                results.append(self.evaluate(branch, frame))
                ends.append(frame.state())
        _, instance = join_states(ends) if ends else before
        frame.restore((before[0], instance))
        if tested is not None and len(results) == 2:
            at = 0 if tested[1] else 1
            other = expression.orelse if tested[1] else expression.body
            is_name = isinstance(other, ir.Name) and other.id == tested[0]
            told = in_place_of_none(results[at], results[1 - at]) if is_name else None
            results = [results[at], told] if told is not None else results
        return join(results)

    def _comprehension(self, expression: ir.Comprehension, frame: Frame) -> Value:
        inner = Frame(frame.path, frame.scope, {}, frame.owner, frame, instance=frame.instance)
        for generator in expression.generators:
            iterable = self.evaluate(generator.iterable, inner)
            self._assignments.bind(generator.target, element(iterable), inner)
            for condition in generator.conditions:
                self.evaluate(condition, inner)
                self._narrowing.narrow(condition, True, inner)
        return Value(frozenset({Kind.CONTAINER}), element=self.evaluate(expression.element, inner))
