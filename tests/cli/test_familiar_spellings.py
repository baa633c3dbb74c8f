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


def test_colour_is_asked_for_by_an_option_too(invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in invoke("check", "--color", "always").stdout
    assert "\x1b[" in invoke("--color", "always", "check").stdout
    assert "\x1b[" in invoke("check", "--color=always", "nowhere.py").stderr
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in invoke("check").stdout
    assert "\x1b[" not in invoke("check", "--color", "never").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in invoke("check", "--color", "always").stdout
    invoke("check", "--color", "always", "-o", "out.txt")
    assert "\x1b[" not in (project / "out.txt").read_text()


def test_silent_says_it_with_the_exit_code(invoke: Invoke, model: Path) -> None:
    for command, code in ((("check",), 1), (("check", "nowhere.py"), 2), (("fix",), 1), (("fix", "--apply"), 0)):
        result = invoke(*command, "--silent")
        assert (result.exit_code, result.stdout, result.stderr) == (code, "", "")
    assert "register_buffer" in model.read_text()
    assert "error: unknown option '--selct'" in invoke("check", "-s", "--selct").stderr


def test_silent_loses_nothing_that_a_program_reads(invoke: Invoke, project: Path) -> None:
    assert "register_buffer" in invoke("fix", "-s", "-", stdin=LESSON).stdout
    invoke("check", "-s", "--output-format", "json", "-o", "out.json")
    assert json.loads((project / "out.json").read_text())["findings"]


def test_show_fixes_shows_what_a_fix_would_change(invoke: Invoke, model: Path) -> None:
    plain, shown = invoke("check").stdout, invoke("check", "--show-fixes").stdout
    added = [line for line in shown.splitlines() if line not in plain.splitlines()]
    assert added == [
        "  | -         self.mask = torch.triu(torch.ones(n, n), diagonal=1)",
        '  | +         self.register_buffer("mask", torch.triu(torch.ones(n, n), diagonal=1))',
    ]
    assert model.read_text() == LESSON


def test_show_fixes_lists_what_was_fixed(invoke: Invoke, model: Path) -> None:
    assert "fixed model.py:9:9: BUF001 Attention.mask" in invoke("check", "--fix", "--show-fixes").stderr
    model.write_text(LESSON)
    quieter = invoke("check", "--fix", "--no-show-fixes").stderr
    assert "fixed model.py" not in quieter and "Fixed 1 finding in 1 file" in quieter
    model.write_text(LESSON)
    assert "fixed model.py" not in invoke("fix", "--apply", "--no-show-fixes").stderr


def test_ignoring_every_rule_warns(invoke: Invoke, project: Path) -> None:
    said = "warning: no rule is left to run: 'ignore' holds all that are selected; take some out of it"
    for arguments in (("--ignore", "ALL"), ("--select", "BUF001", "--ignore", "BUF0")):
        assert invoke("check", *arguments).stderr.splitlines()[0] == said
        assert invoke("fix", *arguments).stderr.splitlines()[0] == said
    assert "warning" not in invoke("check", "--ignore", "BUF001").stderr
    assert "warning" not in invoke("check", "--ignore", "ALL", "--quiet").stderr
    (project / "bufferlint.toml").write_text('ignore = ["ALL"]\n')
    assert said in invoke("check").stderr


def test_what_could_not_be_read_is_not_counted_as_checked(invoke: Invoke, project: Path) -> None:
    assert invoke("check", "nowhere.py").stderr.endswith("No findings in 0 files; 1 could not be read.\n")
    (project / "broken.py").write_text("def f(:\n")
    (project / "clean.py").write_text("x = 1\n")
    said = invoke("check", "broken.py", "clean.py").stderr
    assert said.endswith("No findings in 1 file; 1 could not be read.\n")


def test_the_summary_says_what_to_do_next(invoke: Invoke, project: Path) -> None:
    assert invoke("check").stderr == "Found 1 finding (1 fixable with `fix --apply`).\n"
    assert invoke("check", "--unfixable", "BUF001").stderr == (
        "Found 1 finding (fix by hand, as `bufferlint rule BUF001` says).\n"
    )
    (project / "model.py").write_text(LESSON.replace("torch.triu(torch.ones(n, n), diagonal=1)", "torch.as_tensor(n)"))
    assert invoke("check").stderr == "Found 1 finding (1 fixable with `fix --unsafe-fixes`).\n"


def test_the_version_as_json(invoke: Invoke) -> None:
    assert json.loads(invoke("version", "--output-format", "json").stdout) == {"version": __version__}
