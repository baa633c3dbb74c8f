"""How much memory a tensor takes, where its code says so in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

from bufferlint.ir.expressions import Argument, Attribute, Call, Constant, Display, Expression

_OF_SIZE = frozenset({"torch.ones", "torch.zeros", "torch.empty", "torch.rand", "torch.randn"})
_KEEPS_SIZE = frozenset({
    "triu", "tril", "unsqueeze", "squeeze", "view", "reshape", "flip", "contiguous", "clone", "detach", "transpose",
    "permute", "float", "bool", "long", "half", "double", "to", "masked_fill", "cumsum", "neg", "exp", "log",
})  # fmt: skip
_BYTES = {
    "bool": 1,
    "uint8": 1,
    "half": 2,
    "float16": 2,
    "bfloat16": 2,
    "double": 8,
    "float64": 8,
    "long": 8,
    "int64": 8,
}

Resolve = Callable[[Expression], str | None]
"""The qualified name that an expression stands for: ``torch.ones``."""


def bytes_of(value: Expression, resolve: Resolve) -> int | None:
    """Bytes of a tensor made by a factory from literal sizes, through calls that keep its size; None when unknown."""
    if not isinstance(value, Call):
        return None
    name = resolve(value.func) or ""
    if name in _OF_SIZE:
        elements = _elements(value.args)
        return None if elements is None else elements * _width(value.args, 4)
    if name == "torch.full" and value.args:
        elements = _elements(value.args[:1])
        return None if elements is None else elements * _width(value.args, 4)
    if name in ("torch.arange", "torch.linspace"):
        steps = _steps(value.args, name == "torch.arange")
        return None if steps is None else steps * _width(value.args, 4)
    short = name.removeprefix("torch.")
    if name.startswith("torch.") and short in _KEEPS_SIZE and value.args:
        return bytes_of(value.args[0].value, resolve)
    if isinstance(value.func, Attribute) and value.func.attr in _KEEPS_SIZE and not name.startswith("torch."):
        inner = bytes_of(value.func.value, resolve)
        width = _BYTES.get(value.func.attr)
        return inner if inner is None or width is None else inner // 4 * width
    return None


def _elements(args: tuple[Argument, ...]) -> int | None:
    sizes = [arg.value for arg in args if arg.keyword is None and not arg.star]
    if len(sizes) == 1 and isinstance(sizes[0], Display):
        sizes = list(sizes[0].items)
    known = [size.value for size in sizes if isinstance(size, Constant)]
    numbers = [number for number in known if type(number) is int]
    return math.prod(numbers) if numbers and len(numbers) == len(sizes) else None


def _steps(args: tuple[Argument, ...], counts: bool) -> int | None:
    """The number of elements of ``arange(end)``, ``arange(start, end, step)`` or ``linspace(start, end, steps)``."""
    known = [arg.value.value for arg in args if arg.keyword is None and isinstance(arg.value, Constant)]
    numbers = [number for number in known if isinstance(number, int | float) and not isinstance(number, bool)]
    if len(numbers) != sum(arg.keyword is None for arg in args) or not numbers or not all(map(math.isfinite, numbers)):
        return None
    if not counts:
        return int(numbers[2]) if len(numbers) == 3 and numbers[2] > 0 else None
    start, end, step = (0, numbers[0], 1) if len(numbers) == 1 else (*numbers, 1)[:3]
    return max(0, math.ceil((end - start) / step)) if step else None


def _width(args: tuple[Argument, ...], usual: int) -> int:
    for arg in args:
        if arg.keyword == "dtype" and isinstance(arg.value, Attribute):
            return _BYTES.get(arg.value.attr, usual)
    return usual
