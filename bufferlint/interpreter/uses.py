"""What code does to attributes without assigning them: changes in place, moves, reads on the CPU, mixed devices."""

from __future__ import annotations

from collections.abc import Sequence

from bufferlint.interpreter.context import Context
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.slots import UNSET
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import External
from bufferlint.torch_model import api as torch_api


class Uses:
    """Notes uses of attributes of the instance."""

    def __init__(self, context: Context, layers: Layers) -> None:
        self._context = context
        self._layers = layers

    def of_call(self, expression: ir.Call, frame: Frame) -> None:
        """Note what a call does to attributes that it is handed or called on."""
        func = expression.func
        if isinstance(func, ir.Attribute) and _moves_only(expression):
            self.note_in_place(func.value, Action.MOVE, st.Evaluate(expression.span, expression), frame)
        self._read_on_cpu(expression, frame)
        self._note_mixed_device_in(expression, frame)
        if isinstance(func, ir.Attribute) and torch_api.method_mutates(func.attr):
            self.mutated(func.value, st.Evaluate(expression.span, expression), frame)
        elif expression.args and isinstance(func, ir.Attribute | ir.Name):
            callee = self._context.names.dotted(frame.path, ir.dotted(func) or "?", frame.scope)
            if isinstance(callee, External) and callee.name.startswith("torch.nn.init."):
                self.mutated(expression.args[0].value, st.Evaluate(expression.span, expression), frame)

    def _read_on_cpu(self, expression: ir.Call, frame: Frame) -> None:
        """Note ``x.numpy()``, ``np.f(x)`` and lengths of packed sequences for what attributes ``x`` may be (H19)."""
        func = expression.func
        if isinstance(func, ir.Attribute) and func.attr == "numpy":
            read: tuple[Expression, ...] = (func.value,)
        else:
            name = ir.dotted(func) or ""
            callee = self._context.names.dotted(frame.path, name, frame.scope) if name else None
            foreign = callee.name if isinstance(callee, External) else ""
            if not foreign.startswith("numpy.") and not foreign.endswith("pack_padded_sequence"):
                return
            read = tuple(arg.value for arg in expression.args[1 if foreign.endswith("sequence") else 0 :])
        for part in read:
            if not isinstance(part, ir.Name | ir.Attribute) or frame.instance is None:
                continue
            storage = self._layers.evaluator.evaluate(part, frame).storage
            for attr, slot in frame.instance.slots.sharing(storage):
                at = st.Evaluate(expression.span, expression)
                self._context.note(attr, Action.READ_ON_CPU, slot.value, slot, at, expression.span, frame)

    def note_mixed_device(self, operands: Sequence[Value], expression: Expression, frame: Frame) -> None:
        """Note the attributes that are used together with a tensor made on the CPU."""
        if frame.instance is None or not any(Trait.ON_CPU in value.traits for value in operands):
            return
        others = [value for value in operands if value.is_array_like and Trait.ON_CPU not in value.traits]
        storage = frozenset[tuple[str, int]]().union(*(value.storage for value in others))
        for attr, slot in frame.instance.slots.sharing(storage):
            at = st.Evaluate(expression.span, expression)
            self._context.note(attr, Action.MEETS_CPU, slot.value, slot, at, expression.span, frame)

    def _note_mixed_device_in(self, call: ir.Call, frame: Frame) -> None:
        """The same for the operands of a call that are locals and attributes of the instance."""
        parts = [arg.value for arg in call.args]
        if isinstance(call.func, ir.Attribute):
            parts.append(call.func.value)
        slots = frame.instance.slots if frame.instance else {}
        own = [
            slots[part.attr].value
            for part in parts
            if isinstance(part, ir.Attribute) and part.attr in slots and frame.is_self(part.value)
        ]
        if own:
            local = (frame.find(part.id) for part in parts if isinstance(part, ir.Name))
            self.note_mixed_device([*own, *(value for value in local if value is not None)], call, frame)

    def note_in_place(self, target: Expression, action: Action, statement: st.Statement, frame: Frame) -> None:
        while isinstance(target, ir.Subscript):
            target = target.value
        if isinstance(target, ir.Attribute) and frame.is_self(target.value):
            slot = frame.instance.slots.get(target.attr, UNSET) if frame.instance else UNSET
            self._context.note(target.attr, action, slot.value, slot, statement, statement.span, frame)

    def mutated(self, target: Expression, statement: st.Statement, frame: Frame) -> None:
        """``target`` is changed in place."""
        self.note_in_place(target, Action.MUTATE, statement, frame)


def _moves_only(expression: ir.Call) -> bool:
    """Returns whether a call is ``.cuda()`` or a ``.to()`` that names a device and nothing else."""
    func = expression.func
    if not isinstance(func, ir.Attribute) or not isinstance(func.value, ir.Attribute):
        return False
    if func.attr == "cuda":
        return len(expression.args) <= 1
    if func.attr != "to" or len(expression.args) != 1:
        return False
    argument = expression.args[0]
    if argument.keyword is not None:
        return argument.keyword == "device"
    match argument.value:
        case ir.Attribute(attr=attr):
            return attr in ("device", "_device")
        case ir.Name(id=name):
            return "device" in name
        case ir.Constant(value=str() as text):
            return not text.startswith("cpu")
        case ir.Call(func=callee, args=args):
            to_cpu = any(isinstance(a.value, ir.Constant) and str(a.value.value).startswith("cpu") for a in args)
            return (ir.dotted(callee) or "").rpartition(".")[2] in ("device", "get_device") and not to_cpu
    return False
