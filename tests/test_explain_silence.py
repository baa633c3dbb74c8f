"""Why nothing is reported of an attribute: every statement that stores it, and why that is no fault."""

from __future__ import annotations

import pytest

from bufferlint.engine import explain
from bufferlint.settings import Settings
from tests.memory import MemoryWorkspace, at

CODE = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, given, flag):
        super().__init__()
        self.mixed = torch.ones(3) if flag else 2.0
        self.twice = torch.ones(3)
        self.twice = given
        self.size = 3
        self.names = [given]
        self.empty = []
        self.later = None
        self.gone = torch.ones(3)
        del self.gone

    def forward(self, x):
        self.later = x
        return x
"""


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("mixed", "line 8 stores a tensor or a number, and the class does not compute with it as it lies"),
        ("twice", "line 9 stores a tensor, which line 10 replaces; what line 10 stores is not certain: 'given'"),
        ("size", "line 11 stores a number"),
        ("names", "line 12 stores a list, tuple or dict, and nothing tells the kind of its members"),
        ("empty", "line 13 stores a list, tuple or dict, and nothing tells what is put into it"),
        ("later", "line 14 stores None; after construction what line 19 stores is not certain"),
        ("gone", "line 15 stores a tensor, which line 16 replaces; line 16 deletes it"),
    ],
)
def test_every_store_is_told(attribute: str, said: str) -> None:
    text = explain(at("m.py"), "Net", attribute, MemoryWorkspace({"m.py": CODE}), Settings())

    assert text.startswith(said)
    assert ", no tensor" not in text
