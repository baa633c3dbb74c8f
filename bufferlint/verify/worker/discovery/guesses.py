"""What a constructor parameter may be given, likeliest first: by annotation, by use in the source, by name."""

from __future__ import annotations

import collections.abc
import enum
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker.catch import attempt
from bufferlint.verify.worker.discovery import names
from bufferlint.verify.worker.discovery.candidates import NAMESPACE, Build, py, source
from bufferlint.verify.worker.discovery.parameters import EMPTY, Parameter
from bufferlint.verify.worker.discovery.usage_analysis import Usage

_SEQUENCES = (list, tuple, set, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping, collections.OrderedDict)
_MODULE_ATTRIBUTES = frozenset(dir(nn.Linear)) - frozenset(dir(list)) - frozenset(dir(torch.Tensor))


@dataclass(frozen=True)
class Guesser:
    """``module`` is where expressions look names up; ``build`` finds out how a class is built, None if it can't."""

    module: str
    build: Callable[[type], Build | None]

    def guesses(self, parameter: Parameter, usage: Usage) -> Iterator[object]:
        """Every value worth a try, without an end to speak of."""
        told = list(self.annotated(parameter.annotation, parameter.name))
        fitting = [each for each in names.usual(parameter.name) if _fits(each, parameter.annotation)]
        constants = [each for each in usage.constants if each is not None and _fits(each, parameter.annotation)]
        yield from (each for each in constants if isinstance(each, str))
        if isinstance(parameter.annotation, type) and parameter.annotation not in (int, float, bool, str):
            yield from told
        yield from self.used(usage, parameter.name)
        if told and not any(_same_kind(told[0], each) for each in fitting):
            yield from told
        yield from fitting
        yield from told
        yield from constants
        yield from self.namesake(parameter.name)
        if parameter.annotation in (EMPTY, Any, int):
            yield from names.INTEGERS
        yield from (*names.NUMBERS, *names.TEXTS[:4], None, True, *names.MODULES, *names.FUNCTIONS, *names.TENSORS)

    def annotated(self, annotation: Any, name: str) -> Iterator[object]:
        """Values of an annotation; none when it says nothing."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if annotation in (EMPTY, Any, None, type(None)) or isinstance(annotation, str | typing.TypeVar):
            return
        if origin is typing.Annotated:
            yield from self.annotated(arguments[0], name)
        elif origin is typing.Literal:
            yield from arguments
        elif origin in (typing.Union, types.UnionType):
            for each in arguments:
                yield from self.annotated(each, name)
            if type(None) in arguments:
                yield None
        elif origin is tuple or annotation is tuple:
            yield from self._tuples(arguments, name)
        elif (origin or annotation) in _SEQUENCES:
            item = arguments[0] if arguments else EMPTY
            for each in self._items(item, name):
                yield from ([each, each], [each], [each] * 4, [each] * 3)
        elif (origin or annotation) in _MAPPINGS:
            yield {}
        elif (origin or annotation) in (collections.abc.Callable, type, typing.Callable):
            bound = arguments[0] if origin is type and arguments else None
            if isinstance(bound, type) and bound not in (nn.Module, object):
                yield py(self.named(bound))
            yield from names.FUNCTIONS[1:]
            yield names.FUNCTIONS[0]
        elif isinstance(annotation, type):
            yield from self._of_class(annotation, name)

    def used(self, usage: Usage, name: str) -> Iterator[object]:
        """Yields what the body takes the parameter for."""
        for cls in usage.classes:
            yield from self._checked(cls, name)
        attributes = [each for each in usage.attributes if not each.startswith("__")]
        if attributes and not any(hasattr(kind, each) for kind in (list, str, int, dict) for each in attributes):
            if all(hasattr(torch.Tensor, each) for each in attributes):
                yield from names.TENSORS
            elif any(each in _MODULE_ATTRIBUTES for each in attributes):
                yield from names.MODULES
            else:
                yield Build(NAMESPACE)
        if usage.called:
            yield from names.FUNCTIONS

    def _checked(self, cls: str, name: str) -> Iterator[object]:
        """Values of the class in an ``isinstance(value, cls)``."""
        found = attempt(lambda: eval(cls, vars(sys.modules[self.module])))
        if found in (tuple, list):
            for each in self._items(EMPTY, name):
                yield from (found([each] * count) for count in (2, 3, 4, 1))
        elif isinstance(found, type) and found not in (int, float, str, bool):
            yield from self.annotated(found, name)

    def namesake(self, name: str) -> Iterator[object]:
        """Classes of the same file whose name is that of the parameter, or ends so."""
        key = name.replace("_", "").lower()
        if len(key) < 3:
            return
        found = [
            value
            for value in vars(sys.modules[self.module]).values()
            if isinstance(value, type) and value.__name__.lower().endswith(key) and not inspect.isabstract(value)
        ]
        for each in sorted(found, key=lambda cls: len(cls.__name__))[:3]:
            if (built := self.build(each)) is not None:
                yield built

    def named(self, cls: type) -> str:
        """Returns how an expression calls a class."""
        if getattr(sys.modules[self.module], cls.__name__, None) is cls or cls.__module__ == "builtins":
            return cls.__name__
        return f"{cls.__module__}.{cls.__qualname__}"

    def _items(self, item: Any, name: str) -> Iterator[object]:
        singular = Parameter(name, item, EMPTY, False)
        if isinstance(item, type) and issubclass(item, nn.Module):
            yield from list(self._of_class(item, name))[:2]
            return
        told = list(self.annotated(item, name))
        fitting = [each for each in names.usual(singular.name) if _fits(each, item) and not isinstance(each, list)]
        yield from (fitting or told or [32, 1])[:4]

    def _tuples(self, arguments: tuple[Any, ...], name: str) -> Iterator[object]:
        if not arguments or arguments[-1] is Ellipsis:
            for each in self._items(arguments[0] if arguments else EMPTY, name):
                yield from ((each, each), (each,), (each,) * 4, (each,) * 3)
            return
        parts = [list(self._items(each, name)) for each in arguments]
        if all(parts):
            yield from (tuple(part[min(i, len(part) - 1)] for part in parts) for i in range(3))

    def _of_class(self, cls: type, name: str) -> Iterator[object]:
        if cls in (int, bool, float, str):
            fitting = [each for each in names.usual(name) if type(each) is cls]
            rest: dict[type, tuple[object, ...]] = {
                int: names.INTEGERS, bool: (False, True), float: names.NUMBERS, str: names.TEXTS
            }  # fmt: skip
            yield from (*fitting, *rest[cls])
        elif issubclass(cls, enum.Enum):
            yield from (py(f"{self.named(cls)}.{member.name}") for member in cls)
        elif cls is torch.Tensor:
            yield from names.TENSORS
        elif cls is torch.dtype:
            yield py("torch.float32")
        elif cls is torch.Size:
            yield from (py("torch.Size((2, 3, 32, 32))"), py("torch.Size((2, 3, 8, 32, 32))"), py("torch.Size((2,))"))
        elif cls is torch.device:
            yield py("torch.device('cpu')")
        elif cls is nn.Module:
            yield from names.MODULES
        elif cls is not object and (built := self.build(cls)) is not None:
            yield built


def _same_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _fits(value: object, annotation: Any) -> bool:
    """Returns whether a value may be what the annotation asks for; anything may where it says nothing."""
    origin = typing.get_origin(annotation)
    if annotation in (EMPTY, Any, None) or isinstance(annotation, str | typing.TypeVar):
        return True
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, each) for each in typing.get_args(annotation) if each is not type(None))
    if origin is typing.Literal:
        return value in typing.get_args(annotation)
    if annotation in (int, float, bool, str):
        return type(value) is annotation or (annotation is float and type(value) is int)
    if (origin or annotation) in _SEQUENCES:
        return False
    if (origin or annotation) in (collections.abc.Callable, type, typing.Callable):
        return isinstance(value, py("").__class__) and not source(value).endswith(")")
    return False
