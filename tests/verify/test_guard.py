"""What user code is refused, and what it says that is kept, however it goes about it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from bufferlint.verify.worker import read_only_view

CLASS = """\
import os
import sqlite3
import subprocess
import sys

import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))


class Writes(nn.Module):
    def __init__(self):
        super().__init__()
        for act in (
            lambda: torch.save(torch.ones(1), f"{HERE}/saved.pt"),
            lambda: os.utime(f"{HERE}/notes.txt", (1, 1)),
            lambda: subprocess.run(["touch", "-t", "200001010000", f"{HERE}/notes.txt"]),
            lambda: subprocess.run(["chmod", "777", f"{HERE}/notes.txt"]),
            lambda: os.mkfifo(f"{HERE}/pipe"),
            lambda: sqlite3.connect(f"{HERE}/base.db").execute("create table t (x)"),
            lambda: os.open("new.txt", os.O_CREAT | os.O_WRONLY, dir_fd=os.open(HERE, os.O_RDONLY)),
        ):
            try:
                act()
            except Exception:
                pass
        sys.stdout.write("y" * 3_000_000 + "the end")

    def forward(self, x):
        return x
"""


FILLS = """\
from torch import nn


class Fills(nn.Identity):
    def __init__(self):
        super().__init__()
        with open("large", "wb") as file:
            file.truncate(1 << 40)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits files as POSIX does")
def test_no_file_grows_beyond_the_memory_that_is_allowed(worker: Worker, tmp_path: Path) -> None:
    verdict = worker.verify(subject(str(tmp_path / "fills.py"), "Fills", FILLS, None), parse_recipe((), ("2x2",)))
    assert verdict.cause is not None and "File too large" in verdict.cause


@pytest.mark.skipif(sys.platform != "linux", reason="what C++ opens is guarded on Linux")
def test_the_project_stays_as_it_is_and_of_the_output_the_end_is_kept(worker: Worker, tmp_path: Path) -> None:
    file, notes = tmp_path / "writes.py", tmp_path / "notes.txt"
    file.write_text(CLASS)
    notes.write_text("kept")
    before = notes.stat()
    verdict = worker.verify(subject(str(file), "Writes", CLASS, None), parse_recipe((), ("2x2",), device="meta"))
    assert verdict.cause is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "writes.py"]
    if read_only_view.available():  # else child processes may change what Landlock does not know
        assert (notes.stat().st_mtime, notes.stat().st_mode) == (before.st_mtime, before.st_mode)
    assert verdict.output.endswith("the end") and len(verdict.output) <= 10_000
