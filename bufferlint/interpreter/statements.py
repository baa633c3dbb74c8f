"""Runs statements over kinds instead of values: in order, branches joined, every event noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.assignments import Assignments
from bufferlint.interpreter.containers import turns_of
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.expressions import Evaluator
from bufferlint.interpreter.literals import element
from bufferlint.interpreter.narrowing import Narrowing
from bufferlint.interpreter.operators import Operators
from bufferlint.interpreter.queries import makes_names, yields
from bufferlint.interpreter.slots import Slot
from bufferlint.interpreter.state import Frame, Snapshot, State, in_place_of_none, join_states
from bufferlint.interpreter.uses import Uses
from bufferlint.interpreter.values import ABSENT, NONE, UNKNOWN, Kind, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.text.span import Span

_DEEPEST_LOOP = 4
_SLOTS_IN_A_STEP = 32
"""Slots of the instance that are copied and compared in a step, for each turn of a loop that is followed."""
_NO_GRADIENT = ("no_grad()", "inference_mode()", "set_grad_enabled(False)")


class Statements:
    """Runs statements."""

    def __init__(
        self,
        context: Context,
        definitions: Definitions,
        evaluator: Evaluator,
        operators: Operators,
        assignments: Assignments,
        uses: Uses,
        narrowing: Narrowing,
    ) -> None:
        self._context = context
        self._definitions = definitions
        self._evaluator = evaluator
        self._operators = operators
        self._assignments = assignments
        self._uses = uses
        self._narrowing = narrowing

    def block(self, block: st.Block, frame: Frame) -> bool:
        """Run statements in order; False when no path reaches the end."""
        return all(self.statement(statement, frame) for statement in block)

    def statement(self, statement: st.Statement, frame: Frame) -> bool:
        match statement:
            case st.Assign():
                self._assign(statement, frame)
            case st.Augment():
                self._augment(statement, frame)
            case st.Evaluate(value=said):
                self._evaluator.evaluate(said, frame)
                if _is_test(said):  # of an assertion, since as a statement it would do nothing
                    return self._narrowing.narrow(said, True, frame)
            case st.Return():
                value = NONE if statement.value is None else self._evaluator.evaluate(statement.value, frame)
                frame.returns.append(value)
                if frame.instance is not None:
                    frame.exits.append(frame.instance.copy())
                return False
            case st.Leave(how=how):
                if how != "raise" and frame.instance is not None and frame.jumps:
                    frame.jumps[-1].append(frame.state())
                return False
            case st.Delete(targets=targets):
                for target in targets:
                    self._delete(target, statement, frame)
            case st.If() | st.Match() | st.Try():
                return self._branching(statement, frame)
            case st.For() | st.While():
                return self._loop(statement, frame)
            case st.With(items=items, body=body):
                return self._with(items, body, frame)
            case st.Import(bindings=bindings):
                for name, _ in bindings:
                    frame.names.pop(name, None)
            case st.Define(function=function):
                self._define(function, frame)
            case st.DefineClass(name=name):
                frame.names.pop(name, None)
            case st.Global(names=names):
                frame.shared_names |= frozenset(names)
        return True

    def _with(self, items: Sequence[tuple[Expression, Expression | None]], body: st.Block, frame: Frame) -> bool:
        blocks = inferring = 0
        for manager, bound in items:
            self._evaluator.evaluate(manager, frame)
            blocks += self._context.words(manager, frame.path).endswith(_NO_GRADIENT)
            inferring += _is_inference_mode(manager)
            if bound is not None:
                self._assignments.bind(bound, UNKNOWN, frame)
        if frame.instance is None:
            return self.block(body, frame)
        frame.instance.without_gradient += blocks
        frame.instance.in_inference_mode += inferring
        alive = self.block(body, frame)
        frame.instance.without_gradient -= blocks
        frame.instance.in_inference_mode -= inferring
        return alive

    def _define(self, function: st.Function, frame: Frame) -> None:
        value = self._context.closure(function, frame)
        frame.names[function.name] = UNKNOWN if function.decorators or yields(function) else value

    def _assign(self, statement: st.Assign, frame: Frame) -> None:
        value = self._evaluator.evaluate(statement.value, frame)
        if statement.annotation is not None and value.may(Kind.UNKNOWN):
            promised = self._definitions.annotations(frame).value(statement.annotation)
            if promised.only(Kind.TENSOR) and not value.may(Kind.CONTAINER, Kind.ARRAY):
                text = f"annotated {self._context.words(statement.annotation, frame.path)}"
                value = promised.because(self._context.reason(statement.annotation, frame, text))
        for target in statement.targets:
            self._assignments.bind(target, value, frame, statement)

    def _augment(self, statement: st.Augment, frame: Frame) -> None:
        target = statement.target
        before = self._evaluator.evaluate(target, frame)
        value = self._evaluator.evaluate(statement.value, frame)
        after = self._operators.binary(before, statement.op, value, statement.value, frame)
        if isinstance(target, ir.Subscript):
            self._uses.mutated(target.value, statement, frame)
            return
        if isinstance(target, ir.Attribute) and before.is_array_like:
            self._uses.mutated(target, statement, frame)
            return  # the operator works in place and gives the same tensor back
        if before.reference == tensors.BUFFER_CALL:
            after = before
        elif after.is_tensor and before.is_array_like:
            after = replace(after, reason=before.reason or after.reason, storage=before.storage)
        self._assignments.bind(target, after, frame, statement)

    def _delete(self, target: Expression, statement: st.Statement, frame: Frame) -> None:
        if isinstance(target, ir.Name):
            frame.names[target.id] = UNKNOWN
        elif isinstance(target, ir.Attribute) and frame.is_self(target.value):
            self._assignments.write(target.attr, Action.DELETE, ABSENT, statement, statement.span, frame)
        elif isinstance(target, ir.Subscript):
            self._evaluator.evaluate(target.value, frame)

    def _branching(self, statement: st.If | st.Match | st.Try, frame: Frame) -> bool:
        match statement:
            case st.If(test=test, body=body, orelse=orelse):
                self._evaluator.evaluate(test, frame)
                paths: list[Callable[[], bool]] = [
                    lambda: self._narrowing.narrow(test, True, frame) and self.block(body, frame),
                    lambda: self._narrowing.narrow(test, False, frame) and self.block(orelse, frame),
                ]
                return self._paths(paths, frame, frame.tested_for_none(test))
            case st.Match():
                return self._match(statement, frame)
            case st.Try():
                return self._try(statement, frame)
        return True

    def _match(self, statement: st.Match, frame: Frame) -> bool:
        """The first case that fits: each later one is for what those before it leave over."""
        whole = self._evaluator.evaluate(statement.subject, frame)
        ends: list[State] = []
        for case in statement.cases:
            before = frame.state()
            if self._enters(case, statement.subject, whole, frame) and self.block(case.body, frame):
                ends.append(frame.state())
            frame.restore(before)
            test = case.test
            if case.guard is not None:
                test = ir.Boolean(test.span, test, "and", case.guard)
            if not self._narrowing.narrow(test, False, frame):
                break
        else:
            ends.append(frame.state())
        if ends:
            frame.restore(join_states(ends))
        return bool(ends)

    def _enters(self, case: st.Case, subject: Expression, whole: Value, frame: Frame) -> bool:
        """Narrow the subject to what a case lets in, and bind its names; False when nothing is left."""
        if not self._narrowing.narrow(case.test, True, frame):
            return False
        for capture in case.captures:
            if capture.value is None:
                value = UNKNOWN
            elif capture.value is subject and not isinstance(subject, ir.Name | ir.Attribute):
                value = whole  # it is not run again
            else:
                value = self._evaluator.evaluate(capture.value, frame)
            self._assignments.bind(ir.Name(case.test.span, capture.name), value, frame)
        if case.guard is None:
            return True
        self._evaluator.evaluate(case.guard, frame)
        return self._narrowing.narrow(case.guard, True, frame)

    def _try(self, statement: st.Try, frame: Frame) -> bool:
        before = frame.state()
        alive = self.block(statement.body, frame) and self.block(statement.orelse, frame)
        after = frame.state()
        caught = join_states([before, after])
        ends = [after] if alive else []
        for name, body in statement.handlers:
            frame.restore(caught)
            if name:
                frame.names[name] = UNKNOWN
            if self.block(body, frame):
                ends.append(frame.state())
        frame.restore(join_states(ends) if ends else caught)
        return self.block(statement.final, frame) and bool(ends)

    def _loop(self, statement: st.For | st.While, frame: Frame) -> bool:
        """Twice through the body reaches what one turn leaves to the next; the kinds of a third would be the same.

        Deep inside of other loops once is enough: their turns are turns of this one too, and their number doubles.
        """
        iterable = self._evaluator.evaluate(statement.iterable, frame) if isinstance(statement, st.For) else None
        turns = turns_of(iterable) if iterable is not None else None
        if isinstance(statement, st.For) and turns and makes_names(statement):
            return self._turns(statement, turns, frame)
        ends = [frame.state()]
        for _ in range(2 if len(frame.jumps) < _DEEPEST_LOOP else 1):
            frame.jumps.append([])
            frame.restore(join_states(ends))
            if isinstance(statement, st.For):
                self._assignments.bind(statement.target, element(iterable or UNKNOWN), frame)
            else:
                self._evaluator.evaluate(statement.test, frame)
            if self.block(statement.body, frame):
                ends.append(frame.state())
            ends += frame.jumps.pop()
        frame.restore(join_states(ends))
        return self.block(statement.orelse, frame)

    def _turns(self, statement: st.For, items: Sequence[Value], frame: Frame) -> bool:
        """Every turn of a loop over known items, since what it stores is named after them."""
        if frame.instance is not None:
            frame.instance.slots.items()  # memory that its turns make is told apart in all slots
        left: list[State] = []
        for turn, item in enumerate(items):
            frame.jumps.append([])
            begun: Mapping[str, Slot] = frame.instance.copy().slots if frame.instance is not None else {}
            self._context.reader.budget.spend(len(begun) // _SLOTS_IN_A_STEP)
            self._assignments.bind(statement.target, item, frame)
            ends = [frame.state()] if self.block(statement.body, frame) else []
            jumped = frame.jumps.pop()
            for _, instance in (*ends, *jumped):
                _tell_apart(instance, begun, statement.span, turn)
            ends += jumped
            left += jumped
            if not ends:
                break
            frame.restore(join_states(ends))
        frame.restore(join_states([frame.state(), *left]))
        return self.block(statement.orelse, frame)

    def _paths(self, paths: Sequence[Callable[[], bool]], frame: Frame, tested: tuple[str, bool] | None = None) -> bool:
        """Run both paths and join their ends; ``tested`` is the parameter that one of them finds to be None."""
        before = frame.state()
        ends: list[State] = []
        for path in paths:
            frame.restore(before)
            if path():
                ends.append(frame.state())
        if tested is not None and len(ends) == len(paths):
            name, at = tested[0], 0 if tested[1] else 1
            told = in_place_of_none(ends[at][0].get(name), ends[1 - at][0].get(name))
            if told is not None:
                ends[1 - at][0][name] = told
        if ends:
            frame.restore(join_states(ends))
        return bool(ends)


def _is_test(expression: Expression) -> bool:
    """Returns whether it is ``isinstance(x, Tensor)``, ``x is not None``, or tests joined."""
    if isinstance(expression, ir.Boolean):
        return _is_test(expression.left) and _is_test(expression.right)
    if isinstance(expression, ir.Unary):
        return expression.op == "not" and _is_test(expression.operand)
    if isinstance(expression, ir.Call):
        return (ir.dotted(expression.func) or "").rpartition(".")[2] in ("isinstance", "is_tensor")
    return isinstance(expression, ir.Compare)


def _is_inference_mode(manager: Expression) -> bool:
    """Returns whether it is ``torch.inference_mode()``, which is not switched off."""
    if not isinstance(manager, ir.Call) or (ir.dotted(manager.func) or "").rpartition(".")[2] != "inference_mode":
        return False
    return not any(isinstance(arg.value, ir.Constant) and arg.value.value is False for arg in manager.args)


def _tell_apart(instance: Snapshot | None, begun: Mapping[str, Slot], loop: Span, turn: int) -> None:
    """Give the memory that a turn of a loop made a place of its own: another turn makes other memory. ``begun`` are the
    slots as they were when the turn began."""
    if instance is None:
        return
    for attr, slot in [pair for pair in instance.slots.items() if begun.get(pair[0]) is not pair[1]]:
        inside = {place for place in slot.value.storage if loop.start <= place[1] < loop.end and " " not in place[0]}
        if inside:
            own = frozenset((f"{path} {turn}", start) for path, start in inside)
            storage = slot.value.storage - inside | own
            instance.slots[attr] = replace(slot, value=replace(slot.value, storage=storage))
