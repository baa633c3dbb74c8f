"""``torch.export`` gives a program that computes the same, where it could export the class before."""

from __future__ import annotations

import torch

from bufferlint.verify.contract import Outcome
from bufferlint.verify.worker import values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench, seed_everything
from bufferlint.verify.worker.observations import Observed

NAME = "export"
TITLE = "torch.export"


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    return _ways.tried(bench, {"export": lambda: _exported(bench)})


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _ways.judged(before, after, change)


def _exported(bench: Bench) -> values.Leaves:
    from torch.export import export

    args, kwargs = bench.inputs()
    program = export(bench.module().eval(), tuple(args), kwargs, strict=False)
    seed_everything(bench.recipe.seed)
    with torch.no_grad():
        output = program.module()(*args, **kwargs)
    return _ways.as_eager(bench, output)
