"""The screen and the prefilter only save work: reports are the same with them and without."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bufferlint.engine import analyse
from bufferlint.model import project as model
from bufferlint.model.project import Project
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings
from bufferlint.syntax.lowering_cache import LoweringCache
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

RULES = Path(__file__).parents[1] / "fixtures" / "rules"
FIXTURES = sorted(path for path in RULES.rglob("*.py") if not path.name.startswith("after"))


def workspace(files: dict[str, str]) -> MemoryWorkspace:
    return MemoryWorkspace({name: Source(at(name), text) for name, text in files.items()})


@cache
def read_before(_folder: str) -> LoweringCache:
    """What the runs over the files of a folder have read of them: it is the same for all rules, screened or not."""
    return LoweringCache()


@pytest.mark.parametrize("folder", sorted({path.relative_to(RULES).parts[0] for path in FIXTURES}))
@pytest.mark.parametrize("select", [(), ("ALL",), ("BUF008",), ("BUF009",), ("BUF012",), ("BUF014",)])
def test_reports_are_the_same(folder: str, select: tuple[str, ...]) -> None:
    files = {path.name: path.read_text() for path in FIXTURES if path.relative_to(RULES).parts[0] == folder}
    targets, settings = [at(name) for name in files], Settings(select=select)
    screened, whole = (
        analyse(targets, workspace(files), settings, read_before(folder), screened=screened)
        for screened in (True, False)
    )
    assert screened == whole


HELD_BACK = """\
import torch
from torch import nn
from helpers import call_on, hand_on, keep_on, size_of, width_of


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

    def keep(self, value):
        self.kept = value

    def forward(self, x):
        self.seen = torch.ones(2)
        return torch.relu(self.act(x))
"""
ORIGINS = {
    "a name of torch": ("self.act = nn.GELU()", "self.act = torch.ones(2)"),
    "a method that construction runs": ("self.tie()", "self.tie(); self.forward(1)"),
    "a method of a spelled name": ("self.tie()", "getattr(self, f'for{width}')(1)"),
    "a method whose name is put together": ("self.tie()", "getattr(self, 'for' + width)(1)"),
    "an annotated argument": ("width_of(width)", "bias"),
    "a default": ("width_of(width)", "scale"),
    "a parameter read again": ("nn.init.ones_(self.weight)", "self.scale = self.weight * 2"),
    "a layer's parameter": ("self.tie()", "self.scale = nn.Linear(2, 2).weight.data"),
    "an alias of the instance": ("self.tie()", "module = self; module.scale = torch.ones(2)"),
    "setattr": ("self.tie()", "setattr(self, 'scale', torch.ones(2))"),
    "one part of a pair": ("self.width = width_of(width)", "size, self.scale = width, torch.ones(2)"),
    "a list that grows": ("self.tie()", "self.seen = []; self.seen.append(torch.ones(2))"),
    "an argument of a method": ("self.tie()", "self.keep(torch.ones(2))"),
    "a loop": ("self.tie()", "for last in [torch.ones(2)]: pass\n        self.last = last"),
    "parameters in a list": ("self.tie()", "self.all = list(self.parameters())"),
    "a helper that is given the instance": ("self.tie()", "keep_on(self, torch.ones(2))"),
    "a helper that is given the instance by another name": ("self.tie()", "me = self; keep_on(me, torch.ones(2))"),
    "a helper that hands it on": ("self.tie()", "hand_on(self, torch.ones(2))"),
    "a helper that calls a method": ("self.tie()", "call_on(self, torch.ones(2))"),
    "a lambda's parameter": ("self.tie()", "(lambda module: setattr(module, 'kept', torch.ones(2)))(self)"),
    "a registration": ("self.tie()", "self.register_buffer('width', None)"),
}
HELPERS = """\
def width_of(width):
    return width


def keep_on(module, value):
    module.kept = value


def hand_on(module, value):
    keep_on(module, value)


def call_on(module, value):
    module.keep(value)


def size_of(module):
    return module.weight.shape
"""
COLD = {
    "numbers made of a tensor": ("width_of(width)", "torch.linspace(0, 1, 4).tolist()"),
    "the number of a pair": ("self.width = width_of(width)", "scale, self.width = torch.ones(2), width"),
    "a name that was a tensor before": (
        "self.width = width_of(width)",
        "steps = torch.ones(2)\n        steps = [int(step) for step in steps]\n        self.width = steps",
    ),
    "a parameter under another name": ("self.tie()", "self.tied = self.weight"),
    "a helper that only reads the instance": ("self.tie()", "self.sizes = [int(size) for size in size_of(self)]"),
    "a tensor for the time being": ("self.tie()", "scale = torch.ones(2)"),
    "a tensor in a layer": ("self.tie()", "self.tail = nn.Sequential(*[nn.Linear(int(k), 2) for k in torch.ones(2)])"),
    "a buffer": ("self.tie()", "self.register_buffer('steps', torch.ones(2))"),
    "an argument of a method that keeps nothing": ("self.tie()", "self.forward(width)"),
}
CONFIG = """

class Config:
    def __init__(self):
        self.scale = torch.ones(2)
"""
BASE = """

class Base(nn.Module):
    table = None

    def __init__(self, width):
        super().__init__()
        self.size = self.size_of(width)
        self.start()

    def size_of(self, width):
        return width

    def fill(self):
        self.filled = torch.ones(2)
"""


@pytest.fixture(autouse=True)
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen is asked of very many classes only: of these few the tests of what it holds back want it too."""
    if "test_reports_are_the_same" not in request.node.name:
        monkeypatch.setattr(model, "_MANY", 0)


def held_back(net: str, helpers: str = HELPERS) -> bool:
    files = workspace({"net.py": net, "helpers.py": helpers})
    project = Project(SyntaxReader(files), [at("net.py")])
    every = project.module_classes(frozenset({at("net.py")}))
    assert [module.name for module in every] == ["Net"]
    return not project.module_classes(frozenset({at("net.py")}), {Need.TENSOR})


def test_a_class_without_tensors_of_its_own_is_held_back() -> None:
    assert held_back(HELD_BACK)


@pytest.mark.parametrize("origin", ORIGINS)
def test_whatever_may_give_a_tensor_lets_a_class_through(origin: str) -> None:
    before, after = ORIGINS[origin]
    assert before in HELD_BACK
    assert not held_back(HELD_BACK.replace(before, after))


@pytest.mark.parametrize("case", COLD)
def test_what_leaves_no_tensor_behind_is_held_back(case: str) -> None:
    before, after = COLD[case]
    code = HELD_BACK.replace("        self.seen = torch.ones(2)\n", "")
    assert before in code
    assert held_back(code.replace(before, after))


def test_a_buffer_that_a_method_promises_is_held_back() -> None:
    code = HELD_BACK.replace("        self.seen = torch.ones(2)\n", "")
    code = code.replace("self.tie()", "self.register_buffer('steps', self.steps_of())", 1)
    method = "    def steps_of(self) -> torch.Tensor:\n        return self.act(2)\n\n    def keep("
    assert held_back(code.replace("    def keep(", method))
    assert not held_back(code.replace("    def keep(", method.replace("torch.Tensor", "int")))


def test_an_annotated_configuration_is_held_back() -> None:
    code = HELD_BACK.replace("self, width, *", "self, width: Config, *").replace(
        "\n\nclass Net", f"{CONFIG}\n\nclass Net"
    )
    assert held_back(code.replace("width_of(width)", "width.scale"))
    assert not held_back(code.replace("width_of(width)", "Config()"))


CHILDREN = {
    "nothing of its own": ("", True),
    "another name for what the base reads": ("    table = torch.ones(2)\n", False),
    "a method that the base runs": ("    def size_of(self, width):\n        return torch.ones(2)\n", False),
    "such a method that gives the same": ("    def size_of(self, width):\n        return width + 1\n", True),
    "a method of the base that only it calls": (
        "    def __init__(self):\n        super().__init__(2)\n        self.fill()\n",
        False,
    ),
    "a method that the base calls and does not have": (
        "    def start(self):\n        self.kept = torch.ones(2)\n",
        False,
    ),
    "such a method that keeps nothing": ("    def start(self):\n        torch.ones(2)\n", True),
    "a setter": (
        "    @property\n    def size(self):\n        return 2\n\n    @size.setter\n    def size(self, value):\n"
        "        self.kept = torch.ones(2)\n",
        False,
    ),
}


@pytest.mark.parametrize("case", CHILDREN)
def test_what_a_class_adds_to_its_base(case: str) -> None:
    added, cold = CHILDREN[case]
    code = f"import torch\nfrom torch import nn\n{BASE}\n\nclass Net(Base):\n    pass\n{added}"
    files = workspace({"net.py": code})
    project = Project(SyntaxReader(files), [at("net.py")])
    names = [module.name for module in project.module_classes(frozenset({at("net.py")}), {Need.TENSOR})]
    assert names == ([] if cold else ["Net"])


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


def test_what_another_callee_is_given_is_not_what_the_class_is_given() -> None:
    built = HELD_BACK + "\n\ndef build(x):\n    net = Net(2)\n    return net(torch.ones(2))\n"
    aliased = HELD_BACK + "\n\ndef build(x):\n    kind = Net\n    Net(2)\n    return kind(torch.ones(2))\n"
    assert held_back(built)
    assert not held_back(aliased)


def test_a_setter_runs_when_its_attribute_is_assigned() -> None:
    setter = "    @property\n    def size(self):\n        return 1\n\n    @size.setter\n    def size(self, value):\n"
    assigning = HELD_BACK.replace("self.act = nn.GELU()", "self.size = width")
    assert held_back(f"{assigning}\n{setter}        self.half = value // 2\n")
    assert not held_back(f"{assigning}\n{setter}        self.half = torch.ones(2)\n")
    assert held_back(f"{HELD_BACK}\n{setter}        self.half = torch.ones(2)\n"), "nothing assigns it"


def test_what_a_function_within_imports_does_not_hide_what_a_name_is_outside() -> None:
    make = "    def make():\n        import {name}\n        return 1\n    make()\n"
    within = f"def width_of(width):\n{make}    return t.ones(2)\n"
    assert not held_back(HELD_BACK, "import torch as t\n\n\n" + within.format(name="os as t"))
    assert held_back(HELD_BACK, "import os as t\n\n\n" + within.format(name="os as t"))


def test_what_a_callable_gives_is_not_what_it_is() -> None:
    stored = HELD_BACK.replace("self.act = nn.GELU()", "self.act: {} = abs")
    assert held_back(stored.format("Callable[[int], torch.Tensor]"))
    assert not held_back(stored.format("Callable[[int], int] | torch.Tensor"))


def test_what_a_constructor_is_given_may_be_kept_by_a_method_of_the_base() -> None:
    code = "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n"
    code += "    def keep(self, value):\n        self.kept = value\n"
    code += "\n\nclass Net(Base):\n    def __init__(self, x):\n        super().__init__()\n        self.keep(x)\n"
    for given, names in (("torch.ones(2)", ["Net"]), ("2", [])):
        files = workspace({"net.py": f"{code}\n\ndef build():\n    return Net({given})\n"})
        project = Project(SyntaxReader(files), [at("net.py")])
        found = project.module_classes(frozenset({at("net.py")}), {Need.TENSOR})
        assert [module.name for module in found] == names
