"""Backward gives every parameter, and every input, the same gradient, bit for bit."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch.utils._pytree import tree_map_only

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
    ways = {"parameters": partial(_gradients, bench, False), "inputs": partial(_gradients, bench, True)}
    return _ways.tried(bench, ways)


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _ways.judged(before, after, change)


def backward(output: Any, seed: int) -> None:
    """Backward from all of a result that has a graph, in random directions."""
    random = torch.Generator().manual_seed(seed)
    pairs = [
        (each, torch.randn(each.shape, generator=random, dtype=torch.float64).to(each.dtype))
        for each in values.tensors(output)
        if each.requires_grad and not each.is_nested
    ]
    if pairs:
        torch.autograd.backward([each for each, _ in pairs], [direction for _, direction in pairs])


def _gradients(bench: Bench, of_inputs: bool) -> values.Leaves:
    """The gradients of all that asks for one, in train mode; none when no output depends on them.

    An input whose gradient is asked for is a copy, as another layer gives it: forward may write into it.
    """
    module, given = bench.module(), bench.inputs()
    found: values.Leaves = {}
    leaves: list[torch.Tensor] = []

    def asked(tensor: torch.Tensor) -> torch.Tensor:
        if not (tensor.is_floating_point() or tensor.is_complex()) or tensor.layout is not torch.strided:
            return tensor
        leaves.append(tensor.detach().requires_grad_(True))
        return leaves[-1].clone()

    if of_inputs:
        given = tree_map_only(torch.Tensor, asked, given)
        if not leaves:
            return {}
    output = bench.call(module, True, given)
    backward(output, bench.recipe.seed)
    for number, leaf in enumerate(leaves):
        found[f"input {number}"] = values.leaves(leaf.grad)[""]
    if of_inputs:
        return found
    for slot in attributes.slots(module):
        if slot.value is not None and slot.value.is_leaf and slot.value.grad is not None:
            found.update(values.leaves({slot.path: slot.value.grad}))
    return found
