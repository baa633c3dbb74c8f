"""``fix --verify=all`` makes the unsafe fixes that are proven; a safe fix that fails is reported as our bug."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke

pytestmark = pytest.mark.slow

HEAD = "import torch\nfrom torch import nn\n\n\n"
WRAPPED = """\
class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Buffer(torch.ones(3)) * 2

    def forward(self, x):
        return x + self.table
"""
ALIASED = """\
class Aliased(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.zeros(3)
        self.first = self.table[:1]
        self.mask = torch.ones(3)

    def forward(self, x):
        self.table.add_(1)
        return x * self.mask + self.first.to(x.device)
"""
COUNTING = """\
class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(3)

    def forward(self, x):
        return x * self.mask.to(x.device) + len(list(self.buffers()))
"""
RECIPE = ("--input", "2x3", "--python", sys.executable)


def test_only_what_is_proven_is_promoted(invoke: Invoke, project: Path) -> None:
    model = project / "model.py"
    model.write_text(HEAD + WRAPPED + "\n\n" + ALIASED)
    result = invoke("fix", "--apply", "--verify=all", "model.py", *RECIPE)
    assert result.exit_code == 1, result.output
    wrapped, aliased = model.read_text().split("class Aliased")
    assert "nn.Buffer(torch.ones(3) * 2)" in wrapped
    assert 'self.register_buffer("mask", torch.ones(3))' in aliased, "a safe fix of the same class is made"
    assert "self.first = self.table[:1]" in aliased
    assert "BUF006 Wrapped.table (unsafe, proven)" in result.stderr
    assert "BUF001 Aliased.first: not proven, so not made: verification failed: " in result.stderr


def test_without_all_unsafe_fixes_are_left(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(HEAD + WRAPPED)
    result = invoke("fix", "--apply", "--verify", "model.py", *RECIPE)
    assert (project / "model.py").read_text() == HEAD + WRAPPED
    assert "needs --unsafe-fixes" in result.stderr


def test_a_class_that_counts_its_state_gets_no_safe_fix(invoke: Invoke, project: Path) -> None:
    model = project / "model.py"
    model.write_text(HEAD + COUNTING)
    result = invoke("fix", "--apply", "--verify", "model.py", *RECIPE)
    assert result.exit_code == 1 and model.read_text() == HEAD + COUNTING
    assert "left model.py:8:9: BUF001 Counting.mask" in result.stderr


HOOKED = """\
def refuse(module, name, buffer):
    if buffer is not None and buffer.dtype == torch.bool:
        raise TypeError(f"{name}: this project keeps no flags in checkpoints")


getattr(nn.modules.module, "_".join(["register_module_buffer", "registration_hook"]))(refuse)


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2, 3).bool()

    def forward(self, x):
        return x.masked_fill(self.mask, 0.0)
"""


def test_a_safe_fix_that_fails_is_left_and_reported_as_our_bug(invoke: Invoke, project: Path) -> None:
    """The analysis does not see that this makes a hook, which torch calls at each registration of any module."""
    model = project / "model.py"
    model.write_text(HEAD + HOOKED)
    result = invoke("fix", "--apply", "--verify", "model.py", "--device", "meta", *RECIPE)
    assert result.exit_code == 1
    assert model.read_text() == HEAD + HOOKED
    said = result.stderr
    assert "model.py::Masked: a fix that bufferlint calls safe did not pass. This is a bug of bufferlint" in said
    assert "- constructs: TypeError: mask: this project keeps no flags in checkpoints (line" in said
    assert '+        self.register_buffer("mask", torch.ones(2, 3).bool())' in said
    assert "BUF001 Masked.mask: verification failed: constructs: " in said
