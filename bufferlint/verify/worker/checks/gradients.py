"""Backward gives every parameter, and every input, the same gradient, bit for bit."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch.utils._pytree import tree_map_only

from bufferlint.verify.contract import Outcome
from bufferlint.verify.worker import attributes, hidden, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Arguments, Bench
from bufferlint.verify.worker.observations import Observed

NAME = "gradients"
TITLE = "gradients equal bit for bit"


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    ways = {
        "parameters": partial(_of_parameters, bench),
        "inputs": partial(_of_inputs, bench, True),
        "inputs in evaluation": partial(_of_inputs, bench, False),
    }
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


def asking(given: Arguments) -> tuple[Arguments, list[torch.Tensor]]:
    """The arguments with tensors that ask for a gradient, and the leaves that get it.

    Each is a copy of its leaf, as another layer gives it: forward may write into it.
    """
    leaves: list[torch.Tensor] = []

    def asked(tensor: torch.Tensor) -> torch.Tensor:
        if not (tensor.is_floating_point() or tensor.is_complex()) or tensor.layout is not torch.strided:
            return tensor
        leaves.append(tensor.detach().requires_grad_(True))
        return leaves[-1].clone()

    args, kwargs = tree_map_only(torch.Tensor, asked, given)
    return (args, kwargs), leaves


def _of_inputs(bench: Bench, training: bool) -> values.Leaves:
    """The gradients of the inputs that can have one; none when no output depends on them."""
    module = bench.module()
    given, leaves = asking(bench.inputs())
    if not leaves:
        return {}
    backward(bench.call(module, training, given), bench.recipe.seed)
    return {f"input {number}": values.leaves(leaf.grad)[""] for number, leaf in enumerate(leaves)}


def _of_parameters(bench: Bench) -> values.Leaves:
    """The gradients of all that a module holds and that asks for one, in train mode."""
    module = bench.module()
    backward(bench.forward(module, True), bench.recipe.seed)
    found: values.Leaves = {}
    for slot in attributes.slots(module):
        if slot.value is not None and slot.value.is_leaf and slot.value.grad is not None:
            found.update(values.leaves({slot.path: slot.value.grad}))
    for path, tensor in hidden.tensors(module).items():
        if tensor.is_leaf and tensor.grad is not None:
            found.update(values.leaves({path: tensor.grad}))
    return found
