"""Which line of whose code gave a module an attribute: watched while it happens, or else read in the class's source."""

from __future__ import annotations

import ast
import inspect
import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn

Place = tuple[str, int]
"""A file and a line in it."""
Seen = dict[tuple[int, str], Place]
"""By a module's ``id`` and an attribute's name."""

_TORCH, _PYTHON = (f"{Path(module.__file__ or '').parent}{os.sep}" for module in (torch, os))


@contextmanager
def watching() -> Iterator[Seen]:
    """Note who sets attributes of modules meanwhile; what bypasses ``nn.Module.__setattr__`` is not seen."""
    seen: Seen = {}
    original: Any = nn.Module.__setattr__

    def note(self: nn.Module, name: str, value: Any) -> None:
        place = _caller(sys._getframe(1))
        if place is not None:
            seen[id(self), name] = place
        original(self, name, value)

    patched: Any = nn.Module
    patched.__setattr__ = note
    try:
        yield seen
    finally:
        patched.__setattr__ = original


def written(cls: type, name: str) -> Place | None:
    """Returns where a class, or else an ancestor, assigns ``self.name``: in ``__init__`` if it does so there."""
    for owner in own_classes(cls):
        try:
            lines, start = inspect.getsourcelines(owner)
            tree = ast.parse(textwrap.dedent("".join(lines)))
            file = inspect.getsourcefile(owner)
        except (OSError, TypeError, SyntaxError):
            continue
        methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        methods.sort(key=lambda method: method.name != "__init__")
        found = next((row for method in methods for row in _rows(method, unmangled(owner, name))), None)
        if found is not None and file is not None:
            return file, start + found - 1
    return None


def own_classes(cls: type) -> list[type]:
    """The class and its ancestors, but for torch's and Python's own."""
    return [each for each in cls.__mro__ if each.__module__.partition(".")[0] not in ("torch", "builtins", "typing")]


def unmangled(owner: type, name: str) -> str:
    """``__name`` for ``_Owner__name``."""
    return name.removeprefix(f"_{owner.__name__.lstrip('_')}") if name.startswith("_") and "__" in name else name


def _rows(method: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[int]:
    first = next(iter((*method.args.posonlyargs, *method.args.args)), None)
    for node in ast.walk(method):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and first is not None
            and (node.value.id, node.attr) == (first.arg, name)
        ):
            yield node.lineno


def _is_not_theirs(file: str) -> bool:
    """Returns whether code is of torch or of Python itself: what it does, some line of the user asked for."""
    ours = file.startswith(_PYTHON) and f"{os.sep}site-packages{os.sep}" not in file
    return ours or file.startswith((_TORCH, "<frozen"))


def _caller(frame: FrameType | None) -> Place | None:
    while frame is not None:
        code = frame.f_code
        if code.co_name != "__setattr__" and not _is_not_theirs(code.co_filename):
            return code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None
