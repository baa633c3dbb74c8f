"""Lists, tuples and dicts: what is put into them, and what their methods give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.literals import element
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import NONE, UNKNOWN, Arguments, Kind, RecordRef, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import External

_GROWS = frozenset({"append", "extend", "insert", "add", "update", "appendleft"})
_MOST_FIELDS = 64
"""Members of longer dicts are not told apart."""
EMPTY_DICT = Value(frozenset({Kind.CONTAINER}), element=Value(frozenset()), fields=())


def dict_of(fields: Mapping[object, Value], more: Iterable[tuple[object, Value]] = ()) -> Value:
    """The dict with these members and ``more``."""
    fields = {**fields, **dict(more)}
    kept = tuple(fields.items()) if len(fields) <= _MOST_FIELDS else None
    return Value(frozenset({Kind.CONTAINER}), element=join(fields.values()), fields=kept)


def group(items: tuple[Value, ...]) -> Value:
    return Value(frozenset({Kind.CONTAINER}), items=items)


def displayed(keys: tuple[Value | None, ...], values: tuple[Value, ...]) -> Value:
    """The dict of a display; a key that is None unpacks its value."""
    fields: dict[object, Value] = {}
    exact, members = True, list[Value]()
    for key, value in zip(keys, values, strict=True):
        if key is None:
            members += _held(value)
            exact = exact and value.fields is not None
            fields.update(value.fields or ())
        else:
            members.append(value)
            exact = exact and isinstance(key.constant, str | int)
            fields[key.constant] = value
    return dict_of(fields) if exact else Value(frozenset({Kind.CONTAINER}), element=join(members))


def mapping(args: Arguments) -> Value:
    """The value of ``dict(...)`` and of ``OrderedDict(...)``: of another dict, of pairs, of keywords."""
    if len(args.positional) > 1 or args.open:
        return Value(frozenset({Kind.CONTAINER}))
    known: dict[object, Value] | None = {}
    members = list(args.keywords.values())
    for given in args.positional:
        pairs = _pairs(given)
        known = dict(pairs) if pairs is not None else None
        members += [value.items[1] if value.items and len(value.items) == 2 else value for value in _held(given)]
    if known is not None:
        return dict_of(known, args.keywords.items())
    return Value(frozenset({Kind.CONTAINER}), element=join(members) if members else None)


def without_fields(value: Value) -> Value:
    """A value whose dicts may have other keys too."""
    return replace(
        value,
        fields=None,
        items=value.items and tuple(map(without_fields, value.items)),
        element=value.element and without_fields(value.element),
    )


def collection(name: str, args: Arguments) -> Value:
    """The value of calling a class of ``collections``."""
    if name == "OrderedDict":
        return mapping(args)
    if name == "defaultdict":
        factory = args.positional[0].reference if args.positional else None
        if isinstance(factory, External) and factory.name in ("builtins.list", "builtins.dict"):
            made = EMPTY_DICT if factory.name.endswith("dict") else group(())
            return Value(frozenset({Kind.CONTAINER}), element=made)
        return Value(frozenset({Kind.CONTAINER}), element=Value(frozenset()))
    return Value(frozenset({Kind.CONTAINER}), element=_element_of(args.positional[0]) if args.positional else None)


def record_class(args: Arguments) -> Value:
    """The value of ``namedtuple("Stats", "mean std")``."""
    listed = args.get(1, "field_names")
    if listed is None or args.open:
        return UNKNOWN
    if isinstance(listed.constant, str):
        names: list[object] = list(listed.constant.replace(",", " ").split())
    else:
        names = [item.constant for item in listed.items or ()]
    known = tuple(name for name in names if isinstance(name, str))
    if not known or len(known) < len(names):
        return UNKNOWN
    return Value(frozenset({Kind.CALLABLE}), reference=RecordRef(known))


def record(names: tuple[str, ...], args: Arguments) -> Value:
    """The value of ``Stats(mean, std)``, where the class is a namedtuple with these fields."""
    items = tuple(args.get(at, name) or UNKNOWN for at, name in enumerate(names))
    if args.open or any(item == UNKNOWN for item in items):
        return UNKNOWN
    return Value(frozenset({Kind.CONTAINER}), items=items, reference=RecordRef(names))


def _pairs(given: Value) -> list[tuple[object, Value]] | None:
    """The members by key of a dict, or of a sequence of pairs, if all keys are known."""
    if given.fields is not None:
        return list(given.fields)
    if given.items is None:
        return None
    found: list[tuple[object, Value]] = []
    for item in given.items:
        if item.items is None or len(item.items) != 2 or not isinstance(item.items[0].constant, str | int):
            return None
        found.append((item.items[0].constant, item.items[1]))
    return found


def _held(value: Value) -> list[Value]:
    """The members of a container, as far as they are known; of a sequence of pairs those that a dict would hold."""
    return [*(value.items or ()), *([value.element] if value.element is not None else [])]


def united(left: Value, right: Value) -> Value:
    """The value of ``left | right``, of dicts."""
    if left.fields is not None and right.fields is not None:
        return dict_of(dict(left.fields), right.fields)
    return Value(frozenset({Kind.CONTAINER}), element=join([*_held(left), *_held(right)]))


def turns_of(value: Value) -> tuple[Value, ...] | None:
    """Returns what a loop over a value goes through, if that is known one by one."""
    if value.fields is not None:
        return tuple(_key(key) for key, _ in value.fields)
    return value.items


def _key(key: object) -> Value:
    kind = Kind.TEXT if isinstance(key, str) else Kind.NUMBER
    return Value(frozenset({kind}), constant=key)


def put(held: Value, key: Value | None, value: Value) -> Value | None:
    """A container once ``held[key] = value`` has run; None when that tells nothing of it."""
    constant = key.constant if key is not None else None
    if held.fields is not None and isinstance(constant, str | int):
        return dict_of({**dict(held.fields), constant: value})
    if held.items is not None and isinstance(constant, int) and -len(held.items) <= constant < len(held.items):
        at = constant % len(held.items)
        return replace(held, items=(*held.items[:at], value, *held.items[at + 1 :]))
    if not value.may(Kind.TENSOR, Kind.CONTAINER, Kind.HOLDER, Kind.MODULE, Kind.PARAMETER):
        return None
    return replace(held, items=None, fields=None, element=join([*_held(held), value]))


def as_default(given: Value) -> Value | None:
    """Returns what is taken out of something unknown that has a tensor for a default: a tensor that a caller passes."""
    if not given.is_tensor or Trait.SCALAR in given.traits:
        return None
    return replace(given, traits=given.traits | Trait.FROM_CALLER | Trait.SHARED)


class Containers:
    """Runs the methods of containers."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers

    def call(self, base: Value, func: ir.Attribute, args: Arguments, frame: Frame) -> Value:
        """The value of calling a method of a container, with what it does to the container."""
        if func.attr in _GROWS:
            self._layers.assignments.bind(func.value, _grown(base, func.attr, args), frame)
            return NONE
        if func.attr == "clear":
            empty = EMPTY_DICT if base.fields is not None else group(())
            self._layers.assignments.bind(func.value, empty, frame)
            return NONE
        if func.attr == "setdefault" and len(args.positional) == 2:
            return self._set_default(base, func.value, args, frame)
        if func.attr in ("pop", "get", "setdefault"):
            return _taken(base, func.attr, args)
        return _viewed(base, func.attr)

    def _set_default(self, base: Value, target: Expression, args: Arguments, frame: Frame) -> Value:
        own = _is_own(target, frame)
        known = dict(base.fields or ()).get(args.positional[0].constant)
        if known is not None:
            return known
        filled = put(base, args.positional[0], args.positional[1])
        if filled is not None and Trait.FROM_CALLER not in base.traits and (base.fields is not None or _held(base)):
            self._layers.assignments.bind(target, filled, frame)
        found = _taken(base, "setdefault", args)
        return found if own else replace(found, traits=found.traits | Trait.SHARED)


def _is_own(container: Expression, frame: Frame) -> bool:
    """Is a container a local one, or an attribute of the instance? Others outlive it: class-level and module-level."""
    if isinstance(container, ir.Name):
        return container.id in frame.names
    held = frame.instance.slots if frame.instance is not None else {}
    return isinstance(container, ir.Attribute) and frame.is_self(container.value) and container.attr in held


def _viewed(base: Value, method: str) -> Value:
    """Returns what ``values()``, ``items()``, ``keys()`` and ``copy()`` give."""
    if method == "copy":
        return base
    if method == "values":
        return base if base.fields is None else group(tuple(value for _, value in base.fields))
    if method == "items":
        if base.fields is not None:
            return group(tuple(group((_key(key), value)) for key, value in base.fields))
        return Value(frozenset({Kind.CONTAINER}), element=group((UNKNOWN, element(base))))
    if method == "keys" and base.fields is not None:
        return group(tuple(_key(key) for key, _ in base.fields))
    return UNKNOWN


def _taken(base: Value, method: str, args: Arguments) -> Value:
    """Returns what ``get``, ``pop`` and ``setdefault`` give."""
    key = args.positional[0].constant if args.positional else None
    if base.fields is not None and isinstance(key, str | int):
        known = dict(base.fields).get(key)
        if known is not None:
            return known
        return args.positional[1] if args.positional[1:] else (NONE if method == "get" else UNKNOWN)
    members = [member for member in _held(base) if member.kinds]
    if not members and base.items is None and args.positional[1:] and args.positional[1].is_tensor:
        default = args.positional[1]  # a mapping that somebody else fills
        return replace(default, traits=default.traits | Trait.FROM_CALLER | Trait.SHARED)
    found = join([*members, *args.positional[1:], *([NONE] if method == "get" and not args.positional[1:] else [])])
    return found if found.kinds else UNKNOWN


def _grown(base: Value, method: str, args: Arguments) -> Value:
    """A container once a method has added to it."""
    if method == "update" and base.fields is not None and len(args.positional) <= 1 and not args.open:
        pairs = _pairs(args.positional[0]) if args.positional else []
        if pairs is not None:
            return dict_of(dict([*base.fields, *pairs]), args.keywords.items())
    return Value(frozenset({Kind.CONTAINER}), element=join([*_held(base), *_added(method, args)]))


def _added(method: str, args: Arguments) -> list[Value]:
    """Returns what a method adds to a container."""
    if method in ("append", "add", "appendleft"):
        return list(args.all)
    if method == "insert":
        return list(args.positional[1:])
    return [*(_element_of(given) for given in args.positional), *args.keywords.values()]


def _element_of(given: Value) -> Value:
    """The join of what a dict or sequence holds."""
    return join(value for _, value in given.fields) if given.fields else element(given)
