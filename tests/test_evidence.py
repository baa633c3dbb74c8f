"""What rules say by default rests on evidence; selected by name they say more."""

from __future__ import annotations

import pytest

from bufferlint.settings import Settings
from tests.memory import check

CACHE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = None
        self.size = 0
{more}
    def forward(self, x: torch.Tensor):
        {fill}
        return x * {use}
"""
ONCE = "if self.table is None: self.table = torch.ones(3)"
FIT = """
    def fit(self, data: torch.Tensor, device=None):
        self.table = {made}
"""
LEFT_BEHIND = [
    (ONCE, "self.table", ""),
    ("if not hasattr(self, 'other') and self.table is None: self.table = torch.ones(3)", "self.table", ""),
    ("if len(x) > self.size: self.table, self.size = torch.arange(len(x)), len(x)", "self.table[: len(x)]", ""),
    ("if self.table is None: self.table = torch.ones(3, device=x.device)", "self.table", ""),
    (
        "if self.table is None or len(x) > len(self.table): self.table = torch.arange(len(x))",
        "self.table[: len(x)]",
        "",
    ),
    (ONCE, "self.table", "    def clear(self):\n        self.table = None\n"),
    ("pass", "self.table", FIT.format(made="data.mean(0)")),
    ("self.size = 1", "self.table", FIT.format(made="torch.stack([data.mean(0), data.std(0)])")),
    ("if len(x) > 1 and self.table is None: self.fit(x)", "self.table", FIT.format(made="data.mean(0)")),
]
FINE = [
    ("if self.table is None or len(x) == 1: self.table = torch.ones(3)", "self.table", ""),
    ("if x is not None and (len(x) == 1 or self.table is None): self.table = torch.ones(3)", "self.table", ""),
    ("self.table = torch.ones(3)", "self.table", ""),
    (ONCE, "self.table.to(x.device)", ""),
    (ONCE, "self.table.type_as(x)", ""),
    ("if self.table is None or self.table.device != x.device: self.table = torch.ones(3)", "self.table", ""),
    (
        "if self.table is None: self.table = torch.ones(3)\n        self.table = self.table.to(x.device)",
        "self.table",
        "",
    ),
    (ONCE, "2", ""),
    (
        "if self.table is None: self.table = x.mean(0)",
        "self.table",
        "    def reset(self):\n        self.table = None\n",
    ),
    ("self.table = torch.relu(x)", "2", ""),
    ("pass", "self.table", FIT.format(made="data")),
    ("pass", "self.table", FIT.format(made="data.mean(0).to(device)")),
    ("pass", "self.table", FIT.format(made="data.mean()")),
    ("pass", "self.table.to(x.device)", FIT.format(made="data.mean(0)")),
    ("pass", "self.table", FIT.format(made="data.mean(0)") + "    def reset(self):\n        self.table = None\n"),
    ("table = self.table\n        assert table.device == x.device", "table", FIT.format(made="data.mean(0)")),
    ("self.fit(x)", "self.table", FIT.format(made="data.mean(0)")),
    ("if self.table is None or len(x) == 1: self.fit(x)", "self.table", FIT.format(made="data.mean(0)")),
    (
        "if len(x) > 1 and (self.table is None or len(x) == 2): self.fit(x)",
        "self.table",
        FIT.format(made="data.mean(0)"),
    ),
    ("pass", "2", FIT.format(made="data.mean(0)")),
]


def _said(fill: str, use: str, more: str, settings: Settings) -> list[tuple[str, str]]:
    text = CACHE.format(fill=fill, use=use, more=more)
    return [(finding.code, finding.attribute) for finding in check({"m.py": text}, settings).findings]


@pytest.mark.parametrize(("fill", "use", "more"), LEFT_BEHIND)
def test_a_cache_that_is_left_behind_is_reported_by_default(fill: str, use: str, more: str) -> None:
    assert _said(fill, use, more, Settings()) == [("BUF012", "table")]


@pytest.mark.parametrize(("fill", "use", "more"), FINE)
def test_a_cache_that_follows_its_input_is_not(fill: str, use: str, more: str) -> None:
    assert ("BUF012", "table") not in _said(fill, use, more, Settings())


@pytest.mark.parametrize("select", [("BUF012",), ("lazy-cache",), ("ALL",)])
def test_every_cache_is_reported_where_the_rule_is_named(select: tuple[str, ...]) -> None:
    assert ("BUF012", "table") in _said("self.table = torch.relu(x)", "2", "", Settings(select=select))
    assert ("BUF012", "table") in _said("self.table = torch.relu(x)", "2", "", Settings(extend_select=select))


@pytest.mark.parametrize("comment", ["# bufferlint: ignore[BUF012]", "# noqa: BUF012", "# bufferlint: ignore"])
@pytest.mark.parametrize("settings", [Settings(), Settings(select=("BUF001", "BUF100"))])
def test_a_comment_for_what_the_rule_says_when_named_is_used(comment: str, settings: Settings) -> None:
    text = CACHE.format(fill="self.table = torch.relu(x)", use="2", more="")
    suppressed = text.replace("self.table = None", f"self.table = None  {comment}")
    assert suppressed != text and not check({"m.py": suppressed}, settings).findings


def test_what_is_made_once_of_data_belongs_in_checkpoints() -> None:
    text = CACHE.format(fill="if self.table is None: self.table = x.mean(0)", use="self.table", more="")
    (finding,) = check({"m.py": text}).findings
    assert finding.persistent and finding.fix is None and "data" in (finding.withheld or "")


@pytest.mark.parametrize(
    "value", ["self.relu(torch.zeros_like(x))", "self.relu(x.new_ones(len(x)))", "torch.ones(3).to(x)"]
)
def test_what_is_made_of_the_shape_of_data_does_not(value: str) -> None:
    text = CACHE.format(fill=f"if self.table is None: self.table = {value}", use="self.table", more="")
    text = text.replace("self.size = 0", "self.size = 0\n        self.relu = nn.ReLU()")
    (finding,) = check({"m.py": text}).findings
    assert (finding.code, finding.persistent) == ("BUF012", False) and finding.fix is not None


COUNTER = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = 0

    def forward(self, x):
        self.steps += 1
        return x * 2 if self.steps > 10 else x
"""


def test_counters_are_reported_where_the_rule_is_named() -> None:
    assert not check({"m.py": COUNTER}).findings
    (finding,) = check({"m.py": COUNTER}, Settings(extend_select=("forgotten-state",))).findings
    assert (finding.code, finding.attribute) == ("BUF015", "steps")
