"""The prefilter skips classes that mention no beginning of a tensor, and none that has a finding."""

from __future__ import annotations

import pytest

from bufferlint.engine import analyse
from bufferlint.model.project import Project
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

QUIET = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, width, given=2):
        super().__init__()
        self.act = nn.GELU()
        self.width = width
        self.start()

    def start(self):
        self.given = 2

    def forward(self, x):
        return torch.relu(self.act(x))
"""


def is_skipped(code: str) -> bool:
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(at("m.py"), code)}))
    project = Project(reader, [at("m.py")])
    assert [module.name for module in project.module_classes(frozenset({at("m.py")}))]
    return not project.module_classes(frozenset({at("m.py")}), {Need.TENSOR})


def test_a_class_that_mentions_no_beginning_is_skipped() -> None:
    assert is_skipped(QUIET)


@pytest.mark.parametrize(
    "value",
    [
        "torch.ones(2)",
        "self.act.weight",
        "next(self.parameters())",
        "getattr(torch, 'ones')(2)",
        "nn.Parameter(width)",
        "torch.distributions.Normal(0, 1)",
        "(lambda: torch.ones(2))()",
    ],
)
def test_a_beginning_in_construction_lets_a_class_through(value: str) -> None:
    assert not is_skipped(QUIET.replace("self.given = 2", f"self.given = {value}"))


@pytest.mark.parametrize("annotation", ["torch.Tensor", "'torch.Tensor'", "torch.Tensor | None"])
def test_an_annotation_lets_a_class_through(annotation: str) -> None:
    assert not is_skipped(QUIET.replace("given=2", f"given: {annotation} = None"))


def keeps_modules(statements: str) -> bool:
    code = QUIET.replace("self.given = 2", statements.replace("\n", "\n        "))
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(at("m.py"), code)}))
    return bool(Project(reader, [at("m.py")]).module_classes(frozenset({at("m.py")}), {Need.MODULES, Need.TENSOR}))


@pytest.mark.parametrize(
    "statements",
    [
        "self.net = nn.Linear(2, 2)",
        "self.net = nn.Sequential(*[nn.Linear(2, 2) for _ in range(3)])",
        "layers = []\nfor _ in range(3):\n    layers.append(nn.Linear(2, 2))\nself.net = nn.Sequential(*layers)",
        "self.net = nn.ModuleList([])\nfor _ in range(3):\n    self.net.append(nn.ModuleList([nn.Linear(2, 2)]))",
        "self.sizes = [int(size) for size in (2, 3)]\nself.net = nn.Linear(2, 2)",
        "self.names = ['a', 'b']\nself.names.append('nn.Linear(2, 2)')",
        "self.net = nn.Linear(2, 2) if self.sizes[0] else nn.Identity()",
        "self.net = (\n    nn.Linear(2, 2)\n    if self.sizes[0]\n    else None\n)",
        "def scale(x):\n    return x * 2\nsize, self.scale = 2, scale(2)",
        "self.config.nets = [nn.Linear(2, 2)]",
    ],
)
def test_a_class_that_only_has_submodules_is_skipped(statements: str) -> None:
    assert not keeps_modules(statements)


@pytest.mark.parametrize(
    "statements",
    [
        "self.nets = [nn.Linear(2, 2) for _ in range(3)]",
        "self.nets = nn.Linear(2, 2), nn.Linear(2, 2)",
        "layer = nn.Linear(2, 2)\nself.nets = [layer] * 3",
        "layers = []\nfor _ in range(3):\n    layers.append(nn.Linear(2, 2))\nself.nets = layers",
        "self.nets = []\nfor _ in range(3):\n    net = nn.Linear(2, 2)\n    self.nets.append(net)",
        "self.nets = {}\nself.nets['a'] = nn.Linear(2, 2)",
        "self.nets = dict(a=nn.Linear(2, 2)) if self.width else {}",
        "def make():\n    return [nn.Linear(2, 2)]\nself.nets = make()",
        "def make():\n    return [nn.Linear(2, 2)], 2\nbuild = make\nself.nets, self.size = build()",
        "def make():\n    return [nn.Linear(2, 2)]\ndef build():\n    return make()\nself.nets = build()",
        "self.nets = (\n    [nn.Linear(2, 2)]\n    if self.width\n    else None\n)",
        "self.nets = self.width or (nn.Linear(2, 2), nn.ReLU())",
    ],
)
def test_a_container_of_modules_lets_a_class_through(statements: str) -> None:
    assert keeps_modules(statements)


HANDED_ON = """pass

    def block(self):
        return self.made()

    def made(self):
        return [nn.Linear(2, 2)]
"""
BASE = """
import torch.nn as nn


class Base(nn.Module):
    def __init__(self, block=None):
        super().__init__()
        {base}

    def block(self):
        return None

    def build(self):
        self.nets = [nn.Linear(2, 2)]


class Net(Base):
    def __init__(self):
        super().__init__()
        {own}
"""


@pytest.mark.parametrize(
    ("base", "own", "asked"),
    [
        ("self.nets = [nn.Linear(2, 2)]", "pass", ["Base"]),
        ("self.nets = [nn.Linear(2, 2)]", "self.more = [nn.Linear(2, 2)]", ["Base", "Net"]),
        ("self.nets = [block(2) for _ in range(2)]", "pass", ["Base", "Net"]),
        ("self.nets = [self.block()]", "pass", ["Base"]),
        ("self.nets = [self.block()]", "pass\n\n    def block(self):\n        return nn.Linear(2, 2)", ["Base", "Net"]),
        ("self.nets = self.block()", "pass\n\n    def block(self):\n        return [nn.Linear(2, 2)]", ["Net"]),
        ("self.nets = self.block()", HANDED_ON, ["Net"]),
        ("self.nets = []", "self.nets.append(nn.Linear(2, 2))", ["Net"]),
        ("pass", "self.build()", ["Net"]),
        ("pass", "super().build()", ["Net"]),
        ("pass", "self.net = nn.Linear(2, 2)", []),
        ("self.keys = {}", "self.keys.update({key: value for key, value in dict(a=1).copy().items()})", []),
    ],
)
def test_a_base_is_judged_by_itself(base: str, own: str, asked: list[str]) -> None:
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(at("m.py"), BASE.format(base=base, own=own))}))
    found = Project(reader, [at("m.py")]).module_classes(frozenset({at("m.py")}), {Need.MODULES})
    assert [module.name for module in found] == asked


def test_code_that_calls_on_and_on_is_followed_so_far() -> None:
    steps = "".join(f"def f{at}(x):\n    return f{at + 1}(x)\n\n\n" for at in range(2000))
    code = steps + QUIET.replace("self.given = 2", "self.nets = [f0(1)]")
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(at("m.py"), code)}))
    found = Project(reader, [at("m.py")]).module_classes(frozenset({at("m.py")}), {Need.MODULES})
    assert [module.name for module in found] == ["Net"]


MIXED = """
import torch.nn as nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.nets = [nn.Linear(2, 2)]


class Mixin:
    def size(self):
        return {size}


class Net(Mixin, Base):
    def __init__(self):
        super().__init__()
        self.more = self.size()
"""


@pytest.mark.parametrize(("size", "asked"), [("2", ["Base"]), ("[nn.Linear(2, 2)]", ["Base", "Net"])])
def test_a_mixin_leaves_the_module_behind_it_to_be_judged_by_itself(size: str, asked: list[str]) -> None:
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(at("m.py"), MIXED.format(size=size))}))
    found = Project(reader, [at("m.py")]).module_classes(frozenset({at("m.py")}), {Need.MODULES})
    assert [module.name for module in found] == asked


CACHE = """
import torch
import torch.nn as nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.cache = None

    def forward(self, x):
        {base}
        return x


class Net(Base):
    def __init__(self, other):
        super().__init__()
        {own}

    def fill(self, x):
        {fill}
"""


def asked_for(code: str, need: Need) -> list[str]:
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(at("m.py"), code)}))
    found = Project(reader, [at("m.py")]).module_classes(frozenset({at("m.py")}), {need})
    return [module.name for module in found]


@pytest.mark.parametrize(
    ("base", "own", "fill", "asked"),
    [
        ("pass", "pass", "pass", []),
        ("self.cache = torch.ones(2)", "pass", "pass", ["Base"]),
        ("pass", "pass", "self.cache = torch.ones(2)", ["Base", "Net"]),
        ("self.cache = torch.ones(2)", "self.cache = None", "pass", ["Base", "Net"]),
        ("pass", "self.own = None", "self.own = torch.ones(2)", ["Net"]),
        ("pass", "self.own = None\n        self.own = nn.Linear(2, 2)", "pass", []),
        ("pass", "self.own = None", "self.own = [torch.ones(2) for _ in range(3)]", []),
        ("pass", "self.own = None", "self.own = {\n            ')': torch.ones(2)}  # each", []),
        ("pass", "self.own = None", "self.own = [torch.ones(2)][0]", ["Net"]),
        ("pass", "self.own = None", "self.own = {'a': x}['a']", ["Net"]),
        ("pass", "self.own = None", "x.own = torch.ones(2)", []),
        ("pass", "other.own = None", "other.own = torch.ones(2)", []),
    ],
)
def test_a_cache_is_asked_about_where_it_is_emptied_or_filled(base: str, own: str, fill: str, asked: list[str]) -> None:
    assert asked_for(CACHE.format(base=base, own=own, fill=fill), Need.CACHE) == asked


def test_a_tensor_that_only_forward_makes_does_not_count() -> None:
    assert is_skipped(QUIET.replace("torch.relu", "torch.ones(2) * torch.relu"))


@pytest.mark.parametrize(
    ("caller", "skipped"),
    [
        ("Net(3)", True),
        ("Net(torch.ones(2))", False),
        ("Net(3, given=make())", False),
        ("[Net(width) for width in range(3)]", True),
    ],
)
def test_what_callers_pass_counts(caller: str, skipped: bool) -> None:
    make = "\n\ndef make():\n    return torch.ones(2)\n"
    code = QUIET.replace("self.given = 2", "self.given = 3")
    assert is_skipped(f"{code}{make}\n\ndef build():\n    return {caller}\n") is skipped


RULE = "an attribute named mask"


def test_a_rule_that_needs_nothing_is_asked_of_every_class(monkeypatch: pytest.MonkeyPatch) -> None:
    from collections.abc import Iterator

    from bufferlint import rules
    from bufferlint.model.module_class import ModuleClass
    from bufferlint.rules._rule import Fault, Rule

    def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
        for name in module.stored:
            if name == "given":
                (event,) = module.attribute(name).events
                yield Fault(event.path, event.span, RULE, name, "number", "a toy")

    toy = Rule("BUF099", "toy", RULE, RULE, check)
    known = rules.catalogue()
    monkeypatch.setattr(rules, "catalogue", lambda: (*known, toy))
    report = analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), QUIET)}), Settings())
    assert [(finding.code, finding.subject) for finding in report.findings] == [("BUF099", "Net.given")]


@pytest.mark.parametrize(
    ("base", "own", "fill", "asked"),
    [
        ("pass", "pass", "pass", []),
        ("self.made = torch.ones(2)", "pass", "pass", ["Base"]),
        ("pass", "pass", "self.made = torch.ones(2)", ["Net"]),
        ("pass", "pass", "x.made = torch.ones(2)", []),
        ("pass", "pass", "self.made = [torch.ones(2)]", []),
        ("pass", "pass", "self.made = 2", []),
    ],
)
def test_what_methods_store_is_asked_about_where_a_class_stores_it(
    base: str, own: str, fill: str, asked: list[str]
) -> None:
    assert asked_for(CACHE.format(base=base, own=own, fill=fill), Need.LATE) == asked


@pytest.mark.parametrize(
    ("base", "own", "fill", "asked"),
    [
        ("pass", "self.steps = 0", "pass", []),
        ("pass", "self.steps = 0", "self.steps += 1", ["Net"]),
        ("self.steps = self.steps + x", "self.steps = 0", "pass", ["Net"]),
        ("self.steps = True", "self.steps = False", "pass", ["Base", "Net"]),
        ("self.steps += x", "self.steps = 0", "pass", ["Net"]),
        ("self.steps = 0\n        self.steps = x", "pass", "pass", ["Base"]),
        ("self.steps = 0", "pass", "self.steps += 1", ["Base", "Net"]),
    ],
)
def test_a_number_is_asked_about_where_it_is_set_or_changed(base: str, own: str, fill: str, asked: list[str]) -> None:
    assert asked_for(CACHE.format(base=base, own=own, fill=fill), Need.COUNTER) == asked
