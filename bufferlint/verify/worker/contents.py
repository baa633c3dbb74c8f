"""Walks all that a value holds: containers, dataclasses, distributions, arrays, and the attributes of other objects."""

from __future__ import annotations

import array
import asyncio
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import inspect
import itertools
import pathlib
import sys
import uuid
from collections import deque
from collections.abc import AsyncIterator, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

import torch

OPAQUE = "cannot be compared"
"""The key of a leaf that stands for a value of which nothing can be read: its type stands beside it."""
ARRAY = "[:]"
"""How the place of an array's values ends."""
LONGEST = 1000
"""How many items of an iterator are drawn: of one that has more the rest is not compared, and the walk says so."""
_DEEPEST, _MOST = 12, 5_000
_PLAIN = (
    *(bool, int, float, complex, str, bytes, bytearray, range, slice, type(None), type(Ellipsis), enum.Enum),
    *(decimal.Decimal, fractions.Fraction, uuid.UUID, pathlib.PurePath),
    *(datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo),
)
"""Types of which a value says all of itself in its ``repr``."""
_GENERATOR = torch.Generator
"""The class itself: the stand-in puts another in its place."""
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_VIEWS = (KeysView, ValuesView, ItemsView)
_TORCHS = (torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size)
_Leaf = tuple[str, Any]


def settled(value: Any) -> Any:
    """The value with iterators drawn to their end and coroutines awaited, within lists, tuples and dictionaries too.

    A generator function does nothing until then: what its body raises is raised here.
    """
    if inspect.isawaitable(value):
        return Awaited([settled(asyncio.run(_awaited(value)))])
    if isinstance(value, AsyncIterator):
        return Streamed(settled(asyncio.run(_drawn(value))))
    if isinstance(value, Iterator) and not hasattr(value, "read"):
        return _run_through(value)
    if type(value) in (list, tuple):
        return type(value)(settled(item) for item in value)
    if type(value) is dict:
        return {key: settled(item) for key, item in value.items()}
    return value


def walk(value: Any) -> Iterator[_Leaf]:
    """Yields what is within a value, by place: tensors (of arrays too), and text for what is no tensor.

    The class of a container or an object is a leaf as well; a value of which nothing can be read, or not all, gives a
    dictionary with its type under `OPAQUE`.
    """
    leaves = _walk(value, "", ())
    yield from itertools.islice(leaves, _MOST)
    if next(leaves, None) is not None:
        yield "the rest", {OPAQUE: f"result of more than {_MOST} parts"}


def orders(value: Any, place: str = "the output") -> Iterator[tuple[str, list[str]]]:
    """Yields the keys of each mapping within a value in their order, by place; lists and tuples are looked into."""
    members: list[tuple[Any, Any]] = []
    if isinstance(value, Mapping):
        yield place, [repr(key) for key in value]
        members += value.items()
    elif isinstance(value, list | tuple):
        members += enumerate(value)
    for step, member in members[:_MOST] if place.count("[") < _DEEPEST else ():
        yield from orders(member, f"{place}[{step!r}]")


class Drawn(list[Any]):
    """The items that an iterator gave; a generator that returned something has it as ``returned``."""

    __qualname__ = "iterator"
    returned: Any


class Streamed(Drawn):
    """The items that an asynchronous iterator gave."""

    __qualname__ = "asynchronous iterator"


class Awaited(list[Any]):
    """The one thing that was waited for."""

    __qualname__ = "awaitable"


def attributes_of(value: Any) -> dict[str, Any]:
    """The instance attributes of an object, those in slots too."""
    slots = [name for cls in type(value).__mro__ for name in _slots(cls)]
    held = dict(getattr(value, "__dict__", {}))
    for name in slots:
        if name not in ("__dict__", "__weakref__"):
            try:
                held[name] = object.__getattribute__(value, name)
            except AttributeError:
                continue
    return held


def as_tensor(value: Any) -> torch.Tensor | None:
    """A NumPy array, or a number of NumPy, as a tensor; None for what is neither or has another kind of items."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray | numpy.generic):
        return None
    try:
        return torch.from_numpy(numpy.array(value))
    except TypeError:
        return None


def _walk(value: Any, place: str, above: tuple[int, ...]) -> Iterator[_Leaf]:
    if isinstance(value, torch.Tensor):
        yield place, value
    elif isinstance(value, _PLAIN):
        yield place, repr(value)
    elif isinstance(value, _TORCHS) or _is_dtype(value):
        yield place, str(value)
    elif id(value) in above:
        yield place, "a value that holds itself"
    elif len(above) > _DEEPEST:
        yield place, {OPAQUE: f"{type(value).__qualname__} {_DEEPEST} levels down"}
    elif (numbers := as_tensor(value)) is not None:
        yield f"{place}.__class__", type(value).__name__
        yield f"{place}{ARRAY}", numbers
        yield from _attributes(value, place, (*above, id(value)))
    else:
        yield from _members(value, place, (*above, id(value)))


def _members(value: Any, place: str, above: tuple[int, ...]) -> Iterator[_Leaf]:
    yield f"{place}.__class__", type(value).__qualname__
    if isinstance(value, _CONTAINERS) and type(value).__module__ != "builtins":
        yield from _attributes(value, place, above)
    if isinstance(value, Drawn) and len(value) > LONGEST:
        yield f"{place}[{LONGEST}:]", {OPAQUE: f"iterator of more than {LONGEST} items"}
    if isinstance(value, Mapping):
        items = [(f"[{key!r}]", item) for key, item in value.items()]
    elif isinstance(value, set | frozenset):
        items = [(f"[{index}]", item) for index, item in enumerate(sorted(value, key=repr))]
    elif isinstance(value, list | tuple | deque):
        items = [(f"[{index}]", item) for index, item in enumerate(value)]
    elif isinstance(value, memoryview | array.array) or _is_array(value):
        items = [(".tolist()", value.tolist()), (".format", str(getattr(value, "dtype", type(value).__name__)))]
    elif isinstance(value, _VIEWS):
        items = [(f"[{index}]", item) for index, item in enumerate(value)]
    elif isinstance(value, torch.nn.Module):
        items = list(_held_by(value))
    elif isinstance(value, _GENERATOR):
        items = [(".state", value.get_state())]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        items = [(f".{each.name}", getattr(value, each.name, None)) for each in dataclasses.fields(value)]
    elif isinstance(value, functools.partial):
        items = [(".func", value.func), (".args", value.args), (".keywords", value.keywords)]
    elif isinstance(value, type) or _is_named(value):
        yield place, f"{value.__module__}.{value.__qualname__}"
        return
    elif inspect.isroutine(value) or inspect.ismodule(value):
        yield place, {OPAQUE: type(value).__qualname__}
        return
    else:
        held = attributes_of(value)
        if not held and not hasattr(value, "__dict__"):
            yield place, {OPAQUE: type(value).__qualname__}
        items = [(f".{name}", item) for name, item in held.items()]
    for step, item in items:
        yield from _walk(item, place + step, above)


def _held_by(module: torch.nn.Module) -> Iterator[_Leaf]:
    """The tensors of a module, whether they are registered or not, and the modes of it and its submodules."""
    for prefix, owner in module.named_modules():
        dot = f".{prefix}." if prefix else "."
        plain = ((name, item) for name, item in vars(owner).items() if isinstance(item, torch.Tensor))
        tensors = (*owner._parameters.items(), *owner._buffers.items(), *plain)
        yield from ((dot + name, tensor) for name, tensor in sorted(tensors, key=lambda pair: pair[0]))
        yield f"{dot}training", owner.training


def _attributes(value: Any, place: str, above: tuple[int, ...]) -> Iterator[_Leaf]:
    """The instance attributes of an object that holds its values otherwise."""
    for name, item in attributes_of(value).items():
        yield from _walk(item, f"{place}.{name}", above)


def _is_array(value: Any) -> bool:
    """Returns whether it is an array of NumPy of which the items are no numbers: texts, records, dates, objects."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray | numpy.generic)


def _is_dtype(value: Any) -> bool:
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.dtype)


def _is_named(value: Any) -> bool:
    """Returns whether it is a function that its name says all of: one of a module, without a closure."""
    name = getattr(value, "__qualname__", None)
    unbound = inspect.isfunction(value) or (inspect.isbuiltin(value) and inspect.ismodule(value.__self__))
    return unbound and isinstance(name, str) and "<" not in name and isinstance(value.__module__, str)


def _slots(cls: type) -> tuple[str, ...]:
    slots = vars(cls).get("__slots__", ())
    names = (slots,) if isinstance(slots, str) else tuple(slots)
    private = ("__" in name and name.startswith("__") and not name.endswith("__") for name in names)
    return tuple(f"_{cls.__name__.lstrip('_')}{name}" if p else name for name, p in zip(names, private, strict=True))


def _run_through(value: Iterator[Any]) -> Drawn:
    found = Drawn()
    while len(found) <= LONGEST:
        try:
            item = next(value)
        except StopIteration as end:
            if end.value is not None:
                found.returned = settled(end.value)
            break
        found.append(settled(item))
    return found


async def _awaited(value: Any) -> Any:
    return await value


async def _drawn(value: AsyncIterator[Any]) -> list[Any]:
    found = []
    async for item in value:
        found.append(item)
        if len(found) > LONGEST:
            break
    return found
