"""Backward gives every parameter the same gradient, bit for bit."""

from __future__ import annotations

import torch

from bufferlint.verify.contract import Outcome
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "gradients"
TITLE = "gradients equal bit for bit"


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    return _ways.tried(bench, {"backward": lambda: _gradients(bench)})


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _ways.judged(before, after)


def _gradients(bench: Bench) -> values.Leaves:
    """The gradients of all that asks for one, in train mode; none when no output depends on them."""
    module = bench.module()
    output = bench.forward(module, training=True)
    random = torch.Generator().manual_seed(bench.recipe.seed)
    pairs = [
        (each, torch.randn(each.shape, generator=random, dtype=torch.float64).to(each.dtype))
        for each in values.tensors(output)
        if each.requires_grad
    ]
    if pairs:
        torch.autograd.backward([each for each, _ in pairs], [direction for _, direction in pairs])
    found: values.Leaves = {}
    for slot in attributes.slots(module):
        if slot.value is not None and slot.value.is_leaf and slot.value.grad is not None:
            found.update(values.leaves({slot.path: slot.value.grad}))
    return found
