"""The tensors that a living model holds without having registered them: plain ones, in containers, in other objects."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from bufferlint.verify.contract import UnregisteredTensor
from bufferlint.verify.worker import origins

PLAIN, CONTAINER, HOLDER, SHARED = "plain tensor", "container", "holder", "class attribute"
DEPTH = 4
"""How far into containers and objects a tensor is looked for."""
MOST = 1000
"""How many values of one attribute are looked at."""
_PLUMBING = frozenset(vars(nn.Module())) | {"_is_full_backward_hook"}
_Found = tuple[str, str, torch.Tensor]


def unregistered_tensors(model: nn.Module, seen: origins.Seen | None = None) -> tuple[UnregisteredTensor, ...]:
    """Every stray tensor by dotted path; ``seen`` is what `origins.watching` noted while the model was built."""
    registered = {id(parameter) for parameter in model.parameters()}
    modules = {id(module) for module in model.modules()}
    found: list[UnregisteredTensor] = []
    for prefix, owner in model.named_modules():
        dot = f"{prefix}." if prefix else ""
        for name, value in [*vars(owner).items(), *_shared(type(owner))]:
            if name in _PLUMBING or (name in vars(type(owner)) and name in owner._buffers):
                continue
            search = _Search(registered, modules)
            for place, kind, tensor in search.within(value, "", PLAIN, 0):
                if name not in vars(owner):
                    kind = SHARED
                found.append(_stray(dot, name, place, kind, tensor, owner, seen or {}))
    return tuple(found)


class _Search:
    """Looks for tensors in one attribute's value, each once."""

    def __init__(self, registered: set[int], modules: set[int]) -> None:
        self._registered, self._modules = registered, modules
        self._met: set[int] = set()

    def within(self, value: Any, place: str, kind: str, depth: int) -> Iterator[_Found]:
        if id(value) in self._met or len(self._met) > MOST or depth > DEPTH or _is_simple(value):
            return
        self._met.add(id(value))
        if isinstance(value, torch.Tensor):
            if id(value) not in self._registered:
                yield place, kind, value
            return
        if isinstance(value, nn.Module):
            if id(value) not in self._modules:
                tensors = [*value.named_parameters(), *value.named_buffers()]
                yield from ((f"{place}.{name}", HOLDER, tensor) for name, tensor in tensors)
            return
        inner = CONTAINER if kind == PLAIN else kind
        if isinstance(value, Mapping):
            items = [(f"[{key!r}]", item) for key, item in list(value.items())[:MOST]]
        elif isinstance(value, list | tuple | set | frozenset):
            items = [(f"[{index}]", item) for index, item in enumerate(list(value)[:MOST])]
        else:
            inner = HOLDER
            items = [(f".{name}", item) for name, item in _attributes(value)]
        for step, item in items:
            yield from self.within(item, place + step, inner, depth + 1)


def _is_simple(value: Any) -> bool:
    return value is None or isinstance(
        value, bool | int | float | complex | str | bytes | type | torch.dtype | torch.device | torch.Generator
    )


def _attributes(value: Any) -> list[tuple[str, Any]]:
    """The instance attributes of an object; none of functions and modules of code."""
    if inspect.isroutine(value) or inspect.ismodule(value):
        return []
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ()) if isinstance(name, str)]
    held = dict(getattr(value, "__dict__", {}))
    for name in slots:
        if name not in ("__dict__", "__weakref__"):
            try:
                held[name] = object.__getattribute__(value, name)
            except AttributeError:
                continue
    return list(held.items())


def _shared(cls: type) -> list[tuple[str, Any]]:
    """The tensors among the attributes of a module's own classes."""
    return [
        (name, value)
        for owner in origins.own_classes(cls)
        for name, value in vars(owner).items()
        if isinstance(value, torch.Tensor)
    ]


def _stray(
    dot: str, name: str, place: str, kind: str, tensor: torch.Tensor, owner: nn.Module, seen: origins.Seen
) -> UnregisteredTensor:
    made = seen.get((id(owner), name)) or origins.written(type(owner), name)
    classes = origins.own_classes(type(owner))
    return UnregisteredTensor(
        path=dot + name + place,
        kind=kind,
        shape=tuple(int(size) for size in tensor.shape) if not nn.parameter.is_lazy(tensor) else (),
        dtype=str(tensor.dtype).removeprefix("torch."),
        device=str(tensor.device),
        owner=type(owner).__qualname__,
        names=tuple(dict.fromkeys([name, *(origins.unmangled(each, name) for each in classes)])),
        classes=tuple((file, each.__qualname__) for each in classes if (file := _file(each))),
        file=made[0] if made else None,
        line=made[1] if made else None,
    )


def _file(cls: type) -> str | None:
    try:
        return inspect.getsourcefile(cls)
    except (OSError, TypeError):
        return None
