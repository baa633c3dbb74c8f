"""The screen only saves work: reports are the same with it and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.engine import analyse
from bufferlint.semantics.project import Project
from bufferlint.settings import Settings
from bufferlint.syntax.reader import SyntaxReader, TreeReader
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

RULES = Path(__file__).parents[1] / "fixtures" / "rules"
FIXTURES = sorted(path for path in RULES.glob("*/*.py") if not path.name.startswith("after"))


def workspace(files: dict[str, str]) -> MemoryWorkspace:
    return MemoryWorkspace({name: Source(at(name), text) for name, text in files.items()})


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in FIXTURES}))
def test_reports_are_the_same(folder: str) -> None:
    files = {path.name: path.read_text() for path in FIXTURES if path.parent.name == folder}
    targets = [at(name) for name in files]
    screened, whole = (analyse(targets, workspace(files), Settings(), screened=screened) for screened in (True, False))
    assert screened == whole


HELD_BACK = """\
import torch
from torch import nn
from helpers import width_of


class Net(nn.Module):
    def __init__(self, width, *, bias: torch.Tensor, scale=torch.ones(2)):
        super().__init__()
        self.width = width_of(width)
        self.weight = nn.Parameter(torch.empty(width, width))
        self.act = nn.GELU()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(2)])
        nn.init.ones_(self.weight)
        self.tie()

    def tie(self):
        self.layers[0].weight = self.layers[1].weight

    def forward(self, x):
        self.seen = torch.ones(2)
        return torch.relu(self.act(x))
"""
ORIGINS = {
    "a name of torch": ("self.act = nn.GELU()", "self.act = torch.ones(2)"),
    "a method that construction runs": ("self.tie()", "self.tie(); self.forward(1)"),
    "an annotated argument": ("width_of(width)", "bias"),
    "a default": ("width_of(width)", "scale"),
    "a parameter read again": ("nn.init.ones_(self.weight)", "self.scale = self.weight * 2"),
    "a layer's parameter": ("self.tie()", "self.scale = nn.Linear(2, 2).weight.data"),
    "a registration": ("self.tie()", "self.register_buffer('width', None)"),
}
HELPERS = "def width_of(width):\n    return width\n"


def held_back(net: str, helpers: str = HELPERS) -> bool:
    files = workspace({"net.py": net, "helpers.py": helpers})
    project = Project(TreeReader(SyntaxReader(files)), [at("net.py")])
    every = project.module_classes(frozenset({at("net.py")}))
    assert [module.name for module in every] == ["Net"]
    return not project.module_classes(frozenset({at("net.py")}), screened=True)


def test_a_class_without_tensors_of_its_own_is_held_back() -> None:
    assert held_back(HELD_BACK)


@pytest.mark.parametrize("origin", ORIGINS)
def test_whatever_may_give_a_tensor_lets_a_class_through(origin: str) -> None:
    before, after = ORIGINS[origin]
    assert before in HELD_BACK
    assert not held_back(HELD_BACK.replace(before, after))


def test_a_helper_that_gives_a_tensor_lets_a_class_through() -> None:
    assert not held_back(HELD_BACK, "import torch\n\n\ndef width_of(width):\n    return torch.ones(width)\n")
    assert not held_back(HELD_BACK, "from torch import *\n\n\ndef width_of(width):\n    return ones(width)\n")
    assert not held_back(HELD_BACK, "def width_of(width):\n    import torch as t\n    return t.ones(width)\n")
    hidden = (
        "def width_of(width):\n    def make():\n        import torch\n        return torch.ones(2)\n    return make()\n"
    )
    assert not held_back(HELD_BACK, hidden)


def test_a_caller_that_passes_a_tensor_lets_a_class_through() -> None:
    assert not held_back(HELD_BACK + "\n\ndef build():\n    return Net(torch.ones(2))\n")
    assert held_back(HELD_BACK + "\n\ndef build():\n    return Net(2)\n")
