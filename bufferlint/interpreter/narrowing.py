"""What the outcome of a test tells of the names that it tests."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.state import Frame, State, join_states
from bufferlint.interpreter.values import NOTHING, UNKNOWN, Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import ClassRef, External, SelfRef
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named

_TENSORS = frozenset({Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER})
_INSTANCES = {
    **dict.fromkeys(("builtins.int", "builtins.float", "builtins.bool", "builtins.complex"), Kind.NUMBER),
    **dict.fromkeys(
        ("numbers.Number", "numbers.Real", "numbers.Integral", "numpy.integer", "numpy.number"), Kind.NUMBER
    ),
    **dict.fromkeys(("builtins.list", "builtins.tuple", "builtins.dict", "builtins.set"), Kind.CONTAINER),
    **dict.fromkeys(("typing.Sequence", "typing.Iterable", "typing.Mapping", "typing.List"), Kind.CONTAINER),
    **dict.fromkeys(("collections.abc.Sequence", "collections.abc.Mapping"), Kind.CONTAINER),
    "builtins.str": Kind.TEXT,
    "builtins.bytes": Kind.TEXT,
    "numpy.ndarray": Kind.ARRAY,
}

_SAME = {"is": True, "==": True, "in": True, "is not": False, "!=": False, "not in": False}
"""Comparisons of ``type(x)`` with a class or a tuple of classes."""


def _instances(tested: Value) -> frozenset[Kind] | None:
    """The kinds of the instances of a class outside the project."""
    name = tested.reference.name if isinstance(tested.reference, External) else ""
    if torch_api.named(name) is Named.TENSOR_CLASS:
        return _TENSORS
    if torch_api.named(name) is Named.PARAMETER_CLASS:
        return frozenset({Kind.PARAMETER})
    return frozenset({_INSTANCES[name]}) if name in _INSTANCES else None


def _is_unknown(value: Value | None) -> bool:
    return value is not None and value.kinds == UNKNOWN.kinds and value.reference is None


class Narrowing:
    """Narrows names and attributes to what a test allows."""

    def __init__(self, layers: Layers, definitions: Definitions) -> None:
        self._layers = layers
        self._definitions = definitions

    def narrow(self, test: Expression, truth: bool, frame: Frame) -> bool:
        """Keep of a tested name what the outcome of the test allows; False when nothing is left of it."""
        match test:
            case ir.Unary(op="not", operand=operand):
                return self.narrow(operand, not truth, frame)
            case ir.Boolean(left=left, op=op, right=right) if (op == "and") == truth:
                return self.narrow(left, truth, frame) and self.narrow(right, truth, frame)
            case ir.Boolean(left=left, right=right):
                return self._either(left, right, truth, frame)
            case ir.Compare(left=left, ops=("is" | "is not" as op,), comparators=(ir.Constant(value=None),)):
                wants_none = (op == "is") == truth
                return self._restrict(left, frozenset({Kind.NONE}), wants_none, frame)
            case ir.Compare(left=ir.Call(func=func, args=(given,)), ops=(op,), comparators=(of,)) if op in _SAME:
                callee = self._layers.evaluator.evaluate(func, frame).reference
                kinds = self._kinds_of(of, frame) if callee == External("builtins.type") else None
                if kinds is not None:
                    return self._restrict(given.value, kinds, _SAME[op] == truth, frame)
            case ir.Call(func=func, args=args) if args:
                kinds = self._tested_kinds(func, args, frame)
                if kinds is not None:
                    return self._restrict(args[0].value, kinds, truth, frame)
                if truth and len(args) == 2:
                    self._become_instance(func, args[0].value, args[1].value, frame)
            case ir.Constant(value=bool() as value):
                return value == truth
            case ir.Name() | ir.Attribute() if truth:
                return self._restrict(test, frozenset({Kind.NONE}), False, frame)
        return True

    def _either(self, left: Expression, right: Expression, truth: bool, frame: Frame) -> bool:
        """``left and right`` is false, or ``left or right`` true: one of them decided it."""
        before, ends = frame.state(), list[State]()
        if self.narrow(left, truth, frame):
            ends.append(frame.state())
        frame.restore(before)
        if self.narrow(left, not truth, frame) and self.narrow(right, truth, frame):
            ends.append(frame.state())
        if ends:
            frame.restore(join_states(ends))
        return bool(ends)

    def _tested_kinds(self, func: Expression, args: tuple[ir.Argument, ...], frame: Frame) -> frozenset[Kind] | None:
        callee = self._layers.evaluator.evaluate(func, frame).reference
        name = callee.name if isinstance(callee, External) else ""
        if name == "torch.is_tensor":
            return _TENSORS
        if name == "builtins.isinstance" and len(args) == 2:
            return self._kinds_of(args[1].value, frame)
        return None

    def _become_instance(self, func: Expression, target: Expression, tested: Expression, frame: Frame) -> None:
        """``isinstance(x, Layer)`` is true of an unknown ``x``: it is an instance of that class of the project, or of
        one below it."""
        if not isinstance(target, ir.Name) or not _is_unknown(frame.names.get(target.id)):
            return
        evaluate = self._layers.evaluator.evaluate
        callee, of = evaluate(func, frame).reference, frame.settled(evaluate(tested, frame)).reference
        if callee == External("builtins.isinstance") and isinstance(of, ClassRef):
            made = self._definitions.instance_of(of)
            frame.names[target.id] = replace(made, traits=made.traits | Trait.FROM_CALLER)

    def _kinds_of(self, classes: Expression, frame: Frame) -> frozenset[Kind] | None:
        """The kinds of the instances of a class, of one of a tuple of classes, or of ``int | float``; None when one of
        them tells of no kind."""
        if isinstance(classes, ir.Display):
            parts: tuple[Expression, ...] = tuple(classes.items)
        elif isinstance(classes, ir.Binary) and classes.op == "|":
            parts = (classes.left, classes.right)
        else:
            tested = self._layers.evaluator.evaluate(classes, frame)
            if tested.items is not None and tested.only(Kind.CONTAINER):
                each = [_instances(member) for member in tested.items]
                return None if None in each else frozenset[Kind]().union(*(kinds for kinds in each if kinds))
            return _instances(tested)
        every = [self._kinds_of(part, frame) for part in parts]
        return None if None in every else frozenset[Kind]().union(*(kinds for kinds in every if kinds))

    def _restrict(self, target: Expression, kinds: frozenset[Kind], inside: bool, frame: Frame) -> bool:
        if isinstance(target, ir.Walrus):
            target = target.target
        if isinstance(target, ir.Name):
            value = frame.names.get(target.id)
            if value is None or isinstance(value.reference, SelfRef):
                return True
            left = self._left(value, kinds, inside)
            frame.names[target.id] = left
            return bool(left.kinds)
        if isinstance(target, ir.Attribute) and frame.is_self(target.value) and frame.instance is not None:
            slot = frame.instance.slots.get(target.attr)
            if slot is None or slot.value.may(Kind.BUFFER, Kind.PARAMETER, Kind.MODULE):
                return True
            left = self._left(slot.value, kinds, inside)
            if not left.kinds:
                return False
            frame.instance.slots[target.attr] = replace(slot, value=left)
        return True

    @staticmethod
    def _left(value: Value, kinds: frozenset[Kind], inside: bool) -> Value:
        if not inside:
            return value.without(*kinds)
        left = value.kinds & kinds
        if (not left and value.may(Kind.UNKNOWN)) or (Trait.FROM_CALLER in value.traits and not left):
            left = kinds - {Kind.PARAMETER, Kind.BUFFER} if Kind.TENSOR in kinds else kinds
            return Value(left, Trait.FROM_CALLER | Trait.SHARED if Kind.TENSOR in left else Trait.NOTHING)
        return replace(value, kinds=left) if left else NOTHING
