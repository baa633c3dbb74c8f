"""The checks that a recipe has to ask for."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from bufferlint.verify.contract import Status
from bufferlint.verify.launch import Worker, verify
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import FIXTURES, check

pytestmark = pytest.mark.slow

RANKED = """\
import os

import torch
from torch import nn


class Ranked(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.rank = torch.full((3,), float(os.environ.get("RANK", 0)))

    def forward(self, x):
        return self.linear(x) + self.rank.to(x.device)
"""
BUFFER = RANKED.replace("self.rank = torch", 'self.register_buffer("rank", torch').replace(
    '"RANK", 0)))', '"RANK", 0))))'
)


def test_a_tensor_that_differs_by_rank_is_no_buffer(worker: Worker) -> None:
    """DistributedDataParallel gives every buffer the values of rank 0."""
    recipe = dataclasses.replace(parse_recipe((), ("2x3",)), also=("distributed",))
    verdict = worker.verify(subject("/nowhere/ranked.py", "Ranked", RANKED, BUFFER), recipe)
    ranks = check(verdict, "distributed")
    assert ranks.before.status is Status.PASS and ranks.after.status is Status.FAIL, verdict.rows()
    assert "rank 1: ['held']['rank'] differs" in ranks.after.detail and "rank 0" not in ranks.after.detail
    assert [each.name for each in verdict.checks if each.after.status is Status.FAIL] == ["distributed"]


def test_without_a_compiler_the_check_is_skipped_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CXX", raising=False)
    recipe = dataclasses.replace(parse_recipe((), ("4x3",)), also=("compiled",))
    text = (FIXTURES / "expanded.py").read_text()
    verdict = verify(subject(str(FIXTURES / "expanded.py"), "Expanded", text, None), recipe, sys.executable)
    skipped = check(verdict, "compiled").before
    assert skipped.status is Status.SKIP and "there is no C++ compiler here" in skipped.detail


def test_on_demand_means_that_they_are_not_made_unasked(worker: Worker) -> None:
    text = (FIXTURES / "expanded.py").read_text()
    verdict = worker.verify(subject(str(FIXTURES / "expanded.py"), "Expanded", text, None), parse_recipe((), ("4x3",)))
    assert not {"compiled", "distributed"} & {each.name for each in verdict.checks}
