"""A check shared out among processes says what one process says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from bufferlint.analysis import alone
from bufferlint.project_files.process_pool import ProcessPool, spread
from bufferlint.project_files.workspace import DiskWorkspace
from tests.cli.conftest import Invoke

MODEL = """\
import torch
from {module} import Parent


class Model{number}(Parent):
    def __init__(self):
        super().__init__()
        self.mask{number} = torch.ones({number})
        self.table = self.made()
"""
BASE = """\
import torch
from torch import nn


class Parent(nn.Module):
    def made(self):
        return torch.zeros(2)
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot copy a process")


@pytest.fixture
def models(project: Path) -> Path:
    (project / "context.py").write_text(BASE)
    folder = project / "models"
    folder.mkdir()
    for number in range(70):
        (folder / f"m{number:02}.py").write_text(MODEL.format(number=number, module="context"))
    return folder


def test_the_report_is_the_same(models: Path, invoke: Invoke) -> None:
    (models / "m69.py").write_text("class A(:\n")
    outputs = {
        (result.stdout, result.stderr, result.exit_code)
        for jobs in ("1", "2", "5")
        for result in [invoke("check", "--no-cache", "--jobs", jobs, str(models))]
    }
    assert len(outputs) == 1
    stdout, stderr, code = outputs.pop()
    assert stdout.count("BUF001") == 138
    assert "m69.py" in stderr and code == 2


def test_what_cannot_be_parsed_is_told_alike(models: Path, invoke: Invoke) -> None:
    """The error lies in a body that nobody asks for before there is a finding in the file."""
    broken = BASE + "\n    def later(self):\n        return ][\n"
    (models.parent / "context.py").write_text(broken)
    outputs = {invoke("check", "--no-cache", "--jobs", jobs, ".").stdout for jobs in ("1", "2", "3")}
    assert len(outputs) == 1
    assert "context.py" in invoke("check", "--no-cache", "--jobs", "3", ".").stderr


def test_context_that_a_copy_read_counts_for_the_cache(models: Path, invoke: Invoke) -> None:
    first = invoke("check", "--jobs", "3", str(models)).stdout
    (models.parent / "context.py").write_text(BASE.replace("torch.zeros(2)", "2"))
    then = invoke("check", "--jobs", "3", str(models)).stdout
    assert first.count("table") > then.count("table")


def test_the_share_of_a_copy_that_dies_is_done() -> None:
    here = os.getpid()

    def work(paths: Sequence[str]) -> list[str]:
        if os.getpid() != here and "p20" in paths:
            os._exit(9)
        return list(paths)

    paths = [f"p{number}" for number in range(64)]
    parts = ProcessPool(3, DiskWorkspace("/"))(work, paths)
    assert sorted(path for part in parts for path in part) == sorted(paths)


def test_an_error_in_a_copy_is_an_error_here() -> None:
    here = os.getpid()

    def work(paths: Sequence[str]) -> list[str]:
        if os.getpid() != here or "p20" in paths:
            raise ValueError("no")
        return list(paths)

    with pytest.raises(ValueError, match="no"):
        ProcessPool(2, DiskWorkspace("/"))(work, [f"p{number}" for number in range(64)])


def test_few_files_are_done_here() -> None:
    workspace = DiskWorkspace("/")
    assert spread(None, workspace, 20) is alone
    assert spread(1, workspace, 5000) is alone
    assert isinstance(spread(2, workspace, 20), ProcessPool)
