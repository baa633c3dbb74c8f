"""A project folder to work in, and the command line as a function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bufferlint.cli.main import cli

LESSON = """\
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.proj = nn.Linear(3, 2)
        self.mask = torch.triu(torch.ones(n, n), diagonal=1)

    def forward(self, x):
        scores = self.proj(x) @ self.proj(x).transpose(1, 2)
        return scores.masked_fill(self.mask.bool(), -torch.inf).softmax(-1)
"""

Invoke = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, the current folder, in an environment that says nothing about colour."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "lesson"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def invoke(project: Path) -> Invoke:
    """Run ``bufferlint`` in the project; exceptions are raised, not swallowed."""

    def run(*arguments: str, stdin: str | bytes | None = None, color: bool = False) -> Result:
        return _runner().invoke(cli, arguments, input=stdin, color=color, catch_exceptions=False)

    return run


def _runner() -> CliRunner:
    """One that keeps stdout and stderr apart, as click has done by itself since 8.2."""
    try:
        return CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:
        return CliRunner()
