"""What a run saw of a file, and which changes it cannot tell from none."""

from __future__ import annotations

import pytest

import bufferlint.model.project as model
from bufferlint.engine import analyse
from bufferlint.incremental.dependencies import Dependencies, Fingerprint, trace
from bufferlint.incremental.revalidation import revalidated
from bufferlint.settings import Settings
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


@pytest.fixture(autouse=True)
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen is asked of very many classes only: what it notes of these few is told here too."""
    if "prefilter" not in request.node.name:
        monkeypatch.setattr(model, "_MANY", 0)


def seen(path: str, files: dict[str, str]) -> tuple[Fingerprint | None, Dependencies]:
    workspace, sight = MemoryWorkspace(files), Dependencies()
    analyse(workspace.paths, workspace, Settings(), sight=sight)
    source = workspace.source(at(path))
    assert source is not None
    return trace(source, sight, sight.questions()), sight


def stands(path: str, old: str, new: str, files: dict[str, str]) -> bool:
    """Whether the answer about some files stands when one of them is edited."""
    _, sight = seen(path, files)
    found = ((at(name), trace(Source(at(name), text), sight, sight.questions())) for name, text in files.items())
    traces = {name: each for name, each in found if each is not None}
    assert at(path) in traces and files[path].count(old) == 1
    edited = MemoryWorkspace({**files, path: files[path].replace(old, new)})
    return revalidated(at(path), edited, traces, sight.questions()) is not None


def same(path: str, old: str, new: str) -> bool:
    """Whether a run on the block and its helpers would see no difference."""
    return stands(path, old, new, {"block.py": BLOCK, "helpers.py": HELPERS})


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
        ("block.py", "self.linear = nn.Linear(size, size)", "self.linear = nn.Linear(size, 2 * size, bias=False)"),
        ("block.py", "self.scale = scaled(size)", "self.scale = 3"),
        ("block.py", "self.scale = scaled(size)", "self.scale = undefined"),
        ("block.py", "self.scale = scaled(size)", "self.scale = scaled(size) + len('three')"),
    ],
)
def test_what_nobody_looked_at(path: str, old: str, new: str) -> None:
    assert same(path, old, new)


@pytest.mark.parametrize(
    ("path", "old", "new", "stand"),
    [
        ("block.py", "return self.linear(x)", "return self.linear(x) * torch.ones(3)", True),
        ("block.py", "def unused(x):\n    return x", "def unused(x, y=2):\n    # more\n    return y", True),
        ("block.py", "import torch\n", "# a comment\n\nimport torch\n", True),
        ("block.py", "def unused(x):", "def more(x):\n    return torch.ones(x)\n\n\ndef unused(x):", True),
        ("block.py", "def unused(x):", "def spare(x):", True),
        ("helpers.py", "    return n\n", "    return torch.ones(n)\n", True),
        ("helpers.py", "def other(n):", "MASK = torch.ones(3)\n\n\ndef other(n):", True),
        ("helpers.py", "return n * 2", "return n * 3", False),
        ("helpers.py", "return n * 2", "return torch.ones(n)", False),
        ("block.py", "self.scale = scaled(size)", "self.scale = torch.ones(size)", False),
        ("block.py", "SIZE = 3", "SIZE = torch.ones(3)", False),
    ],
)
def test_code_that_the_prefilter_did_not_read(path: str, old: str, new: str, stand: bool) -> None:
    assert same(path, old, new) is stand


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("block.py", "self.linear = nn.Linear(size, size)", "self.linear = torch.ones(size)"),
        ("block.py", "self.scale = scaled(size)", "self.scale = torch.ones(size)"),
        ("block.py", "self.scale = scaled(size)", "self.scale = Block(size)"),
        ("block.py", "self.scale = scaled(size)", "self.scale = scaled(size"),
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
        ("block.py", "    return x\n", "    x.scale = None\n"),
        ("helpers.py", "    return n\n", "    n.scale = None\n"),
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
    assert stands("use.py", "None", "3", files)
    assert not stands("use.py", "None", "None  # of a Block", files)


def test_all_counts_of_a_file_with_a_finding() -> None:
    helpers = HELPERS.replace("n * 2", "torch.ones(n)")
    files = {"block.py": BLOCK, "helpers.py": helpers, "beside.py": HELPERS.replace("scaled", "larger")}
    assert seen("block.py", files)[0] is None
    assert seen("helpers.py", files)[0] is None, "the finding names a line of it"
    assert seen("beside.py", files)[0] is not None
    files["beside.py"] = HELPERS.replace("return n\n", "n.scale = None\n")
    assert not stands("beside.py", "n.scale = None", "n.scale = 3", files), "it may store the attribute of the finding"
    assert stands("beside.py", "n * 2", "n * 3", files), "it stores none"


PAIR = """\
from torch import nn

from parts import Part


class Pair(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.first = Part(size)

    def forward(self, x):
        return self.first(x)
"""
PARTS = """\
import torch
from torch import nn


class Part(nn.Module):
    def __init__(self, given):
        super().__init__()
        self.given = given


class Narrow(nn.Module):
    def __init__(self, given):
        super().__init__()
        self.given = 3


class Under(Narrow):
    def __init__(self):
        super().__init__(None)
        self.deep = nn.Identity()
"""


HEIR = """\
import torch

from parts import Narrow


class Heir(Narrow):
    def __init__(self):
        super().__init__(torch.ones(2))
"""


@pytest.mark.parametrize(
    ("path", "old", "new", "stand"),
    [
        ("pair.py", "Part(size)", "Part(size + 1)", True),
        ("pair.py", "Part(size)", "Part([size, len('two')])", True),
        ("pair.py", "Part(size)", "Part(nn.Parameter(size).detach())", False),
        ("pair.py", "self.first = Part(size)", "self.first = nn.ModuleList([Part(size), Part(size)])", True),
        ("parts.py", "self.given = given", "self.given = [given]", True),
        ("parts.py", "self.given = given", "self.given = nn.Linear(given, given)", True),
        ("parts.py", "self.given = given", "self.given = torch.ones(given)", False),
        ("parts.py", "self.given = 3", "self.given = 4", True),
        ("parts.py", "self.given = 3", "self.given = given", False),  # an heir passes a tensor
        ("parts.py", "self.deep = nn.Identity()", "self.deep = nn.ReLU()", True),
        ("parts.py", "super().__init__(None)", "super().__init__(torch.ones(2))", True),
        ("parts.py", "super().__init__(None)", "super().__init__(self)", True),
        ("parts.py", "super().__init__(None)", "super().__init__(None)\n        self.given = torch.ones(2)", False),
    ],
)
def test_a_verdict_of_the_screen_is_found_again(path: str, old: str, new: str, stand: bool) -> None:
    """Who passes what to a constructor is judged where it is done; what is inherited counts elsewhere too."""
    assert stands(path, old, new, {"pair.py": PAIR, "parts.py": PARTS, "heir.py": HEIR}) is stand


def test_nobody_knows_yet_who_passes_tensors_to_a_class_that_stored_nothing_of_them() -> None:
    use = "import torch\n\nfrom parts import Narrow\n\nNARROW = Narrow(torch.ones(2))\n"
    files = {"parts.py": PARTS.partition("\n\nclass Under")[0], "use.py": use}
    assert stands("parts.py", "self.given = 3", "self.given = 4", files)
    assert not stands("parts.py", "self.given = 3", "self.given = given", files)
    files["other.py"] = PARTS.partition("class Narrow")[0].replace("Part", "Narrow")  # it was asked about that name
    assert not stands("parts.py", "self.given = 3", "self.given = given", files)


@pytest.mark.parametrize(
    ("new", "stand"),
    [
        ("self.seen = 3\n        return self.linear(x)", True),
        ("self.cache = torch.ones(3)\n        return self.linear(x)", False),
    ],
)
def test_an_edit_that_fills_a_cache_is_not_accepted_by_the_prefilter(new: str, stand: bool) -> None:
    block = BLOCK.replace("self.scale = scaled(size)", "self.cache = None")
    assert block != BLOCK
    assert stands("block.py", "return self.linear(x)", new, {"block.py": block, "helpers.py": HELPERS}) is stand


def test_an_accepted_edit_is_judged_from_then_on() -> None:
    """A method that a new constructor calls counts at the next edit."""
    files = {"block.py": BLOCK.replace("def forward", "def helped(self):\n        return 3\n\n    def forward")}
    files["block.py"] = files["block.py"].replace("from helpers import scaled\n", "").replace("scaled(size)", "3")
    _, sight = seen("block.py", files)
    questions, path = sight.questions(), at("block.py")
    before = trace(Source(path, files["block.py"]), sight, questions)
    assert before is not None
    calls = files["block.py"].replace("self.scale = 3", "self.scale = self.helped()")
    after = revalidated(path, MemoryWorkspace({"block.py": calls}), {path: before}, questions)
    assert after is not None and set(after.judged) >= set(before.judged)
    worse = MemoryWorkspace({"block.py": calls.replace("return 3", "return torch.ones(3)")})
    assert revalidated(path, worse, {path: after}, questions) is None


def test_what_a_class_is_let_through_for_counts_as_a_whole() -> None:
    """The screen cannot read a method of a class that it lets through: the file is parsed whole, and has a problem."""
    mixin = "class Mixin:\n    def __init__(self):\n        self.ready = 1\n\n\nclass Block(nn.Module, Mixin):"
    block = BLOCK.replace("class Block(nn.Module):", mixin)
    block = block.replace("scaled(size)", "torch.ones(size)\n        self.scale = 3")
    files = {"block.py": block, "helpers.py": HELPERS}
    assert not stands("block.py", "ready = 1", "ready = self.and", files)
    assert stands("block.py", "return x\n", "return x + 1\n", files)
