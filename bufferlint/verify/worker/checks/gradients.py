"""Backward gives parameters and inputs the same gradients, bit for bit, and those the same gradients in turn."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from bufferlint.verify.contract import Outcome
from bufferlint.verify.worker import attributes, hidden, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Arguments, Bench
from bufferlint.verify.worker.observations import Observed

NAME = "gradients"
TITLE = "gradients equal bit for bit"
SECOND = "second derivatives"


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    ways = {
        "parameters": partial(_of_parameters, bench),
        "inputs": partial(_of_inputs, bench, True),
        "inputs in evaluation": partial(_of_inputs, bench, False),
        SECOND: partial(_of_gradients, bench),
    }
    return _ways.tried(bench, ways)


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    """A second derivative is summed up in an order that a right rewrite may change, so near is equal there."""
    return _ways.judged(before, after, change, rounded=frozenset({SECOND}))


def backward(output: Any, seed: int) -> None:
    """Backward from all of a result that has a graph, in random directions."""
    random = torch.Generator().manual_seed(seed)
    ends = _ends(output)
    if ends:
        torch.autograd.backward(ends, [_direction(each, random) for each in ends])


def _ends(value: Any) -> list[torch.Tensor]:
    return [each for each in values.tensors(value) if each.requires_grad and not each.is_nested]


def _direction(tensor: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    return torch.randn(tensor.shape, generator=random, dtype=torch.float64).to(tensor.dtype)


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
    for path, tensor in _trained(module).items():
        if tensor.grad is not None:
            found.update(values.leaves({path: tensor.grad}))
    return found


def _trained(module: nn.Module) -> dict[str, torch.Tensor]:
    """All that a module holds, registered or not, and that asks for a gradient."""
    registered = {slot.path: slot.value for slot in attributes.slots(module) if slot.value is not None}
    found = {**registered, **hidden.tensors(module)}
    return {path: tensor for path, tensor in found.items() if tensor.is_leaf and tensor.requires_grad}


def _of_gradients(bench: Bench) -> values.Leaves:
    """The gradients of the gradients, as a penalty on those asks for them, in train mode.

    With respect to inputs, parameters and what comes from the layers behind: a function that is linear in its inputs
    has the last one only.
    """
    module = bench.module()
    given, inputs = asking(bench.inputs())
    random = torch.Generator().manual_seed(bench.recipe.seed)
    ends = _ends(bench.call(module, True, given))
    directions = [_direction(each, random).requires_grad_(True) for each in ends]
    asked = {**{f"input {number}": leaf for number, leaf in enumerate(inputs)}, **_trained(module)}
    if not ends or not asked:
        return {}
    first = torch.autograd.grad(ends, [*asked.values()], directions, create_graph=True, allow_unused=True)
    known = [each for each in first if each is not None and each.requires_grad]
    if not known:
        return {}
    asked.update({f"direction {number}": each for number, each in enumerate(directions)})
    # not autograd.grad: it would go past a function that says it has no second derivative
    torch.autograd.backward(known, [_direction(each, random) for each in known])
    return values.leaves({name: leaf.grad for name, leaf in asked.items() if leaf.grad is not None})
