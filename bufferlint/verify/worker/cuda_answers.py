"""What ``torch.cuda`` and its kin answer on the stand-in, which is no function of a tensor and so asked of no mode."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

from bufferlint.verify.worker import device_rules

DEVICE = torch.device("cuda", 0)
"""The device that is pretended: what a class asks a tensor's device for."""
_CPU = torch.device("cpu")
_QUESTION = "is_available"
_Change = tuple[Any, str, Any]


def is_distant(device: Any) -> bool:
    """Returns whether a device, as a call names it, is the pretended one: a number is one of CUDA's."""
    if isinstance(device, torch.device):
        return device.type == DEVICE.type
    if isinstance(device, int) and not isinstance(device, bool):
        return device == DEVICE.index
    return isinstance(device, str) and device.partition(":")[0] == DEVICE.type


class _AnyGenerator(type(torch.Generator)):  # type: ignore[misc]
    """Every generator of torch is an instance of the class that stands in for its class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _GENERATOR)


_GENERATOR = torch.Generator


class _Generator(torch.Generator, metaclass=_AnyGenerator):
    """A generator that can be on the pretended device."""

    def __new__(cls, device: Any = "cpu") -> _Generator:
        made: Any = super().__new__(cls, _CPU)  # type: ignore[call-arg]
        made.placed = DEVICE if is_distant(device) else torch.device(device)
        if made.placed == DEVICE:
            device_rules.DISTANT_GENERATORS[made._cdata] = made
        return made  # type: ignore[no-any-return]

    placed: torch.device

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return self.placed


@contextmanager
def patched() -> Iterator[None]:
    """Within it CUDA is there, as far as the class can ask; torch itself is answered as ever."""
    cudnn: Any = torch.backends.cudnn
    cuda: Any = torch.cuda
    changes = [
        (torch, "Generator", _Generator),
        (cudnn, "is_acceptable", lambda tensor: False),
        (cuda, "synchronize", lambda device=None: None),
        (cuda, "device", lambda device: nullcontext()),
        (cuda, _QUESTION, _answering(cuda.is_available, True)),
        (cuda, "device_count", _answering(cuda.device_count, 1)),
        (cuda, "current_device", _answering(cuda.current_device, DEVICE.index)),
    ]
    with _exchanged(changes):
        yield


@contextmanager
def listening() -> Iterator[list[str]]:
    """The list gets an item whenever code that is not torch's asks whether CUDA is there."""
    heard: list[str] = []
    cuda: Any = torch.cuda
    original = cuda.is_available

    def noting() -> Any:
        if not _is_of_torch(sys._getframe(1)):
            heard.append(_QUESTION)
        return original()

    with _exchanged([(cuda, _QUESTION, noting)]):
        yield heard


def constants(path: str) -> list[ast.Assign]:
    """The statements of a file that keep in a name of the module what was answered: ``DEVICE = ...``."""
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except (SyntaxError, ValueError):
        return []
    found = [node for node in tree.body if isinstance(node, ast.Assign)]
    return [node for node in found if any(_asks(inner) for inner in ast.walk(node.value))]


@contextmanager
def evaluated_again(statements: Sequence[ast.Assign], names: dict[str, Any], path: str) -> Iterator[None]:
    """Within it the names of a module have the values that the statements give them now."""
    former = dict(names)
    try:
        exec(compile(ast.Module(list(statements), []), path, "exec"), names)
        yield
    finally:
        names.update({name: former[name] for name in names if name in former})


def _asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == _QUESTION


def _answering(original: Callable[..., Any], answer: object) -> Callable[..., Any]:
    def answered(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs) if _is_of_torch(sys._getframe(1)) else answer

    return answered


def _is_of_torch(frame: Any) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] == "torch"


@contextmanager
def _exchanged(changes: Sequence[_Change]) -> Iterator[None]:
    former = [(holder, name, getattr(holder, name)) for holder, name, _ in changes]
    for holder, name, value in changes:
        setattr(holder, name, value)
    try:
        yield
    finally:
        for holder, name, value in former:
            setattr(holder, name, value)
