"""Values of what the project and torch define: functions, classes, module-level and class-level names."""

from __future__ import annotations

import math
from dataclasses import replace

from bufferlint.interpreter.annotations import Annotations
from bufferlint.interpreter.containers import dict_of
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import NUMBER, UNKNOWN, Kind, Trait, Value, shared
from bufferlint.ir.statements import Assign
from bufferlint.resolution.decorators import makes_fields
from bufferlint.resolution.references import (
    ClassRef,
    External,
    FunctionRef,
    GlobalRef,
    InstanceRef,
    Namespace,
    Reference,
)
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named

_NAMED = {
    Named.FUNCTION: Kind.CALLABLE,
    Named.NUMBER: Kind.NUMBER,
    Named.OTHER: Kind.OTHER,
    Named.NAMESPACE: Kind.OTHER,
}


_CONSTANTS = {
    **dict.fromkeys(("math.pi", "numpy.pi", "torch.pi"), math.pi),
    **dict.fromkeys(("math.e", "numpy.e", "torch.e"), math.e),
    "math.tau": math.tau,
}


class Definitions:
    """Evaluates definitions, each once."""

    def __init__(self, context: Context, layers: Layers) -> None:
        self._context = context
        self._layers = layers
        self._globals: dict[tuple[str, str], Value] = {}
        self._structures: dict[tuple[str, int], tuple[Value, ...]] = {}

    def referred(self, reference: Reference) -> Value:
        """The value of a definition."""
        match reference:
            case ClassRef() | FunctionRef():
                return Value(frozenset({Kind.CALLABLE}), reference=reference)
            case GlobalRef():
                return self._global(reference)
            case External(name=name):
                kind = _NAMED.get(torch_api.named(name) or Named.OTHER_CLASS, Kind.CALLABLE)
                if name in _CONSTANTS:
                    return replace(NUMBER, constant=_CONSTANTS[name])
                known = torch_api.named(name) is not None
                return Value(frozenset({kind if known else Kind.UNKNOWN}), reference=reference)
            case Namespace():
                return Value(frozenset({Kind.OTHER}), reference=reference)
        return UNKNOWN

    def _global(self, reference: GlobalRef) -> Value:
        key = (reference.path, reference.name.name)
        if key not in self._globals:
            self._globals[key] = UNKNOWN  # a definition that needs itself ends here
            value = self.evaluate_statement(reference)
            self._globals[key] = shared(value)
        return self._globals[key]

    def evaluate_statement(self, reference: GlobalRef) -> Value:
        """The value that a module-level or class-level assignment gives its name."""
        statement = self._context.reader.statement(reference.path, reference.name)
        if not isinstance(statement, Assign):
            return UNKNOWN
        frame = Frame(reference.path, "", {})
        value = self._layers.evaluator.evaluate(statement.value, frame)
        for target in statement.targets:
            self._layers.assignments.bind(target, value, frame)
        return frame.names.get(reference.name.name, UNKNOWN)

    def class_level(self, ref: ClassRef, attr: str) -> Value | None:
        """The value of a class attribute; None when the class itself gives it none."""
        name = ref.header.valued(attr)
        return shared(self.evaluate_statement(GlobalRef(ref.path, name))) if name is not None else None

    def annotations(self, frame: Frame) -> Annotations:
        def resolve(name: str) -> Reference | None:
            found = self._context.names.dotted(frame.path, name, frame.scope)
            return (self._context.names.aliased(found) or found) if isinstance(found, GlobalRef) else found

        return Annotations(resolve, self.instance_of)

    def instance_of(self, ref: ClassRef) -> Value:
        """The value of an instance of a class of the project."""
        lineage = self._context.hierarchy.lineage(ref)
        if lineage.is_module:
            return Value(frozenset({Kind.MODULE}), reference=InstanceRef(ref))
        foreign = {external.name for external in lineage.externals}
        if foreign & {"typing.NamedTuple", "typing_extensions.NamedTuple"}:
            return Value(frozenset({Kind.CONTAINER}), items=self._fields(ref), reference=InstanceRef(ref))
        if foreign & {"typing.TypedDict", "typing_extensions.TypedDict"}:
            names = [name.name for name in ref.header.names if name.annotated]
            return dict_of(dict(zip(names, self._fields(ref), strict=True)))
        kinds = {torch_api.named(name) for name in foreign}
        if Named.TENSOR_CLASS in kinds:
            return Value(frozenset({Kind.TENSOR}), Trait.FROM_CALLER)
        if Named.HOLDER_CLASS in kinds:
            return Value(frozenset({Kind.HOLDER}), reference=InstanceRef(ref))
        if makes_fields(self._context.names, ref) is not None:
            held = any(value.is_tensor for owner in lineage.classes for value in self._fields(owner))
            return Value(frozenset({Kind.HOLDER if held else Kind.OTHER}), reference=InstanceRef(ref))
        if lineage.is_module is None or ref.header.metaclass:
            return UNKNOWN
        if any("__new__" in {m.name for m in c.header.methods} for c in lineage.classes):
            return UNKNOWN
        return Value(frozenset({Kind.OTHER}), reference=InstanceRef(ref))

    def field(self, ref: ClassRef, attr: str) -> Value | None:
        """Returns what the annotation of a field promises, an inherited one included; None for a class without such a
        field."""
        for owner in self._context.hierarchy.lineage(ref).classes:
            names = [name.name for name in owner.header.names if name.annotated]
            if attr in names:
                return self._fields(owner)[names.index(attr)]
        return None

    def _fields(self, ref: ClassRef) -> tuple[Value, ...]:
        """The values that the annotations of a class body promise, in order."""
        if ref.key not in self._structures:
            fields = [name for name in ref.header.names if name.annotated]
            self._structures[ref.key] = (UNKNOWN,) * len(fields)  # a class that holds itself ends here
            frame = Frame(ref.path, "", {})
            promised = (self._context.reader.annotation(ref.path, name) for name in fields)
            self._structures[ref.key] = tuple(self.annotations(frame).value(annotation) for annotation in promised)
        return self._structures[ref.key]
