"""Values of literals, and of what is taken out of containers."""

from __future__ import annotations

import math
from dataclasses import replace

from bufferlint.interpreter.values import NONE, NUMBER, OTHER, TEXT, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import External

_LARGEST_BASE, _LARGEST_EXPONENT, _LARGEST_OPERAND = 1e6, 40, 1e300
"""Powers and quotients of larger numbers are not worked out."""


def constant(value: object) -> Value:
    """The value of a literal."""
    if value is None:
        return NONE
    if isinstance(value, bool | int | float | complex):
        return replace(NUMBER, constant=value)
    if isinstance(value, str):
        return replace(TEXT, constant=value)
    return TEXT if isinstance(value, bytes) else OTHER


def number(left: object, op: str, right: object) -> Value:
    """Arithmetic on literals as far as traits need it: sizes and magnitudes."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        if op == "+":
            return replace(NUMBER, constant=left + right)
        if op == "-":
            return replace(NUMBER, constant=left - right)
        if op == "*":
            return replace(NUMBER, constant=left * right)
        if op == "<<" and isinstance(left, int) and isinstance(right, int) and 0 <= right <= _LARGEST_EXPONENT:
            return replace(NUMBER, constant=left << right)
        if op == "/" and right and max(abs(left), abs(right)) < _LARGEST_OPERAND:
            return replace(NUMBER, constant=left / right)
        if op == "**" and 0 < abs(left) < _LARGEST_BASE and abs(right) <= _LARGEST_EXPONENT:
            power = left**right
            return replace(NUMBER, constant=power) if isinstance(power, int | float) else NUMBER
    return NUMBER


def keeps_all(part: Expression) -> bool:
    """Returns whether an index leaves nothing out: ``None``, ``...``, ``:``."""
    if isinstance(part, ir.Slice):
        return not any(part.parts)
    return isinstance(part, ir.Constant) and part.value in (None, Ellipsis)


def element(iterable: Value) -> Value:
    """Returns what iterating over a value gives."""
    if iterable.is_array_like:
        traits = iterable.traits | Trait.VIEW_OF_LARGER
        return replace(iterable, kinds=frozenset({Kind.TENSOR}), traits=traits, constant=None)
    if iterable.fields is not None and iterable.only(Kind.CONTAINER):
        return TEXT if all(isinstance(key, str) for key, _ in iterable.fields) else NUMBER
    if iterable.only(Kind.CONTAINER):
        return join(members(iterable)) if iterable.items or iterable.element else UNKNOWN
    if iterable.only(Kind.MODULE) and (iterable.items or iterable.element is not None):
        return join(iterable.items) if iterable.items else iterable.element or UNKNOWN
    if iterable.reference == External("builtins.range"):
        return NUMBER
    fixed = iterable.traits & Trait.FIXED_DTYPE  # the chunks of a tensor have its dtype
    return replace(UNKNOWN, traits=fixed) if fixed and iterable.kinds == UNKNOWN.kinds else UNKNOWN


def child(layers: Value, index: object) -> Value:
    """Returns what ``layers[index]`` gives of a ``Sequential`` or ``ModuleList``."""
    if layers.items is not None and isinstance(index, int) and -len(layers.items) <= index < len(layers.items):
        return layers.items[index]
    return element(layers)


def names_in(expression: Expression) -> frozenset[str]:
    """The names that an expression reads."""
    own = frozenset({expression.id}) if isinstance(expression, ir.Name) else frozenset[str]()
    return own.union(*map(names_in, ir.children(expression)))


def members(group: Value) -> list[Value]:
    """Returns what is in a container: its items, or what is known of all of them."""
    return list(group.items) if group.items is not None else [group.element or UNKNOWN]


def member(group: Value, index: Expression | None, values: list[Value]) -> Value:
    """Returns what ``group[index]`` gives; ``values`` are those of the index's parts that are no slices."""
    if isinstance(index, ir.Slice):
        if group.items is not None and not any(index.parts):
            return group
        return Value(frozenset({Kind.CONTAINER}), element=join(members(group)) if members(group) else UNKNOWN)
    number = values[0].constant if values else None
    if group.fields is not None and isinstance(number, str | int):
        return dict(group.fields).get(number, UNKNOWN)
    if group.items is not None and isinstance(number, int) and -len(group.items) <= number < len(group.items):
        return group.items[number]
    inside = members(group)
    return join(inside) if inside else UNKNOWN


_LARGEST_ARGUMENT = 1e6


def of_math(name: str, args: Arguments) -> Value:
    """A number of the module ``math``, worked out where the arguments are: ``math.exp(15)``."""
    numbers = [value.constant for value in args.positional]
    known = [number for number in numbers if isinstance(number, int | float) and abs(number) < _LARGEST_ARGUMENT]
    function = getattr(math, name, None)
    counted = len(known) < len(numbers) or not numbers or args.keywords or args.open
    if name in ("factorial", "comb", "perm", "gamma"):
        return replace(NUMBER, traits=Trait.HALF_UNSAFE)  # 9! is beyond 65504
    if not callable(function) or counted:
        return NUMBER
    try:
        result = function(*known)
    except (TypeError, ValueError, OverflowError):
        return NUMBER
    return replace(NUMBER, constant=result) if isinstance(result, int | float) else NUMBER
