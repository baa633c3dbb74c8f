"""From the error of a constructor to other values for the parameters that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker.discovery import names
from bufferlint.verify.worker.discovery.candidates import NAMESPACE, Build
from bufferlint.verify.worker.discovery.usage_analysis import keys_wanted

_SCALAR_IS_WANTED = re.compile(
    r"cannot be interpreted as an integer|must be (int|a number|real number|an integer)|not supported between|"
    r"unsupported operand|can't multiply sequence|invalid combination of arguments|only concatenate|"
    r"must be tuple of ints|"
    r"only integer|bad operand|int\(\) argument|unhashable"
)
_MANY_ARE_WANTED = re.compile(
    r"not iterable|not subscriptable|has no len|argument after \*|must be an iterable|is not a sequence|"
    r"not enough values|"
    r"too many values|index out of range|unpack"
)
_CALLABLE_IS_WANTED = re.compile(r"not callable|is not a Module subclass|is not a valid|must be callable")
_COUNT = re.compile(r"expected (?:at least )?(\d+)(?:, got (\d+))?")
_QUOTED = re.compile(r"""['"`]([\w.+\-/ ]{1,40})['"`]""")
_LISTED = re.compile(
    r"(?:one of|in|are|either|supported|choose from|available|among)[:\s]*[\[({]?([\w'\", |/.\-]+)", re.IGNORECASE
)
_NETWORK = re.compile(
    r"URLError|HTTPError|ConnectionError|LocalEntryNotFound|OfflineMode|OSError|FileNotFoundError|HfHub|ProxyError|"
    r"MaxRetryError|gaierror|RepositoryNotFound|Timeout|LocalTokenNotFound|BadZipFile|PermissionError"
)
_MISSING = re.compile(r"'(\w+)'")


def is_of_the_network(error: BaseException) -> bool:
    """Returns whether a constructor tried to load something that is not there."""
    return bool(_NETWORK.search(" ".join(cls.__name__ for cls in type(error).__mro__[:-3])))


def missing_parameters(error: BaseException) -> list[str]:
    """The names that a call lacked."""
    text = str(error)
    return _MISSING.findall(text.split("argument")[-1]) if isinstance(error, TypeError) and "missing" in text else []


def unexpected_parameter(error: BaseException) -> str | None:
    """The keyword that a call does not take."""
    match = re.search(
        r"unexpected keyword argument '(\w+)'|multiple values for (?:keyword )?argument '(\w+)'", str(error)
    )
    return (match[1] or match[2]) if match and isinstance(error, TypeError) else None


def repaired(value: object, error: BaseException) -> Iterator[object]:
    """Values to take instead of ``value``, judged by the error alone."""
    text = str(error)
    if isinstance(error, AttributeError):
        yield from _with_attribute(value, error)
    if isinstance(error, KeyError):
        yield from keys_wanted(error)
        if isinstance(value, dict) and error.args and isinstance(error.args[0], str):
            for each in _several(names.usual(error.args[0]), 3):
                yield {**value, error.args[0]: each}
    if isinstance(value, Build) and value.target == NAMESPACE and "SimpleNamespace" in text:
        yield {}
    if _MANY_ARE_WANTED.search(text):
        yield from _many(value, text)
    if _SCALAR_IS_WANTED.search(text):
        yield from _single(value)
    if _CALLABLE_IS_WANTED.search(text):
        yield from (*names.FUNCTIONS[:5], *names.MODULES[:2])
    if "NoneType" in text and value is not None:
        yield None
    if isinstance(value, str) or value is None or isinstance(error, KeyError):
        yield from _words(text, value)


def _with_attribute(value: object, error: AttributeError) -> Iterator[object]:
    name: str = error.name or ""
    holder: Any = error.obj
    if isinstance(holder, SimpleNamespace) and isinstance(value, Build):
        yield from _field_added(value, name)
        return
    if isinstance(value, Build | dict) and value not in ({},):
        if isinstance(value, Build) and type(holder) in (int, float, str, bool, list):
            yield from (value.having(key, Build(NAMESPACE)) for key, item in value.fields if item == holder)
        return
    if hasattr(torch.Tensor, name) and not hasattr(nn.Module, name):
        yield from names.TENSORS
    if hasattr(dict, name):
        yield {}
    if hasattr(str, name):
        yield from names.TEXTS
    if name in dir(nn.Linear(1, 1)) or name in dir(nn.Conv2d(1, 1, 1)):
        yield from names.MODULES
    yield Build(NAMESPACE, ((name, next(iter(_several(names.usual(name), 1)), 1)),))


def _field_added(value: Build, name: str) -> Iterator[object]:
    if value.target == NAMESPACE and name not in dict(value.fields):
        for each in (*_several(names.usual(name), 6), 1, None):
            yield value.having(name, each)
    for key, item in value.fields:
        if isinstance(item, Build):
            yield from (value.having(key, inner) for inner in _field_added(item, name))


def _many(value: object, text: str) -> Iterator[object]:
    match = _COUNT.search(text)
    wanted = [int(match[1])] if match else []
    if isinstance(value, list | tuple) and value:
        for count in (*wanted, len(value) + 1, len(value) + 2, 4, max(1, len(value) - 1)):
            yield type(value)((list(value) * count)[:count])
        if not isinstance(value[0], list | tuple):
            yield [[each] for each in value]
            yield [list(value), list(value)]
    elif not isinstance(value, Build | dict | str):
        item = 1 if value is None or isinstance(value, bool) else value
        for count in (*wanted, 2, 4, 3, 1):
            yield [item] * count
        yield (item, item)
        yield {}


def _single(value: object) -> Iterator[object]:
    if isinstance(value, list | tuple) and value:
        yield value[0]
    if value is None or isinstance(value, str | Build | dict):
        yield from (32, 1, 4)
    elif not isinstance(value, int | float):
        yield from (32, 1)


def _words(text: str, value: object) -> Iterator[object]:
    found = [each for each in _QUOTED.findall(text) if each != value]
    for match in _LISTED.findall(text):
        found += [each.strip(" '\".") for each in re.split(r"[,|/]|\bor\b|\band\b", match)]
    yield from [each for each in dict.fromkeys(found) if each and each != value and len(each) < 40][:10]


def _several(values: Iterator[object], count: int) -> list[object]:
    found: dict[str, object] = {}
    for value in values:
        found.setdefault(repr(value), value)
        if len(found) == count:
            break
    return list(found.values())
