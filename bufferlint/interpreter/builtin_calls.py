"""What Python's builtins give: ``zip``, ``range``, ``list``, ``getattr`` and the like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.attributes import Attributes, class_of
from bufferlint.interpreter.containers import as_default, mapping
from bufferlint.interpreter.literals import element
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import NUMBER, OTHER, TEXT, UNKNOWN, Arguments, Kind, Reason, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.text.span import Span

_TO_NUMBER = frozenset({"int", "float", "len", "bool", "isinstance", "hasattr", "callable", "issubclass", "id", "hash"})
_TO_GROUP = frozenset({"list", "tuple", "set", "sorted", "reversed", "frozenset"})
_NOWHERE = Span(0, 0)
_NO_REASON = Reason("sum(...)", "", _NOWHERE)
_MOST_ITEMS = 4
"""Longer ranges are not written out."""


class BuiltinCalls:
    """Calls of builtins."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes

    def call(self, name: str, args: Arguments, frame: Frame) -> Value:
        """The value of calling the builtin ``name``."""
        first = args.positional[0] if args.positional else UNKNOWN
        if name == "float" and len(args.positional) == 1:
            return _as_float(first)
        if name in _TO_NUMBER:
            return NUMBER
        if name in ("str", "repr", "format", "input", "chr"):
            return TEXT
        if name == "range":
            return _range(args)
        if name == "object":
            return OTHER
        if name in ("list", "tuple") and not args.all and not args.open:
            return _group(())
        if name == "type" and len(args.all) == 1:
            return class_of(first, frame)
        if name in _TO_GROUP:
            if first.items is not None and name in ("list", "tuple"):
                return replace(first, reference=None)
            return Value(frozenset({Kind.CONTAINER}), element=element(first) if args.positional else None)
        if name == "dict":
            return mapping(args)
        if name == "enumerate":
            if first.items is not None and len(args.all) == 1:
                return _group(_group((replace(NUMBER, constant=at), item)) for at, item in enumerate(first.items))
            return Value(frozenset({Kind.CONTAINER}), element=_group((NUMBER, element(first))))
        if name == "zip" and not args.open:
            columns = [value.items for value in args.positional]
            if columns and all(column is not None for column in columns):
                return _group(map(_group, zip(*(column or () for column in columns), strict=False)))
            return Value(frozenset({Kind.CONTAINER}), element=_group(map(element, args.positional)))
        if name == "sum" and first.only(Kind.CONTAINER) and element(first).is_tensor:
            return tensors.arithmetic("+", [element(first)], element(first).reason or _NO_REASON)
        if name == "abs" and first.is_array_like and len(args.all) == 1:
            return tensors.arithmetic("abs", [first], first.reason or _NO_REASON)
        if name in ("iter", "next") and args.positional:
            found = first if name == "iter" else join([element(first), *args.positional[1:]])
            return found if found.kinds else UNKNOWN
        if name in ("abs", "sum", "min", "max", "round", "pow", "divmod"):
            return NUMBER if args.all and all(v.only(Kind.NUMBER) for v in args.all) else UNKNOWN
        if name == "getattr" and len(args.positional) >= 2 and isinstance(args.positional[1].constant, str):
            text, nowhere = ir.Constant(_NOWHERE, None), Frame("", "", {}, instance=frame.instance)
            value = self._attributes.read(first, args.positional[1].constant, text, nowhere)
            default = as_default(args.positional[2]) if args.positional[2:] else None
            if default is not None and first.kinds == UNKNOWN.kinds and value.kinds == UNKNOWN.kinds:
                return default
            return join([value, *args.positional[2:]])
        return UNKNOWN


def _as_float(given: Value) -> Value:
    """``float("-1e9")``."""
    if not isinstance(given.constant, str | int | float):
        return replace(NUMBER, traits=given.traits & Trait.HALF_UNSAFE)
    try:
        return replace(NUMBER, constant=float(given.constant))
    except (ValueError, OverflowError):
        return NUMBER


def _group(items: Iterable[Value]) -> Value:
    return Value(frozenset({Kind.CONTAINER}), items=tuple(items))


def _range(args: Arguments) -> Value:
    """Returns what ``range(...)`` goes through, item by item when that is known and short."""
    ends = [value.constant for value in args.positional]
    if ends and all(type(end) is int for end in ends) and 0 not in ends[2:]:
        numbers = range(*(end for end in ends if isinstance(end, int)))
        if len(numbers) <= _MOST_ITEMS:
            return _group(replace(NUMBER, constant=number) for number in numbers)
    return Value(frozenset({Kind.CONTAINER}), element=NUMBER)
