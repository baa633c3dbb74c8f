"""Assertions for a project's own tests; the pytest fixture of the same name is this function."""

from __future__ import annotations

import copy
import io
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from bufferlint.report.audit import one_line
from bufferlint.runtime import audit
from bufferlint.verify.worker import contents, devices, hidden, standin, values
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.checks import resumes

Inputs = Sequence[Any] | Mapping[str, Any]


def assert_portable(model: nn.Module, inputs: Inputs, device: str | None = None) -> None:
    """AssertionError unless the model moves to another device and runs there, and a checkpoint brings all values back.

    It is moved as it is and once it was called, and what a call leaves must come back with a checkpoint, too: a result
    after a reload is the one without.

    ``inputs`` are the arguments of forward: by position, or by name in a mapping. The device is the machine's
    accelerator, or the stand-in without one; forward runs in eval and in train mode. The model is copied
    (``copy.deepcopy``), and neither moved nor called; random numbers go on as if nothing had been called.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        copied = attempt(lambda: copy.deepcopy(model))
        if isinstance(copied, Raised):
            faults = [f"copy.deepcopy raises {copied}"]
        else:
            model = _with_shapes(model, inputs)
            faults = [*_misplaced(model, inputs, device), *_lost(model), *_forgotten(model, inputs)]
            faults = faults or _resumed_otherwise(model, inputs)
    if faults:
        found = [f"{one_line(entry)} ({', '.join(entry.codes) or entry.silence})" for entry in audit(model)]
        listed = "".join(f"\n  not registered: {line}" for line in found)
        raise AssertionError(f"{type(model).__name__} is not portable: " + "; ".join(faults) + listed)


def _with_shapes(model: nn.Module, inputs: Inputs) -> nn.Module:
    """The model, or a copy that was called where it has lazy parameters: those get their shape by a call."""
    if not any(map(nn.parameter.is_lazy, [*model.parameters(), *model.buffers()])):
        return model
    called = copy.deepcopy(model)
    attempt(lambda: _call(called, inputs))
    return called


def _misplaced(model: nn.Module, inputs: Inputs, device: str | None) -> list[str]:
    target = devices.accelerator(device)
    here = {training: attempt(lambda training=training: _called(model, inputs, training)) for training in (False, True)}  # type: ignore[misc]
    errors = [error for error in here.values() if isinstance(error, Raised)]
    if len(errors) == len(here):
        return [f"forward does not run on the CPU: {errors[0]}"]
    faults = []
    for training in (mode for mode, error in here.items() if not isinstance(error, Raised)):
        for said in ("", "once it was called, "):
            error = attempt(partial(_moved, model, inputs, training, target, bool(said)))
            if isinstance(error, Raised):
                told = "" if target is not None or not standin.is_blind(error) else "the stand-in cannot tell: "
                faults.append(f"on {devices.describe(target)}: {said}{told}{str(error).removeprefix('Misplaced: ')}")
                break
    return list(dict.fromkeys(faults))


def _called(model: nn.Module, inputs: Inputs, training: bool) -> Any:
    return _call(copy.deepcopy(model).train(training), inputs)


def _moved(model: nn.Module, inputs: Inputs, training: bool, target: torch.device | None, called: bool) -> None:
    module = copy.deepcopy(model).train(training)
    if called:
        _call(module, inputs)
    with standin.moved(target, module) as (device, placement, named):
        there: Inputs = tree_map_only(torch.Tensor, lambda tensor: tensor.to(device), inputs)
        standin.ended(_call(module, there), placement, named)


def _call(module: nn.Module, inputs: Inputs) -> Any:
    return contents.settled(module(**inputs) if isinstance(inputs, Mapping) else module(*inputs))


def _lost(model: nn.Module) -> list[str]:
    """The persistent tensors that saving and loading changes, and a load that is refused."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fresh = copy.deepcopy(model)
    loaded = attempt(lambda: fresh.load_state_dict(torch.load(file, weights_only=False)))
    if isinstance(loaded, Raised):
        return [f"its own checkpoint does not load: {loaded}"]
    apart = values.differences(values.leaves(model.state_dict()), values.leaves(fresh.state_dict()))
    return [f"a checkpoint does not bring back {line}" for line in apart]


def _forgotten(model: nn.Module, inputs: Inputs) -> list[str]:
    """The plain tensors that forward changes: state that is in no checkpoint."""
    faults = []
    for training in (False, True):
        module = copy.deepcopy(model).train(training)
        built = hidden.state(module)
        if isinstance(attempt(lambda module=module: _call(module, inputs)), Raised):  # type: ignore[misc]
            continue
        now, saved = hidden.state(module), module.state_dict()
        both = [path for path in built if path in now and path not in saved]
        changed = [path for path in both if values.differences({"": built[path]}, {"": now[path]})]
        faults += [f"forward changes '{path}', which is in no checkpoint" for path in changed]
    return list(dict.fromkeys(faults))


def _resumed_otherwise(model: nn.Module, inputs: Inputs) -> list[str]:
    """Returns how a result after a reload differs from the one without: state in numbers, or in buffers that are not
    saved.

    A model with generators of its own, or that differs from itself, is not compared.
    """
    used = copy.deepcopy(model).train()
    if isinstance(attempt(lambda: _call(used, inputs)), Raised):
        used = copy.deepcopy(model).eval()
        if isinstance(attempt(lambda: _call(used, inputs)), Raised):
            return []
    fresh = copy.deepcopy(model)
    if resumes.generators(used) or isinstance(attempt(lambda: fresh.load_state_dict(used.state_dict())), Raised):
        return []
    results = [attempt(partial(_evaluated, each, inputs)) for each in (used, used, fresh)]
    first, again, other = (values.leaves(None if isinstance(each, Raised) else each) for each in results)
    if values.differences(first, again) or any(isinstance(each, Raised) for each in results):
        return []
    return [
        f"after a reload {line}: what a call changed is in no checkpoint" for line in values.far_apart(first, other)
    ]


def _evaluated(module: nn.Module, inputs: Inputs) -> Any:
    """Forward on inputs half as large, so that state that the first ones left shows."""
    torch.manual_seed(0)
    return _call(copy.deepcopy(module).eval(), tree_map_only(torch.Tensor, _halved, inputs))


def _halved(tensor: torch.Tensor) -> torch.Tensor:
    return tensor / 2 if tensor.is_floating_point() or tensor.is_complex() else tensor
