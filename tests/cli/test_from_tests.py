"""``bufferlint verify --from-tests``: recipes out of a project's own tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke

pytestmark = pytest.mark.slow

MODEL = """\
from dataclasses import dataclass

import torch
from torch import nn


@dataclass
class Config:
    word: str
    width: int = 4


class Model(nn.Module):
    def __init__(self, config: Config, inner: nn.Module, *, act=nn.ReLU):
        super().__init__()
        if config.word != "xyzzy"[::1]:
            raise ValueError("not that word")
        self.inner = inner
        self.act = act()
        self.scale = torch.ones(config.width)

    def forward(self, x, ids=None):
        return self.act(self.inner(x)) * self.scale + ids[:, None]
"""
TESTS = """\
import torch
from torch import nn
from models import Config, Model


def test_model():
    model = Model(Config("xyzzy"), nn.Linear(3, 4), act=nn.GELU)
    assert model(torch.ones(2, 3), ids=torch.tensor([5, 7])).shape == (2, 4)


def test_that_fails():
    assert False
"""


def test_what_the_tests_build_is_replayed(invoke: Invoke, project: Path) -> None:
    (project / "models.py").write_text(MODEL)
    (project / "tests").mkdir()
    (project / "tests/test_models.py").write_text(TESTS)
    result = invoke("verify", "--from-tests", "tests", "--python", sys.executable)
    assert result.exit_code == 0, result.output
    assert "The tests built 1 classes and called 1 of them." in result.stderr
    assert "pytest exited with 1: what they built and called before that is used" in result.stderr
    assert "models.py::Model\n  recipe  init(models.Config(word='xyzzy', width=4), torch.nn." in result.stdout
    assert 'inputs = ["2x3", "ids=2:int64:5..8"]' in result.stdout
    assert not list(project.rglob("__pycache__"))


def test_tests_that_cannot_be_run(invoke: Invoke, project: Path) -> None:
    (project / "models.py").write_text(MODEL)
    result = invoke("verify", "--from-tests", "tests", "--python", "/no/such/python")
    assert result.exit_code == 2
    assert "cannot start /no/such/python" in result.stderr
