"""Commands and options that people know from other linters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bufferlint import __version__
from tests.cli.conftest import LESSON, Invoke


@pytest.fixture(autouse=True)
def model(project: Path) -> Path:
    (project / "model.py").write_text(LESSON)
    return project / "model.py"


def test_check_diff_is_the_patch_of_fix(invoke: Invoke, model: Path) -> None:
    shown, patch = invoke("check", "--diff"), invoke("fix")
    assert (shown.exit_code, shown.stdout) == (patch.exit_code, patch.stdout) and "register_buffer" in shown.stdout
    assert model.read_text() == LESSON


def test_check_fix_writes_what_fix_writes(invoke: Invoke, model: Path) -> None:
    assert invoke("check", "--fix", "--quiet", "model.py").exit_code == 0
    assert 'self.register_buffer("mask"' in model.read_text()
    assert invoke("check").exit_code == 0


@pytest.mark.parametrize("option", ["--watch", "--statistics", "--add-ignore", "--show-files"])
def test_options_of_a_report_do_not_go_with_a_fix(invoke: Invoke, model: Path, option: str) -> None:
    result = invoke("check", "--fix", option)
    assert result.exit_code != 0 and model.read_text() == LESSON


def test_version_and_help_are_commands(invoke: Invoke) -> None:
    assert invoke("version").stdout == f"bufferlint {__version__}\n"
    assert "Usage: " in invoke("help").stdout
    assert "--write-baseline" in invoke("help", "check").stdout


def test_rule_and_config_take_an_output_format(invoke: Invoke) -> None:
    assert json.loads(invoke("rule", "BUF001", "--output-format", "json").stdout)["code"] == "BUF001"
    assert json.loads(invoke("rule", "BUF001", "--format", "json").stdout)["code"] == "BUF001"
    assert json.loads(invoke("config", "style", "--output-format", "json").stdout)[0]["key"] == "style"


def test_a_page_of_text_is_not_python(invoke: Invoke, project: Path) -> None:
    (project / "README.md").write_text("# Title\n")
    result = invoke("check", "README.md", "model.py")
    assert result.exit_code == 2 and "README.md: not Python" in result.stderr and "BUF001" in result.stdout
