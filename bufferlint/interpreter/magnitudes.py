"""How large the elements of a tensor may be, where its code says so in numbers: half precision ends at 65504."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bufferlint.interpreter.tensor_properties import constants
from bufferlint.interpreter.values import Arguments, Kind, Trait, Value

_LARGEST, _SMALLEST = 65504.0, 6.1e-5
_UNIT = frozenset({
    "ones", "eye", "rand", "ones_like", "rand_like", "new_ones", "hann_window", "hamming_window", "blackman_window",
    "bartlett_window", "kaiser_window", "tril_indices_", "sin", "cos", "sigmoid", "tanh", "softmax", "bernoulli",
})  # fmt: skip
_ZERO = frozenset({"zeros", "zeros_like", "new_zeros"})
_KEEPS = frozenset({
    "triu", "tril", "clone", "reshape", "view", "flatten", "repeat", "tile", "flip", "roll", "squeeze", "unsqueeze",
    "expand", "permute", "transpose", "t", "contiguous", "detach", "diag", "diagonal", "float", "double", "to", "abs",
    "neg", "cuda", "cpu", "T", "select", "narrow", "index_select", "gather", "sqrt_",
})  # fmt: skip
_OPERATORS = {"mul": "*", "multiply": "*", "add": "+", "sub": "-", "div": "/", "true_divide": "/", "pow": "**"}
_POWERS = {"square": 2.0, "cumprod": 16.0, "prod": 16.0}
_SUMS = frozenset({"sum", "nansum"})
_PRODUCTS = frozenset({"matmul", "mm", "bmm", "mv", "dot", "inner", "vdot"})
_FEW_TERMS = 16
"""How many terms a sum has whose length is not known: few, so that sums of units are not taken for large."""
_MOST_EXPONENT = 3
"""A tensor of unknown size to a higher power is taken for one that half precision may lose."""


def bound_of(name: str, inputs: Sequence[Value], args: Arguments) -> float | None:
    """The bound of the elements that a function or method of torch gives."""
    first = inputs[0] if inputs else None
    if name in _UNIT:
        return 1.0
    if name in _ZERO:
        return 0.0
    if name in ("tensor", "as_tensor", "arange", "linspace", "Tensor", "FloatTensor", "new_tensor"):
        data = args.positional if name in ("arange", "linspace") else args.positional[:1]
        return _largest(data) if all(map(_is_known, data)) else None
    if name in ("full", "full_like", "new_full"):
        fill = args.get(1, "fill_value")
        return _largest([fill]) if fill is not None and _is_known(fill) else None
    if name in _KEEPS and first is not None:
        return first.bound
    if name in _POWERS and first is not None and first.bound is not None:
        return _power(first.bound, _POWERS[name])
    if name in ("cat", "stack", "concat", "hstack", "vstack") and first is not None:
        members = first.items or ((first.element,) if first.element is not None else ())
        bounds = [member.bound for member in members if member.bound is not None]
        return max(bounds) if bounds and len(bounds) == len(members) else None
    if name in ("lgamma", "mvlgamma") and first is not None and first.bound is not None:
        return abs(math.lgamma(first.bound)) if 2 < first.bound < 1e300 else None
    if name in _SUMS and first is not None and first.bound is not None:
        return first.bound * _FEW_TERMS
    if name in _PRODUCTS and len(inputs) > 1:
        return combined_bound("@", inputs[:2])
    if name in ("exp", "exp2", "expm1", "cosh", "sinh") and first is not None and first.bound is not None:
        return math.exp(min(first.bound, 700.0))
    if name.rstrip("_") in _OPERATORS and len(inputs) > 1:
        return combined_bound(_OPERATORS[name.rstrip("_")], inputs[:2])
    return None


def combined_bound(op: str, operands: Sequence[Value]) -> float | None:
    """The bound of what an operator gives."""
    if len(operands) == 1:
        return operands[0].bound
    left, right = (_bound(operand) for operand in operands[:2])
    if op in ("==", "!=", "<", ">", "<=", ">="):
        return 1.0
    if left is None or right is None:
        return None
    if op in ("+", "-"):
        return left + right
    if op == "*":
        return left * right
    if op == "@":
        return left * right * _FEW_TERMS
    if op == "<<":
        return left * (_power(2.0, right) or math.inf)
    if op == "/" and operands[1].only(Kind.NUMBER) and right:
        return left / right
    if op == "**" and operands[1].only(Kind.NUMBER) and isinstance(operands[1].constant, int | float):
        exponent = operands[1].constant
        return _power(left, exponent) if exponent >= 0 else None
    return None


def is_lost(name: str, bound: float | None, operands: Sequence[Value]) -> bool:
    """May half precision turn what an operation gives into inf or 0?"""
    if bound is not None and bound > _LARGEST and bound != math.inf:
        return True
    op = _OPERATORS.get(name.rstrip("_"), name)
    if op == "<<":
        return bound is None
    if op == "**":
        return _is_high_power(bound, operands)
    numbers = list(constants(operands[:2])) if op in ("*", "/", "+", "-") else []
    if op == "/" and len(operands) > 1:
        numbers += [1 / number for number in constants(operands[1:2]) if number]
    return any(_is_extreme(number) for number in numbers)


def is_too_large(number: float) -> bool:
    """Is a number beyond what half precision holds?"""
    return _LARGEST < _size(number) != math.inf


def of_numbers(left: Value, op: str, right: Value) -> Trait:
    """The traits of a number that an operator gives: a power of 10 whose exponent is not known may be lost."""
    traits = (left.traits | right.traits) & Trait.HALF_UNSAFE
    base, exponent = left.constant, right.constant
    is_large = isinstance(base, int | float) and abs(base) > 2
    grows = op == "**" and is_large and not isinstance(exponent, int | float)
    return traits | Trait.HALF_UNSAFE if grows else traits


def _is_high_power(bound: float | None, operands: Sequence[Value]) -> bool:
    if len(operands) < 2:
        return False
    exponent = operands[1].constant
    if bound is not None:
        return bound <= 1 and isinstance(exponent, int | float) and exponent > _MOST_EXPONENT + 1
    if operands[0].only(Kind.NUMBER):
        return True  # a number to the power of a tensor: frequencies
    return not isinstance(exponent, int | float) or abs(exponent) > _MOST_EXPONENT


def _is_extreme(number: float) -> bool:
    size = _size(number)
    return size != math.inf and (size > _LARGEST or 0 < size < _SMALLEST)


def _bound(value: Value) -> float | None:
    if value.only(Kind.NUMBER) and isinstance(value.constant, int | float):
        return _size(value.constant)
    return None if Trait.FROM_CALLER in value.traits else value.bound


def _power(base: float, exponent: float) -> float | None:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def _is_known(value: Value) -> bool:
    """Returns whether it is a literal number, or a container of such."""
    if value.only(Kind.CONTAINER) and value.items is not None:
        return all(map(_is_known, value.items))
    return isinstance(value.constant, int | float)


def _largest(values: Iterable[Value]) -> float:
    return max(map(_size, constants(values)), default=0.0)


def _size(number: float) -> float:
    """The magnitude of a number; integers may be too large for a float."""
    return float(abs(number)) if abs(number) < 1e300 else math.inf
