"""Runs forward as on another device, on a machine that has none.

Parameters, buffers and inputs are *marked* as being on a device by ``module.to("cuda:0")``, as the user would move them
(so a module that overrides ``_apply`` to take its plain tensors along is believed): each becomes a `Distant`, which
computes on the CPU and says that it is on ``cuda:0``. What was left behind is an ordinary tensor; the first operator
that meets both raises what CUDA would (`device_rules`). Values are there, so code may look at them.

What it cannot see, and never calls a pass: memory by its address, streams, custom kernels of CUDA.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from bufferlint.verify.worker import contents, threads
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.cuda_answers import DEVICE, patched
from bufferlint.verify.worker.distant import Misplaced, Placement, Pretended
from bufferlint.verify.worker.function_modes import Named, Pretending

__all__ = ["DEVICE", "Misplaced", "Placement", "ended", "is_blind", "moved", "pretending"]


@contextmanager
def pretending() -> Iterator[tuple[Placement, Named]]:
    """Within it the device is there."""
    placement, named = Pretended(), Pretending()
    try:
        with patched(), placement, named, threads.joined((placement, named)):
            yield placement, named
    except Exception as error:
        if placement.refused is None or placement.refused is error:
            raise
        raise placement.refused from error


@contextmanager
def moved(device: torch.device | None, module: nn.Module) -> Iterator[tuple[torch.device, Placement, Named]]:
    """Within it the module is on the device, or on the stand-in for None; with the device and what watches there."""
    if device is None:
        with pretending() as (placement, named):
            placement.learn(module)
            _move(module)
            placement.learn(module)
            yield DEVICE, placement, named
        return
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    placement = Placement(device)
    with Named() as named:
        module.to(device)
        placement.learn(module)
        yield device, placement, named


def _move(module: nn.Module) -> None:
    """``module.to(device)`` that leaves each Parameter the object that it was, as a move to a GPU does.

    So that what the module holds it by besides, a list say, has it there too. A buffer becomes another object on any
    device. Torch before 2.3 cannot, nor torch where something holds a weak reference: then such a list stays behind.
    """
    if any(isinstance(each, torch.jit.ScriptModule) for each in module.modules()):
        _move_script(module)
        return
    future: Any = torch.__future__
    if not hasattr(future, "set_swap_module_params_on_conversion"):
        module.to(DEVICE)
        return
    former = future.get_swap_module_params_on_conversion()
    future.set_swap_module_params_on_conversion(True)
    try:
        module.to(DEVICE)
    except RuntimeError as error:
        if "Couldn't swap" not in str(error):
            raise
        future.set_swap_module_params_on_conversion(False)
        module.to(DEVICE)
    finally:
        future.set_swap_module_params_on_conversion(former)


def _move_script(module: nn.Module) -> None:
    """Move a module that is scripted or traced, or holds such a one: their tensors lie in C++."""
    for each in module.modules():
        inner: Any = getattr(each, "_actual_script_module", each)
        scripted = isinstance(inner, torch.jit.ScriptModule)
        for store in (inner._parameters, inner._buffers):
            for name, tensor in [(name, held) for name, held in store.items() if held is not None]:
                there = tensor.detach().to(DEVICE)
                if scripted:
                    inner._c.setattr(name, there)
                else:
                    kept = isinstance(tensor, nn.Parameter)
                    store[name] = nn.Parameter(there, tensor.requires_grad) if kept else there


def ended(output: object, placement: Placement, named: Named) -> list[str]:
    """The places of a result on the CPU that the class named there. Raises `Misplaced` for others.

    A number (0-dim) may stay: CUDA takes it beside its own tensors. So may an array, since there is none on a device.
    """
    told = []
    for place, leaf in contents.walk(output):
        here = isinstance(leaf, torch.Tensor) and leaf.dim() and not place.endswith(contents.ARRAY)
        if here and not placement.is_there(leaf):
            if not named.is_named(leaf):
                raise placement.misplaced(leaf, f"the result{place} is left on the cpu: it comes from {{what}}")
            told.append(f"the result{place}")
    return told


def is_blind(raised: Raised) -> bool:
    """Returns whether the stand-in could not tell, rather than found the module wanting."""
    return not isinstance(raised.error, Misplaced) and not _is_refusal_of_torch(raised)


def _is_refusal_of_torch(raised: Raised) -> bool:
    """Returns whether torch itself found tensors on two devices: on *meta*, as it knows the stand-in's, and on the
    CPU."""
    said = raised.message.lower()
    is_told = all(word in said for word in ("meta", "cpu")) or "same device" in said
    if not (isinstance(raised.error, RuntimeError) and is_told):
        return False
    frames = traceback.extract_tb(raised.error.__traceback__)
    return bool(frames) and not (frames[-1].line or "").startswith(("raise", "assert"))
