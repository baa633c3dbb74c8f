"""``bufferlint verify`` and ``fix --verify`` from end to end, with torch in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bufferlint.cli.invocation import prepare
from bufferlint.cli.verified_fixes import interpreter
from bufferlint.project_files.config import Config
from tests.cli.conftest import LESSON, Invoke
from tests.cli.test_fix import FIXED

RECIPE = ("--init", "n=6", "--input", "2x6x3", "--seed", "123", "--python", sys.executable)
TABLE = """
[tool.bufferlint.verify]
python = {python}

[tool.bufferlint.verify."model.py::Attention"]
init = {{ n = 6 }}
inputs = ["2x6x3"]
"""
OTHER = LESSON.replace("class Attention", "class Other").partition("\n\n\n")[2]


@pytest.fixture
def model(project: Path) -> Path:
    path = project / "model.py"
    path.write_text(LESSON)
    return path


def _configure(project: Path) -> None:
    (project / "pyproject.toml").write_text(TABLE.format(python=json.dumps(sys.executable)))


def _rows(output: str) -> dict[str, list[str]]:
    """The statuses of each check of a table, by title."""
    lines = [line[2:] for line in output.splitlines() if line.startswith("  ") and line[2:3] not in ("", " ")]
    split = [[cell for cell in line.split("  ") if cell.strip()] for line in lines]
    return {cells[0]: [cell.strip() for cell in cells[1:]] for cells in split}


def test_the_lesson_fails_as_it_stands_and_passes_as_rewritten(invoke: Invoke, model: Path) -> None:
    result = invoke("verify", "model.py::Attention", *RECIPE)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("model.py::Attention\n  recipe  init(n=6); forward(2x6x3 float32); seed 123\n")
    rows = _rows(result.stdout)
    assert rows["constructs"] == ["pass", "pass"]
    assert rows["CPU outputs equal bit for bit"] == ["pass", "pass"]
    assert rows["moves to a device and runs there"] == ["fail", "pass"]
    assert rows["state_dict keys"] == ["fail", "pass"]
    assert "  not asked for: torch.compile (--compile), DistributedDataParallel (--distributed)\n" in result.stdout
    assert model.read_text() == LESSON


def test_a_class_with_nothing_to_rewrite_is_judged_as_it_stands(invoke: Invoke, model: Path, project: Path) -> None:
    _configure(project)
    model.write_text(FIXED)
    fixed = invoke("verify", "model.py::Attention")
    assert fixed.exit_code == 0, fixed.output
    assert _rows(fixed.stdout)["constructs"] == ["pass"]
    unnamed = invoke("verify", "model.py")
    assert (unnamed.exit_code, unnamed.stdout) == (0, "")
    assert "No class in model.py has a finding" in unnamed.stderr


def test_a_class_that_does_not_pass_exits_with_1_and_one_that_cannot_be_run_with_2(invoke: Invoke, model: Path) -> None:
    assert invoke("verify", "model.py::Nowhere", *RECIPE).exit_code == 2
    assert invoke("verify", "model.py::Attention", "--python", "/no/such/python").exit_code == 2
    bad = invoke("verify", "model.py::Attention", "--input", "axb")
    assert bad.exit_code == 2
    assert "'axb' is not an input" in bad.stderr
    plain = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
    model.write_text(plain + "        super().__init__()\n        object.__setattr__(self, 'm', torch.ones(3))\n\n"
                     "    def forward(self, x):\n        return x + self.m\n")  # fmt: skip
    result = invoke("verify", "model.py::Net", "--input", "3", "--python", sys.executable)
    assert result.exit_code == 1, result.output


def test_only_what_passed_is_written(invoke: Invoke, model: Path, project: Path) -> None:
    _configure(project)
    refusal = "super().__init__()\n        if hash(n) != 12345678:\n            raise ValueError('never')"
    other = OTHER.replace("super().__init__()", refusal, 1)
    model.write_text(LESSON + "\n\n" + other)
    result = invoke("fix", "--apply", "--verify")
    assert result.exit_code == 1, result.output
    assert model.read_text() == FIXED + "\n\n" + other
    said = result.stderr.splitlines()
    assert said[0].startswith("verified model.py::Attention: ")
    (left,) = [line for line in said if line.startswith("left ")]
    assert "BUF001 Other.mask: not proven: no constructor arguments were found for Other; say how" in left


def test_a_recipe_that_was_found_is_printed_and_serves_again(invoke: Invoke, model: Path, project: Path) -> None:
    found = invoke("verify", "model.py::Attention", "--python", sys.executable)
    assert found.exit_code == 0, found.output
    assert "; seed 0, found\n" in found.stdout
    head, _, table = found.stdout.partition("  To keep the recipe, in pyproject.toml:\n")
    assert table.startswith('    [tool.bufferlint.verify."model.py::Attention"]\n    init = { n = ')
    (project / "pyproject.toml").write_text(table)
    again = invoke("verify", "model.py::Attention", "--python", sys.executable)
    assert again.stdout.strip() == head.replace(", found\n", "\n").strip()


def test_what_cannot_be_built_is_not_proven(invoke: Invoke, model: Path) -> None:
    model.write_text(LESSON.replace("super().__init__()", "super().__init__()\n        raise ValueError('never')"))
    result = invoke("verify", "model.py::Attention", "--python", sys.executable)
    assert result.exit_code == 2
    assert "not proven: no constructor arguments were found for Attention" in result.stdout
    assert "--init dim=8 --input 2x6x8" in result.stdout
    assert "ValueError: never" in result.stdout.partition("tried:")[2]


def test_a_class_that_cannot_be_run_is_left_as_it_was(invoke: Invoke, model: Path) -> None:
    result = invoke("fix", "--apply", "--verify", "--init", "wrong=6", "--input", "2x6x3", "--python", sys.executable)
    assert result.exit_code == 1
    assert model.read_text() == LESSON
    assert "left model.py:9:9: BUF001 Attention.mask: not proven: " in result.stderr


def test_a_patch_can_be_verified_too(invoke: Invoke, model: Path) -> None:
    result = invoke("fix", "--verify", *RECIPE)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/model.py\n")
    assert model.read_text() == LESSON


def test_the_interpreter_is_the_named_one_else_the_active_environments(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    (project / "model.py").write_text(LESSON)
    setup = prepare(["model.py"], {})
    assert setup.config == Config()
    assert interpreter(setup, "python3.12") == "python3.12"
    assert interpreter(setup, None) == sys.executable, "it has torch"
    (project / "venv/bin").mkdir(parents=True)
    (project / "venv/bin/python").touch()
    monkeypatch.setenv("VIRTUAL_ENV", str(project / "venv"))
    assert interpreter(setup, None) == str(project / "venv/bin/python")
    (project / "bufferlint.toml").write_text('verify.python = "venv/bin/python"\n')
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    assert interpreter(prepare(["model.py"], {}), None) == str(project / "venv/bin/python")
    (project / "bufferlint.toml").write_text('verify.python = "python3"\n')
    assert interpreter(prepare(["model.py"], {}), None) == "python3"


def test_a_class_without_forward_is_left_for_that(invoke: Invoke, project: Path) -> None:
    table = "import torch\nfrom torch import nn\n\n\nclass Table(nn.Module):\n    def __init__(self):\n"
    (project / "table.py").write_text(f"{table}        super().__init__()\n        self.rows = torch.ones(2)\n")
    result = invoke("fix", "--verify", "--python", sys.executable, "table.py")
    assert "left table.py:8:9: BUF001 Table.rows: not proven: the class has no forward to run" in result.stderr


def test_a_variable_that_is_not_there_is_wrong_usage(invoke: Invoke, model: Path) -> None:
    result = invoke("verify", "model.py::Attention", "--env", "NO_SUCH_VARIABLE")
    assert result.exit_code == 2
    assert "there is no variable 'NO_SUCH_VARIABLE' in the environment" in result.stderr


def test_several_paths_and_classes_are_run_in_one_call(invoke: Invoke, model: Path, project: Path) -> None:
    (project / "other.py").write_text(LESSON.partition("class Attention")[0] + OTHER)
    recipe = ("--device", "meta", *RECIPE)
    result = invoke("verify", "model.py::Attention", "other.py", *recipe)
    tables = [line for line in result.stdout.splitlines() if "::" in line.partition(" ")[0]]
    assert tables == ["model.py::Attention", "other.py::Other"], result.output
    assert result.exit_code == 0


def test_a_class_that_is_not_there_is_said_before_anything_is_imported(invoke: Invoke, project: Path) -> None:
    (project / "broken.py").write_text("raise SystemExit('imported')\n\n\nclass Attention:\n    pass\n")
    result = invoke("verify", "broken.py::Atention", *RECIPE)
    assert result.exit_code == 2
    assert "broken.py defines no class Atention; did you mean Attention?" in result.stderr
    assert "imported" not in result.output


def test_a_class_whose_tensor_is_meant_to_be_plain_is_run_too(invoke: Invoke, project: Path) -> None:
    text = (
        "import torch\nfrom torch import nn\n\n\nclass Moves(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.table = torch.ones(3)  # bufferlint: ignore\n\n"
        "    def forward(self, x):\n        return x + self.table.to(x.device)\n"
    )
    (project / "moves.py").write_text(text + text.partition("\n\n\n")[2].replace("Moves", "MovesToo"))
    both = invoke("verify", "moves.py", "--device", "meta", "--input", "2x3", "--python", sys.executable)
    assert both.exit_code == 0, both.output
    assert "moves.py::Moves\n" in both.stdout and "moves.py::MovesToo\n" in both.stdout
    options = ("--max-classes", "1", "--device", "meta", "--input", "2x3", "--python", sys.executable)
    one = invoke("verify", "moves.py", *options)
    assert "moves.py::MovesToo\n" not in one.stdout
    assert "1 of 2 classes are left out: raise --max-classes, now 1" in one.stderr
