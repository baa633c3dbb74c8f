"""The lesson's notebook: its outputs are those of a run, ``check`` points at one line and ``fix`` mends that line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "fixtures" / "notebooks" / "understanding_buffers.ipynb"
BUILD = Path(__file__).with_name("build_lesson_notebook.py")

PLAIN = "        self.mask = torch.triu(torch.ones(context_length, context_length), diagonal=1)\n"
REGISTERED = (
    '        self.register_buffer("mask", torch.triu(torch.ones(context_length, context_length), diagonal=1))\n'
)


def bufferlint(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bufferlint", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def executed(notebook: Path, target: Path) -> Path:
    """The notebook after a run from top to bottom, outside this process and its rule that warnings are errors."""
    run = subprocess.run([sys.executable, str(BUILD), str(notebook), str(target)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return target


def cells(notebook: Path) -> list[dict[str, Any]]:
    document: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = document["cells"]
    return found


def outputs(notebook: Path) -> dict[str, str]:
    """What each code cell printed, by the cell's id; the test fails on an output that is not printed text."""
    printed = {}
    for cell in cells(notebook):
        if cell["cell_type"] == "code":
            assert all(output["name"] == "stdout" for output in cell["outputs"]), cell["id"]
            printed[cell["id"]] = "".join("".join(output["text"]) for output in cell["outputs"])
    return printed


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the notebook after ``fix --apply``."""
    copy = Path(shutil.copy(NOTEBOOK, tmp_path_factory.mktemp("notebook")))
    run = bufferlint("fix", "--apply", copy.name, cwd=copy.parent)
    assert run.returncode == 0, run.stdout + run.stderr
    return copy


def test_stored_outputs_are_those_of_a_run(tmp_path: Path) -> None:
    again, stored = outputs(executed(NOTEBOOK, tmp_path / NOTEBOOK.name)), outputs(NOTEBOOK)
    if torch.cuda.is_available():
        for cell in cells(NOTEBOOK):
            if "device" in cell["metadata"].get("tags", ()):
                del again[cell["id"]], stored[cell["id"]]
    assert again == stored


def test_notebook_is_written_as_jupyter_writes_it() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert str(ROOT) not in text


def test_check_reports_one_finding_in_the_right_cell() -> None:
    run = bufferlint("check", "--output-format", "json", str(NOTEBOOK), cwd=ROOT)
    assert run.returncode == 1 and run.stdout, run.stdout + run.stderr
    (finding,) = json.loads(run.stdout)["findings"]
    assert (finding["code"], finding["class"], finding["attribute"]) == (
        "BUF001",
        "CausalAttentionWithoutBuffers",
        "mask",
    )
    cell = cells(NOTEBOOK)[finding["cell"] - 1]
    assert cell["id"] == "class-without-buffers"
    assert cell["source"][finding["location"]["row"] - 1] == PLAIN


def test_fix_changes_one_line_and_no_other_byte(fixed: Path) -> None:
    before = NOTEBOOK.read_bytes().splitlines(keepends=True)
    after = fixed.read_bytes().splitlines(keepends=True)
    assert len(before) == len(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(json_line(PLAIN), json_line(REGISTERED))]


def json_line(code: str) -> bytes:
    """A line of a cell as it stands in the notebook's JSON, not the last of its cell."""
    return f"    {json.dumps(code)},\n".encode()


def test_fixed_notebook_runs_and_its_first_class_behaves_like_its_second(fixed: Path, tmp_path: Path) -> None:
    printed = outputs(executed(fixed, tmp_path / fixed.name))
    assert printed["move-without-buffer"].startswith("forward ran, its output is on ")
    assert printed["devices-without-buffer"] + printed["move-without-buffer"] == printed["move-with-buffer"]
    assert printed["state-dict-without-buffer"] == printed["state-dict-with-buffer"]
    assert printed["load-without-buffer"] == printed["load-with-buffer"]
    stored = outputs(NOTEBOOK)
    for unchanged in ("cpu-output", "move-with-buffer", "load-with-buffer"):
        assert printed[unchanged] == stored[unchanged] or torch.cuda.is_available()


def test_verify_names_cells_and_their_lines() -> None:
    arguments = ("--init", "d_in=3", "--init", "d_out=2", "--init", "context_length=6", "--init", "dropout=0.0")
    target = f"{NOTEBOOK}::CausalAttentionWithoutBuffers"
    run = bufferlint("verify", target, *arguments, "--input", "2x6x3", "--python", sys.executable, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
    number = next(at for at, cell in enumerate(cells(NOTEBOOK), 1) if cell["id"] == "class-without-buffers")
    row = cells(NOTEBOOK)[number - 1]["source"].index(PLAIN) + 1
    assert f"'mask' was made in cell {number}, line {row}" in run.stdout
