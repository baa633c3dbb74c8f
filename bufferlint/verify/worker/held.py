"""The tensors that a living model holds without having registered them, each with its way from the module that does."""

from __future__ import annotations

import functools
import inspect
from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker import global_values, origins
from bufferlint.verify.worker.reachable import CALLABLE, HOLDER, PLAIN, Search, hooks, of_function, own_attributes

SHARED, GLOBAL = "class attribute", "module-level value"
_CONTAINERS = (torch.Tensor, nn.Module, list, tuple, dict, set, frozenset, deque, functools.partial)
"""What is looked into on a class: whatever else it has is code."""


def named(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Each stray tensor with its dotted path."""
    for dot, name, place, _, tensor, _ in reached(model, None):
        yield dot + name + place, tensor


def reached(model: nn.Module, limits: list[str] | None) -> Iterator[tuple[str, str, str, str, torch.Tensor, nn.Module]]:
    """Yields the path of the owner, the attribute, the way from there, the kind, the tensor and the owner."""
    registered = {id(parameter) for parameter in model.parameters()}
    modules = {id(module) for module in model.modules()}
    for prefix, owner in model.named_modules():
        dot = f"{prefix}." if prefix else ""
        met: set[int] = set()
        for name, value, kind in _held(owner):
            search = Search(registered, modules)
            for place, where, tensor in search.within(value, "", kind):
                if id(tensor) not in met:
                    met.add(id(tensor))
                    yield dot, name, place, kind if kind in (SHARED, GLOBAL) else where, tensor, owner
            if limits is not None:
                limits += [f"{dot}{name}{limit}" for limit in search.limits]


def _held(owner: nn.Module) -> Iterator[tuple[str, Any, str]]:
    """Yields what an instance, its hooks, its classes and the globals that its methods name hold: name, value, kind."""
    own = [(name, value) for name, value in own_attributes(owner) if not _is_buffer_of_class(owner, name)]
    yield from ((name, value, PLAIN) for name, value in own)
    yield from ((name, value, CALLABLE) for name, value in hooks(owner))
    for name, tensor in (*owner._parameters.items(), *owner._buffers.items()):
        given = getattr(tensor, "__dict__", {}).items()
        yield from ((f"{name}.{attribute}", value, HOLDER) for attribute, value in given)
    for cls in origins.own_classes(type(owner)):
        for name, value in vars(cls).items():
            function = _function(value)
            if inspect.isfunction(function):
                yield from ((name + step, item, CALLABLE) for step, item in of_function(function))
                yield from ((used, item, GLOBAL) for used, item in global_values.used(function))
                if value is not function and callable(value):
                    yield name, value, CALLABLE
            elif name not in vars(owner) and isinstance(value, _CONTAINERS) and not name.startswith("__"):
                yield name, value, SHARED


def _function(value: Any) -> Any:
    """The function that a value of a class calls: itself without what decorates it, or that of a method or property."""
    if isinstance(value, property):
        return value.fget
    if isinstance(value, functools.cached_property):
        return value.func
    return inspect.unwrap(value) if callable(value) else getattr(value, "__func__", None)


def _is_buffer_of_class(owner: nn.Module, name: str) -> bool:
    return name in vars(type(owner)) and name in getattr(owner, "_buffers", {})
