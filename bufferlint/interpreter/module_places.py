"""Modules and parameters told apart by the place where they are made, and what may register one of them."""

from __future__ import annotations

from collections.abc import Iterable

from bufferlint.interpreter.context import Context
from bufferlint.interpreter.events import Handed
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import Kind, PartialRef, Value
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import ClassRef, External, FunctionRef, LocalFunction, MethodRef

Place = tuple[str, int]

_LOOK_ONLY = frozenset({
    "len", "print", "isinstance", "issubclass", "enumerate", "zip", "list", "tuple", "dict", "set", "sorted", "range",
    "id", "type", "repr", "str", "hasattr", "getattr", "iter", "next", "reversed", "sum", "max", "min", "any", "all",
    "callable", "super",
})  # fmt: skip
"""Builtins that keep nothing of what they are given."""


def module_places(value: Value) -> frozenset[Place]:
    """The places where a module or parameter was made, and those in a container or behind ``functools.partial``."""
    own = value.storage if value.may(Kind.MODULE, Kind.PARAMETER) else frozenset[Place]()
    return own.union(*map(module_places, members(value)))


def members(value: Value) -> tuple[Value, ...]:
    """Returns what a container or a partial call holds."""
    if isinstance(value.reference, PartialRef):
        return (value.reference.function, *value.reference.args.all)
    if not value.may(Kind.CONTAINER):
        return ()
    if value.fields is not None:
        return tuple(member for _, member in value.fields)
    return (*(value.items or ()), *((value.element,) if value.element is not None else ()))


def hand_modules(context: Context, values: Iterable[Value], to: Expression, frame: Frame) -> None:
    """Note modules that something is given which may register them."""
    if frame.instance is not None:
        places = frozenset[Place]().union(*map(module_places, values))
        if places:
            context.run.log.note(Handed(places, context.words(to, frame.path), frame.path, to.span))


def may_register(callee: Value) -> bool:
    """May a call keep the modules that it is given? Functions of the project are followed instead."""
    match callee.reference:
        case External(name=name):
            if name == "functools.partial" or name.startswith(("torch.nn.init.", "copy.")):
                return False
            return name.removeprefix("builtins.") not in _LOOK_ONLY
        case ClassRef() | FunctionRef() | LocalFunction() | MethodRef() | PartialRef():
            return isinstance(callee.reference, ClassRef)
    return True


def same_module(one: Place, other: Place) -> bool:
    """May two places name one module? That of a function's result is told apart by the call, within it it is not."""
    if one == other:
        return True
    (path, start), (others_path, others_start) = one, other
    if start != others_start:
        return False
    return path.endswith(f" {others_path}") or others_path.endswith(f" {path}")
