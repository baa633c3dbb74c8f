"""The tensors that a living model holds without having registered them: plain ones, in containers, in other objects."""

from __future__ import annotations

import inspect

import torch
from torch import nn

from bufferlint.verify.contract import EqualBuffers, UnregisteredTensor
from bufferlint.verify.worker import held, origins, values

_LEAST_SAVED = 1 << 10
"""Bytes that sharing equal buffers has to save to be worth a line."""


def unregistered_tensors(
    model: nn.Module, seen: origins.Seen | None = None, limits: list[str] | None = None
) -> tuple[UnregisteredTensor, ...]:
    """Every stray tensor by dotted path; ``seen`` is what `origins.watching` noted while the model was built.

    ``limits`` gets where the search stopped before the end.
    """
    found = [
        _stray(dot, name, place, kind, tensor, owner, seen or {})
        for dot, name, place, kind, tensor, owner in held.reached(model, limits)
    ]
    return tuple(found)


def equal_buffers(model: nn.Module) -> tuple[EqualBuffers, ...]:
    """The buffers of many layers that hold the same constant values in memory of their own, those that cost most first.

    Buffers of torch's own modules are state, and so are those whose elements are all alike: both start out equal.
    """
    groups: dict[object, dict[int, tuple[str, torch.Tensor]]] = {}
    for prefix, owner in model.named_modules():
        if type(owner).__module__.startswith("torch."):
            continue
        for name, buffer in owner._buffers.items():
            copy = values.stored(buffer) if buffer is not None else None
            if buffer is None or copy is None or copy.numel() < 2 or _is_constant(copy):
                continue
            bits = copy.reshape(-1).view(torch.uint8)
            key = (copy.dtype, tuple(copy.shape), hash(bits.numpy().tobytes()))
            place = buffer.untyped_storage().data_ptr() if buffer.layout is torch.strided else id(buffer)
            groups.setdefault(key, {}).setdefault(place, (f"{prefix}.{name}" if prefix else name, buffer))
    found = [
        EqualBuffers(tuple(path for path, _ in group.values()), (len(group) - 1) * _size(tensor))
        for group in groups.values()
        for _, tensor in [next(iter(group.values()))]
        if len(group) > 1 and (len(group) - 1) * _size(tensor) >= _LEAST_SAVED
    ]
    return tuple(sorted(found, key=lambda each: -each.saved))


def _is_constant(tensor: torch.Tensor) -> bool:
    first = tensor.reshape(-1)[0]
    return bool((tensor == first).all())


def _size(tensor: torch.Tensor) -> int:
    """The bytes of a tensor's elements; 0 for one that does not say."""
    try:
        return int(tensor.numel()) * int(tensor.element_size())
    except (RuntimeError, ValueError, NotImplementedError):
        return 0


def _shape(tensor: torch.Tensor) -> tuple[int, ...]:
    """The shape; for a nested tensor the number of its parts, for a lazy one nothing."""
    if nn.parameter.is_lazy(tensor):
        return ()
    return (int(tensor.size(0)),) if tensor.is_nested else tuple(int(size) for size in tensor.shape)


def _stray(
    dot: str, name: str, place: str, kind: str, tensor: torch.Tensor, owner: nn.Module, seen: origins.Seen
) -> UnregisteredTensor:
    attribute = name.partition(".")[0].partition("[")[0]
    made = seen.get((id(owner), attribute)) or origins.written(type(owner), attribute)
    classes = origins.own_classes(type(owner))
    return UnregisteredTensor(
        path=dot + name + place,
        kind=f"{kind} (nested)" if tensor.is_nested else kind,
        shape=_shape(tensor),
        dtype=str(tensor.dtype).removeprefix("torch."),
        device=str(tensor.device),
        owner=type(owner).__qualname__,
        names=tuple(dict.fromkeys([attribute, *(origins.unmangled(each, attribute) for each in classes)])),
        classes=tuple((file, each.__qualname__) for each in classes if (file := _file(each))),
        file=made[0] if made else None,
        line=made[1] if made else None,
        size=0 if nn.parameter.is_lazy(tensor) else _size(tensor),
    )


def _file(cls: type) -> str | None:
    try:
        return inspect.getsourcefile(cls)
    except (OSError, TypeError):
        return None
