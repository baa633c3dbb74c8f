"""One bad input never ends the run: it is a problem, or read all the same, and the other files are reported."""

from __future__ import annotations

import ast
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import LESSON, Invoke

BIG = "9" * 5000
"""More digits than Python reads from decimal text."""
CELL: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": LESSON}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def reported(invoke: Invoke) -> list[str]:
    """The files with findings; a clean file beside the others is always one of them."""
    result = invoke("check", "--no-cache", "--output-format", "json")
    report = json.loads(result.stdout)
    assert result.exit_code == (2 if report["problems"] else 1)
    return sorted({finding["filename"] for finding in report["findings"]})


@pytest.fixture
def beside(project: Path) -> Path:
    (project / "good.py").write_text(LESSON)
    return project


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"execution_count": null', f'"execution_count": {BIG}'),
        ('"outputs": []', f'"outputs": [{{"data": {{"application/json": -{BIG}}}}}]'),
        ('"outputs": []', f'"outputs": [{BIG}.5, 1e{BIG}, NaN, -Infinity]'),
        ('"metadata": {}', f'"metadata": {{"x": {BIG}}}'),
        ('"nbformat": 4', f'"nbformat": {BIG}'),
    ],
)
def test_numbers_of_a_notebook_are_not_read(invoke: Invoke, beside: Path, old: str, new: str) -> None:
    text = NOTEBOOK.replace(old, new)
    (beside / "demo.ipynb").write_text(text)
    assert reported(invoke) == ["demo.ipynb", "good.py"]
    assert invoke("fix", "--apply", "demo.ipynb").exit_code == 0
    fixed = (beside / "demo.ipynb").read_text()
    assert new in fixed and "register_buffer" in fixed


@pytest.mark.parametrize("text", [BIG, f'{{"cells": {BIG}}}', '{"cells": [', f'{{"cells": [{BIG}]}}', "[" * 100_000])
def test_what_is_no_notebook_is_a_problem_at_most(invoke: Invoke, beside: Path, text: str) -> None:
    (beside / "demo.ipynb").write_text(text)
    assert reported(invoke) == ["good.py"]


@pytest.mark.parametrize("size", [f"0x{BIG}", f"-0x{BIG}", f"2 ** 0x{BIG}", "0b" + "1" * 100_000, "10 ** 12 ** 12"])
def test_huge_numbers_in_code_are_no_values(invoke: Invoke, beside: Path, size: str) -> None:
    (beside / "big.py").write_text(LESSON.replace("torch.ones(n, n)", f"torch.ones(n, {size})"))
    assert reported(invoke) == ["big.py", "good.py"]


def test_a_decimal_that_python_refuses_is_a_problem(invoke: Invoke, beside: Path) -> None:
    (beside / "big.py").write_text(f"x = {BIG}\n")
    assert reported(invoke) == ["good.py"]


@pytest.mark.parametrize("seed", range(4))
def test_form_feeds_count_as_python_counts_them(invoke: Invoke, beside: Path, seed: int) -> None:
    """A form feed before an indent starts the count of columns anew; on a line of its own it is blank."""
    choose = random.Random(seed)
    wanted = ["good.py"]
    for number in range(25):
        lines = LESSON.split("\n")
        for _ in range(choose.randint(1, 3)):
            at = choose.randrange(len(lines))
            line = lines[at]
            indent = len(line) - len(line.lstrip())
            before = choose.choice(["\f", " " * choose.randint(0, 8) + "\f"])
            if choose.random() < 0.3:
                lines.insert(at, choose.choice(["\f", "  \f", "\f  ", "\f# c", "    \f"]))
            else:
                lines[at] = choose.choice([before + line, line[:indent] + "\f" + line[indent:], line + "\f"])
        text = "\n".join(lines)
        try:
            ast.parse(text)
        except SyntaxError:
            continue
        (beside / f"feed{number}.py").write_text(text)
        wanted.append(f"feed{number}.py")
    assert reported(invoke) == sorted(wanted) and len(wanted) > 15
    assert invoke("fix", "--apply").exit_code == 0
    for name in wanted:
        fixed = (beside / name).read_text()
        assert "register_buffer" in fixed and ast.parse(fixed)


def test_a_file_that_is_too_large_is_not_read(invoke: Invoke, beside: Path) -> None:
    for name in ("huge.py", "huge.ipynb"):
        (beside / name).touch()
        os.truncate(beside / name, 1 << 40)
    assert reported(invoke) == ["good.py"]
    assert "too many to be analysed" in invoke("check", "huge.py").stderr


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bufferlint.toml", 2),
        ("pyproject.toml", 1),
        (".gitignore", 1),
        (".git/info/exclude", 1),
        ("setup.cfg", 1),
        ("old.json", 2),
    ],
)
def test_what_tells_of_a_project_is_read_up_to_a_bound(invoke: Invoke, beside: Path, name: str, code: int) -> None:
    (beside / name).parent.mkdir(parents=True, exist_ok=True)
    (beside / name).touch()
    os.truncate(beside / name, 1 << 40)
    result = invoke("check", "--no-cache", "--baseline" if name == "old.json" else "--config", name) if (
        name in ("old.json", "bufferlint.toml")
    ) else invoke("check", "--no-cache")  # fmt: skip
    assert result.exit_code == code and (code == 1 or f"{name}: cannot read" in result.stderr), result.stderr


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="this system has no files without a size or an end")
def test_a_link_to_what_has_no_size_and_no_end_is_a_problem(invoke: Invoke, beside: Path) -> None:
    for name, place in (("a.py", "/proc/self/pagemap"), ("b.py", "/proc/kmsg"), ("c.ipynb", "/dev/zero")):
        (beside / name).symlink_to(place)
    assert reported(invoke) == ["good.py"]


def test_what_a_configuration_extends_is_a_file(invoke: Invoke, beside: Path) -> None:
    os.mkfifo(beside / "pipe.toml")
    (beside / "bufferlint.toml").write_text('extend = "pipe.toml"\n')
    result = invoke("check")
    assert result.exit_code == 2 and "pipe.toml: it is a folder, a pipe or a device" in result.stderr


@pytest.mark.parametrize("value", [BIG, "[" * 100_000, f"[{BIG}]", "0x" + "f" * 10_000])
def test_a_configuration_that_python_cannot_read_is_said(invoke: Invoke, beside: Path, value: str) -> None:
    (beside / "bufferlint.toml").write_text(f"select = {value}\n")
    result = invoke("check")
    assert result.exit_code == 2 and "bufferlint.toml" in result.stderr
