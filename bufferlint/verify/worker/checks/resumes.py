"""Training that is saved and goes on in a new process computes what it would have: all state is in the checkpoint."""

from __future__ import annotations

import io
import random
import sys
from typing import Any

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing
from bufferlint.verify.worker.checks.gradients import backward
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "resumes"
TITLE = "training goes on after a reload"
_RATE = 0.01


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    seen = bench.attempt(lambda: _resumed(bench, True))
    if isinstance(seen, Raised):
        evaluated = bench.attempt(lambda: _resumed(bench, False))
        seen = seen if isinstance(evaluated, Raised) else evaluated
    return {"could not": str(seen)} if isinstance(seen, Raised) else seen


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "no inputs" in before or "no inputs" in after:
        return Outcome(Status.NOT_RUN, NO_INPUTS), Outcome(Status.NOT_RUN, NO_INPUTS)
    first = _outcome(before)
    if first.status is Status.FAIL and change.unsteady:
        first = differing(before["apart"], change)
    if "could not" in after and "could not" not in before:
        return first, Outcome(Status.FAIL, f"no longer works: {after['could not']}")
    second = _outcome(after)
    if second.status is not Status.FAIL or first.status is Status.PASS:
        return first, differing(after["apart"], change) if second.status is Status.FAIL else second
    if change.unsaved and not change.saved:
        return first, Outcome(
            Status.PASS, f"{', '.join(change.unsaved)} not saved, as asked, so as before: {second.detail}"
        )
    return first, Outcome(Status.SKIP, f"as before the rewrite: {second.detail}; register what is lost to prove it")


def _outcome(seen: Observed) -> Outcome:
    if "could not" in seen:
        said = f"no training step to go on from: {seen['could not']}"
        return Outcome(Status.SKIP, f"{said}; inputs that it trains on, and a checkpoint that loads, would tell")
    if not seen["apart"]:
        return Outcome(Status.PASS, "step, save, load, step")
    if seen["generators"]:
        said = f"{', '.join(seen['generators'])}: the class draws from a generator of its own"
        return Outcome(Status.SKIP, f"{said}, which no checkpoint holds; draw from torch's to compare")
    return Outcome(Status.FAIL, f"after a reload the next step differs: {'; '.join(seen['apart'])}")


def _resumed(bench: Bench, training: bool) -> Observed:
    """A step, then the next one: in the instance itself, and in a new one that has loaded its checkpoint.

    A class that only runs in evaluation mode is called in that.
    """
    module = bench.module()
    _learn(bench, module, training)
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    fresh = bench.module(seed_offset=1)
    fresh.load_state_dict(torch.load(file, weights_only=False))
    apart: list[str] = []
    modes = {"training": True, "evaluation": False} if training else {"evaluation": False}
    for name, mode in modes.items():
        ours, theirs = (values.leaves(_called(bench, each, mode)) for each in (module, fresh))
        apart += [f"{name}: {line}" for line in values.far_apart(ours, theirs)]
        if apart:
            break
    return {"apart": apart, "generators": generators(module)}


def _learn(bench: Bench, module: nn.Module, training: bool) -> None:
    output = bench.forward(module, training)
    backward(output, bench.recipe.seed)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.grad is not None and parameter.grad.layout is torch.strided:
                parameter.sub_(parameter.grad, alpha=_RATE)
            parameter.grad = None


def _called(bench: Bench, module: nn.Module, training: bool) -> Any:
    return bench.call(module, training, bench.inputs(1), seed_offset=1)


def generators(module: nn.Module) -> list[str]:
    """The attributes that are generators of random numbers."""
    kinds: tuple[type, ...] = (torch.Generator, random.Random)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        kinds = (*kinds, numpy.random.Generator, numpy.random.RandomState)
    return [
        f"{prefix}.{name}" if prefix else name
        for prefix, owner in module.named_modules()
        for name, value in vars(owner).items()
        if isinstance(value, kinds)
    ]
