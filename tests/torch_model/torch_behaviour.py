"""Calls of torch written as source: what the door says of each, and what really comes back."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from bufferlint.torch_model.api import (
    Argument,
    CallShape,
    Result,
    Returned,
    Storage,
    method_returned,
    method_storage,
    property_of_tensor,
    property_storage,
    returned_by,
    storage_of,
)


@dataclass(frozen=True)
class Observed:
    """One run of a source text: its value, and the tensors that it could name."""

    value: object
    inputs: dict[str, torch.Tensor]


def run(source: str) -> Observed:
    """Evaluate an expression over fresh tensors, with torch's warnings about old names silenced."""
    inputs = {
        "x": torch.arange(1.0, 10.0).reshape(3, 3),
        "y": torch.tensor(2.0),
        "v": torch.arange(3.0),
        "m": torch.eye(3),
        "g": torch.ones(2, requires_grad=True),
        "i": torch.tensor([0, 1]),
        "c": torch.ones(2, 2, dtype=torch.complex64),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Observed(eval(source, {"torch": torch, **inputs}), inputs)


def stated(source: str) -> Returned | None:
    """What the door says that the expression gives."""
    node = ast.parse(source, mode="eval").body
    if isinstance(node, ast.Attribute):
        return property_of_tensor(node.attr)
    name, call, is_method = _call(node)
    return method_returned(name, call) if is_method else returned_by(name, call)


def stated_storage(source: str) -> Storage | None:
    """Where the door says that the expression's tensors lie."""
    node = ast.parse(source, mode="eval").body
    if isinstance(node, ast.Attribute):
        return property_storage(node.attr)
    name, call, is_method = _call(node)
    return method_storage(name, call) if is_method else storage_of(name, call)


def _call(node: ast.expr) -> tuple[str, CallShape, bool]:
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    values: list[tuple[int | str, ast.expr]] = [*enumerate(node.args), *keywords.items()]
    known = frozenset((place, argument_of(run(ast.unparse(value)).value)) for place, value in values)
    name = ast.unparse(node.func)
    is_method = not name.startswith("torch.")
    shape = CallShape(len(node.args), frozenset(keywords), known)
    return (node.func.attr if is_method else name), shape, is_method


def argument_of(value: object) -> Argument:
    """What an analyser could at best know of an argument."""
    if isinstance(value, bool):
        return Argument.TRUE if value else Argument.FALSE
    if value is None:
        return Argument.NONE
    by_type = {torch.Tensor: Argument.TENSOR, int: Argument.NUMBER, float: Argument.NUMBER, str: Argument.STRING}
    by_type |= {list: Argument.SEQUENCE, tuple: Argument.SEQUENCE, torch.Size: Argument.SEQUENCE}
    return by_type.get(type(value), Argument.OTHER)


def agrees(returned: Returned, value: object) -> bool:
    """Whether a value is what the door said."""
    if value is None:
        return returned.optional or returned.result is Result.NONE
    match returned.result:
        case Result.TENSOR:
            return isinstance(value, torch.Tensor)
        case Result.NUMBER:
            return isinstance(value, (int, float, complex))
        case Result.SEQUENCE:
            return isinstance(value, (list, tuple)) and all(isinstance(item, torch.Tensor) for item in value)
        case Result.TUPLE:
            fits = isinstance(value, (list, tuple)) and len(value) == len(returned.items)
            return fits and all(agrees(item, got) for item, got in zip(returned.items, _items(value), strict=True))
        case Result.OTHER:
            return not list(tensors_in(value)) and not isinstance(value, (bool, int, float))
        case _:
            return False


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else []


def tensors_in(value: object) -> Iterator[torch.Tensor]:
    """The tensor that a value is, or those that a list or tuple holds."""
    if isinstance(value, torch.Tensor):
        yield value
    for item in _items(value):
        yield from tensors_in(item)


def shares_memory(observed: Observed) -> bool:
    """Whether a tensor of the value lies in the memory of an input."""
    places = {tensor.untyped_storage().data_ptr() for tensor in observed.inputs.values()}
    strided = (tensor for tensor in tensors_in(observed.value) if tensor.layout is torch.strided)
    return any(tensor.untyped_storage().data_ptr() in places for tensor in strided)
