"""The tensors that can be reached from a value: through containers, functions, objects and modules, to any depth."""

from __future__ import annotations

import contextvars
import functools
import gc
import inspect
import queue
import sys
import threading
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker import contents

PLAIN, CONTAINER, HOLDER, CALLABLE = "plain tensor", "container", "holder", "callable"
HIDDEN = "hidden module"
"""The kind of what a module holds that the model does not know."""
DEPTH = 32
"""How far into containers and objects a tensor is looked for; further down is reported, not searched."""
MOST = 20_000
"""How many values of one attribute are looked at."""
PLUMBING = frozenset(vars(nn.Module())) | {"_is_full_backward_hook"}
"""The attributes that every module has."""

_Found = tuple[str, str, torch.Tensor]
"""The way to a tensor, what it was found in, and itself."""
_Step = tuple[str, Any]
_ITERATORS = ("builtins", "itertools", "queue", "_queue", "_collections", "collections")
"""Where the iterators and queues are defined that only the garbage collector can look into."""
LRU = type(functools.lru_cache(lambda: None))
_SIMPLE = (
    *(bool, int, float, complex, str, bytes, bytearray, type, type(None), types.ModuleType),
    *(torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Generator, torch.Size),
)
_OF_PYTHON = sys.stdlib_module_names - {"argparse", "collections", "contextlib", "functools", "types"}
"""Packages whose objects hold no tensors of a model: loggers, locks, files."""


@dataclass
class Search:
    """Looks for tensors in one attribute's value, each once.

    ``registered`` are the ids of tensors that are no find, ``modules`` those of modules that are searched by
    themselves. ``limits`` says where it stopped before the end.
    """

    registered: set[int]
    modules: set[int]
    limits: list[str] = field(default_factory=list)
    _met: dict[int, Any] = field(default_factory=dict)

    def within(self, value: Any, place: str = "", kind: str = PLAIN, depth: int = 0) -> Iterator[_Found]:
        """Each tensor with the way to it, and what it was found in."""
        if isinstance(value, _SIMPLE) or id(value) in self._met:
            return
        if depth > DEPTH or len(self._met) >= MOST:
            self._stop(place, f"more than {DEPTH} levels" if depth > DEPTH else f"more than {MOST} values")
            return
        self._met[id(value)] = value  # kept, so that its id stays its own
        if isinstance(value, torch.Tensor):
            if id(value) not in self.registered:
                yield place, kind, value
        elif isinstance(value, torch.ScriptObject) and not isinstance(value, nn.Module):
            self._stop(place, "an object of TorchScript, whose tensors cannot be looked at")
        elif isinstance(value, nn.Module):
            if id(value) not in self.modules:
                yield from self._module(value, place, depth)
        else:
            inner, steps = _steps(value, kind)
            for step, item in steps:
                yield from self.within(item, place + step, inner, depth + 1)

    def _module(self, module: nn.Module, place: str, depth: int) -> Iterator[_Found]:
        """All that a module holds which no other module knows."""
        for prefix, owner in module.named_modules():
            dot = f"{place}.{prefix}" if prefix else place
            if id(owner) in self.modules:
                continue
            self._met[id(owner)] = owner
            held = [*owner._parameters.items(), *owner._buffers.items(), *own_attributes(owner)]
            for name, value in held:
                yield from self.within(value, f"{dot}.{name}", HIDDEN, depth + 1)

    def _stop(self, place: str, why: str) -> None:
        text = f"{place}: {why}"
        if not any(known.endswith(why) for known in self.limits):
            self.limits.append(text)


def own_attributes(module: nn.Module) -> list[_Step]:
    """Returns what a module holds besides parameters, buffers, submodules and what every module has."""
    if isinstance(module, torch.jit.ScriptModule):
        return _of_script(module)
    held = [(name, value) for name, value in vars(module).items() if name not in PLUMBING]
    return [(name, value) for name, value in held if not is_computed(module, name)]


def hooks(module: nn.Module) -> Iterator[_Step]:
    """The functions that were registered as hooks of a module, but for torch's own."""
    for name, value in vars(module).items():
        if name.endswith("_hooks") and isinstance(value, Mapping):
            for number, hook in enumerate(value.values()):
                if not (getattr(hook, "__module__", None) or type(hook).__module__).startswith("torch."):
                    yield f"{name}[{number}]", hook


def _of_script(module: Any) -> list[_Step]:
    """The attributes of a scripted or traced module, and the constants in its code."""
    found: list[_Step] = []
    inner: Any = getattr(module, "_actual_script_module", module)
    kinds = getattr(inner, "_concrete_type", None)
    registered = {name for held in (inner._parameters, inner._buffers, inner._modules) for name, _ in held.items()}
    for name in kinds.get_attributes() if kinds is not None else ():
        if name not in registered and name != "training" and inner._c.hasattr(name):
            found.append((name, inner._c.getattr(name)))
    try:
        constants = inner.code_with_constants[1].const_mapping
    except (RuntimeError, AttributeError):
        constants = {}
    tensors = ((f"CONSTANTS.{name}", value) for name, value in constants.items() if isinstance(value, torch.Tensor))
    return [*found, *((name, value) for name, value in tensors if value.dim())]


def is_computed(module: nn.Module, name: str) -> bool:
    """Returns whether a hook of torch makes the attribute anew at each call: weight_norm, spectral_norm, pruning."""
    hooks = getattr(module, "_forward_pre_hooks", {}).values()
    ours = [hook for hook in hooks if type(hook).__module__.startswith("torch.nn.utils")]
    return any(name in (getattr(hook, "name", None), getattr(hook, "_tensor_name", None)) for hook in ours)


def _steps(value: Any, kind: str) -> tuple[str, Iterable[_Step]]:
    """Returns what a value leads to, a step each, and what is found there is found in."""
    inner = CONTAINER if kind == PLAIN else kind
    if isinstance(value, Mapping):
        keys = [(f".keys()[{index}]", key) for index, key in enumerate(value) if isinstance(key, torch.Tensor)]
        items = ((_key(key, index), item) for index, (key, item) in enumerate(list(value.items())))
        return inner, [*items, *keys]
    if isinstance(value, list | tuple | set | frozenset | deque):
        return inner, [(f"[{index}]", item) for index, item in enumerate(list(value))]
    if isinstance(value, functools.partial):
        steps = [(".func", value.func), *((f".args[{index}]", item) for index, item in enumerate(value.args))]
        return CALLABLE, [*steps, *((f".keywords[{name!r}]", item) for name, item in value.keywords.items())]
    if isinstance(value, LRU):
        cached = [each for each in _referents(value, 3) if isinstance(each, torch.Tensor | list | tuple | dict)]
        return CALLABLE, [
            (".__wrapped__", value.__wrapped__),
            *((f".cache[{n}]", each) for n, each in enumerate(cached)),
        ]
    if inspect.ismethod(value):
        return CALLABLE, [(".__self__", value.__self__), (".__func__", value.__func__)]
    if inspect.isfunction(value):
        return CALLABLE, list(of_function(value))
    if inspect.isroutine(value):
        bound = getattr(value, "__self__", None)
        return CALLABLE, [] if isinstance(bound, types.ModuleType) else [(".__self__", bound)]
    if contents.as_tensor(value) is not None:
        return inner, []
    if getattr(getattr(value, "dtype", None), "hasobject", False):  # an array of NumPy
        return inner, [(f".flat[{index}]", item) for index, item in enumerate(value.flat)]
    if isinstance(value, contextvars.ContextVar):
        return HOLDER, [(".get()", value.get(None))]
    if isinstance(value, threading.local):
        return HOLDER, [(f".{name}", item) for name, item in vars(value).items()]
    if isinstance(value, types.GeneratorType | types.CoroutineType | types.AsyncGeneratorType):
        return HOLDER, list(_of_frame(value))
    if isinstance(value, queue.Queue | queue.SimpleQueue | Iterator) and type(value).__module__ in _ITERATORS:
        held = [each for each in _referents(value, 1) if not callable(each)]
        return inner, [(f".{type(value).__name__}[{index}]", each) for index, each in enumerate(held)]
    if isinstance(value, BaseException):
        return HOLDER, [(".args", value.args), *((f".{name}", item) for name, item in vars(value).items())]
    if type(value).__module__.partition(".")[0] in _OF_PYTHON:
        return HOLDER, []
    return HOLDER, [(f".{name}", item) for name, item in contents.attributes_of(value).items()]


def _key(key: Any, index: int) -> str:
    """The step to an item of a mapping; by its number where the key is no name: a parameter, as optimizers have it."""
    return f".values()[{index}]" if isinstance(key, torch.Tensor) else f"[{key!r}]"[:60]


def _of_frame(value: Any) -> Iterator[_Step]:
    """The local names of a generator or coroutine that has not ended."""
    frame = next((getattr(value, name) for name in ("gi_frame", "cr_frame", "ag_frame") if hasattr(value, name)), None)
    for name, item in (frame.f_locals if frame is not None else {}).items():
        yield f".locals[{name!r}]", item


def of_function(function: Any) -> Iterator[_Step]:
    """The values that a function holds: its default arguments, its closure, its attributes."""
    for number, value in enumerate(function.__defaults__ or ()):
        yield f".__defaults__[{number}]", value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield f".__kwdefaults__[{name!r}]", value
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield f".__closure__[{name!r}]", cell.cell_contents
        except ValueError:  # not filled yet
            continue
    for name, value in vars(function).items():
        yield f".{name}", value


def _referents(value: Any, depth: int) -> list[Any]:
    """Returns what a cached function keeps: only the garbage collector knows."""
    found, level = [], [value]
    for _ in range(depth):
        level = [each for holder in level for each in gc.get_referents(holder) if type(each).__name__ != "function"]
        level = [each for each in level if not isinstance(each, _SIMPLE) and not inspect.isroutine(each)][:MOST]
        found += level
    return found
