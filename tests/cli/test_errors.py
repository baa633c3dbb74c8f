"""What is said of a command line that cannot be run: one form, and what to type instead."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bufferlint.project_files.suggestions import alike
from tests.cli.conftest import LESSON, Invoke

WRONG = {
    ("chekc",): "unknown command 'chekc'; did you mean `bufferlint check`?",
    ("lint", "src"): "unknown command 'lint'; use `bufferlint check`",
    ("explain", "BUF001"): "unknown command 'explain'; use `bufferlint rule`",
    ("src/model.py",): "unknown command 'src/model.py'; to check it, use `bufferlint check src/model.py`",
    ("pyproject.toml",): "unknown command 'pyproject.toml'; to check it, use `bufferlint check pyproject.toml`",
    ("frobnicate",): "unknown command 'frobnicate'; one of: check, fix, ",
    ("help", "fxi"): "unknown command 'fxi'; one of: check, fix, ",
    ("--fix", "."): "unknown option '--fix'; use `bufferlint fix --apply`",
    ("verify", "--fix", "a.py"): "unknown option '--fix'; use `bufferlint fix --apply`",
    ("check", "--selct", "BUF001"): "unknown option '--selct'; did you mean '--select'?",
    ("check", "--apply"): "unknown option '--apply'; it is an option of `bufferlint fix`",
    ("fix", "--statistics"): "unknown option '--statistics'; it is an option of `bufferlint check`",
    ("check", "--aply"): "unknown option '--aply'; did you mean `bufferlint fix --apply`?",
    ("check", "--add-noqa"): "unknown option '--add-noqa'; use `bufferlint check --add-ignore`",
    ("check", "--disable=BUF001"): "unknown option '--disable'; use --ignore",
    ("check", "--zzz"): "unknown option '--zzz'; `bufferlint check --help` lists the options",
    ("check", "--output-format", "jsn"): "--output-format: unknown value 'jsn'; did you mean 'json'?",
    ("check", "--output-format", "xml"): "--output-format: unknown value 'xml'; one of: text, concise, ",
    ("check", "--jobs", "0"): "-j / --jobs: 0 is not in the range x>=1",
    ("check", "--jobs"): "option '--jobs' requires an argument; `bufferlint check --help` says what it takes",
    ("config", "a", "b"): "got unexpected extra argument (b); `bufferlint config --help` says what it takes",
    ("editor", "vim"): "EDITOR: unknown value 'vim'; one of: vscode, neovim, helix, emacs",
    ("verify",): "name the class to run, or a file or folder of them: bufferlint verify model.py::Net",
    ("check", "--select", "F401"): "--select: unknown rule 'F401'; one of: BUF001, BUF002, ",
    ("rule", "unregisterd-tensor"): "unknown rule 'unregisterd-tensor'; did you mean 'unregistered-tensor'?",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_the_cause_and_what_to_type_stand_in_one_line(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    assert line.startswith(f"error: {WRONG[arguments]}")


def test_each_fault_of_a_file_is_an_error_of_its_own(invoke: Invoke, project: Path) -> None:
    (project / "bufferlint.toml").write_text("selct = []\nstile = 1\n")
    lines = invoke("check").stderr.splitlines()
    assert len(lines) == 2 and all(re.match(r"error: bufferlint.toml:\d:1: unknown key", line) for line in lines)


def test_words_that_share_a_few_letters_are_not_alike() -> None:
    assert alike("selct", ["select", "ignore"]) == "select"
    assert alike("chekc", ["check", "fix"]) == "check"
    for word, known in (("fix", "config"), ("F401", "BUF001"), ("E501", "BUF001"), ("apply", "audit")):
        assert alike(word, [known]) is None


def test_the_errors_of_a_run_look_alike_in_a_terminal_too(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    for arguments in (["chekc"], ["check", "nowhere.py"], ["check", "--select", "X9"]):
        command = [sys.executable, "-m", "bufferlint", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=project, check=False)
        assert done.returncode == 2 and done.stderr.splitlines()[0].startswith("error: ")


def test_an_empty_command_line_prints_the_help(invoke: Invoke) -> None:
    assert "Start here:" in invoke().output
