"""What nested values hold, and whether two of them are the same bit for bit."""

from __future__ import annotations

from typing import Any

import torch

from bufferlint.verify.worker.contents import OPAQUE, walk
from bufferlint.verify.worker.distant import Distant

Leaves = dict[str, Any]
"""By place in the nested value (``[0]['scores']``): tensors, and text for everything else; for a value of which
nothing can be read a dictionary with its type under `OPAQUE`."""

_CONTIGUOUS = "is_contiguous"
_USUAL = {"__class__": "Tensor", "requires_grad": "False", "layout": "torch.strided", _CONTIGUOUS: "True"}
_ROUNDINGS = 1000
"""How often the rounding of one operation may add up where the order of summing is not told."""
_TOLERANCE = {torch.float16: 1e-2, torch.bfloat16: 5e-2, torch.float32: 1e-3, torch.float64: 1e-6}


def leaves(value: Any, *, described: bool = False) -> Leaves:
    """The tensors within a value, copied to the CPU, and text for everything else.

    With ``described`` the class of a tensor, its layout, ``requires_grad`` and the attributes that it was given are
    leaves too, where they are not the usual.
    """
    found: Leaves = {}
    for place, leaf in walk(value):
        if not isinstance(leaf, torch.Tensor):
            found[place] = leaf
            continue
        copy = stored(leaf)
        found[place] = copy if copy is not None else f"a tensor without values of shape {tuple(leaf.shape)}"
        if described and type(leaf) not in (torch.Tensor, torch.nn.Parameter):
            found[f"{place}.__class__"] = type(leaf).__qualname__
        if described and leaf.requires_grad:
            found[f"{place}.requires_grad"] = "True"
        if described and (layout := _layout(leaf)) != _USUAL["layout"]:
            found[f"{place}.layout"] = layout
        if described and layout == _USUAL["layout"] and not leaf.is_contiguous():
            found[f"{place}.{_CONTIGUOUS}"] = "False"
        if described:
            found.update({f"{place}.{name}": repr(item) for name, item in _given(leaf).items()})
    return found


def _layout(tensor: torch.Tensor) -> str:
    """In which form a tensor has its values, some of which `stored` writes out."""
    form = "nested" if tensor.is_nested else str(tensor.layout)
    return f"{form} {tensor.dtype}" if tensor.is_quantized else form


def _given(tensor: torch.Tensor) -> dict[str, Any]:
    """The plain values that a tensor has as attributes of its own."""
    own = getattr(tensor, "__dict__", {})
    return {name: item for name, item in own.items() if isinstance(item, bool | int | float | str | None)}


def tensors(value: Any) -> list[torch.Tensor]:
    """The tensors within a value, themselves."""
    return [leaf for _, leaf in walk(value) if isinstance(leaf, torch.Tensor)]


def named_tensors(value: Any) -> list[tuple[str, torch.Tensor]]:
    """The tensors within a value, by place."""
    return [(_place(place), leaf) for place, leaf in walk(value) if isinstance(leaf, torch.Tensor)]


def opaque(found: Leaves) -> list[str]:
    """Returns what cannot be compared: the places, each with the type that stands there."""
    return [f"{_place(name)} is a {leaf[OPAQUE]}" for name, leaf in found.items() if isinstance(leaf, dict)]


def differences(before: Leaves, after: Leaves) -> list[str]:
    """Returns what is not bit for bit the same, a line each; NaNs are equal to NaNs."""
    found = [f"{_place(name)} is gone" for name in before if name not in after and not _usual(name, after)]
    found += [f"{_place(name)} is new" for name in after if name not in before and not _usual(name, before)]
    for name in dict.fromkeys([*before, *after]):
        if _usual(name, before) or _usual(name, after):
            old, new = (each.get(name, _usual(name, each)) for each in (before, after))
            place, _, attribute = name.rpartition(".")
            if old != new and (attribute, old) != (_CONTIGUOUS, "False"):  # what views could not do they can now
                found.append(f"{attribute} of {_place(place)} is {new} instead of {old}")
        elif name in before and name in after:
            difference = _difference(before[name], after[name])
            if difference:
                found.append(f"{_place(name)} {difference}")
    return found


def _usual(name: str, found: Leaves) -> str:
    """Returns what a description of a tensor is when it is left out; empty for another leaf, or where there is no
    tensor."""
    place, _, attribute = name.rpartition(".")
    return _USUAL.get(attribute, "") if isinstance(found.get(place), torch.Tensor) else ""


def far_apart(one: Leaves, other: Leaves, least: float = 0.0) -> list[str]:
    """Returns what differs by more than two devices' ways of rounding explain, and than ``least``, a line each."""
    found = []
    for name in one.keys() | other.keys():
        left, right = one.get(name), other.get(name)
        if not isinstance(left, torch.Tensor) or not isinstance(right, torch.Tensor) or left.shape != right.shape:
            if _difference(left, right):
                found.append(f"{_place(name)} {_difference(left, right)}")
            continue
        limit = _TOLERANCE.get(left.real.dtype if left.is_complex() else left.dtype, 0.0)
        limit = max(limit, least) if limit else limit
        if not torch.allclose(left.to(right.dtype), right, rtol=limit, atol=limit / 10, equal_nan=True):
            found.append(f"{_place(name)} {_difference(left, right.to(left.dtype))}")
    return found


def beyond_rounding(one: Leaves, other: Leaves) -> list[str]:
    """Returns which tensors differ by more than another order of summing explains, a line each.

    A tensor that only one side has is held against zeros; what is small is measured by the largest value of all.
    """
    found = [leaf for leaf in (*one.values(), *other.values()) if isinstance(leaf, torch.Tensor) and leaf.numel()]
    largest = max((float(leaf.abs().double().nan_to_num(0.0, 0.0, 0.0).max()) for leaf in found), default=0.0)
    apart = []
    for name in dict.fromkeys([*one, *other]):
        left, right = one.get(name, other.get(name)), other.get(name, one.get(name))
        if not isinstance(left, torch.Tensor) or not isinstance(right, torch.Tensor) or left.shape != right.shape:
            if _difference(left, right):
                apart.append(f"{_place(name)} {_difference(left, right)}")
            continue
        left, right = (each if name in side else each * 0 for each, side in ((left, one), (right, other)))
        limit = _ROUNDINGS * torch.finfo(left.dtype).eps * largest
        if not torch.allclose(left.to(right.dtype), right, rtol=0.0, atol=limit, equal_nan=True):
            apart.append(f"{_place(name)} {_difference(left, right.to(left.dtype))}")
    return apart


def same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Returns whether type, shape and every bit agree; NaNs are equal to NaNs."""
    return not _difference(one, other)


def stored(tensor: torch.Tensor) -> torch.Tensor | None:
    """A copy to keep and compare: on the CPU, dense, without gradient. None for a tensor that has no values yet."""
    if isinstance(tensor, Distant):
        tensor = tensor.elem
    if tensor.device.type == "meta" or torch.nn.parameter.is_lazy(tensor):
        return None
    tensor = tensor.detach()
    if tensor.is_nested:
        tensor = torch.nested.to_padded_tensor(tensor, 0.0)
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.layout is not torch.strided:  # as_subclass would ask for its storage, and there is none
        tensor = tensor.to_dense()
    return tensor.as_subclass(torch.Tensor).cpu().clone(memory_format=torch.contiguous_format)


def _difference(one: Any, other: Any) -> str | None:
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return None if type(one) is type(other) and one == other else f"is {_short(other)} instead of {_short(one)}"
    if one.dtype != other.dtype:
        return f"is {other.dtype} instead of {one.dtype}"
    if one.shape != other.shape:
        return f"has shape {tuple(other.shape)} instead of {tuple(one.shape)}"
    unequal = _unequal(one, other)
    count = int(unequal.sum())
    if not count:
        return None
    text = f"differs in {count} of {unequal.numel()} values"
    if one.is_floating_point():
        gap = (one.double() - other.double()).abs()[unequal].nan_to_num(torch.inf).max()
        text += f", by up to {float(gap):.3g}"
    return text


def _unequal(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Returns where the bits of two tensors of one dtype and shape differ, NaNs aside."""
    if not one.numel():
        return torch.zeros(0, dtype=torch.bool)
    size = one.element_size()
    bits = [each.contiguous().reshape(-1).view(torch.uint8).reshape(-1, size) for each in (one, other)]
    unequal = (bits[0] != bits[1]).any(-1).reshape(one.shape)
    if one.is_floating_point() or one.is_complex():
        unequal &= ~(one.isnan() & other.isnan())
    return unequal


def _place(name: str) -> str:
    return name or "the output"


def _short(value: Any) -> str:
    text = "a tensor" if isinstance(value, torch.Tensor) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
