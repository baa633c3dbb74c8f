"""What a class says of its inputs is followed by the search; what a person gave wrongly is said in two lines."""

from __future__ import annotations

import click
import pytest

from bufferlint.report.verdict import render
from bufferlint.verify.contract import InputSpec, Recipe, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject

HEAD = """\
import torch
from torch import nn
from torch.nn import functional as F


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x, labels=None):
"""
DEMANDS = {
    "expected values >= 0": ("if (x < 0).any(): raise ValueError('expected values >= 0')", "x"),
    "values in an interval": ("if x.min() < 0 or x.max() > 1: raise ValueError('must be in [0, 1]')", "x"),
    "an assertion": ("assert torch.all(x > 0), 'input must be positive'", "x.log()"),
    "labels are required": ("if labels is None: raise ValueError('labels are required')", "x"),
    "a batch of one": ("if x.size(0) != 1: raise RuntimeError('batch size must be 1')", "x"),
    "gradients in forward": ("if not torch.is_grad_enabled(): raise RuntimeError('needs a gradient')", "x"),
    "index out of range": ("x = F.embedding(x, self.linear.weight[:2])", "x"),
}


def verdict(worker: Worker, body: str, recipe: Recipe, *, find: bool = False) -> Verdict:
    text = HEAD + "".join(f"        {line}\n" for line in body.splitlines())
    return worker.verify(subject("/nowhere/layer.py", "Layer", text, None), recipe, find=find)


@pytest.mark.slow
@pytest.mark.parametrize("said", DEMANDS)
def test_the_search_follows_what_forward_says(worker: Worker, said: str) -> None:
    demand, value = DEMANDS[said]
    found = verdict(worker, f"{demand}\nreturn self.linear({value})", Recipe(device="meta"), find=True)
    assert found.recipe is not None and found.recipe.calls_forward, found.tried


def test_a_range_that_an_error_states_is_one_of_floats_alone() -> None:
    from bufferlint.verify.worker.discovery import layers, reshapes

    error = ValueError("expected values >= 0")
    nothing = layers.Layers()
    assert InputSpec((2,), low=0.1, high=1.0) in [*reshapes.repaired(InputSpec((2,)), error, nothing)]
    assert all(each.low != 0.1 for each in reshapes.repaired(InputSpec((2,), "int64"), error, nothing))


@pytest.mark.parametrize(
    ("body", "inputs", "advice"),
    [
        ("return self.linear(x)", "2x5", "check the inputs in the recipe: shapes and types as in --input 2x6x3"),
        ("return self.linear(x['image'])", "2x8", """--input 'py:{"image": torch.randn(2, 8)}'"""),
        ("return self.linear(x.image)", "2x8", "--input 'py:types.SimpleNamespace(image=torch.randn(2, 8))'"),
        ("return self.linear(x.get('image'))", "2x8", """--input 'py:{"image": torch.randn(2, 8)}'"""),
    ],
)
def test_wrong_inputs_are_said_in_two_lines(worker: Worker, body: str, inputs: str, advice: str) -> None:
    recipe = parse_recipe((), (inputs,), device="meta")
    seen = verdict(worker, body, recipe)
    assert seen.not_proven and advice in (seen.advice or "")
    lines = click.unstyle(render("layer.py::Layer", seen, recipe)).splitlines()
    assert len(lines) == 5 and lines[3].startswith("  not proven: Layer as it stands does not run")
    assert "fake_tensor" not in seen.output
