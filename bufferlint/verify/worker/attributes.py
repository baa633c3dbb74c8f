"""Every tensor that a module and its submodules hold as an attribute, and in which of the three ways."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker.catch import Raised, attempt

PARAMETER, SAVED, UNSAVED, EMPTY, PLAIN = "parameter", "buffer", "buffer, not saved", "empty buffer", "plain tensor"
BUFFERS = (SAVED, UNSAVED, EMPTY)


class Unwalkable(TypeError):
    """PyTorch cannot walk the modules of one that was built: ``parameters()`` raises; the message says what."""

    ADVICE = "a module calls super().__init__() when it is built, and has a __hash__ where it has an __eq__"


def ensure_walkable(module: nn.Module) -> None:
    """Raises `Unwalkable` for a module that never called ``super().__init__()``, or that holds an unhashable one."""
    walked = attempt(lambda: [*nn.Module.parameters(module), *nn.Module.buffers(module)])
    if isinstance(walked, Raised):
        raise Unwalkable(str(walked))


@dataclass(frozen=True)
class Slot:
    """Where a tensor hangs: ``store`` is the dictionary of its module that holds it under ``name``."""

    path: str
    kind: str
    store: dict[str, Any]
    name: str

    @property
    def value(self) -> torch.Tensor | None:
        found: torch.Tensor | None = self.store[self.name]
        return found

    @property
    def key(self) -> tuple[int, str]:
        """The same for two paths to one module."""
        return id(self.store), self.name


def memory(tensor: torch.Tensor | None) -> int:
    """The address of the memory that a tensor lies in; 0 for one that has none of its own."""
    if tensor is None or tensor.layout is not torch.strided or tensor.device.type == "meta":
        return 0
    return 0 if nn.parameter.is_lazy(tensor) else tensor.untyped_storage().data_ptr()


def sharing(tensors: Iterable[tuple[str, torch.Tensor]]) -> list[str]:
    """The pairs of named tensors that lie in the same memory, or partly so."""
    places: dict[int, list[tuple[str, int, int]]] = {}
    for name, tensor in tensors:
        if memory(tensor) and not tensor.is_nested:
            places.setdefault(memory(tensor), []).append((name, *_extent(tensor)))
    return [
        f"{one} and {other}"
        for held in places.values()
        for (one, start, end), (other, begin, stop) in itertools.combinations(held, 2)
        if start < stop and begin < end
    ]


def _extent(tensor: torch.Tensor) -> tuple[int, int]:
    """The first element of the storage that a tensor uses, and the one past its last."""
    last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    start = int(tensor.storage_offset())
    return start, start + (int(last) + 1 if tensor.numel() else 0)


def slots(module: nn.Module) -> Iterator[Slot]:
    """Parameters, buffers and plain tensors, named as state_dict does; a module that hangs in two places twice."""
    for prefix, owner in module.named_modules(remove_duplicate=False):
        dot = f"{prefix}." if prefix else ""
        unsaved: set[str] = getattr(owner, "_non_persistent_buffers_set", set())
        for name, parameter in owner._parameters.items():
            if parameter is not None:
                yield Slot(dot + name, PARAMETER, owner._parameters, name)
        for name, buffer in owner._buffers.items():
            kind = UNSAVED if name in unsaved else EMPTY if buffer is None else SAVED
            yield Slot(dot + name, kind, owner._buffers, name)
        for name, value in vars(owner).items():
            if isinstance(value, torch.Tensor):
                yield Slot(dot + name, PLAIN, vars(owner), name)


@dataclass(frozen=True)
class Change:
    """What the rewrite made a buffer, or registered as a parameter: those that are saved, and those that are not.

    ``unsteady`` says how the class as it stands differs from itself when it is built and called twice from one seed;
    ``restless`` are its plain values that do: the time, a count of all instances.
    """

    saved: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()
    unsteady: str = ""
    restless: tuple[str, ...] = ()


def change(before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    """The change between two tables of path to kind."""
    new = {path: kind for path, kind in after.items() if kind in BUFFERS and before.get(path) not in BUFFERS}
    new.update((path, kind) for path, kind in after.items() if kind == PARAMETER and path not in before)
    saved = tuple(path for path, kind in new.items() if kind in (SAVED, PARAMETER))
    return Change(saved, tuple(path for path in new if path not in saved))
