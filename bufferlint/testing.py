"""Assertions for a project's own tests; the pytest fixture of the same name is this function."""

from __future__ import annotations

import copy
import io
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from bufferlint.report.audit import one_line
from bufferlint.runtime import audit
from bufferlint.verify.worker import devices, standin, values
from bufferlint.verify.worker.catch import Raised, attempt


def assert_portable(model: nn.Module, inputs: Sequence[Any] | Mapping[str, Any], device: str | None = None) -> None:
    """AssertionError unless the model moves to another device and runs there, and a checkpoint brings all values back.

    ``inputs`` are the arguments of forward: by position, or by name in a mapping. The device is the machine's
    accelerator, or the stand-in without one. The model is copied (``copy.deepcopy``), and neither moved nor called.
    """
    faults = [*_misplaced(model, inputs, device), *_lost(model)]
    if faults:
        found = [f"{one_line(entry)} ({', '.join(entry.codes) or entry.silence})" for entry in audit(model)]
        listed = "".join(f"\n  not registered: {line}" for line in found)
        raise AssertionError(f"{type(model).__name__} is not portable: " + "; ".join(faults) + listed)


def _misplaced(model: nn.Module, inputs: Sequence[Any] | Mapping[str, Any], device: str | None) -> list[str]:
    target = devices.accelerator(device)
    module = copy.deepcopy(model)

    def call(moved: nn.Module, to: torch.device) -> Any:
        if isinstance(inputs, Mapping):
            return moved(**{name: _there(value, to) for name, value in inputs.items()})
        return moved(*(_there(value, to) for value in inputs))

    with torch.no_grad():
        if target is None:
            error = attempt(lambda: standin.run(module, lambda moved: call(moved, standin.META)))
        else:
            error = attempt(lambda: call(module.to(target), target))
    if not isinstance(error, Raised) or (target is None and standin.is_blind(error)):
        return []
    return [f"on {devices.describe(target)}: {str(error).removeprefix('Misplaced: ')}"]


def _lost(model: nn.Module) -> list[str]:
    """The persistent tensors that saving and loading changes, and a load that is refused."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fresh = copy.deepcopy(model)
    loaded = attempt(lambda: fresh.load_state_dict(torch.load(file, weights_only=True)))
    if isinstance(loaded, Raised):
        return [f"its own checkpoint does not load: {loaded}"]
    apart = values.differences(values.leaves(model.state_dict()), values.leaves(fresh.state_dict()))
    return [f"a checkpoint does not bring back {line}" for line in apart]


def _there(value: Any, device: torch.device) -> Any:
    return value.to(device) if isinstance(value, torch.Tensor) else value
