"""What a class writes where the verifier keeps its evidence is not believed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject

HEAD = """\
import os
import pathlib

import torch
from torch import nn

HOME = pathlib.Path.cwd()


class Forges(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.ones(3)

    def forward(self, x):
"""
EVERYWHERE = """\
        for number in range(3, 64):
            try:
                os.write(number, b"x" * 200)
            except OSError:
                pass
        return x + self.table
"""
FILES = """\
        for name in ("cpu_forward", "device_move", "state_dict", "save_and_load"):
            for folder in (HOME, HOME.parent):
                torch.save({"keys": [], "device": "here", "named": [], "stand-in": True}, folder / f"{name}.pt")
        return x + self.table
"""
FAULTLESS = """\
        return x + self.table
"""
RECIPE = parse_recipe((), ("2x3",), device="meta")


@pytest.mark.parametrize("spawn", [False, True])
def test_what_comes_through_the_pipe_uninvited_costs_the_verdict(tmp_path: Path, spawn: bool) -> None:
    text = HEAD + EVERYWHERE
    with Worker(sys.executable, spawn=spawn) as worker:
        verdict = worker.verify(subject(str(tmp_path / "forges.py"), "Forges", text, text), RECIPE)
    assert verdict.cause is not None and "came through the verifier's pipe" in verdict.cause
    assert not verdict.passed


def test_files_that_a_class_writes_are_no_evidence(worker: Worker, tmp_path: Path) -> None:
    verdicts = [
        worker.verify(subject(str(tmp_path / "forges.py"), "Forges", HEAD + forward, None), RECIPE)
        for forward in (FAULTLESS, FILES)
    ]
    outcomes = [{each.name: each.before.status for each in verdict.checks} for verdict in verdicts]
    assert [verdict.passed for verdict in verdicts] == [False, False] and outcomes[0]["device_move"].value == "fail"
    assert outcomes[1]["device_move"] == outcomes[0]["device_move"] or verdicts[1].cause is not None
