"""What statements do to the instance: assignments, registrations, changes in place, each noted as an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.calls import Calls
from bufferlint.interpreter.events import Action, Event, EventLog
from bufferlint.interpreter.state import UNSET, Frame, Slot
from bufferlint.interpreter.values import ABSENT, NONE, UNKNOWN, Arguments, Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.reader import Reader
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, SelfRef
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api


class Writing(Calls):
    """Binds targets and notes in ``log`` what happens to the attributes of the instance."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, tensor_factories: frozenset[str]) -> None:
        super().__init__(reader, names, hierarchy, tensor_factories)
        self.log = EventLog()
        """Events since `begin`."""
        self._without_gradient = False

    def bind(
        self, target: Expression, value: Value, frame: Frame, statement: st.Assign | st.Augment | None = None
    ) -> None:
        """Give a target of an assignment (a name, an attribute, a tuple of targets, a subscript) its value."""
        match target:
            case ir.Name(id=name):
                frame.names[name] = value
            case ir.Display(items=items):
                for part, member in zip(items, self._unpack(items, value), strict=True):
                    inner = part.value if isinstance(part, ir.Starred) else part
                    self.bind(inner, member, frame, statement)
            case ir.Attribute(value=owner, attr="requires_grad"):
                self._switch_gradient(owner, value.constant is not False, frame)
            case ir.Attribute(value=owner, attr=attr):
                if self._is_self(owner, frame):
                    at = statement or st.Evaluate(target.span, target)
                    self._write(attr, Action.ASSIGN, value, at, at.span, frame)
                elif isinstance(owner, ir.Attribute) and attr in ("data", "grad") and self._is_self(owner.value, frame):
                    self._mutated(owner, statement or st.Evaluate(target.span, target), frame)
            case ir.Subscript(value=owner):
                self._mutated(owner, statement or st.Evaluate(target.span, target), frame)
                self._shadowed(target, frame)

    def _switch_gradient(self, target: Expression, on: bool, frame: Frame) -> None:
        """``target.requires_grad = on``, of a local or an attribute."""

        def switched(value: Value) -> Value:
            trained = Trait.TRAINABLE | Trait.LEAF
            return replace(value, traits=value.traits | trained if on else value.traits & ~trained)

        if isinstance(target, ir.Name) and frame.names.get(target.id, UNKNOWN).is_tensor:
            frame.names[target.id] = switched(frame.names[target.id])
        elif isinstance(target, ir.Attribute) and self._is_self(target.value, frame) and self.instance is not None:
            slot = self.instance.slots.get(target.attr)
            if slot is not None and slot.value.may(Kind.TENSOR):
                self.instance.slots[target.attr] = replace(slot, value=switched(slot.value))

    def _unpack(self, items: Sequence[Expression], value: Value) -> list[Value]:
        starred = [at for at, item in enumerate(items) if isinstance(item, ir.Starred)]
        if value.items is not None and len(starred) <= 1:
            if not starred and len(value.items) == len(items):
                return list(value.items)
            if starred and len(value.items) >= len(items) - 1:
                after = len(items) - starred[0] - 1
                middle = value.items[starred[0] : len(value.items) - after]
                rest = value.items[len(value.items) - after :] if after else ()
                return [*value.items[: starred[0]], Value(frozenset({Kind.CONTAINER}), items=middle), *rest]
        member = self.element(value)
        return [
            Value(frozenset({Kind.CONTAINER}), element=member) if isinstance(item, ir.Starred) else member
            for item in items
        ]

    def _mutated(self, target: Expression, statement: st.Statement, frame: Frame) -> None:
        """``target`` is changed in place."""
        self._noted_in_place(target, Action.MUTATE, statement, frame)

    def _read_on_cpu(self, expression: ir.Call, frame: Frame) -> None:
        """Note ``x.numpy()``, ``np.f(x)`` and lengths of packed sequences for what attributes ``x`` may be (H19)."""
        func = expression.func
        if isinstance(func, ir.Attribute) and func.attr == "numpy":
            read: tuple[Expression, ...] = (func.value,)
        else:
            name = ir.dotted(func) or ""
            callee = self.names.dotted(frame.path, name, frame.scope) if name else None
            foreign = callee.name if isinstance(callee, External) else ""
            if not foreign.startswith("numpy.") and not foreign.endswith("pack_padded_sequence"):
                return
            read = tuple(arg.value for arg in expression.args[1 if foreign.endswith("sequence") else 0 :])
        for part in read:
            if not isinstance(part, ir.Name | ir.Attribute) or self.instance is None:
                continue
            storage = self.evaluate(part, frame).storage
            for attr, slot in list(self.instance.slots.items()):
                if storage & slot.value.storage:
                    at = st.Evaluate(expression.span, expression)
                    self._note(attr, Action.READ_ON_CPU, slot.value, slot, at, expression.span, frame)

    def note_mixed_device(self, operands: Sequence[Value], expression: Expression, frame: Frame) -> None:
        """Note the attributes that are used together with a tensor made on the CPU."""
        if self.instance is None or not any(Trait.ON_CPU in value.traits for value in operands):
            return
        others = [value for value in operands if value.is_array_like and Trait.ON_CPU not in value.traits]
        storage = frozenset[tuple[str, int]]().union(*(value.storage for value in others))
        for attr, slot in list(self.instance.slots.items()):
            if storage & slot.value.storage:
                at = st.Evaluate(expression.span, expression)
                self._note(attr, Action.MEETS_CPU, slot.value, slot, at, expression.span, frame)

    def _note_mixed_device_in(self, call: ir.Call, frame: Frame) -> None:
        """The same for the operands of a call that are locals and attributes of the instance."""
        parts = [arg.value for arg in call.args]
        if isinstance(call.func, ir.Attribute):
            parts.append(call.func.value)
        slots = self.instance.slots if self.instance else {}
        own = [
            slots[part.attr].value
            for part in parts
            if isinstance(part, ir.Attribute) and part.attr in slots and self._is_self(part.value, frame)
        ]
        if own:
            local = (frame.find(part.id) for part in parts if isinstance(part, ir.Name))
            self.note_mixed_device([*own, *(value for value in local if value is not None)], call, frame)

    def _noted_in_place(self, target: Expression, action: Action, statement: st.Statement, frame: Frame) -> None:
        while isinstance(target, ir.Subscript):
            target = target.value
        if isinstance(target, ir.Attribute) and self._is_self(target.value, frame):
            slot = self.instance.slots.get(target.attr, UNSET) if self.instance else UNSET
            self._note(target.attr, action, slot.value, slot, statement, statement.span, frame)

    def _shadowed(self, target: ir.Subscript, frame: Frame) -> None:
        """``self.__dict__["x"] = ...`` goes around nn.Module (H11)."""
        holder = target.value
        if isinstance(holder, ir.Attribute) and holder.attr == "__dict__" and self._is_self(holder.value, frame):
            for name in (self.evaluate(part, frame).constant for part in target.index):
                if isinstance(name, str):
                    at = st.Evaluate(target.span, target)
                    self._note(name, Action.SHADOW, UNKNOWN, UNSET, at, target.span, frame)

    def _is_self(self, expression: Expression, frame: Frame) -> bool:
        if not isinstance(expression, ir.Name):
            return False
        value = frame.find(expression.id)
        return value is not None and isinstance(value.reference, SelfRef)

    def _write(
        self, attr: str, action: Action, value: Value, statement: st.Statement, span: Span, frame: Frame
    ) -> None:
        if self.instance is None or (action is Action.ASSIGN and self._set_property(attr, value)):
            return
        before = self.instance.slots.get(attr) or self._of_base(attr)
        value = replace(value, traits=value.traits & ~Trait.ON_CPU) if Trait.ON_CPU in value.traits else value
        if self._without_gradient and value.is_tensor and Trait.LEAF not in value.traits:
            value = replace(value, traits=value.traits & ~Trait.TRAINABLE)
        self._note(attr, action, value, before, statement, span, frame)
        writer = (frame.path, span, attr)
        held = before.value
        if action is Action.ASSIGN and value.only(Kind.TENSOR, Kind.NONE, Kind.ABSENT) and held.kinds:
            if held.only(Kind.BUFFER):
                merged = replace(value, kinds=frozenset({Kind.BUFFER}))
                self.instance.slots[attr] = Slot(merged, before.writers)
                return
            if held.only(Kind.PARAMETER, Kind.MODULE) and value.only(Kind.NONE, Kind.TENSOR):
                return  # torch refuses the tensor
        if value.reference == tensors.BUFFER_CALL:
            value = replace(value, reference=None)
        self.instance.slots[attr] = Slot(value, frozenset({writer}))

    def _of_base(self, attr: str) -> Slot:
        """What an attribute holds that no code of the project has set."""
        value = self.registered_by_base(attr) if self.instance and self.instance.super_init_ran == {True} else None
        return UNSET if value is None else Slot(value, frozenset())

    def _set_property(self, attr: str, value: Value) -> bool:
        """Run the setter of a property of that name; False when the name is none."""
        for ancestor in self.lineage.classes if self.lineage else ():
            for method in ancestor.header.methods:
                if method.name == attr and f"{attr}.setter" in method.decorators:
                    receiver = Value(frozenset({Kind.MODULE}), reference=SelfRef())
                    self.run(FunctionRef(ancestor.path, method, ancestor), Arguments((value,), {}), receiver)
                    return True
        return False

    def _note(
        self,
        attr: str,
        action: Action,
        value: Value,
        before: Slot,
        statement: st.Statement,
        span: Span,
        frame: Frame,
        persistent: bool | None = None,
    ) -> None:
        ready = self.instance.super_init_ran if self.instance else frozenset({True})
        self.log.note(
            Event(attr, action, value, before, ready, frame.path, frame.scope, frame.owner, span, statement, persistent)
        )

    def module_initialised(self) -> None:
        if self.instance is not None:
            self.instance.super_init_ran = frozenset({True})

    def registered(self, method: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value | None:
        """The effect of a method of nn.Module that registers, sets or deletes; None for any other method."""
        if method in _WRITING:
            this = Value(frozenset({Kind.MODULE}), reference=SelfRef())
            bound = replace(args, positional=(this, *args.positional))
            self._setattr(_WRITING[method], bound, expression.args[:1], expression, frame)
            return NONE
        kind, action = REGISTERING.get(method, (None, None))
        if kind is None or action is None or self.instance is None:
            return None
        name = args.get(0, "name")
        value = args.get(1, {"register_buffer": "tensor", "register_parameter": "param"}.get(method, "module"))
        named = next((arg.value for arg in expression.args if arg.keyword == "name"), expression.args[0].value)
        attr = self._made_name(name, named, frame)
        if attr is None:
            return NONE
        persistent = args.get(2, "persistent")
        keeps = persistent.constant if persistent is not None else True
        before = self.instance.slots.get(attr, UNSET)
        at = st.Evaluate(expression.span, expression)
        self._note(
            attr,
            action,
            value or UNKNOWN,
            before,
            at,
            expression.span,
            frame,
            keeps if isinstance(keeps, bool) else None,
        )
        held = replace(value or UNKNOWN, kinds=frozenset({kind}))
        self.instance.slots[attr] = Slot(held, frozenset({(frame.path, expression.span, attr)}))
        return NONE

    def apply(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        name = callee.reference.name if isinstance(callee.reference, External) else ""
        if name in ("builtins.setattr", "builtins.object.__setattr__", "builtins.delattr"):
            self._setattr(name, args, expression.args[1:2], expression, frame)
            return NONE
        return super().apply(callee, args, expression, frame)

    def _setattr(
        self,
        function: str,
        args: Arguments,
        named: tuple[ir.Argument, ...],
        expression: ir.Call,
        frame: Frame,
    ) -> None:
        """Set or delete an attribute; ``named`` holds its name as it is written."""
        if len(args.positional) < 2 or not isinstance(args.positional[0].reference, SelfRef):
            return
        given = args.positional[1]
        if frame.owner is not None and given is not None and _is_private(given.constant):
            return  # a string is not mangled: no ``self.__x`` of a class reaches what it names
        name = self._made_name(given, named[0].value if named else None, frame)
        if name is None:
            return
        at = st.Evaluate(expression.span, expression)
        if function == "builtins.delattr":
            self._write(name, Action.DELETE, ABSENT, at, expression.span, frame)
        elif function == "builtins.setattr":
            value = args.positional[2] if len(args.positional) > 2 else UNKNOWN
            self._write(name, Action.ASSIGN, value, at, expression.span, frame)
        else:
            self._note(name, Action.SHADOW, UNKNOWN, UNSET, at, expression.span, frame)

    def _made_name(self, name: Value | None, written: Expression | None, frame: Frame) -> str | None:
        """The attribute that a string names; of an f-string that is not known whole, its text: ``scale_{i}``."""
        if name is not None and isinstance(name.constant, str):
            return _as_written(name.constant, frame.owner)
        if not isinstance(written, ir.FormattedString):
            return None
        parts = [part if isinstance(part, str) else f"{{{self.words(part, frame.path)}}}" for part in written.parts]
        return "".join(parts) if any(isinstance(part, str) for part in written.parts) else None

    def call(self, expression: ir.Call, frame: Frame) -> Value:
        func = expression.func
        result = super().call(expression, frame)
        if isinstance(func, ir.Attribute) and func.attr == "requires_grad_":
            switch = self.evaluate(expression.args[0].value, frame).constant if expression.args else True
            self._switch_gradient(func.value, switch is not False, frame)
        if isinstance(func, ir.Attribute) and _moves_only(expression):
            self._noted_in_place(func.value, Action.MOVE, st.Evaluate(expression.span, expression), frame)
        self._read_on_cpu(expression, frame)
        self._note_mixed_device_in(expression, frame)
        if isinstance(func, ir.Attribute) and torch_api.method_mutates(func.attr):
            self._mutated(func.value, st.Evaluate(expression.span, expression), frame)
        elif expression.args and isinstance(func, ir.Attribute | ir.Name):
            callee = self.names.dotted(frame.path, ir.dotted(func) or "?", frame.scope)
            if isinstance(callee, External) and callee.name.startswith("torch.nn.init."):
                self._mutated(expression.args[0].value, st.Evaluate(expression.span, expression), frame)
        return result


REGISTERING = {
    "register_buffer": (Kind.BUFFER, Action.REGISTER_BUFFER),
    "register_parameter": (Kind.PARAMETER, Action.REGISTER_OTHER),
    "add_module": (Kind.MODULE, Action.REGISTER_OTHER),
    "register_module": (Kind.MODULE, Action.REGISTER_OTHER),
}

_WRITING = {"__setattr__": "builtins.setattr", "__delattr__": "builtins.delattr"}


def _as_written(name: str, owner: ClassRef | None) -> str:
    """``__x`` for ``_Model__x``, which is what Python makes of ``self.__x``, but not of a string, in ``Model``."""
    prefix = f"_{owner.header.name.lstrip('_')}__" if owner else ""
    return name[len(prefix) - 2 :] if prefix and name.startswith(prefix) and not name.endswith("__") else name


def _is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("__") and not name.endswith("__")


def _moves_only(expression: ir.Call) -> bool:
    """Whether a call is ``.cuda()`` or a ``.to()`` that names a device and nothing else."""
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
