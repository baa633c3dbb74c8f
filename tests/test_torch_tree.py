"""A project that is torch's own source, or a part of it, is checked like any other."""

from __future__ import annotations

import pytest

from tests.memory import check

TREE = {
    "torch/__init__.py": "from torch import nn\n",
    "torch/nn/__init__.py": "from torch.nn.modules.module import Module as Module\nfrom .modules import *\n",
    "torch/nn/modules/__init__.py": "from .module import Module\nfrom .rnn import RNNCellBase\n",
    "torch/nn/modules/module.py": "class Module:\n    def register_buffer(self, name, value):\n        pass\n",
    "torch/nn/modules/rnn.py": """\
import torch
from torch.nn import functional as F
from .module import Module


class RNNCellBase(Module):
    def __init__(self):
        super().__init__()
        self.limit = torch.ones(3)


class Cell(RNNCellBase):
    def __init__(self):
        super().__init__()
        self.start = F.relu(torch.zeros(3))
""",
    "torch/ao/observer.py": """\
import torch
import torch.nn as nn


class Observer(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.tensor([1.0])


class Notes:
    def __init__(self):
        self.scale = torch.tensor([1.0])
""",
}


@pytest.mark.parametrize("absent", [(), ("torch/__init__.py",), ("torch/__init__.py", "torch/nn/__init__.py")])
def test_modules_of_a_checkout_of_torch_are_modules(absent: tuple[str, ...]) -> None:
    found = check({name: text for name, text in TREE.items() if name not in absent}).findings
    assert {(f.class_name, f.attribute) for f in found} == {
        ("RNNCellBase", "limit"),
        ("Cell", "start"),
        ("Observer", "scale"),
    }


def test_a_package_of_ones_own_that_is_called_torch_is_none_of_torchs() -> None:
    files = {
        "backends/__init__.py": "",
        "backends/torch/__init__.py": "",
        "backends/torch/nn.py": "class Module:\n    pass\n",
        "backends/torch/net.py": """\
import torch
from .nn import Module


class Net(Module):
    def __init__(self):
        self.scale = torch.ones(3)
""",
    }
    assert check(files).findings == ()
