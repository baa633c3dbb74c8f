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


INLINE = """\
import torch
from torch import nn


class Box:
    def __init__(self, width):
        self._width = width

    @property
    def width(self):
        return self._width


class Boxed(nn.Module):
    def __init__(self, box, act=None):
        super().__init__()
        self.table = torch.ones(box.width)
        self.act = act

    def forward(self, batch):
        return self.act(batch["x"]) * self.table + batch["mask"].sum()


class Assigned(Boxed):
    pass


class Local(Boxed):
    pass


class Spread(nn.Module):
    def __init__(self, width, depth=1):
        super().__init__()
        self.table = torch.ones(width)
        assert depth == 3

    def forward(self, x):
        return x * self.table
"""
INLINE_TESTS = """\
import torch
from inline import Assigned, Box, Boxed, Local

WIDTH = 4


def test_inline():
    Boxed(Box(WIDTH), act=lambda x: x + 1)({"x": torch.ones(30, 4), "mask": torch.zeros(2)})


def test_assigned():
    box = Box(2 + 2)
    model = Assigned(box, torch.relu)
    model({"x": torch.ones(2, 4), "mask": torch.zeros(2)})


def test_local():
    class Wide:
        width = 4

    Local(Wide(), torch.relu)({"x": torch.ones(2, 4), "mask": torch.zeros(2)})
"""


def test_arguments_built_in_the_call_are_followed_and_others_are_named(invoke: Invoke, project: Path) -> None:
    (project / "inline.py").write_text(INLINE)
    (project / "test_inline.py").write_text(INLINE_TESTS)
    result = invoke("verify", "inline.py::Boxed", "--from-tests", "test_inline.py", "--python", sys.executable)
    assert result.exit_code == 0, result.output
    assert "init(inline.Box(4), act=lambda x: x + 1); forward({'x': torch.randn((30, 4)).to(torch" in result.stdout
    result = invoke("verify", "inline.py::Assigned", "--from-tests", "test_inline.py", "--python", sys.executable)
    assert "init(inline.Box(2 + 2), torch.relu)" in result.stdout
    assert "inline.py::Local: no recipe can hold constructor: test_local.<locals>.Wide" in result.stderr


def test_an_object_gives_its_fields_as_constructor_arguments(invoke: Invoke, project: Path) -> None:
    (project / "inline.py").write_text(INLINE)
    for given in ("**py:types.SimpleNamespace(width=5, other=1)", "**py:dict(width=5)"):
        options = ("--init", given, "--init", "depth=3", "--input", "2x5", "--python", sys.executable)
        result = invoke("verify", "inline.py::Spread", *options)
        assert result.exit_code == 0, result.output
        assert f"init({given.replace('py:', '')}, depth=3)" in result.stdout


def test_tests_that_cannot_be_run(invoke: Invoke, project: Path) -> None:
    (project / "models.py").write_text(MODEL)
    result = invoke("verify", "--from-tests", "tests", "--python", "/no/such/python")
    assert result.exit_code == 2
    assert "cannot start /no/such/python" in result.stderr
