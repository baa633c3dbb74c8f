"""The module moves to a device and runs there: a real one when there is one, else the stand-in."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import devices, origins, standin, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks.cpu_forward import MODES, NO_INPUTS
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "device_move"
TITLE = "moves to a device and runs there"


def observe(bench: Bench) -> Observed:
    try:
        device = devices.accelerator(bench.recipe.device)
    except devices.Unusable as error:
        return {"failed": str(error), "device": f"{bench.recipe.device} (not available)"}
    seen: Observed = {"device": devices.describe(device), "stand-in": device is None}
    if not bench.calls_forward:
        return {**seen, "no inputs": True}
    ran = 0
    for mode in MODES:
        training = mode == "train"
        reference = bench.attempt(partial(_on_cpu, bench, training))
        if isinstance(reference, Raised):
            continue
        ran += 1
        found = _stand_in(bench, training, reference) if device is None else _real(bench, device, training, reference)
        if found:
            return {**seen, **found}
    return seen if ran else {**seen, "skip": "forward does not run on the CPU"}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before), _outcome(after)


def _outcome(seen: Observed) -> Outcome:
    if "no inputs" in seen:
        return Outcome(Status.NOT_RUN, NO_INPUTS)
    if "failed" in seen:
        return Outcome(Status.FAIL, seen["failed"])
    if "skip" in seen:
        return Outcome(Status.SKIP, seen["skip"])
    return Outcome(Status.PASS, "runs on the stand-in" if seen["stand-in"] else f"runs on {seen['device']}")


def _on_cpu(bench: Bench, training: bool, seed_offset: int = 0) -> values.Leaves:
    return values.leaves(bench.forward(bench.module(), training, seed_offset=seed_offset))


def _stand_in(bench: Bench, training: bool, reference: values.Leaves) -> Observed:
    apart = [] if training else _apart_in_new_memory(bench, reference)
    if apart:
        return {"failed": "in new memory, as a move gives it, the result is another: " + "; ".join(apart)}
    module = bench.module()
    error = bench.attempt(lambda: standin.run(module, lambda each: bench.forward(each, training, standin.META)))
    if error is None:
        return {}
    if standin.is_blind(error):
        return {"skip": f"the stand-in cannot run it: {error}; a machine with an accelerator can"}
    return _failed(bench, error)


def _apart_in_new_memory(bench: Bench, reference: values.Leaves) -> list[str]:
    """How the result differs once parameters and buffers have memory of their own, on the CPU: two buffers of which
    one is a view of the other share none after a move to another device."""

    def forward() -> values.Leaves:
        module: Any = bench.module()
        module._apply(torch.clone)
        return values.leaves(bench.forward(module, False))

    output = bench.attempt(forward)
    if isinstance(output, Raised) or not _is_steady(bench, reference):
        return []
    return values.far_apart(reference, output)


def _real(bench: Bench, device: torch.device, training: bool, reference: values.Leaves) -> Observed:
    """Run there and, in eval mode, compare with the CPU; a forward that draws random numbers is run, not compared."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    output = bench.attempt(lambda: values.leaves(bench.forward(bench.module().to(device), training, device)))
    if isinstance(output, Raised):
        return _unsupported(output) or _failed(bench, _named(bench, device, training) or output)
    if training or not _is_steady(bench, reference):
        return {}
    apart = values.far_apart(reference, output)
    return {"failed": "the result there is not that of the CPU: " + "; ".join(apart)} if apart else {}


def _named(bench: Bench, device: torch.device, training: bool) -> Raised | None:
    """The same failure as the stand-in words it, with the attribute's name; None when it finds none."""
    module = bench.module().to(device)
    with standin.Placement(module, device):
        error = bench.attempt(lambda: bench.forward(module, training, device))
    return error if isinstance(error, Raised) and isinstance(error.error, standin.Misplaced) else None


def _failed(bench: Bench, error: Raised) -> Observed:
    attribute = error.error.attribute if isinstance(error.error, standin.Misplaced) else None
    made = _made(bench, attribute) if attribute else ""
    return {"failed": str(error).removeprefix("Misplaced: ") + made, "memory": error.out_of_memory}


def _made(bench: Bench, attribute: str) -> str:
    """The line that gave the module its attribute, in words; empty when it is not known."""
    with origins.watching() as seen:
        module = bench.module()
    owner, _, name = attribute.rpartition(".")
    holder = module.get_submodule(owner)
    place = seen.get((id(holder), name)) or origins.written(type(holder), name)
    if place is None:
        return ""
    file, line = place
    return f"; '{attribute}' was made in line {line}" + ("" if file == bench.path else f" of {Path(file).name}")


def _unsupported(error: Raised) -> Observed | None:
    """A device that lacks an operator or a type (MPS has no float64) says nothing about the module."""
    if isinstance(error.error, NotImplementedError) or "doesn't support float64" in str(error.error):
        return {"skip": f"the device lacks what forward needs: {error}"}
    return None


def _is_steady(bench: Bench, reference: values.Leaves) -> bool:
    """Whether the CPU gives the same result for other random numbers in forward."""
    other = bench.attempt(partial(_on_cpu, bench, False, seed_offset=1))
    return not isinstance(other, Raised) and not values.differences(reference, other)
