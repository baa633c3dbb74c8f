"""What instances of the project's classes hold once they are built, whichever class asks. Each class is built once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bufferlint.interpreter.containers import without_fields
from bufferlint.interpreter.context import Context, Run
from bufferlint.interpreter.functions import Functions
from bufferlint.interpreter.slots import Slot
from bufferlint.interpreter.state import Instance
from bufferlint.interpreter.values import UNKNOWN, Arguments, Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.resolution.decorators import makes_fields
from bufferlint.resolution.references import (
    ClassRef,
    FunctionRef,
    LocalFunction,
    MethodRef,
    SelfRef,
    SuperRef,
)

_ANYTHING = Arguments((), {}, open=True)
_THIS = Value(frozenset({Kind.MODULE}), reference=SelfRef())
_DEEPEST = 12
"""Objects that hold objects are followed so deep."""
_NEVER = 1 << 30
_NOT_REPEATABLE = -1
_OF_THE_INSTANCE = (SelfRef, SuperRef, MethodRef, LocalFunction)


class Instances:
    """Builds instances, in runs of their own."""

    def __init__(self, context: Context, functions: Functions) -> None:
        self._context = context
        self._functions = functions
        self._known: dict[tuple[str, int], Mapping[str, Slot]] = {}
        self._open: list[tuple[str, int]] = []
        self._cut = _NEVER
        """The outermost class being built that one further in asked for: what lies between is known in part."""

    def slots(self, ref: ClassRef) -> Mapping[str, Slot]:
        """Returns what the attributes of an instance hold; nothing of a class that is being built."""
        known = self._known.get(ref.key)
        if known is not None:
            return known
        if ref.key in self._open or len(self._open) >= _DEEPEST:
            place = self._open.index(ref.key) if ref.key in self._open else 0
            self._cut = min(self._cut, place)
            self._context.run.cut = _NOT_REPEATABLE
            return {}
        place = len(self._open)
        self._open.append(ref.key)
        try:
            slots = self._built(ref)
        finally:
            self._open.pop()
        if self._cut < place:
            self._context.run.cut = _NOT_REPEATABLE
            return slots
        self._cut = _NEVER
        self._known[ref.key] = slots
        return slots

    def _built(self, ref: ClassRef) -> Mapping[str, Slot]:
        lineage = self._context.hierarchy.lineage(ref)
        instance = Instance({}, frozenset({lineage.calls_init_itself}), lineage)
        run, self._context.run = self._context.run, Run(builds=True, calls_objects=lineage.is_module is True)
        observed, self._functions.observed = self._functions.observed, None
        try:
            for method in dict.fromkeys(("__init__", *(name for each in lineage.classes for name in self.hooks(each)))):
                found = lineage.find(method)
                if isinstance(found, FunctionRef):
                    self._functions.run(found, _ANYTHING, _THIS, instance)
        finally:
            self._context.run, self._functions.observed = run, observed
        return {attr: replace(slot, value=_of_another(slot.value)) for attr, slot in dict.items(instance.slots)}

    def hooks(self, ref: ClassRef) -> tuple[str, ...]:
        """The methods that ``type.__call__`` of the class's metaclass calls on the new instance, ``__post_init__`` of a
        dataclass included."""
        maker = makes_fields(self._context.names, ref)
        if maker is not None:
            return maker.calls
        metaclass = self._context.names.dotted(ref.path, ref.header.metaclass or "", ref.header.scope)
        call = metaclass.header.method("__call__") if isinstance(metaclass, ClassRef) else None
        body = self._context.reader.function(metaclass.path, call) if isinstance(metaclass, ClassRef) and call else None
        return tuple(
            statement.value.func.attr
            for statement in (st.walk(body.body) if body else ())
            if isinstance(statement, st.Evaluate)
            and isinstance(statement.value, ir.Call)
            and isinstance(statement.value.func, ir.Attribute)
        )


def _of_another(value: Value) -> Value:
    """A value of another instance than the one that is looked at: nobody else's functions are run on that one, and
    numbers may have changed since."""
    if isinstance(value.reference, _OF_THE_INSTANCE) or value.may(Kind.CALLABLE, Kind.ABSENT, Kind.UNKNOWN):
        return UNKNOWN
    if value.may(Kind.BUFFER) and not value.storage:
        return UNKNOWN  # it may have been registered as None
    told = Trait.FROM_CALLER | Trait.SHARED if value.may(Kind.TENSOR, Kind.BUFFER) else Trait.NOTHING
    kinds = frozenset(Kind.TENSOR if kind is Kind.BUFFER else kind for kind in value.kinds)
    kept = replace(without_fields(value), kinds=kinds, traits=value.traits | told, constant=None)
    items = kept.items and tuple(map(_of_another, kept.items))
    return replace(kept, items=items, element=kept.element and _of_another(kept.element))
