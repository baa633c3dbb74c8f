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
