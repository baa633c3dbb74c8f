"""``torch.jit.script`` and ``torch.jit.trace`` give a module that computes the same, where they could before."""

from __future__ import annotations

from typing import Any

import torch

from bufferlint.verify.contract import Outcome
from bufferlint.verify.worker import values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench, seed_everything
from bufferlint.verify.worker.observations import Observed

NAME = "torchscript"
TITLE = "torch.jit script and trace"


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    return _ways.tried(bench, {"script": lambda: _scripted(bench), "trace": lambda: _traced(bench)})


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _ways.judged(before, after, change)


def _scripted(bench: Bench) -> values.Leaves:
    return _called(bench, torch.jit.script(bench.module().eval()), 1)


def _traced(bench: Bench) -> values.Leaves:
    args, kwargs = bench.inputs()
    seed_everything(bench.recipe.seed)
    named: dict[str, Any] = {"example_kwarg_inputs": kwargs} if kwargs else {"example_inputs": tuple(args)}
    if args and kwargs:
        raise TypeError("torch.jit.trace takes arguments by position or by name, not both")
    trace: Any = torch.jit.trace
    return _called(bench, trace(bench.module().eval(), check_trace=False, **named), 2)


def _called(bench: Bench, module: Any, calls: int) -> values.Leaves:
    args, kwargs = bench.inputs()
    seed_everything(bench.recipe.seed)
    with torch.no_grad():
        output = module(*args, **kwargs)
    return _ways.as_eager(bench, output, calls)
