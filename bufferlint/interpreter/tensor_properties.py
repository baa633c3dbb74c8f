"""What an operation of torch leaves of the traits of its operands, and which it adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bufferlint.interpreter.values import Arguments, Kind, Trait, Value
from bufferlint.resolution.references import External
from bufferlint.torch_model.operations import Operation, is_integer_dtype

_COMPLEX_DTYPES = frozenset({"torch.complex64", "torch.complex128", "torch.cfloat", "torch.cdouble", "torch.complex32"})
_HALF_EXACT = 2048
"""Half precision holds every integer up to here."""


def dtype(name: str, facts: Operation, traits: Trait, inputs: Sequence[Value], args: Arguments) -> Trait:
    """``traits`` with those that follow from the dtype of the result of ``name``; ``inputs`` are its operands."""
    asked = _asked_dtype(name, args)
    integer = (
        Operation.INTEGER in facts
        or is_integer_dtype(asked)
        or (name == "arange" and asked is None and not any(isinstance(n, float) for n in constants(args.all)))
        or (name in ("tensor", "as_tensor", "full") and asked is None and _all_integer(args))
    )
    if not integer and asked is None:
        integer = _stays_integer(facts, inputs)
    traits = traits | Trait.INTEGER if integer else traits & ~Trait.INTEGER
    if Operation.INTEGER in facts:
        traits &= ~(Trait.TRAINABLE | Trait.COMPLEX)
    if Operation.COMPLEX in facts or asked in _COMPLEX_DTYPES:
        traits |= Trait.COMPLEX
    if Operation.REAL in facts:
        traits &= ~Trait.COMPLEX
    return traits | _delicate(name, args)


def _stays_integer(facts: Operation, inputs: Sequence[Value]) -> bool:
    tensors = list(tensors_in(inputs))
    if not tensors or not all(Trait.INTEGER in value.traits for value in tensors):
        return False
    if Operation.PROMOTES in facts:
        return all(is_integer(value) for value in inputs)
    return Operation.KEEPS_INTEGER in facts


def layout(name: str, facts: Operation, traits: Trait, args: Arguments) -> Trait:
    """``traits`` with those that follow from how ``name`` lays out its result."""
    if Operation.DENSE in facts:
        traits &= ~Trait.SPARSE
    if Operation.SPARSE in facts:
        traits |= Trait.SPARSE
    if name in ("contiguous", "clone"):
        traits &= ~(Trait.EXPANDED | Trait.VIEW_OF_LARGER)
    if name == "contiguous":
        traits &= ~Trait.STRIDED
    if Operation.EXPANDS in facts:
        given = (*args.positional, *args.keywords.values())
        sizes = [value.constant for each in given for value in (each.items or (each,))]
        kept = name in ("expand", "broadcast_to") and not args.open and all(size in (1, -1) for size in sizes)
        return traits if kept else traits | Trait.EXPANDED
    if Operation.REORDERS in facts:
        return traits | Trait.STRIDED
    return traits | Trait.VIEW_OF_LARGER if Operation.CUTS in facts else traits


def tensors_in(values: Sequence[Value]) -> Iterator[Value]:
    """The tensors among values and in their containers."""
    for value in values:
        if value.may(Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER):
            yield value
        elif value.only(Kind.CONTAINER):
            yield from tensors_in(value.items or ((value.element,) if value.element else ()))


_SHARES_ARRAY = frozenset({"from_numpy", "as_tensor", "asarray", "frombuffer", "from_dlpack"})


def from_arrays(name: str, inputs: Sequence[Value]) -> Trait:
    """Returns what a tensor inherits from the NumPy arrays that it is made of."""
    traits = Trait.NOTHING
    for value in inputs:
        if value.may(Kind.ARRAY, Kind.TEXT, Kind.OTHER) and name in _SHARES_ARRAY:
            traits |= value.traits & (Trait.SHARED | Trait.EXPANDED)
        if value.may(Kind.ARRAY):
            traits |= value.traits & Trait.HALF_UNSAFE
    return traits


def memory_of_arrays(name: str, inputs: Sequence[Value]) -> frozenset[tuple[str, int]]:
    """The memory that a tensor has in common with the arrays that it is made of."""
    if name not in _SHARES_ARRAY:
        return frozenset()
    return frozenset[tuple[str, int]]().union(*(value.storage for value in inputs if value.may(Kind.ARRAY)))


def array_traits(name: str, args: Arguments) -> Trait:
    """The traits of the NumPy array that a function or operator gives."""
    traits = Trait.NOTHING
    for value in args.all:
        traits |= value.traits & Trait.HALF_UNSAFE
        if name in _ARRAY_VIEWS:
            traits |= value.traits & (Trait.SHARED | Trait.EXPANDED)
    if name in ("logspace", "geomspace") or any(map(is_extreme, constants(args.all))):
        traits |= Trait.HALF_UNSAFE
    return traits | Trait.EXPANDED if name in ("broadcast_to", "broadcast_arrays") else traits


_ARRAY_VIEWS = frozenset({
    "asarray", "asanyarray", "ascontiguousarray", "reshape", "ravel", "transpose", "squeeze", "expand_dims",
    "broadcast_to", "broadcast_arrays", "atleast_1d", "atleast_2d", "swapaxes", "moveaxis", "frombuffer",
})  # fmt: skip


def fixes_dtype(name: str, facts: Operation, tensors: Sequence[Value], args: Arguments) -> bool:
    """Has the result of ``name`` a dtype that no cast of the module changes?"""
    asked = _asked_dtype(name, args)
    if asked is not None:
        return asked != "?"
    if Operation.LIKE in facts:
        return any(Trait.FIXED_DTYPE in value.traits for value in (*tensors, *args.positional)[:1])
    if name in _CASTS:
        return True
    if not tensors:
        given = [member for value in args.all for member in (value.items or (value,))]
        made = Operation.FACTORY in facts or (name in _SHARES_ARRAY and args.all[:1] and args.all[0].only(Kind.ARRAY))
        return bool(made) or any(Trait.FIXED_DTYPE in value.traits for value in given)
    return all(Trait.FIXED_DTYPE in value.traits for value in tensors)


def keeps_dtype(name: str, args: Arguments) -> bool:
    """Does the dtype of a result follow those of the operands: is no other one asked for?"""
    return _asked_dtype(name, args) is None and name not in _CASTS and name not in ("type_as", "view_as_complex")


def storable(name: str, traits: Trait, args: Arguments) -> Trait:
    """``traits`` with those that follow from a kind of tensor that no buffer can be (H50)."""
    device = args.keywords.get("device")
    if name in ("to_mkldnn", "nested_tensor", "as_nested_tensor", "nested_tensor_from_jagged") or (
        device is not None and device.constant == "meta"
    ):
        return traits | Trait.UNSTORABLE
    if name == "to" and args.positional and args.positional[0].constant == "meta":
        return traits | Trait.UNSTORABLE
    if name in ("empty_strided", "as_strided") and 0 in constants(args.all):
        return traits | Trait.EXPANDED
    return traits & ~Trait.UNSTORABLE if name in ("to_dense", "to_padded_tensor", "clone") else traits


_CASTS = frozenset({"float", "double", "half", "bfloat16", "bool", "long", "int", "short", "byte", "char"})


def is_extreme(number: float) -> bool:
    """Returns whether half precision loses it: beyond 65504, or not 0 and below its smallest normal number."""
    size = abs(number)
    return isinstance(number, float) and size != float("inf") and (size > 65504 or 0 < size < 6.1e-5)


def constants(values: Iterable[Value]) -> Iterator[float]:
    """The literal numbers among values and in their containers."""
    for value in values:
        if isinstance(value.constant, int | float):
            yield value.constant
        elif value.only(Kind.CONTAINER):
            yield from constants(value.items or ())


def is_integer(value: Value) -> bool:
    """Returns whether it is an integer tensor or a literal integer."""
    return Trait.INTEGER in value.traits if value.is_array_like else isinstance(value.constant, int)


def _asked_dtype(name: str, args: Arguments) -> str | None:
    """The dtype that a call asks for; ``"?"`` for one that is computed."""
    asked = args.keywords.get("dtype")
    if asked is None and name in ("to", "type", "view", "new_tensor"):
        asked = next((a for a in args.positional if isinstance(a.reference, External)), None)
    if asked is None:
        return None
    return asked.reference.name if isinstance(asked.reference, External) else "?"


def _all_integer(args: Arguments) -> bool:
    numbers = list(constants(args.positional[-1:]))
    return bool(numbers) and all(isinstance(number, int) for number in numbers)


def _delicate(name: str, args: Arguments) -> Trait:
    ends = [value.constant for value in args.positional]
    if name in ("arange", "range") and not (ends and all(_is_small(end, _HALF_EXACT) for end in ends)):
        return Trait.HALF_UNSAFE
    if name == "linspace" and not all(_is_small(end, 64) for end in ends[:2]):
        return Trait.HALF_UNSAFE
    if name == "linspace" and any(isinstance(steps, int) and steps > _HALF_EXACT for steps in _steps(args)):
        return Trait.HALF_UNSAFE
    if name == "cumsum" and args.positional is not None:
        return Trait.HALF_UNSAFE
    if name == "logspace" or any(map(is_extreme, constants(args.all))):
        return Trait.HALF_UNSAFE
    return Trait.NOTHING


def _steps(args: Arguments) -> Iterator[object]:
    given = args.get(2, "steps")
    if given is not None:
        yield given.constant


def _is_small(number: object, limit: int) -> bool:
    return isinstance(number, int | float) and abs(number) <= limit
