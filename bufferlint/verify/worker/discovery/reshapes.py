"""From the error of forward to other shapes and types for its inputs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from itertools import islice

from bufferlint.verify.contract import InputSpec
from bufferlint.verify.worker.discovery import repairs, stated_shapes
from bufferlint.verify.worker.discovery.candidates import expressed, py
from bufferlint.verify.worker.discovery.clock import TookTooLong
from bufferlint.verify.worker.discovery.inputs import many, tensor_source, tensors
from bufferlint.verify.worker.discovery.layers import BATCH, FRAMES, Layers

_MATMUL = re.compile(r"(\d+)x(\d+) and (\d+)x(\d+)|got \[(\d+), (\d+)\] X \[(\d+), (\d+)\]")
_BROADCAST = re.compile(r"dimension of length (\d+) at -(\d)!.*?Size\(\[([\d, ]*)\]\).*?broadcastable to \[([\d, ]*)\]")
_CHANNELS = re.compile(r"expected input\[?.*?\]? to have (\d+) channels, but got (\d+) channels")
_NORMALIZED = re.compile(r"normalized_shape=\[([\d, ]+)\]")
_GOT = re.compile(r"torch\.Size\(\[[\d, ]*?(\d+)\]\)|input of size \[[\d, ]*?(\d+)\]")
_RANKS = re.compile(r"[Ee]xpected (?:input to be )?(\d)D(?:.*?(\d)D)?|(\d)-?D (?:input|tensor|or)|"
 r"[Ee]xpected (\d) dim|expected (\d)-dim"
                    r"|values to unpack \(expected (?:at least )?(\d)|(\d) dims|must be (?:a )?(\d)[Dd]|(\d)d-array|"
                    r"(\d)[- ]dimension")  # fmt: skip
_INDICES = re.compile(r"too many indices for tensor of dimension (\d)|expected to be in range of \[-(\d),")
_ORDER = re.compile(r"len\(dims\) = (\d)|subscripts in the equation \((\d)\)")
_SIZES = re.compile(r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)")
_NUMBERS = re.compile(r"\d+")
_INTEGER_WANTED = re.compile(
    r"scalar types: Long|must be long|LongTensor|expected .*(Long|Int)\b.*but|indices must be|as indices|"
    r"tensors used as indices|"
    r"only integer|to be an integer|Expected.*int64|index_select.*(int|Long)|one_hot is only applicable|"
    r"int.*got.*float|same dtype torch\.int64"
)
_FLOAT_WANTED = re.compile(
    r"not implemented for '(Long|Int|Bool)'|long int|Long\b|bool.*float|must have the same dtype|same dtype|"
    r"[Ff]loat(ing)?[- ]point|"
    r"expected scalar type (Float|Double)|Input dtype must be|c10::BFloat16|Boolean"
)
_BOOL_WANTED = re.compile(r"must be bool|expects a bool|boolean (mask|tensor)|mask.*bool", re.IGNORECASE)
_LIST_WANTED = re.compile(
    r"tuple of Tensors|list of Tensors|list or tuple|expected a list|must be a (list|tuple)|iterat.*0-d|"
    r"not enough values to unpack|"
    r"too many values to unpack|index out of range|out of bounds for dimension"
)
_LARGER_WANTED = re.compile(
    r"than actual input size|larger than|too small|must match except in dimension|be greater than|output size is too"
)
_GROUPS = re.compile(r"Given groups=(\d+), expected weight to be at least \d+.*?weight of size \[(\d+)")
_TEXT_AS_INDEX = re.compile(r"invalid data type 'str'|indices must be integers.*str|not 'str'")
_INTERVAL = re.compile(
    r"(?:\bin|between|within)(?: the)?(?: range| interval)?(?: of)? "
    r"[\[(]\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*[\])]"
)
_ABOVE = re.compile(
    r">=? *0\b|non-?negative|positive|greater than (or equal to )?(0|zero)|below (0|zero)|less than (0|zero)|"
    r"negative (values?|numbers?|entr)|probabilit|between 0 and 1|out of (the )?range|(must|should) be in (the )?range",
    re.IGNORECASE,
)
_SMALL = 8
_RANGE = re.compile(
    r"index out of range|out of bounds|Target .* is out|device-side|must be smaller than num_classes|index .* is out"
)


def repaired(spec: InputSpec, error: BaseException, layers: Layers) -> Iterator[InputSpec]:
    """Specifications to take instead, judged by the error alone."""
    text = str(error)
    if isinstance(error, AttributeError) and spec.shape is not None:
        yield from _with_attribute(error.name or "", spec)
    if "NoneType" in text and spec.shape is None and spec.value is None:
        yield from (InputSpec(shape) for shape in layers.shapes[:2])
    if isinstance(spec.value, dict) and isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        name = error.args[0]
        for each in islice(tensors(name, layers), 4):
            yield InputSpec(None, value={**spec.value, name: py(tensor_source(each))})
        return
    if spec.shape is None:
        for value in repairs.repaired(spec.value, error):
            yield InputSpec(None, value=expressed(value))
        return
    if "Tensor with more than one value is ambiguous" in text:
        yield from (InputSpec(None, value=each) for each in (True, layers.side, (layers.side, layers.side)))
    if isinstance(error, IndexError) and "range" in text and len(spec.shape) > 1:  # as many as a list of the module has
        yield from (dataclasses.replace(spec, shape=(*spec.shape[:-1], count)) for count in (2, 3, 1))
    if _TEXT_AS_INDEX.search(text):
        yield InputSpec(None, value={})
    if isinstance(error, TookTooLong) and max((0, *spec.shape[1:])) > _SMALL:
        yield dataclasses.replace(spec, shape=(1, spec.shape[1], *(min(each, _SMALL) for each in spec.shape[2:])))
    if _RANGE.search(text):
        yield from (dataclasses.replace(spec, low=0, high=high) for high in (2, 1) if spec.dtype == "int64")
    for shape in stated_shapes.of_text(text, layers.side):
        if shape != spec.shape:
            yield dataclasses.replace(spec, shape=shape)
    yield from _ranged(spec, text)
    yield from _typed(spec, text, layers)
    for size in _sizes_named(spec, text):
        yield dataclasses.replace(spec, shape=size)
    if _LARGER_WANTED.search(text) and len(spec.shape) > 2:
        for shape in _enlarged(spec.shape, [int(each) for each in _NUMBERS.findall(text)]):
            yield dataclasses.replace(spec, shape=shape)
    for rank in _ranks(text):
        yield from (dataclasses.replace(spec, shape=shape) for shape in of_rank(spec.shape, rank, layers))
    if _LIST_WANTED.search(text) or ("Tensor" in text and "list" in text):
        yield from (many(spec, count) for count in (2, 1, 3, 4))


def _ranged(spec: InputSpec, text: str) -> Iterator[InputSpec]:
    """Random numbers of a range that the error states: numbers that are above 0, or in an interval."""
    if not spec.dtype.startswith(("float", "bfloat")):
        return
    for match in _INTERVAL.finditer(text):
        low, high = float(match[1]), float(match[2])
        if low < high:
            yield dataclasses.replace(spec, low=low, high=high)
    if _ABOVE.search(text):
        yield dataclasses.replace(spec, low=0.1, high=1.0)


def resized(spec: InputSpec, error: BaseException) -> Iterator[InputSpec]:
    """The same with one of its sizes replaced by a number that the error speaks of."""
    if spec.shape is None or isinstance(error, TypeError):
        return
    for number in dict.fromkeys(map(int, _NUMBERS.findall(str(error)))):
        if 0 < number <= 4096:
            for at in range(len(spec.shape) - 1, -1, -1):
                if spec.shape[at] != number:
                    yield dataclasses.replace(spec, shape=(*spec.shape[:at], number, *spec.shape[at + 1 :]))


def width_wanted(error: BaseException) -> int | None:
    """The last size that a product of matrices asked for, where it got another."""
    match = _MATMUL.search(str(error))
    if match is None:
        return None
    _rows, _got, wanted, _other = (int(each) for each in match.groups() if each)
    return wanted


def of_rank(shape: tuple[int, ...], rank: int, layers: Layers) -> Iterator[tuple[int, ...]]:
    """Shapes of another rank about the same width."""
    if rank == len(shape) or rank > 6:
        return
    yield from (each for each in layers.shapes if len(each) == rank)
    width = (layers.widths or [shape[-1] if shape else 3])[0]
    side, length = layers.side, layers.length
    shapes: dict[int, list[tuple[int, ...]]] = {
        0: [()],
        1: [(BATCH,), (width,)],
        2: [(BATCH, width), (BATCH, length)],
        3: [(BATCH, length, width), (BATCH, width, length), (width, side, side)],
        4: [
            (BATCH, width, side, side),
            (BATCH, 3, side, side),
            (BATCH, FRAMES, length, width),
            (BATCH, length, length, width),
        ],
        5: [(BATCH, width, FRAMES, side, side), (BATCH, FRAMES, width, side, side), (BATCH, 3, 2 * FRAMES, side, side)],
        6: [(BATCH, FRAMES, FRAMES, width, side, side)],
    }
    yield from shapes[rank]


def _with_attribute(name: str, spec: InputSpec) -> Iterator[InputSpec]:
    one = f"torch.randn({', '.join(map(str, spec.shape or (1,)))})"
    if hasattr(dict, name):
        yield InputSpec(None, value={})
    elif hasattr(str, name):
        yield InputSpec(None, value="text")
    elif hasattr(list, name):
        yield many(spec, 2)
    elif name:
        yield InputSpec(None, value=py(f"types.SimpleNamespace({name}={one})"))


def _typed(spec: InputSpec, text: str, layers: Layers) -> Iterator[InputSpec]:
    if _INTEGER_WANTED.search(text) and not spec.dtype.startswith("int"):
        yield dataclasses.replace(spec, dtype="int64", low=0, high=(layers.rows or [2])[0])
        if len(spec.shape or ()) > 2:
            yield InputSpec((spec.shape or ())[:2], "int64", 0, (layers.rows or [2])[0])
    if _BOOL_WANTED.search(text) and spec.dtype != "bool":
        yield dataclasses.replace(spec, dtype="bool", low=None, high=None)
    if _FLOAT_WANTED.search(text) and spec.dtype != "float32":
        yield dataclasses.replace(spec, dtype="float32", low=None, high=None)


def _ranks(text: str) -> Iterator[int]:
    if match := _INDICES.search(text):
        yield int(match[1] or match[2]) + 1
    if match := _ORDER.search(text):
        yield int(match[1] or match[2])
    seen = {int(each) for match in _RANKS.findall(text) for each in match if each}
    yield from sorted((each for each in seen if each <= 6), reverse=True)


def _enlarged(shape: tuple[int, ...], numbers: list[int]) -> Iterator[tuple[int, ...]]:
    """Larger images and longer sequences; sizes that leave a remainder where others do not."""
    kept, last = shape[:2], shape[2:]
    largest = max((each for each in numbers if each <= 512), default=0)
    yield from ((*kept, *(each * factor for each in last)) for factor in (2, 4))
    yield (*kept, *(each + 1 for each in last))
    if largest > max(last):
        yield (*kept, *((largest + 1,) * len(last)))


def _sizes_named(spec: InputSpec, text: str) -> Iterator[tuple[int, ...]]:
    shape = spec.shape or ()
    if match := _CHANNELS.search(text):
        wanted, got = int(match[1]), int(match[2])
        yield from _replaced(shape, got, wanted, (1, 0, 2, 3, 4))
        if len(shape) == 4 and shape[3] == wanted:
            yield (shape[0], wanted, shape[1], shape[2])
        if len(shape) == 3:
            yield (shape[0], wanted, shape[1])
    if match := _GROUPS.search(text):
        yield from _replaced(shape, int(match[1]), int(match[2]), (1, 0, 2, 3, 4))
    if match := _MATMUL.search(text):
        _rows, got, wanted, _other = (int(each) for each in match.groups() if each)
        yield from _replaced(shape, got, wanted, tuple(range(len(shape) - 1, -1, -1)))
        yield from _scaled(shape, got, wanted)
        if shape and got % shape[-1] == 0 and wanted % max(1, got // shape[-1]) == 0:
            yield (*shape[:-1], wanted // (got // shape[-1]))
        if len(shape) > 1 and got % shape[1] == 0 and wanted % max(1, got // shape[1]) == 0:
            yield (shape[0], wanted // (got // shape[1]), *shape[2:])
        if len(shape) >= 3:
            yield from ((*shape[:-2], shape[-1], wanted), (shape[0], wanted), (*shape[:-1], wanted))
        elif shape:
            yield (*shape[:-1], wanted)
    if match := _NORMALIZED.search(text):
        tail = tuple(int(each) for each in _NUMBERS.findall(match[1]))
        last = [int(each) for found in _GOT.findall(text) for each in found if each]
        yield from _scaled(shape, last[-1] if last else 0, tail[-1])
        yield (*shape[: max(1, len(shape) - len(tail))], *tail)
        yield (BATCH, 8, *tail)
    if match := _BROADCAST.search(text):
        got, at = int(match[1]), int(match[2])
        had, wanted_shape = (tuple(map(int, _NUMBERS.findall(match[each]))) for each in (3, 4))
        if len(wanted_shape) >= at:
            other = wanted_shape[-at]
            places = tuple(range(len(shape) - 1, -1, -1))
            yield from _replaced(shape, got, other, (len(shape) - at, *places))
            yield from _replaced(shape, other, got, (len(shape) - at, *places))
        if shape == had:
            yield wanted_shape
        if shape == wanted_shape:
            yield had
    if match := _SIZES.search(text):
        one, two, at = int(match[1]), int(match[2]), int(match[3])
        for got, wanted in ((one, two), (two, one)):
            yield from _replaced(shape, got, wanted, (at, *range(len(shape) - 1, -1, -1)))


def _scaled(shape: tuple[int, ...], got: int, wanted: int) -> Iterator[tuple[int, ...]]:
    """One size changed as the product was wrong: patches, flattened images, heads."""
    for at in (1, *range(len(shape) - 1, 1, -1)):
        if 0 < at < len(shape) and got > 0 and got != wanted and shape[at] * wanted % got == 0 and shape[at] * wanted:
            yield (*shape[:at], shape[at] * wanted // got, *shape[at + 1 :])


def _replaced(shape: tuple[int, ...], got: int, wanted: int, order: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for at in order:
        if at < len(shape) and shape[at] == got != wanted:
            yield (*shape[:at], wanted, *shape[at + 1 :])
