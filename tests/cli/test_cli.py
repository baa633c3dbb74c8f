"""The command line as a whole: help, exit codes, what is imported, what an unforeseen error looks like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from bufferlint import __version__
from bufferlint.cli.main import INTERRUPTED, Subcommands, main
from tests.cli.conftest import LESSON, Invoke

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
LOADED = """
import sys
from bufferlint.cli.main import main
try:
    main()
except SystemExit as end:
    heavy = {"libcst", "torch", "tomllib", "tomli", "pygls", "bufferlint.engine", "bufferlint.verify.worker"}
    sys.stderr.write(f"{end.code} {sorted(heavy & sys.modules.keys())}")
"""


def _run(*arguments: str, code: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    start = ["-m", "bufferlint"] if code is None else ["-c", code]
    command = [sys.executable, *start, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=ENVIRONMENT, check=False)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in Subcommands.NAMES)])
def test_help_and_version_load_nothing_heavy(arguments: list[str]) -> None:
    done = _run(*arguments, code=LOADED)
    assert done.stderr == "0 []"
    assert done.stdout


def test_check_and_fix_load_no_torch(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    for command in ("check", "fix"):
        done = _run(command, "-q", "model.py", code=LOADED, cwd=project)
        assert done.stderr.startswith("1 ")
        assert "torch" not in done.stderr
        assert "worker" not in done.stderr


def test_help_teaches_and_says_what_runs_user_code(invoke: Invoke) -> None:
    text = invoke("--help").stdout
    for command in Subcommands.NAMES:
        assert f"bufferlint {command} " in text
    assert "check and fix read code, they never import or run it." in text
    for command in Subcommands.NAMES:
        page = invoke(command, "--help").stdout
        assert f"  bufferlint {command} " in page, "an example"
    assert "This runs your code" in invoke("verify", "--help").stdout
    assert invoke("check", "-h").stdout == invoke("check", "--help").stdout


def test_version(invoke: Invoke) -> None:
    assert invoke("--version").stdout == f"bufferlint {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("chek",),
        ("check", "--nope"),
        ("check", "--output-format", "xml"),
        ("check", "nowhere.py"),
        ("check", "--persistent", "maybe"),
        ("check", "--config", "nowhere.toml"),
        ("check", "--select", "BUF9999"),
        ("check", "-", "a.py"),
        ("check", "--stdin-filename", "a.py", "b.py"),
        ("fix", "--verify", "-"),
        ("verify", "-"),
        ("verify", "nowhere.py::Net"),
        ("rule",),
        ("rule", "BUF001", "--all"),
        ("rule", "BUF9999"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_so_on_stderr(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments, stdin="")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def test_a_wrong_rule_name_names_the_nearest(invoke: Invoke) -> None:
    assert "unknown rule 'BUF0001'; did you mean 'BUF001'?" in invoke("check", "--select", "BUF0001").stderr
    assert "did you mean 'unregistered-tensor'?" in invoke("rule", "unregisterd-tensor").stderr


def test_a_wrong_configuration_stops_everything(invoke: Invoke, project: Path) -> None:
    (project / "bufferlint.toml").write_text("selct = []\n")
    result = invoke("check")
    assert result.exit_code == 2
    assert "bufferlint.toml:1:1: unknown key 'selct'; did you mean 'select'?" in result.stderr


def test_the_rule_page_comes_from_the_rule(invoke: Invoke) -> None:
    page = invoke("rule", "BUF001")
    assert page.exit_code == 0
    assert page.stdout.startswith("unregistered-tensor (BUF001)\n")
    assert invoke("rule", "unregistered-tensor").stdout == page.stdout
    assert page.stdout.strip() in invoke("rule", "--all").stdout
    assert '"code": "BUF001"' in invoke("rule", "BUF001", "--format", "json").stdout


def test_an_unforeseen_error_asks_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(sys, "argv", ["bufferlint"])
    with pytest.raises(SystemExit) as end:
        main(broken)
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "ZeroDivisionError: oops" in said
    assert "this is a bug of bufferlint" in said


def test_an_interrupt_exits_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["bufferlint"])
    with pytest.raises(SystemExit) as end:
        main(interrupted)
    assert end.value.code == INTERRUPTED == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_a_reader_that_goes_away_is_no_error(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    command = [sys.executable, "-m", "bufferlint", "check", "--output-format", "json", "model.py"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, cwd=project)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait()
    process.stderr.close()
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said


def test_colour_is_for_those_who_want_it(invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "model.py").write_text(LESSON)
    assert "\x1b[" not in invoke("check").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in invoke("check").stdout
    invoke("check", "-o", "out.txt")
    assert "\x1b[" not in (project / "out.txt").read_text()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in invoke("check").stdout
