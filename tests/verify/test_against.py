"""``verify --against``: a rewrite made by hand is judged as the fix is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import bufferlint

SCHEMA = json.loads((Path(bufferlint.__file__).parent / "schemas" / "verify.schema.json").read_bytes())
OLD = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.tensor([0.0, 1.0])

    def forward(self, x):
        return x * self.mask
"""
RIGHT = OLD.replace("Net", "Net2").replace(
    "self.mask = torch.tensor([0.0, 1.0])", 'self.register_buffer("causal", torch.tensor([0.0, 1.0]))'
)
RIGHT = RIGHT.replace("self.mask", "self.causal")  # fmt: skip
WRONG = RIGHT.replace("x * self.causal", "x * (1 - self.causal)")


@pytest.mark.parametrize(
    ("after", "options", "code", "verdict"),
    [
        (RIGHT, ("--rename", "mask=causal"), 0, "proven"),
        (RIGHT, (), 1, "failed"),
        (WRONG, ("--rename", "mask=causal"), 1, "failed"),
        ("import nowhere_to_be_found\n", (), 2, "not proven"),
    ],
    ids=["right", "names-not-told", "wrong", "cannot-be-run"],
)
def test_the_exit_code_and_the_json_say_what_came_of_it(
    tmp_path: Path, after: str, options: tuple[str, ...], code: int, verdict: str
) -> None:
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text(after)
    page = ("--html", "verdict.html", "--output-format", "json")
    done = _run(tmp_path, "old.py::Net", "--against", "new.py::Net2", *options, *page)
    assert done.returncode == code, done.stdout + done.stderr
    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    (judged,) = report["verdicts"]
    assert (judged["verdict"], judged["against"]) == (verdict, "new.py::Net2")
    assert "old.py::Net against new.py::Net2" in (tmp_path / "verdict.html").read_text()


def test_a_class_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(OLD)
    done = _run(tmp_path, "old.py", "--against", "new.py")
    assert (done.returncode, "name it, as FILE::Class" in done.stderr) == (2, True)


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    options = ("--input", "2x2", "--device", "meta", "--no-cache", "--python", sys.executable)
    command = [sys.executable, "-m", "bufferlint", "verify", *arguments, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
