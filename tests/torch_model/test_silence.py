"""Why nothing is said of an attribute, through `engine.explain`."""

from __future__ import annotations

import pytest

from bufferlint.engine import explain
from bufferlint.settings import Settings
from tests.memory import MemoryWorkspace

MODEL = """
import torch
from torch import nn
from elsewhere import Base, make


class Net(nn.Module):
    def __init__(self, given):
        super().__init__()
        self.mask = torch.ones(3)
        self.given = given
        self.made = make(3)
        self.size = 3
        self.weight = nn.Parameter(torch.ones(3))
        self.register_buffer("table", torch.ones(3))

    def forward(self, x):
        self.seen = x
        return x


class Unknown(Base):
    def __init__(self):
        self.mask = torch.ones(3)


class Past(nn.Module):
    def __init__(self):
        super().__init__()
        object.__setattr__(self, "mask", torch.ones(3))


class Plain:
    def __init__(self):
        self.mask = torch.ones(3)
"""


@pytest.mark.parametrize(
    ("attribute", "words"),
    [
        ("Net.mask", "BUF001 [*] 'mask' is a plain tensor"),
        ("Net.given", "'given' has no annotation, default or assignment that tells its kind"),
        ("Net.made", "line 12 stores is not certain: what make(3) gives is not known"),
        ("Net.size", "line 13 stores a number"),
        ("Net.weight", "it is a parameter (line 14)"),
        ("Net.table", "it is a registered buffer (line 15)"),
        ("Net.seen", "construction does not set it: line 18 does"),
        ("Net.absent", "no assignment to it was found"),
        ("Unknown.mask", "it is not known whether Unknown is an nn.Module: 'elsewhere.Base' cannot be followed"),
        ("Past.mask", "stores it past nn.Module (object.__setattr__, __dict__)"),
        ("Plain.mask", "Plain is no nn.Module"),
    ],
)
def test_says_what_is_known(attribute: str, words: str) -> None:
    class_name, _, name = attribute.partition(".")
    assert words in explain("/project/model.py", class_name, name, MemoryWorkspace({"model.py": MODEL}), Settings())


def test_an_unknown_class_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="it has: Net, Unknown, Past, Plain"):
        explain("/project/model.py", "Missing", "mask", MemoryWorkspace({"model.py": MODEL}), Settings())
