"""What a run saw of a file, and which changes it cannot tell from none."""

from __future__ import annotations

import pytest

from bufferlint.engine import analyse
from bufferlint.settings import Settings
from bufferlint.syntax.sight import Sight, Trace, agrees, trace
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

BLOCK = """\
import torch
from torch import nn

from helpers import scaled

SIZE = 3


class Block(nn.Module):
    def __init__(self, size=SIZE):
        super().__init__()
        self.linear = nn.Linear(size, size)
        self.scale = scaled(size)

    def forward(self, x):
        return self.linear(x)


def unused(x):
    return x
"""
HELPERS = "import torch\n\n\ndef scaled(n):\n    return n * 2\n\n\ndef other(n):\n    return n\n"


def seen(path: str, files: dict[str, str]) -> tuple[Trace | None, Sight]:
    workspace, sight = MemoryWorkspace(files), Sight()
    analyse(workspace.paths, workspace, Settings(), sight=sight)
    source = workspace.source(at(path))
    assert source is not None
    return trace(source, sight, sight.questions()), sight


def same(path: str, old: str, new: str) -> bool:
    """Whether a run on the block and its helpers would see no difference."""
    files = {"block.py": BLOCK, "helpers.py": HELPERS}
    before, sight = seen(path, files)
    assert before is not None and files[path].count(old) == 1
    return agrees(Source(at(path), files[path].replace(old, new)), before, sight.questions())


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("block.py", "return self.linear(x)", "return self.linear(x) * torch.ones(3)"),
        ("block.py", "return self.linear(x)", "self.mask = torch.ones(3)"),
        ("block.py", "def unused(x):\n    return x", "def unused(x, y=2):\n    # more\n    return y"),
        ("block.py", "import torch\n", "# a comment\n\nimport torch\n"),
        ("block.py", "SIZE = 3", "SIZE = 3  # as in the paper"),
        ("helpers.py", "    return n\n", "    return torch.ones(n)\n"),
        ("block.py", "import torch\n", "import math\nimport torch\n"),
        ("block.py", "def unused(x):", "def more(x):\n    return torch.ones(x)\n\n\ndef unused(x):"),
        ("block.py", "def unused(x):", "def used(x):"),
        ("helpers.py", "def other(n):", "MASK = torch.ones(3)\n\n\ndef other(n):"),
        ("block.py", "    return x\n", "    raise ValueError(x)\n"),
    ],
)
def test_what_nobody_looked_at(path: str, old: str, new: str) -> None:
    assert same(path, old, new)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("block.py", "self.linear = nn.Linear(size, size)", "self.linear = torch.ones(size)"),
        ("block.py", "self.scale = scaled(size)", "self.scale = torch.ones(size)"),
        ("block.py", "SIZE = 3", "SIZE = torch.ones(3)"),
        ("block.py", "SIZE = 3", "SIZE, MORE = 3, 4"),
        ("helpers.py", "return n * 2", "return torch.ones(n)"),
        ("helpers.py", "def scaled(n):", "def scaled(n, m):"),
        ("helpers.py", "def other(n):", "def scaled(n):"),
        ("block.py", "class Block(nn.Module):", "class Block(nn.Linear):"),
        ("block.py", "class Block(nn.Module):", "class Block:"),
        ("block.py", "from helpers import scaled", "from helpers import other as scaled"),
        ("block.py", "from helpers import scaled", "from helpers import scaled\nfrom helpers import other as scaled"),
        ("block.py", "from helpers import scaled", "from helpers import scaled, nn"),
        ("block.py", "from helpers import scaled", "from helpers import scaled\nfrom elsewhere import *"),
        ("helpers.py", "def other(n):", "from other import scaled\n\n\ndef other(n):"),
        ("helpers.py", "def other(n):", "scaled = torch.ones\n\n\ndef other(n):"),
        (
            "block.py",
            "    def forward(self, x):",
            "    def scale(self):\n        return 3\n\n    def forward(self, x):",
        ),
        ("block.py", "SIZE = 3", "SIZE: int = 3"),
        (
            "block.py",
            "    def forward(self, x):",
            "    @property\n    def scale(self):\n        return 3\n\n    def forward(self, x):",
        ),
        ("block.py", "    return x\n", "    return Block(torch.ones(2))\n"),
        ("block.py", "    return x\n", "    return x\n\n\nclass More(Block):\n    pass\n"),
        ("block.py", "return self.linear(x)", "return self.linear(x)  # bufferlint: ignore"),
        ("block.py", "def unused(x):", "def unused(x:"),
    ],
)
def test_what_somebody_looked_at(path: str, old: str, new: str) -> None:
    assert not same(path, old, new)


def test_all_counts_of_a_file_whose_function_sets_the_attribute_of_another() -> None:
    helpers = "import torch\n\n\ndef fill(module):\n    module.mask = torch.ones(3)\n"
    block = BLOCK.replace("self.scale = scaled(size)", "fill(self)").replace("scaled", "fill")
    assert seen("helpers.py", {"block.py": block, "helpers.py": helpers})[0] is None


def test_a_word_that_was_looked_for_counts() -> None:
    """Other files may assign to the attribute of a class that they name."""
    use = "def use(model):\n    model.mask = None\n"
    files = {"block.py": BLOCK.replace("scaled(size)", "torch.ones(size)"), "use.py": use}
    before, sight = seen("use.py", files)
    assert before is not None and "Block" in sight.words
    assert agrees(Source(at("use.py"), use.replace("None", "3")), before, sight.questions())
    assert not agrees(Source(at("use.py"), use.replace("None", "None  # of a Block")), before, sight.questions())


def test_all_counts_of_a_file_with_a_finding() -> None:
    helpers = HELPERS.replace("n * 2", "torch.ones(n)")
    files = {"block.py": BLOCK, "helpers.py": helpers, "beside.py": HELPERS}
    assert seen("block.py", files)[0] is None
    assert seen("helpers.py", files)[0] is None, "the finding names a line of it"
    assert seen("beside.py", files)[0] is not None
