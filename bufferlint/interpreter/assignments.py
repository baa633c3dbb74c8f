"""What statements do to the instance: assignments and registrations, each noted as an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.attributes import Attributes
from bufferlint.interpreter.containers import put
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.events import ANY, Action
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.literals import element, names_in
from bufferlint.interpreter.module_places import hand_modules
from bufferlint.interpreter.observations import Observations
from bufferlint.interpreter.queries import bound_in
from bufferlint.interpreter.slots import UNSET, Slot
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.uses import Uses
from bufferlint.interpreter.values import ABSENT, NONE, UNKNOWN, Arguments, Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.usage import dict_holder, usage_of
from bufferlint.resolution.references import ClassRef, External, LocalFunction, SelfRef
from bufferlint.text.span import Span
from bufferlint.torch_model import distributions


class Assignments:
    """Binds targets and notes what happens to the attributes of the instance."""

    def __init__(
        self, context: Context, layers: Layers, attributes: Attributes, uses: Uses, observations: Observations
    ) -> None:
        self._context = context
        self._layers = layers
        self._attributes = attributes
        self._uses = uses
        self._observations = observations

    def bind(
        self, target: Expression, value: Value, frame: Frame, statement: st.Assign | st.Augment | None = None
    ) -> None:
        """Give a target of an assignment (a name, an attribute, a tuple of targets, a subscript) its value."""
        match target:
            case ir.Name(id=name):
                frame.forget_fields(name)
                kept = name in frame.shared_names and value.is_tensor
                frame.names[name] = replace(value, traits=value.traits | Trait.SHARED) if kept else value
            case ir.Display(items=items):
                for part, member in zip(items, self._unpack(items, value), strict=True):
                    inner = part.value if isinstance(part, ir.Starred) else part
                    self.bind(inner, member, frame, statement)
            case ir.Attribute(value=owner, attr="requires_grad"):
                self.switch_gradient(owner, value.constant is not False, frame)
            case ir.Attribute(value=owner, attr=attr):
                if frame.is_self(owner):
                    at = statement or st.Evaluate(target.span, target)
                    self.write(attr, Action.ASSIGN, value, at, at.span, frame)
                elif isinstance(owner, ir.Attribute) and attr in ("data", "grad") and frame.is_self(owner.value):
                    self._uses.mutated(owner, statement or st.Evaluate(target.span, target), frame)
                else:
                    hand_modules(self._context, [value], target, frame)
                    made = value.kinds == UNKNOWN.kinds and _is_made_of(statement, attr)
                    known = Value(frozenset({Kind.TENSOR})) if made else value
                    self._observations.outside(Action.ASSIGN, owner, attr, known, target, frame)
                    frame.keep_field(target, known)
            case ir.Subscript(value=ir.Attribute(value=holder, attr="_buffers")) if frame.is_self(holder):
                self._registered_by_hand(target, value, frame)
            case ir.Subscript(value=owner):
                if isinstance(statement, st.Assign):
                    self._observations.operands.of_item(target, statement.value, frame)
                self._uses.mutated(owner, statement or st.Evaluate(target.span, target), frame)
                self._shadowed(target, frame)
                self._fill(target, value, frame, statement)

    def _registered_by_hand(self, target: ir.Subscript, value: Value, frame: Frame) -> None:
        """``self._buffers["x"] = value``: nothing is checked."""
        name = self._observations.key(target, frame)
        if frame.instance is not None and name != ANY:
            held = replace(_as_stored(value, frame), kinds=frozenset({Kind.BUFFER}))
            frame.instance.slots[name] = Slot(held, frozenset({(frame.path, target.span, name)}))

    def _fill(self, target: ir.Subscript, value: Value, frame: Frame, statement: st.Assign | st.Augment | None) -> None:
        """``tables[key] = value``: the container holds it from then on."""
        group = target.value
        if isinstance(group, ir.Name) and frame.find(group.id) is None:
            self._observations.hand_over([value], f"'{group.id}'", target.span, frame, lasts=True)
        if not isinstance(group, ir.Name | ir.Attribute | ir.Subscript):
            hand_modules(self._context, [value], group, frame)
            return
        held = self._layers.evaluator.evaluate(group, frame)
        if not held.only(Kind.CONTAINER) or Trait.FROM_CALLER in held.traits:
            hand_modules(self._context, [value], group, frame)
            return
        one = len(target.index) == 1 and not isinstance(target.index[0], ir.Slice)
        key = self._layers.evaluator.evaluate(target.index[0], frame) if one else None
        filled = put(held, key, value)
        if filled is not None and filled != held:
            self.bind(group, filled, frame, statement)

    def switch_gradient(self, target: Expression, on: bool, frame: Frame) -> None:
        """``target.requires_grad = on``, of a local or an attribute."""

        def switched(value: Value) -> Value:
            trained = Trait.TRAINABLE | Trait.LEAF
            return replace(value, traits=value.traits | trained if on else value.traits & ~trained)

        if isinstance(target, ir.Name) and frame.names.get(target.id, UNKNOWN).is_tensor:
            frame.names[target.id] = switched(frame.names[target.id])
        elif isinstance(target, ir.Attribute) and frame.is_self(target.value) and frame.instance is not None:
            slot = frame.instance.slots.get(target.attr)
            if slot is not None and slot.value.may(Kind.TENSOR):
                frame.instance.slots[target.attr] = replace(slot, value=switched(slot.value))

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
        member = element(value)
        return [
            Value(frozenset({Kind.CONTAINER}), element=member) if isinstance(item, ir.Starred) else member
            for item in items
        ]

    def _shadowed(self, target: ir.Subscript, frame: Frame) -> None:
        """``self.__dict__["x"] = ...`` goes around nn.Module (H11)."""
        holder = dict_holder(target.value)
        if holder is not None:
            self._observations.of_dict(Action.SHADOW, holder, self._observations.key(target, frame), target, frame)

    def write(self, attr: str, action: Action, value: Value, statement: st.Statement, span: Span, frame: Frame) -> None:
        if frame.instance is None or (action is Action.ASSIGN and self._set_property(attr, value, frame)):
            return
        value = self._closed_over(value, statement, frame)
        before = frame.instance.slots.get(attr) or self._of_base(attr, frame)
        value = _as_stored(frame.settled(value), frame)
        if frame.instance.without_gradient and value.is_tensor and Trait.LEAF not in value.traits:
            value = replace(value, traits=value.traits & ~Trait.TRAINABLE)
        self._context.note(attr, action, value, before, statement, span, frame)
        writer = (frame.path, span, attr)
        held = before.value
        if action is Action.ASSIGN and value.only(Kind.TENSOR, Kind.NONE, Kind.ABSENT) and held.kinds:
            if held.only(Kind.BUFFER):
                merged = replace(value, kinds=frozenset({Kind.BUFFER}))
                frame.instance.slots[attr] = Slot(merged, before.writers)
                return
            if held.only(Kind.PARAMETER, Kind.MODULE) and value.only(Kind.NONE, Kind.TENSOR):
                return  # torch refuses the tensor
        if value.reference == tensors.BUFFER_CALL:
            value = replace(value, reference=None)
        frame.instance.slots[attr] = Slot(value, frozenset({writer}))

    def _closed_over(self, value: Value, statement: st.Statement, frame: Frame) -> Value:
        """A function that keeps a local tensor with dimensions alive holds it where no move reaches it."""
        if value.only(Kind.CONTAINER) and (value.items or value.fields):
            items = value.items and tuple(self._closed_over(item, statement, frame) for item in value.items)
            fields = value.fields and tuple((k, self._closed_over(each, statement, frame)) for k, each in value.fields)
            return replace(value, items=items, fields=fields)
        if not isinstance(value.reference, LocalFunction):
            return value
        closure = self._context.closures[value.reference.number]
        if not isinstance(statement, st.Assign):
            return value
        if isinstance(closure.body, ir.Lambda):
            free = names_in(closure.body.body) - set(closure.body.parameters)
            defaults = [default for _, default in closure.body.defaults]
        else:
            free = frozenset(usage_of(closure.body).names) - bound_in(closure.body)
            defaults = [each.default for each in closure.body.parameters if each.default is not None]
        kept = [self._layers.evaluator.evaluate(default, closure.frame) for default in defaults]
        kept += [found for found in map(closure.frame.find, sorted(free)) if found is not None]
        held = [found for found in kept if found.is_tensor]
        if all(Trait.SCALAR in tensor.traits for tensor in held):
            return value
        return replace(value, kinds=frozenset({Kind.HOLDER}), reason=self._context.reason(statement.value, frame))

    def _of_base(self, attr: str, frame: Frame) -> Slot:
        """Returns what an attribute holds that no code of the project has set."""
        ran = frame.instance is not None and frame.instance.super_init_ran == {True}
        value = self._attributes.registered_by_base(attr, frame) if ran else None
        return UNSET if value is None else Slot(value, frozenset())

    def _set_property(self, attr: str, value: Value, frame: Frame) -> bool:
        """Run the setter of a property of that name; False when the name is none."""
        setter = frame.lineage.setter(attr) if frame.lineage else None
        if setter is None:
            return False
        receiver = Value(frozenset({Kind.MODULE}), reference=SelfRef())
        self._layers.functions.run(setter, Arguments((value,), {}), receiver, frame.instance)
        return True

    def registered(self, method: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value | None:
        """The effect of a method of nn.Module that registers, sets or deletes; None for any other method."""
        if method in _WRITING:
            this = Value(frozenset({Kind.MODULE}), reference=SelfRef())
            bound = replace(args, positional=(this, *args.positional))
            self._setattr(_WRITING[method], bound, expression.args[:1], expression, frame)
            return NONE
        kind, action = _REGISTERED_AS.get(method, (None, None))
        if kind is None or action is None or frame.instance is None:
            return None
        name = args.get(0, "name")
        value = args.get(1, {"register_buffer": "tensor", "register_parameter": "param"}.get(method, "module"))
        named = next((arg.value for arg in expression.args if arg.keyword in ("name", None)), None)
        attr = self._made_name(name, named, frame)
        if attr is None:
            hand_modules(self._context, args.all, expression.func, frame)
            return NONE
        persistent = args.get(2, "persistent")
        keeps = persistent.constant if persistent is not None else True
        before = frame.instance.slots.get(attr, UNSET)
        at = st.Evaluate(expression.span, expression)
        self._context.note(
            attr,
            action,
            value or UNKNOWN,
            before,
            at,
            expression.span,
            frame,
            keeps if isinstance(keeps, bool) else None,
        )
        held = replace(_as_stored(value or UNKNOWN, frame), kinds=frozenset({kind}))
        frame.instance.slots[attr] = Slot(held, frozenset({(frame.path, expression.span, attr)}))
        return NONE

    def initialised_by(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> None:
        """``Uniform.__init__(self, low, high)``: a module that is a distribution too keeps its parameters as tensors,
        numbers as ones without dimensions."""
        named = distributions.parameters(name)
        given = {attr: value for at, attr in enumerate(named) if (value := args.get(at, attr)) is not None}
        if all(value.only(Kind.NUMBER) for value in given.values()):
            return
        at = st.Evaluate(expression.span, expression)
        told = Trait.FROM_CALLER | Trait.SHARED
        for attr, value in given.items():
            if value.only(Kind.NONE) or value.may(Kind.PARAMETER, Kind.BUFFER):
                continue
            kept = value if value.is_tensor else Value(frozenset({Kind.TENSOR}), told)
            kept = kept.because(self._context.reason(expression, frame))
            self.write(attr, Action.ASSIGN, kept, at, expression.span, frame)

    def by_builtin(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> bool:
        """Set or delete an attribute if the function called is ``setattr``, ``delattr``, ``object.__setattr__``."""
        name = callee.reference.name if isinstance(callee.reference, External) else ""
        if name not in ("builtins.setattr", "builtins.object.__setattr__", "builtins.delattr"):
            return False
        self._setattr(name, args, expression.args[1:2], expression, frame)
        return True

    def _setattr(
        self,
        function: str,
        args: Arguments,
        named: tuple[ir.Argument, ...],
        expression: ir.Call,
        frame: Frame,
    ) -> None:
        """Set or delete an attribute; ``named`` holds its name as it is written."""
        if args.open and len(args.positional) == 1 and isinstance(args.positional[0].reference, SelfRef):
            at = st.Evaluate(expression.span, expression)
            self._context.note(ANY, Action.STORE_ANY, UNKNOWN, UNSET, at, expression.span, frame)
        if len(args.positional) < 2:
            return
        if not isinstance(args.positional[0].reference, SelfRef):
            self._observations.set_outside(function, args, expression, frame)
            return
        given = args.positional[1]
        if frame.owner is not None and given is not None and _is_private(given.constant):
            return  # a string is not mangled: no ``self.__x`` of a class reaches what it names
        name = self._made_name(given, named[0].value if named else None, frame)
        at = st.Evaluate(expression.span, expression)
        if name is None:
            value = args.positional[2] if len(args.positional) > 2 else UNKNOWN
            action = Action.DELETE if function == "builtins.delattr" else Action.STORE_ANY
            hand_modules(self._context, [value], expression.func, frame)
            self._context.note(ANY, action, value, UNSET, at, expression.span, frame)
            return
        if function == "builtins.delattr":
            self.write(name, Action.DELETE, ABSENT, at, expression.span, frame)
        elif function == "builtins.setattr":
            value = args.positional[2] if len(args.positional) > 2 else UNKNOWN
            self.write(name, Action.ASSIGN, value, at, expression.span, frame)
        else:
            hand_modules(self._context, args.positional[2:], expression.func, frame)
            self._context.note(name, Action.SHADOW, UNKNOWN, UNSET, at, expression.span, frame)

    def _made_name(self, name: Value | None, written: Expression | None, frame: Frame) -> str | None:
        """The attribute that a string names; of an f-string that is not known whole, its text: ``scale_{i}``."""
        if name is not None and isinstance(name.constant, str):
            return _as_written(name.constant, frame.owner)
        if not isinstance(written, ir.FormattedString):
            return None
        quoted = (part if isinstance(part, str) else self._context.words(part, frame.path) for part in written.parts)
        parts = [
            text if isinstance(part, str) else f"{{{text}}}" for part, text in zip(written.parts, quoted, strict=True)
        ]
        return "".join(parts) if any(isinstance(part, str) for part in written.parts) else None


def _is_made_of(statement: st.Statement | None, attr: str) -> bool:
    """Is it ``net.x = net.x.to(device)``, or another value made of the attribute that stays a tensor?"""
    value = statement.value if isinstance(statement, st.Assign) else None
    if isinstance(value, ir.Call):
        called = value.func.attr if isinstance(value.func, ir.Attribute) else ir.dotted(value.func)
        if called in _NO_TENSOR:
            return False
    return value is not None and not isinstance(value, ir.Display) and _reads(value, attr)


_NO_TENSOR = frozenset({"tolist", "item", "numpy", "float", "int", "bool", "list", "tuple", "len", "str"})


def _reads(expression: Expression, attr: str) -> bool:
    if isinstance(expression, ir.Attribute) and expression.attr == attr:
        return True
    return any(_reads(part, attr) for part in ir.children(expression))


def _as_stored(value: Value, frame: Frame) -> Value:
    """A value once it is an attribute's: wherever the module goes, and however it is cast, it may follow."""
    if value.may(Kind.TENSOR) and frame.instance is not None and frame.instance.in_inference_mode:
        value = replace(value, traits=value.traits | Trait.UNSTORABLE)
    passing = value.traits & (Trait.ON_CPU | Trait.FIXED_DTYPE)
    if passing or value.sources:
        return replace(value, traits=value.traits & ~passing, sources=frozenset())
    return value


_REGISTERED_AS = {
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
