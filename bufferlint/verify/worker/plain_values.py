"""The numbers, flags, texts and containers of them that modules hold as attributes, as text that can be compared."""

from __future__ import annotations

import ast
import enum
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker import contents
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.renaming import renamed
from bufferlint.verify.worker.values import Leaves

_SIMPLE = (bool, int, float, complex, str, bytes, torch.dtype)
_LONGEST = 1_000
"""How many items of a container are compared."""
_ARRAY = "array "

Found = dict[str, str]
"""By the path of the attribute: its value as text."""


def held(module: nn.Module) -> Found:
    """Returns the plain values of a module and its submodules, ``training`` among them, but for what torch keeps."""
    found: Found = {}
    for prefix, owner in module.named_modules():
        for name, value in vars(owner).items():
            text = None if name in _PLUMBING or value is None else _text(value, owner)
            if text is not None:
                found[f"{prefix}.{name}" if prefix else name] = text
    return found


def with_readable(module: nn.Module, own: Found, known: Mapping[str, str], names: Mapping[str, str]) -> Found:
    """Returns the values ``own`` and those of ``known``, another side's, that can be read without being attributes of
    the instance: values of the class, properties, tensors of that value. ``names`` are names that were changed."""
    found = dict(own)
    for path, text in known.items():
        here = renamed(path, names)
        read = None if here in own else attempt(partial(attrgetter(here), module))
        if read is None or isinstance(read, Raised):
            continue
        now = text if is_value(read, text) else _text(read, module)
        if now is not None:
            found[here] = now
    return found


def modules(module: nn.Module) -> dict[str, str]:
    """Returns the path of each module, and where its class is defined."""
    return {path: type(each).__module__ for path, each in module.named_modules()}


def is_value(tensor: object, text: str) -> bool:
    """Returns whether a tensor holds the number, the flag or the list of numbers that stands in the text."""
    if not isinstance(tensor, torch.Tensor):
        return False
    try:
        value = float(text) if text in _NO_LITERALS else ast.literal_eval(text)
        wanted = torch.as_tensor(value)
    except (ValueError, SyntaxError, TypeError, RuntimeError):
        return False
    if wanted.numel() != tensor.numel() or (wanted.is_complex() and not tensor.is_complex()):
        return False
    return torch.equal(wanted.reshape(tensor.shape).to(tensor.dtype).nan_to_num(), tensor.nan_to_num())


def apart(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Returns the paths of the values that differ, or that only one of two runs has."""
    return [path for path in {**one, **other} if one.get(path) != other.get(path)]


def lost(before: Mapping[str, Any], after: Mapping[str, Any], tensors: Leaves, restless: Sequence[str]) -> list[str]:
    """Returns which public values of one side the other has no longer, or otherwise, a line each.

    ``tensors`` are those of the other side, which may hold such a value; ``restless`` are values that differ at each
    run. What a module of torch keeps, and what a module that is no longer there kept, is no loss; nor is the name of a
    device, which a module whose buffers move does not need.
    """
    found = []
    for path, text in before["plain"].items():
        owner, now = path.rpartition(".")[0], after["plain"].get(path)
        if path in restless or _alike(text) == _alike(now) or owner not in after["modules"]:
            continue
        if isinstance(tensors.get(path), torch.Tensor):
            if not is_value(tensors[path], text):
                found.append(f"{path} is {_shown(tensors[path])} instead of {text[:60]}")
        elif not _is_public(path):
            continue
        elif now is not None:
            found.append(f"{path} is {now[:60]} instead of {text[:60]}")
        elif not before["modules"].get(owner, "").startswith("torch.") and not _is_device(text):
            found.append(f"{path}, which was {text[:60]}, is gone")
    return found


def _shown(tensor: torch.Tensor) -> str:
    return str(tensor.tolist()) if tensor.numel() == 1 else f"a tensor of shape {tuple(tensor.shape)}"


def _alike(text: str | None) -> str | None:
    """Returns the text of a sequence without its kind: a list, a tuple and a size of the same numbers are the same."""
    if text is None or not text.startswith(("(", "[", "torch.Size(")):
        return text
    return text.removeprefix("torch.Size(").replace(",)", ")").strip("()[]")


def _is_public(path: str) -> bool:
    """Returns whether code elsewhere may read the attribute: no part of its path begins with an underscore."""
    return not any(part.startswith("_") for part in path.split("."))


def _is_device(text: str) -> bool:
    try:
        torch.device(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, RuntimeError):
        return False
    return text.startswith(("'", '"'))


_NO_LITERALS = ("inf", "-inf", "nan")
_PLUMBING = frozenset(vars(nn.Module())) - {"training"}


def _text(value: object, owner: nn.Module) -> str | None:
    """Returns a plain value as text; None for another, and for one that says where or in which process it was made."""
    if not _is_plain(value) or (type(value) is int and value == os.getpid()):
        return None
    array = contents.as_tensor(value)
    if array is not None:
        return f"{_ARRAY}{array.dtype} {array.tolist()!r}"
    text = repr(value)
    is_text = "'" in text or '"' in text
    return None if is_text and any(place in text for place in _places(owner)) else text


def _places(owner: nn.Module) -> tuple[str, ...]:
    """Returns the names that a rewrite has of its own: its folders, its file, its class and its module."""
    cls = type(owner)
    file = getattr(sys.modules.get(cls.__module__), "__file__", None) or cls.__module__
    return str(Path.home()), str(Path.cwd()), file, cls.__module__, cls.__name__


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return len(value) <= _LONGEST and all(map(_is_plain, value))
    if isinstance(value, dict):
        return len(value) <= _LONGEST and all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    array = contents.as_tensor(value)
    return (
        array.numel() <= _LONGEST
        if array is not None
        else type(value) in _SIMPLE or value is None or isinstance(value, enum.Enum)
    )
