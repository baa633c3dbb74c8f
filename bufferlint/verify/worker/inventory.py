"""The tensors that a living model holds without having registered them: plain ones, in containers, in other objects."""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from bufferlint.verify.contract import EqualBuffers, UnregisteredTensor
from bufferlint.verify.worker import origins, values
from bufferlint.verify.worker.reachable import CALLABLE, PLAIN, Search, hooks, of_function, own_attributes

SHARED, GLOBAL = "class attribute", "module-level value"
_CONTAINERS = (torch.Tensor, nn.Module, list, tuple, dict, set, frozenset, deque, functools.partial)
"""What is looked into on a class: whatever else it has is code."""
_LEAST_SAVED = 1 << 10
"""Bytes that sharing equal buffers has to save to be worth a line."""


def unregistered_tensors(
    model: nn.Module, seen: origins.Seen | None = None, limits: list[str] | None = None
) -> tuple[UnregisteredTensor, ...]:
    """Every stray tensor by dotted path; ``seen`` is what `origins.watching` noted while the model was built.

    ``limits`` gets where the search stopped before the end.
    """
    registered = {id(parameter) for parameter in model.parameters()}
    modules = {id(module) for module in model.modules()}
    found: list[UnregisteredTensor] = []
    for prefix, owner in model.named_modules():
        dot = f"{prefix}." if prefix else ""
        met: set[int] = set()
        for name, value, kind in _held(owner):
            search = Search(registered, modules)
            for place, where, tensor in search.within(value, "", kind):
                if id(tensor) not in met:
                    met.add(id(tensor))
                    what = kind if kind in (SHARED, GLOBAL) else where
                    found.append(_stray(dot, name, place, what, tensor, owner, seen or {}))
            if limits is not None:
                limits += [f"{dot}{name}{limit}" for limit in search.limits]
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


def _held(owner: nn.Module) -> Iterator[tuple[str, Any, str]]:
    """Yields what an instance, its hooks, its classes and the globals that its methods name hold: name, value, kind."""
    own = [(name, value) for name, value in own_attributes(owner) if not _is_buffer_of_class(owner, name)]
    yield from ((name, value, PLAIN) for name, value in own)
    yield from ((name, value, CALLABLE) for name, value in hooks(owner))
    for cls in origins.own_classes(type(owner)):
        for name, value in vars(cls).items():
            function = inspect.unwrap(value) if callable(value) else getattr(value, "__func__", None)
            if inspect.isfunction(function):
                yield from ((name + step, item, CALLABLE) for step, item in of_function(function))
                yield from ((used, item, GLOBAL) for used, item in _globals(function))
                if value is not function:
                    yield name, value, CALLABLE
            elif name not in vars(owner) and isinstance(value, _CONTAINERS) and not name.startswith("__"):
                yield name, value, SHARED


def _globals(function: Any) -> Iterator[tuple[str, Any]]:
    """The module-level tensors, and containers of some, that a function names."""
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, torch.Tensor | list | tuple | dict | set):
            yield name, value


def _is_buffer_of_class(owner: nn.Module, name: str) -> bool:
    return name in vars(type(owner)) and name in getattr(owner, "_buffers", {})


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
