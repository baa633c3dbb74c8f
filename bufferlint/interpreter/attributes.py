"""What reading an attribute gives: of the instance, of a class, of a module of torch, of a tensor."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.queries import REGISTERING
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import NOTHING, NUMBER, OTHER, UNKNOWN, Arguments, Kind, PartialRef, Trait, Value
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.hierarchy import Definition
from bufferlint.resolution.references import (
    ClassRef,
    External,
    FunctionRef,
    InstanceRef,
    MethodRef,
    Namespace,
    SelfClassRef,
    SelfRef,
    SuperRef,
)
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Role

_ROLES = {Role.PARAMETER: Kind.PARAMETER, Role.BUFFER: Kind.BUFFER, Role.MODULE: Kind.MODULE, Role.PLAIN: Kind.UNKNOWN}
_FLOAT32 = {
    "min": -3.4028234663852886e38,
    "max": 3.4028234663852886e38,
    "tiny": 1.1754943508222875e-38,
    "smallest_normal": 1.1754943508222875e-38,
    "eps": 1.1920928955078125e-07,
}
"""The limits of the dtype that tensors have unless they are told."""
_THIS = Value(frozenset({Kind.MODULE}), reference=SelfRef())
_NO_ARGUMENTS = Arguments((), {})
_OF_ANY_CLASS = frozenset({"__name__", "__qualname__", "__module__", "__doc__", "__dict__", "__mro__", "__bases__"})
"""What every class has under a name of its own, and no tensor: nobody needs to know which class it is."""


_NUMBERS = frozenset({
    "eps", "momentum", "p", "num_features", "in_features", "out_features", "in_channels", "out_channels", "groups",
    "num_embeddings", "embedding_dim", "embed_dim", "num_heads", "head_dim", "hidden_size", "input_size", "num_layers",
    "num_groups", "num_channels", "negative_slope", "upscale_factor", "d_model",
})  # fmt: skip
"""Attributes of torch's layers that are numbers in every one of them."""


class Attributes:
    """Reads attributes."""

    def __init__(self, context: Context, layers: Layers, definitions: Definitions) -> None:
        self._context = context
        self._layers = layers
        self._definitions = definitions

    def read(self, base: Value, attr: str, expression: Expression, frame: Frame) -> Value:
        """The value of ``base.attr``."""
        match base.reference:
            case SelfRef():
                return self._own_attribute(attr, frame)
            case SelfClassRef():
                return self._of_own_class(base, attr, expression, frame)
            case SuperRef(after=after):
                return Value(frozenset({Kind.CALLABLE}), reference=MethodRef(attr, after))
            case External() | Namespace() | ClassRef() as of if not base.may(Kind.MODULE):
                found = self._context.names.member(of, attr, frame.path)
                if found is None and isinstance(of, ClassRef):
                    value = self._definitions.class_level(of, attr)
                    if value is not None:
                        return value
                    found = self._context.hierarchy.inherited(of, attr)
                return self._definitions.referred(found) if found is not None else UNKNOWN
            case InstanceRef(of=External(name="torch.finfo")) if attr in _FLOAT32:
                return replace(NUMBER, constant=_FLOAT32[attr])
            case InstanceRef(of=External(name=name)) if base.only(Kind.MODULE):
                return self._module_attribute(name, attr, expression, frame)
            case InstanceRef(of=ClassRef() as ref) if attr == "__class__":
                return Value(frozenset({Kind.CALLABLE}), reference=ref)
            case InstanceRef(of=ClassRef() as ref):
                value = self._of_instance(base, ref, attr, frame)
                if value is not None:
                    return value
        if _holds_itself(base, attr):
            return Value(frozenset({Kind.HOLDER}), base.traits, reason=self._context.reason(expression, frame))
        if base.is_array_like:
            return tensors.read_property(base, attr, self._context.reason(expression, frame))
        if base.only(Kind.CONTAINER):
            return tensors.field(base, attr)
        if base.only(Kind.ARRAY):
            return base if attr in ("T", "real", "imag", "flat") else OTHER
        return UNKNOWN

    def _of_own_class(self, base: Value, attr: str, expression: Expression, frame: Frame) -> Value:
        found = frame.lineage.definition(attr) if frame.lineage is not None else None
        if found is None:
            return UNKNOWN if attr in _OF_ANY_CLASS else self.read(frame.settled(base), attr, expression, frame)
        return self.read(replace(base, reference=found[0]), attr, expression, frame)

    def _of_instance(self, base: Value, ref: ClassRef, attr: str, frame: Frame) -> Value | None:
        """An attribute of an object of a class of the project: a field that is annotated, a property, or what the
        instance that is looked at holds where the object is of its class."""
        if base.only(Kind.MODULE):
            known = frame.lineage is not None and frame.lineage.inherits(ref)
            slot = frame.instance.slots.get(attr) if known and frame.instance else None
            if slot is None or not slot.value.only(Kind.TENSOR, Kind.NUMBER, Kind.NONE):
                if known and slot is None and frame.lineage and frame.lineage.definition(attr) is None:
                    return NOTHING  # it holds there what it will hold here
                return None if known else self._of_built(base, ref, attr)
            return replace(slot.value, traits=slot.value.traits | Trait.FROM_CALLER | Trait.SHARED)
        if base.only(Kind.CONTAINER) and base.items:
            names = [name.name for name in ref.header.names if name.annotated]
            return base.items[names.index(attr)] if attr in names and len(names) == len(base.items) else None
        return self._of_built(base, ref, attr)

    def _of_built(self, base: Value, ref: ClassRef, attr: str) -> Value | None:
        """An attribute of an object once it is built; a property; a method, bound to the object."""
        if not base.only(Kind.HOLDER, Kind.OTHER, Kind.MODULE, Kind.NONE):
            return self._submodule(ref, attr)
        lineage, builds = self._context.hierarchy.lineage(ref), self._context.run.builds
        found = cast("Definition | None", lineage.answer(("definition", attr, None)))
        if found is not None and isinstance(found[1], FunctionHeader):
            if self._context.run.follows or (found[1].is_property and not base.may(Kind.MODULE)):
                return self._of_method(base, FunctionRef(found[0].path, found[1], found[0]))
            return None if builds else self._submodule(ref, attr)
        given = not isinstance(base.reference, InstanceRef) or base.reference.given_tensors
        value = self._definitions.field(ref, attr) if given and not base.may(Kind.MODULE) else None
        if value is not None and not value.may(Kind.UNKNOWN):
            return value
        if not builds:
            return self._submodule(ref, attr) or value
        slot = self._context.slots_of(ref).get(attr)
        if slot is None or slot.value.may(Kind.UNKNOWN):
            return self._definitions.class_level(found[0], attr) if found is not None else value
        return slot.value if given or not self._is_given(slot.value) else None

    def _submodule(self, ref: ClassRef, attr: str) -> Value | None:
        """The module that an object of a class of the project holds under a name."""
        slot = self._context.built(ref).get(attr)
        is_module = slot is not None and slot.value.only(Kind.MODULE, Kind.NONE) and slot.value.may(Kind.MODULE)
        return slot.value if slot is not None and is_module else None

    @staticmethod
    def _is_given(value: Value) -> bool:
        """Returns whether it is a tensor that only an argument of the constructor can be."""
        return value.may(Kind.TENSOR) and not value.storage

    def _of_method(self, base: Value, function: FunctionRef) -> Value:
        if function.header.is_property:
            return self._layers.functions.run(function, _NO_ARGUMENTS, base, None)
        told = base.traits & Trait.FROM_CALLER
        method = Value(frozenset({Kind.CALLABLE}), told, reference=function)
        if {"staticmethod", "classmethod"} & set(function.header.decorators):
            return method
        return replace(method, reference=PartialRef(method, Arguments((base,), {})))

    def _own_attribute(self, attr: str, frame: Frame) -> Value:
        if attr == "__class__":
            return class_of(_THIS, frame)
        slot = frame.instance.slots.get(attr) if frame.instance else None
        if slot is not None and not slot.value.only(Kind.ABSENT):
            return slot.value.without(Kind.ABSENT)
        if frame.lineage is None:
            return UNKNOWN
        found = frame.lineage.definition(attr)
        if found is not None:
            owner, definition = found
            if not isinstance(definition, FunctionHeader):
                inner = self._context.names.member(owner, attr, owner.path)
                if isinstance(inner, ClassRef):
                    return self._definitions.referred(inner)
                return self._definitions.class_level(owner, attr) or UNKNOWN
            if definition.is_property:
                function = FunctionRef(owner.path, definition, owner)
                return self._layers.functions.run(function, _NO_ARGUMENTS, _THIS, frame.instance)
            return Value(frozenset({Kind.CALLABLE}), reference=MethodRef(attr))
        if attr in REGISTERING:
            return Value(frozenset({Kind.CALLABLE}), reference=MethodRef(attr))
        return self.registered_by_base(attr, frame) or UNKNOWN

    def class_named(self, attr: str, frame: Frame) -> Value | None:
        """The class of the project that a class attribute of the instance names: ``observer_class = MinMaxObserver``. A
        function there would be a method."""
        found = frame.lineage.definition(attr) if frame.lineage else None
        if found is None or isinstance(found[1], FunctionHeader):
            return None
        value = self._definitions.class_level(found[0], attr)
        return value if value is not None and isinstance(value.reference, ClassRef) else None

    def registered_by_base(self, attr: str, frame: Frame) -> Value | None:
        """The parameter or buffer that a base class of torch has under a name: the ``weight`` of ``nn.Linear``."""
        found = frame.lineage.registered_by_base(attr) if frame.lineage else None
        if found is None:
            return None
        base, role = found
        traits = Trait.TRAINABLE if role is Role.PARAMETER else Trait.NOTHING
        return Value(frozenset({_ROLES[role]}), traits, storage=frozenset({(f"{base}.{attr}", 0)}))

    def _module_attribute(self, module: str, attr: str, expression: Expression, frame: Frame) -> Value:
        role = torch_api.role_of(module, attr)
        if role is Role.PLAIN and attr in _NUMBERS:
            return NUMBER
        if role is None:
            return UNKNOWN
        traits = Trait.SHARED | (Trait.TRAINABLE if role is Role.PARAMETER else Trait.NOTHING)
        place = frozenset({(frame.path, expression.span.start)})
        reason = self._context.reason(expression, frame)
        return Value(frozenset({_ROLES[role]}), traits, storage=place, reason=reason)


_OF_DISTRIBUTIONS = frozenset({"log_prob", "sample", "rsample", "entropy", "cdf", "icdf"})


def _holds_itself(base: Value, attr: str) -> bool:
    """Is it a method of a tensor or of a distribution: ``Normal(loc, scale).log_prob`` holds the distribution?"""
    if base.is_tensor:
        return Trait.SCALAR not in base.traits and torch_api.is_tensor_method(attr)
    of = base.reference.of if isinstance(base.reference, InstanceRef) else None
    return base.only(Kind.HOLDER) and isinstance(of, External) and attr in _OF_DISTRIBUTIONS


def class_of(value: Value, frame: Frame) -> Value:
    """The value of ``type(value)``."""
    match value.reference:
        case SelfRef() if frame.lineage is not None:
            return Value(frozenset({Kind.CALLABLE}), reference=SelfClassRef())
        case InstanceRef(of=ClassRef() as ref):
            return Value(frozenset({Kind.CALLABLE}), reference=ref)
    return UNKNOWN
