"""Runs a project's pytest suite and writes down how its module classes are built and called.

The suite runs as it would by hand: in the project's folder, without the worker's fence.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn

from bufferlint.verify.contract import Expression, InputSpec, Recipe, Recorded, dumps, is_literal
from bufferlint.verify.worker import contents, inline_source
from bufferlint.verify.worker.discovery.candidates import source

_LARGEST, _WRITTEN = 1 << 22, 64
"""Elements of a tensor that is worth a replay, and of one whose values are."""


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
            told = _Told(sys._getframe(2), self._name, type(made))
            init = tuple((name, self._told(value, told, name)) for name, value in kwargs.items())
            recipe: Recipe | None = Recipe(init, tuple(self._told(value, told, at) for at, value in enumerate(args)))
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
            told = _Told(sys._getframe(2), self._name, module, cls)
            inputs = [self._input(value, None, told, at) for at, value in enumerate(args)]
            inputs += [self._input(value, name, told, name) for name, value in kwargs.items()]
        except Unwritable as error:
            self._unwritten.setdefault(cls, f"forward: {error}")
            return
        self._found[cls] = dataclasses.replace(recipe, inputs=tuple(inputs))

    def _is_ours(self, cls: type) -> bool:
        module = sys.modules.get(cls.__module__)
        file = getattr(module, "__file__", None)
        return "<locals>" not in cls.__qualname__ and file is not None and self._root in Path(file).resolve().parents

    def _told(self, value: Any, told: _Told, place: int | str) -> Any:
        """The value as a recipe holds it: as it is, else as the test writes it. Raises `Unwritable`."""
        try:
            return self._value(value)
        except Unwritable as error:
            source = told.source(place)
            if source is None:
                raise error
            return Expression(source)

    def _input(self, value: Any, name: str | None, told: _Told, place: int | str) -> InputSpec:
        if not isinstance(value, torch.Tensor):
            return InputSpec(None, value=self._told(value, told, place), name=name)
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
        if type(value) in (list, tuple):
            return type(value)(map(self._value, value))
        if type(value) is dict:
            return {self._value(key): self._value(item) for key, item in value.items()}
        return Expression(self._expression(value))

    def _expression(self, value: Any) -> str:
        if isinstance(value, enum.Enum):
            return f"{self._name(type(value))}.{value.name}"
        if isinstance(value, torch.dtype):
            return str(value)
        if isinstance(value, torch.device):
            return f"torch.device({str(value)!r})"
        if isinstance(value, nn.Module):
            recipe = self._built.get(value)
            if recipe is None:
                raise Unwritable(f"a {type(value).__qualname__}")
            return self._call_of(type(value), recipe.args, recipe.init)
        if isinstance(value, torch.Tensor):
            return _tensor(value)
        array = contents.as_tensor(value)
        if array is not None and array.numel() <= _WRITTEN:
            kind = "numpy.array" if array.dim() else f"numpy.{value.dtype.name}"
            return f"{kind}({array.tolist()!r}, dtype={value.dtype.name!r})" if array.dim() else f"{kind}({value})"
        if isinstance(value, functools.partial):
            return self._call_of(
                functools.partial,
                (self._value(value.func), *map(self._value, value.args)),
                [(name, self._value(item)) for name, item in value.keywords.items()],
            )
        if isinstance(value, types.SimpleNamespace):
            return self._call_of(type(value), (), [(name, self._value(item)) for name, item in vars(value).items()])
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return self._call_of(type(value), tuple(map(self._value, value)), ())
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [each.name for each in dataclasses.fields(value) if each.init]
            return self._call_of(type(value), (), [(name, self._value(getattr(value, name))) for name in fields])
        if isinstance(value, type) or inspect.isroutine(value):
            return self._name(value)
        return self._call_of(type(value), (), self._given(value))

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

    def _call_of(self, cls: type, args: tuple[Any, ...], named: Any) -> str:
        arguments = [*map(source, args), *(f"{name}={source(value)}" for name, value in named)]
        return f"{self._name(cls)}({', '.join(arguments)})"

    def _name(self, value: Any) -> str:
        """Returns how an expression calls a class or a function of a module. Raises `Unwritable`.

        A file below the root is imported from there, whatever name pytest has given it.
        """
        own = getattr(value, "__name__", "")
        if getattr(torch, own, None) is value:
            return f"torch.{own}"
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "<")
        found: Any = sys.modules.get(module or "")
        file = getattr(found, "__file__", None)
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is not value or not module or module == "__main__":
            raise Unwritable(f"{getattr(value, '__qualname__', None) or _a(value)}, which no module has under a name")
        if "." not in module and file is not None and self._root in Path(file).resolve().parents:
            parts = Path(file).resolve().relative_to(self._root).with_suffix("").parts
            usual = parts[1:] if parts[0] == "src" else parts
            module = ".".join(usual) if all(map(str.isidentifier, usual)) else module
        return f"{module}.{name}" if module != "builtins" else name


class _Told:
    """What the test writes as arguments of a call."""

    def __init__(
        self, frame: FrameType, name_of: Callable[[object], str], called: object, made_by: type | None = None
    ) -> None:
        self._frame, self._name_of, self._called, self._made_by = frame, name_of, called, made_by

    def source(self, place: int | str) -> str | None:
        """The source of an argument; None where it cannot be followed."""
        called = inline_source.call(self._frame, self._called, self._made_by)
        node = None if called is None else inline_source.argument(called, place)
        try:
            return None if node is None else inline_source.written(node, self._frame, self._name_of)
        except ValueError:
            return None


def _tensor(value: torch.Tensor) -> str:
    """A small tensor with its values, a larger one as random numbers of its kind. Raises `Unwritable`."""
    shape, dtype = tuple(value.shape), value.dtype
    strange = value.is_meta or value.is_quantized or value.is_complex() or value.layout is not torch.strided
    if strange or value.numel() > _LARGEST:
        raise Unwritable(f"a tensor of {str(dtype).removeprefix('torch.')} and shape {shape}")
    if value.numel() <= _WRITTEN:
        return f"torch.tensor({value.tolist()!r}, dtype={dtype})"
    if dtype.is_floating_point:
        return f"torch.randn({shape}).to({dtype})"
    return f"torch.randint({int(value.min())}, {int(value.max()) + 1}, {shape}).to({dtype})"


def _a(value: object) -> str:
    return f"a {type(value).__qualname__}"


def run(out: Path, root: Path, tests: list[str]) -> int:
    """Run the tests, write a line for each class to ``out``; pytest's exit code."""
    import pytest  # of the user's environment

    sys.path.insert(0, str(root))
    recorder = Recorder(root.resolve())
    recorder.install()
    code = int(pytest.main([*tests, "-q", "-p", "no:cacheprovider"]))
    out.write_text("".join(dumps(each) + "\n" for each in recorder.recorded()), encoding="utf-8")
    return code
