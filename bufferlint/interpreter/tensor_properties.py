"""What an operation of torch leaves of the traits of its operands, and which it adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bufferlint.interpreter.values import Arguments, Kind, Trait, Value
from bufferlint.resolution.references import External

FACTORIES = frozenset({
    "zeros", "ones", "empty", "full", "eye", "arange", "range", "linspace", "logspace", "rand", "randn", "randint",
    "randperm", "tensor", "from_numpy", "tril_indices", "triu_indices", "hann_window", "hamming_window",
    "blackman_window", "bartlett_window", "kaiser_window", "fftfreq", "rfftfreq", "normal", "scalar_tensor",
    "sparse_coo_tensor", "frombuffer", "empty_strided", "gaussian", "cosine", "exponential", "hann", "hamming",
})  # fmt: skip
"""Functions whose result does not depend on a tensor that requires a gradient, whatever they are given."""

_INTEGER_RESULTS = frozenset({
    "randint", "randperm", "tril_indices", "triu_indices", "argmax", "argmin", "argsort", "bincount", "nonzero",
    "searchsorted", "bucketize", "eq", "ne", "lt", "gt", "le", "ge", "isnan", "isinf", "isfinite", "logical_not",
    "logical_and", "logical_or", "logical_xor", "isin", "one_hot", "count_nonzero", "any", "all", "isclose", "signbit",
})  # fmt: skip
_INTEGER_CASTS = frozenset({"bool", "int", "long", "short", "byte", "char"})
_KEEPS_DTYPE = frozenset({
    "triu", "tril", "cat", "concat", "stack", "hstack", "vstack", "dstack", "clone", "reshape", "view", "flatten",
    "repeat", "repeat_interleave", "tile", "flip", "roll", "squeeze", "unsqueeze", "expand", "expand_as", "permute",
    "transpose", "t", "contiguous", "detach", "diag", "diagonal", "block_diag", "masked_fill", "masked_fill_", "where",
    "zeros_like", "ones_like", "empty_like", "full_like", "chunk", "split", "unbind", "meshgrid", "index_select",
    "gather", "cartesian_prod", "broadcast_to", "movedim", "swapaxes", "unfold", "cumsum", "abs", "neg", "sort", "topk",
    "unique", "fliplr", "flipud", "rot90", "select", "narrow", "cuda", "cpu", "pin_memory", "fill_", "zero_", "max",
    "min", "sum", "prod", "triu_", "tril_", "requires_grad_", "bitwise_not", "clamp", "copy_", "data", "T", "mT",
    "new_zeros", "new_ones", "unflatten", "combinations", "atleast_1d", "atleast_2d", "as_strided", "squeeze_",
    "unsqueeze_", "masked_select", "index_fill", "scatter", "scatter_", "to", "type",
})  # fmt: skip
_COMPLEX_RESULTS = frozenset({"complex", "polar", "view_as_complex", "cfloat", "cdouble"})
_REAL_RESULTS = frozenset({"view_as_real", "real", "imag", "abs", "angle", "irfft", "irfft2", "irfftn", "istft"})
_REAL_FFT = frozenset({"fftfreq", "rfftfreq"})
_EXPANDING = frozenset({"expand", "expand_as", "broadcast_to", "broadcast_tensors", "meshgrid"})
_REORDERING = frozenset({
    "t", "T", "mT", "H", "mH", "transpose", "permute", "movedim", "moveaxis", "swapaxes", "swapdims",
})  # fmt: skip
_SPARSE = ("sparse_", "to_sparse", "spdiags")
_DENSE = frozenset({
    "to_dense", "indices", "_indices", "values", "_values", "crow_indices", "col_indices", "ccol_indices",
    "row_indices",
})  # fmt: skip
_CUTTING = frozenset({"chunk", "split", "unbind", "select", "narrow", "diagonal", "tensor_split", "hsplit", "vsplit"})
_INTEGER_DTYPES = frozenset({
    "torch.int8", "torch.int16", "torch.int32", "torch.int64", "torch.uint8", "torch.bool", "torch.long", "torch.int",
    "torch.short", "torch.uint16", "torch.uint32", "torch.uint64",
})  # fmt: skip
_COMPLEX_DTYPES = frozenset({"torch.complex64", "torch.complex128", "torch.cfloat", "torch.cdouble", "torch.complex32"})
_HALF_EXACT = 2048
"""Half precision holds every integer up to here."""


def dtype(name: str, traits: Trait, tensors: Sequence[Value], args: Arguments, in_fft: bool) -> Trait:
    """``traits`` with those that follow from the dtype of the result of ``name``."""
    asked = _asked_dtype(name, args)
    integer = (
        name in _INTEGER_RESULTS
        or name in _INTEGER_CASTS
        or asked in _INTEGER_DTYPES
        or (name == "arange" and asked is None and not any(isinstance(n, float) for n in constants(args.all)))
        or (name in ("tensor", "as_tensor", "full") and asked is None and _all_integer(args))
    )
    if not integer and name in _KEEPS_DTYPE and asked is None and tensors:
        integer = all(Trait.INTEGER in value.traits for value in tensors)
    traits = traits | Trait.INTEGER if integer else traits & ~Trait.INTEGER
    if name in _INTEGER_RESULTS:
        traits &= ~(Trait.TRAINABLE | Trait.COMPLEX)
    if name in _COMPLEX_RESULTS or asked in _COMPLEX_DTYPES or (in_fft and name not in (*_REAL_FFT, *_REAL_RESULTS)):
        traits |= Trait.COMPLEX
    if name in _REAL_RESULTS:
        traits &= ~Trait.COMPLEX
    return traits | _delicate(name, args)


def layout(name: str, traits: Trait, args: Arguments) -> Trait:
    """``traits`` with those that follow from how ``name`` lays out its result."""
    if name in _DENSE:
        traits &= ~Trait.SPARSE
    if name.startswith(_SPARSE):
        traits |= Trait.SPARSE
    if name in ("contiguous", "clone"):
        traits &= ~(Trait.EXPANDED | Trait.VIEW_OF_LARGER)
    if name == "contiguous":
        traits &= ~Trait.STRIDED
    if name in _EXPANDING:
        given = (*args.positional, *args.keywords.values())
        sizes = [value.constant for each in given for value in (each.items or (each,))]
        kept = name in ("expand", "broadcast_to") and not args.open and all(size in (1, -1) for size in sizes)
        return traits if kept else traits | Trait.EXPANDED
    if name in _REORDERING:
        return traits | Trait.STRIDED
    return traits | Trait.VIEW_OF_LARGER if name in _CUTTING else traits


def is_extreme(number: float) -> bool:
    """Whether half precision loses it: beyond 65504, or not 0 and below its smallest normal number."""
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
    """Whether it is an integer tensor or a literal integer."""
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
    if name == "logspace" or any(map(is_extreme, constants(args.all))):
        return Trait.HALF_UNSAFE
    return Trait.NOTHING


def _is_small(number: object, limit: int) -> bool:
    return isinstance(number, int | float) and abs(number) <= limit
