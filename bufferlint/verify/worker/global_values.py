"""The module-level values that a function uses, by itself or through the functions of its package that it calls."""

from __future__ import annotations

import dis
import inspect
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker import contents
from bufferlint.verify.worker.reachable import LRU, of_function

_Named = tuple[str, Any]
_VALUES = (torch.Tensor, nn.Module, list, tuple, dict, set, frozenset, deque)
_FOREIGN = sys.stdlib_module_names | {"torch", "numpy", "bufferlint"}
"""Packages of which the functions and objects hold no tensors of a model."""
_OF_OBJECTS = ("LOAD_ATTR", "LOAD_METHOD")
_DEEPEST = 8
"""How many calls away from a method a function is read."""
_DOTS = 3
"""How many packages deep a module is looked for."""


def used(function: Any) -> Iterator[_Named]:
    """Yields the values that can hold tensors, each with the name that it is used by."""
    yield from _used(function, set(), 0)


def _used(function: FunctionType, met: set[int], depth: int) -> Iterator[_Named]:
    if id(function) in met or depth > _DEEPEST:
        return
    met.add(id(function))
    instructions = list(_instructions(function.__code__))
    attributes = dict.fromkeys(each.argval for each in instructions if each.opname in _OF_OBJECTS)
    for name in dict.fromkeys(each.argval for each in instructions if each.opname == "LOAD_GLOBAL"):
        value = function.__globals__.get(name)
        if isinstance(value, LRU):
            yield name, value
            yield from _within(value.__wrapped__, name, met, depth)
        elif inspect.isfunction(value):
            yield from _within(inspect.unwrap(value), name, met, depth)
        elif isinstance(value, ModuleType | type):
            yield from _of_namespace(value, name, attributes, met, depth)
        elif isinstance(value, _VALUES):
            yield name, value
        elif not callable(value):
            yield from _of_object(value, name, attributes)


def _within(function: Any, name: str, met: set[int], depth: int) -> Iterator[_Named]:
    """Yields what a function of the package holds and uses."""
    if inspect.isfunction(function) and id(function) not in met and not _is_foreign(function):
        yield from ((name + step, value) for step, value in of_function(function) if isinstance(value, _VALUES))
        yield from _used(function, met, depth + 1)


def _of_namespace(
    holder: ModuleType | type, name: str, attributes: Iterable[str], met: set[int], depth: int
) -> Iterator[_Named]:
    """Yields what of a module, or of a class, is used: the attributes that the function names as well."""
    if _is_foreign(holder) or (isinstance(holder, type) and issubclass(holder, nn.Module)):
        return
    for attribute in attributes:
        value = vars(holder).get(attribute)
        if isinstance(value, (*_VALUES, LRU)):
            yield f"{name}.{attribute}", value
        elif inspect.isfunction(value):
            yield from _within(value, f"{name}.{attribute}", met, depth)
        elif isinstance(value, ModuleType) and name.count(".") < _DOTS:
            yield from _of_namespace(value, f"{name}.{attribute}", attributes, met, depth)


def _of_object(value: Any, name: str, attributes: Iterable[str]) -> Iterator[_Named]:
    """Yields the attributes of an object that are used; the object where its methods are, or where it is passed on."""
    held = contents.attributes_of(value)
    fields = [attribute for attribute in attributes if attribute in held]
    calls = [each for each in attributes if each not in held and callable(getattr(type(value), each, None))]
    if calls or not fields:
        yield name, value
    else:
        yield from ((f"{name}.{attribute}", held[attribute]) for attribute in fields)


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """Yields the instructions of a function, those of the functions and comprehensions within it too."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _instructions(constant)


def _is_foreign(value: Any) -> bool:
    module = value.__name__ if isinstance(value, ModuleType) else value.__module__
    return str(module).partition(".")[0] in _FOREIGN
