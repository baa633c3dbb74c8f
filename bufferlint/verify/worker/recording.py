"""Runs a project's pytest suite and writes down how its module classes are built and called.

The suite runs as it would by hand: in the project's folder, without the worker's fence.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn

from bufferlint.verify.contract import Expression, InputSpec, Recipe, Recorded, dumps, is_literal
from bufferlint.verify.worker.discovery.candidates import source

_LARGEST = 1 << 22
"""Elements of a tensor that is worth a replay."""


class Unwritable(ValueError):
    """A value that a recipe cannot hold."""


class Recorder:
    """Keeps a recipe for each class defined below ``root``: the first that could be written, with forward if it can."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._built: WeakKeyDictionary[nn.Module, Recipe | None] = WeakKeyDictionary()
        self._found: dict[type, Recipe] = {}
        self._unwritten: dict[type, str] = {}
        self._silent = False

    def install(self) -> None:
        """Watch construction and calls of every module from now on."""
        new, call = object.__new__, nn.Module.__call__
        recorder = self

        def watched_new(cls: type[nn.Module], *args: Any, **kwargs: Any) -> nn.Module:
            made = new(cls)
            recorder._construct(made, args, kwargs)
            return made

        @functools.wraps(call)
        def watched_call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            recorder._call(module, args, kwargs)
            return call(module, *args, **kwargs)

        patched: Any = nn.Module
        patched.__new__ = staticmethod(watched_new)
        patched.__call__ = watched_call

    def recorded(self) -> list[Recorded]:
        """Returns what was seen, by file and class."""
        classes = sorted(
            {*self._found, *self._unwritten}, key=lambda cls: (inspect.getsourcefile(cls) or "", cls.__qualname__)
        )
        return [
            Recorded(
                str(Path(inspect.getsourcefile(cls) or "").resolve()),
                cls.__qualname__,
                self._found.get(cls, Recipe()),
                self._unwritten.get(cls, "") if cls not in self._found or self._found[cls].inputs is None else "",
            )
            for cls in classes
        ]

    def _construct(self, made: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        try:
            init = tuple((name, self._value(value)) for name, value in kwargs.items())
            recipe: Recipe | None = Recipe(init, tuple(map(self._value, args)))
        except Unwritable as error:
            recipe = None
            if self._is_ours(type(made)):
                self._unwritten.setdefault(type(made), f"constructor: {error}")
        self._built[made] = recipe
        if recipe is not None and self._is_ours(type(made)):
            self._found.setdefault(type(made), recipe)

    def _call(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        recipe, cls = self._built.get(module), type(module)
        if recipe is None or cls not in self._found or self._found[cls].inputs is not None:
            return
        try:
            inputs = [self._input(value, None) for value in args]
            inputs += [self._input(value, name) for name, value in kwargs.items()]
        except Unwritable as error:
            self._unwritten.setdefault(cls, f"forward: {error}")
            return
        self._found[cls] = dataclasses.replace(recipe, inputs=tuple(inputs))

    def _is_ours(self, cls: type) -> bool:
        module = sys.modules.get(cls.__module__)
        file = getattr(module, "__file__", None)
        return "<locals>" not in cls.__qualname__ and file is not None and self._root in Path(file).resolve().parents

    def _input(self, value: Any, name: str | None) -> InputSpec:
        if not isinstance(value, torch.Tensor):
            return InputSpec(None, value=self._value(value), name=name)
        dtype, shape = str(value.dtype).removeprefix("torch."), tuple(value.shape)
        if value.numel() > _LARGEST or value.is_meta or value.is_quantized or value.layout is not torch.strided:
            raise Unwritable(f"a tensor of {dtype} and shape {shape}")
        if value.is_floating_point() or value.is_complex() or dtype == "bool":
            return InputSpec(shape, dtype, name=name)
        low, high = (int(value.min()), int(value.max())) if value.numel() else (0, 1)
        return InputSpec(shape, dtype, float(low), float(high + 1), name=name)

    def _value(self, value: Any) -> Any:
        """The value as a recipe holds it. Raises `Unwritable`."""
        if is_literal(value) and not isinstance(value, enum.Enum):
            return value
        if isinstance(value, list | tuple) and type(value) in (list, tuple):
            return type(value)(map(self._value, value))
        if type(value) is dict:
            return {self._value(key): self._value(item) for key, item in value.items()}
        return Expression(self._expression(value))

    def _expression(self, value: Any) -> str:
        if isinstance(value, enum.Enum):
            return f"{_name(type(value))}.{value.name}"
        if isinstance(value, torch.dtype):
            return str(value)
        if isinstance(value, torch.device):
            return f"torch.device({str(value)!r})"
        if isinstance(value, nn.Module):
            recipe = self._built.get(value)
            if recipe is None:
                raise Unwritable(f"a {type(value).__qualname__}")
            return _call_of(type(value), recipe.args, recipe.init)
        if isinstance(value, torch.Tensor) and value.numel() <= 64 and not value.is_complex():
            return f"torch.tensor({value.tolist()!r}, dtype={value.dtype})"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [each.name for each in dataclasses.fields(value) if each.init]
            return _call_of(type(value), (), [(name, self._value(getattr(value, name))) for name in fields])
        if isinstance(value, type) or inspect.isroutine(value):
            return _name(value)
        return _call_of(type(value), (), self._given(value))

    def _given(self, value: Any) -> list[tuple[str, Any]]:
        """The arguments that an object was built with, where it keeps each under the argument's name."""
        cls = type(value)
        try:
            parameters = list(inspect.signature(cls).parameters.values())
        except (TypeError, ValueError):
            raise Unwritable(f"a {cls.__qualname__}") from None
        usual = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        if not hasattr(value, "__dict__") or any(each.kind not in usual for each in parameters):
            raise Unwritable(f"a {cls.__qualname__}")
        held = vars(value)
        if any(each.name not in held for each in parameters):
            raise Unwritable(f"a {cls.__qualname__}, which does not keep what it is built with")
        return [(each.name, self._value(held[each.name])) for each in parameters]


def run(out: Path, root: Path, tests: list[str]) -> int:
    """Run the tests, write a line for each class to ``out``; pytest's exit code."""
    import pytest  # of the user's environment

    sys.path.insert(0, str(root))
    recorder = Recorder(root.resolve())
    recorder.install()
    code = int(pytest.main([*tests, "-q", "-p", "no:cacheprovider"]))
    out.write_text("".join(dumps(each) + "\n" for each in recorder.recorded()), encoding="utf-8")
    return code


def _call_of(cls: type, args: tuple[Any, ...], named: Any) -> str:
    arguments = [*map(source, args), *(f"{name}={source(value)}" for name, value in named)]
    return f"{_name(cls)}({', '.join(arguments)})"


def _name(value: Callable[..., Any]) -> str:
    """Returns how an expression calls a class or a function of a module. Raises `Unwritable`."""
    if getattr(torch, getattr(value, "__name__", ""), None) is value:
        return f"torch.{value.__name__}"
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "<")
    found: Any = sys.modules.get(module or "")
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not value or not module or module == "__main__":
        raise Unwritable(f"{getattr(value, '__qualname__', value)}, which no module has under a name")
    return f"{module}.{name}" if module != "builtins" else name
