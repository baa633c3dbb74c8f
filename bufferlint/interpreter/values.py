"""Kinds of values, how they join where paths meet, and the reason for which a value is believed to be of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, Flag, auto

from bufferlint.resolution.references import Reference
from bufferlint.text.span import Span


class Kind(Enum):
    """What a name may hold. A set of them is a union; `UNKNOWN` in it means that anything is possible."""

    ABSENT = "unset"
    NONE = "None"
    TENSOR = "tensor"
    PARAMETER = "parameter"
    BUFFER = "buffer"
    MODULE = "module"
    NUMBER = "number"
    TEXT = "string"
    CONTAINER = "container"
    HOLDER = "holder of tensors"
    ARRAY = "NumPy array"
    CALLABLE = "function or class"
    OTHER = "other"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # members are single: no need to hash their names, a million times a run


class Trait(Flag):
    """What is known of a tensor beyond that it is one. A join keeps what either side may be."""

    NOTHING = 0
    TRAINABLE = auto()
    """It requires a gradient, or is computed from something that does."""
    FROM_CALLER = auto()
    """It was handed in from outside, so that nothing else is certain of it."""
    SHARED = auto()
    """Somebody else holds it: a caller, a module-level name, the class."""
    EXPANDED = auto()
    """Several elements may lie in one place (``expand``): nothing can be loaded into it."""
    STRIDED = auto()
    """Not contiguous (``.t()``, ``permute``): safetensors refuses it."""
    VIEW_OF_LARGER = auto()
    """A slice of a larger storage, which is saved whole."""
    COMPLEX = auto()
    INTEGER = auto()
    """Of integer or bool dtype: casting the module to half leaves it alone."""
    HALF_UNSAFE = auto()
    """Float values that a cast to half would ruin: frequencies, positions past 2048, magnitudes past 65504."""
    SCALAR = auto()
    """No dimensions: works across devices as it is."""
    LEAF = auto()
    """It was asked to require a gradient itself: an optimizer could train it."""
    PINNED = auto()
    """It was put on an accelerator by name (``.cuda()``, ``device="cuda"``)."""
    UNWRAPPED = auto()
    """It was computed from an ``nn.Buffer(...)``, and is none itself."""

    SPARSE = auto()
    """Of a sparse layout, which has no storage."""
    ON_CPU = auto()
    """It was just made on the CPU, wherever the module is: ``torch.arange(n)`` without a device."""
    PINNED_TO_CPU = auto()
    """It was put on the CPU by name (``device="cpu"``, ``.cpu()``), or into pinned memory, which is there too."""
    FIXED_DTYPE = auto()
    """Its dtype was named, or is the default where it was made: no cast of the module changes it."""
    UNSTORABLE = auto()
    """It cannot be saved, loaded, cast or moved as a buffer: of inference mode, nested, on the meta device, MKL-DNN."""


LASTING = (
    Trait.TRAINABLE
    | Trait.FROM_CALLER
    | Trait.COMPLEX
    | Trait.HALF_UNSAFE
    | Trait.PINNED
    | Trait.UNWRAPPED
    | Trait.SPARSE
    | Trait.PINNED_TO_CPU
    | Trait.UNSTORABLE
)
"""Traits that a result computed from a tensor inherits."""


@dataclass(frozen=True, slots=True)
class PartialRef:
    """``functools.partial(function, ...)``; ``args`` are the bound `Arguments`."""

    function: Value
    args: Arguments


@dataclass(frozen=True, slots=True)
class RecordRef:
    """What ``collections.namedtuple("Stats", "mean std")`` makes, and its instances, by the names of the fields."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several modules, of classes that differ, by the path that the code takes."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is believed to be what it is: ``text`` in the words of the code, at ``span`` of ``path``."""

    text: str
    path: str
    span: Span
    via: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value.

    ``items`` are the members of a group of known length (of a callable: the alternatives), ``element`` the join of all
    members otherwise; ``fields`` are those of a dict by key where all keys are known. ``storage`` names the places
    where its memory may have been made: two tensors that share one may be views of each other. ``sources`` names those
    of the tensors that it is computed from without a cast, whose dtype it follows. ``constant`` is a literal's value
    (strings, numbers), ``reference`` the definition it is or is an instance of.
    """

    kinds: frozenset[Kind]
    traits: Trait = Trait.NOTHING
    items: tuple[Value, ...] | None = None
    element: Value | None = None
    storage: frozenset[tuple[str, int]] = frozenset()
    constant: object = None
    reference: Reference | PartialRef | RecordRef | OneOf | None = None
    reason: Reason | None = field(default=None, compare=False)
    bound: float | None = None
    """No element of a tensor is larger than this, as far as it is known."""
    fields: tuple[tuple[object, Value], ...] | None = None
    sources: frozenset[tuple[str, int]] = frozenset()

    def only(self, *kinds: Kind) -> bool:
        """Returns whether it is certainly of one of these kinds; a value that is never given is of none."""
        return bool(self.kinds) and self.kinds <= frozenset(kinds)

    def may(self, *kinds: Kind) -> bool:
        """Returns whether it is known to be of one of these kinds on some path."""
        return bool(self.kinds & frozenset(kinds))

    @property
    def is_tensor(self) -> bool:
        return self.kinds == _TENSOR

    @property
    def is_array_like(self) -> bool:
        """Tells whether it behaves as a tensor in arithmetic: a tensor, a parameter, a buffer."""
        return bool(self.kinds) and self.only(Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER)

    def without(self, *kinds: Kind) -> Value:
        left = self.kinds - frozenset(kinds)
        return replace(self, kinds=left) if left != self.kinds else self

    def because(self, reason: Reason | None) -> Value:
        return replace(self, reason=reason)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call; ``open`` when it unpacks some (``*args``, ``**kwargs``), ``names_cpu`` when one of them
    is written as the CPU or asks for pinned memory, which lies there."""

    positional: tuple[Value, ...]
    keywords: Mapping[str, Value] = field(hash=False)
    open: bool = False
    names_cpu: bool = False
    unpacked: tuple[Value, ...] = ()
    """What is known of the members of each ``*args``."""

    @property
    def all(self) -> tuple[Value, ...]:
        return (*self.positional, *self.keywords.values())

    def get(self, position: int, keyword: str) -> Value | None:
        return self.positional[position] if position < len(self.positional) else self.keywords.get(keyword)


_FEW = 8
"""Values that are compared with each other in less time than it takes to hash them."""
_TENSOR = frozenset({Kind.TENSOR})
_CALLABLE = frozenset({Kind.CALLABLE})
_NO_OBJECT = frozenset({Kind.NONE, Kind.ABSENT})
_MODULE = frozenset({Kind.MODULE})
UNKNOWN = Value(frozenset({Kind.UNKNOWN}))
TRUTH = Value(frozenset({Kind.UNKNOWN}), Trait.INTEGER)
"""A comparison of what is unknown: a bool, or a tensor of such."""
ABSENT = Value(frozenset({Kind.ABSENT}))
NONE = Value(frozenset({Kind.NONE}))
NUMBER = Value(frozenset({Kind.NUMBER}))
TEXT = Value(frozenset({Kind.TEXT}))
OTHER = Value(frozenset({Kind.OTHER}))
MODULE = Value(frozenset({Kind.MODULE}))
NOTHING = Value(frozenset())
"""The value of an expression that never gives one: joins to the other side."""


def tensor(traits: Trait = Trait.NOTHING, **more: object) -> Value:
    return replace(Value(_TENSOR, traits), **more)  # type: ignore[arg-type]


def shared(value: Value) -> Value:
    """A value that somebody else holds, its members too."""
    return replace(
        value,
        traits=value.traits | Trait.SHARED,
        items=value.items and tuple(map(shared, value.items)),
        element=value.element and shared(value.element),
        fields=value.fields and tuple((key, shared(member)) for key, member in value.fields),
    )


def _distinct(values: list[Value]) -> list[Value]:
    if len(values) > _FEW:
        return list(dict.fromkeys(values))
    found: list[Value] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def join(values: Iterable[Value]) -> Value:
    """Returns what is known where several paths meet."""
    distinct = _distinct([value for value in values if value.kinds])
    if not distinct:
        return NOTHING
    first = distinct[0]
    if len(distinct) == 1:
        return first
    if all(v.kinds == _CALLABLE for v in distinct):
        return Value(_CALLABLE, items=tuple(v for each in distinct for v in (each.items or (each,))))
    kinds = frozenset[Kind]().union(*(v.kinds for v in distinct))
    traits = Trait.NOTHING
    for value in distinct:
        traits |= value.traits
    tensors = [v for v in distinct if Kind.TENSOR in v.kinds]
    if any(Trait.INTEGER not in v.traits for v in tensors):
        traits &= ~Trait.INTEGER
    if any(Trait.SCALAR not in v.traits for v in tensors):
        traits &= ~Trait.SCALAR
    elements = [v.element for v in distinct if v.element is not None]
    elements += [item for v in distinct for item in v.items or ()]
    groups = [v.items for v in distinct if Kind.CONTAINER in v.kinds]
    same_shape = groups and all(g is not None and len(g) == len(groups[0] or ()) for g in groups)
    items = tuple(join(column) for column in zip(*(g or () for g in groups), strict=True)) if same_shape else None
    reasons = [v.reason for v in (*tensors, *distinct) if v.reason]
    return Value(
        kinds,
        traits,
        items,
        None if items is not None or not elements else join(elements),
        frozenset[tuple[str, int]]().union(*(v.storage for v in distinct)),
        None,
        _reference_of(distinct),
        reasons[0] if reasons else None,
        _bound_of(tensors),
        _fields_of([v for v in distinct if Kind.CONTAINER in v.kinds]),
        frozenset[tuple[str, int]]().union(*(v.sources for v in distinct)),
    )


def _reference_of(values: list[Value]) -> Reference | PartialRef | RecordRef | OneOf | None:
    """Returns what values that are not None all refer to."""
    objects = [value for value in values if not value.kinds <= _NO_OBJECT]
    first = objects[0].reference if objects else None
    return first if all(each.reference == first for each in objects) else _one_of(objects)


def _fields_of(dicts: list[Value]) -> tuple[tuple[object, Value], ...] | None:
    """The members by key of dicts that have the same keys."""
    first = dicts[0].fields if dicts else None
    if first is None:
        return None
    keys = [key for key, _ in first]
    if any(each.fields is None or [key for key, _ in each.fields] != keys for each in dicts):
        return None
    columns = zip(*([value for _, value in each.fields or ()] for each in dicts), strict=True)
    return tuple(zip(keys, map(join, columns), strict=True))


def _one_of(modules: list[Value]) -> OneOf | None:
    """Modules of different classes, told apart for as long as they are few."""
    if any(value.kinds != _MODULE for value in modules):
        return None
    each = (v.reference.values if isinstance(v.reference, OneOf) else (v,) for v in modules)
    found = _distinct([replace(value, storage=frozenset()) for values in each for value in values])
    return OneOf(tuple(found)) if len(found) <= _FEW and all(value.reference for value in found) else None


def _bound_of(tensors: list[Value]) -> float | None:
    """The largest of the bounds of tensors; None when one has none."""
    bounds = [value.bound for value in tensors if value.bound is not None]
    return max(bounds) if bounds and len(bounds) == len(tensors) else None
