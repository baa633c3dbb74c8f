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


def test_rules_that_may_not_be_fixed_are_reported_without_a_fix(invoke: Invoke, project: Path, model: Path) -> None:
    for option in (("--unfixable", "BUF001"), ("--fixable", "BUF008"), ("--fixable", "ALL", "--unfixable", "BUF")):
        shown = invoke("check", *option)
        assert "BUF001 [ ] 'mask'" in shown.stdout
        assert "not fixed: the settings 'fixable' and 'unfixable' leave out its rule" in shown.stdout
        left = invoke("fix", "--apply", *option)
        assert (left.exit_code, model.read_text()) == (1, LESSON)
    assert "BUF001 [*] 'mask'" in invoke("check", "--fixable", "unregistered-tensor").stdout
    (project / "bufferlint.toml").write_text('unfixable = ["BUF001"]\n')
    assert "BUF001 [ ] 'mask'" in invoke("check").stdout
    assert "unknown rule 'BUF0001'; did you mean 'BUF001'?" in invoke("check", "--fixable", "BUF0001").stderr


def test_ignores_for_single_files_add_to_those_of_the_configuration(invoke: Invoke, project: Path) -> None:
    for name in ("a.py", "b.py"):
        (project / name).write_text(LESSON)
    (project / "bufferlint.toml").write_text('per-file-ignores = { "a.py" = ["BUF001"] }\n')

    def named(*arguments: str) -> list[str]:
        shown = invoke("check", "--output-format", "concise", *arguments).stdout
        return [line.partition(":")[0] for line in shown.splitlines()]

    assert named() == ["b.py", "model.py"]
    assert named("--extend-per-file-ignores", "b.py:BUF001") == ["model.py"]
    assert named("--per-file-ignores", "b.py:BUF001") == ["a.py", "model.py"]
    assert named("--extend-select", "BUF008", "--extend-per-file-ignores", "*.py:ALL") == []


def test_files_that_git_ignores_can_be_checked_too(invoke: Invoke, project: Path) -> None:
    (project / ".git").mkdir()
    (project / ".gitignore").write_text("made.py\n")
    (project / "made.py").write_text(LESSON)
    assert "made.py" not in invoke("check").stdout
    assert "made.py:9:9" in invoke("check", "--no-respect-gitignore").stdout
    (project / "bufferlint.toml").write_text("respect-gitignore = false\n")
    assert "made.py:9:9" in invoke("check").stdout
    assert "made.py" not in invoke("check", "--respect-gitignore").stdout


def test_what_git_ignores_is_context_when_it_is_checked(invoke: Invoke, project: Path) -> None:
    (project / ".git").mkdir()
    (project / ".gitignore").write_text("made.py\n")
    (project / "made.py").write_text("x = 1\n")
    assert "made.py" not in invoke("check", "--show-files", "model.py").stdout
    assert "# context: made.py" in invoke("check", "--show-files", "--no-respect-gitignore", "model.py").stdout
