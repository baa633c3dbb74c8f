"""Counts by rule, completion in the shell, and running again when a file changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO

import pytest

from tests.cli.conftest import LESSON, Invoke
from tests.cli.test_cli import ENVIRONMENT

TAKEN = LESSON.replace("class Attention", "class Taken").replace(
    "    def forward", "    mask = None\n\n    def forward"
)


def test_statistics_count_by_rule_and_mark_what_is_fixable(invoke: Invoke, project: Path) -> None:
    (project / "a.py").write_text(LESSON + "x = 1  # noqa: BUF001\n")
    (project / "b.py").write_text(TAKEN)
    result = invoke("check", "--statistics")
    assert (result.exit_code, result.stdout) == (
        1,
        "2  BUF001  [-]  unregistered-tensor\n1  BUF100  [*]  unused-suppression\n",
    )
    assert json.loads(invoke("check", "--statistics", "--output-format", "json").stdout)[0] == {
        "code": "BUF001",
        "name": "unregistered-tensor",
        "count": 2,
        "fixable": 1,
    }
    assert invoke("check", "--statistics", "b.py").stdout == "1  BUF001  [ ]  unregistered-tensor\n"
    assert invoke("check", "--statistics", "--select", "BUF003").stdout == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bufferlint ch", ["check"]),
        ("bufferlint check --diff", ["--diff-base", "--diff"]),
        ("bufferlint check --output-format js", ["json", "json-lines"]),
        ("bufferlint check --select BUF001,BUF00", [f"BUF001,BUF00{number}" for number in range(1, 10)]),
        ("bufferlint rule unregistered", ["unregistered-tensor", "unregistered-state", "unregistered-module"]),
    ],
)
def test_a_shell_completes(words: str, expected: list[str]) -> None:
    asked = {"_BUFFERLINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    command = [sys.executable, "-m", "bufferlint"]
    said = subprocess.run(command, env={**ENVIRONMENT, **asked}, capture_output=True, text=True, check=True).stdout
    assert [line.partition(",")[2] for line in said.splitlines()] == expected


def _gather(stream: IO[str], lines: Queue[str]) -> None:
    for line in stream:
        lines.put(line.rstrip("\n"))


def _until(lines: Queue[str], wanted: str) -> None:
    """Read lines up to one that holds what is wanted; others may come first, of a file that is half written."""
    while wanted not in lines.get(timeout=60):
        pass


def _can_be_interrupted() -> None:
    """As in a terminal: what a shell starts in the background inherits that it ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="interrupts a process as a terminal does")
def test_watching_reports_again_when_a_file_changes(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    command = [sys.executable, "-u", "-m", "bufferlint", "check", "--watch", "--output-format", "concise"]
    process = subprocess.Popen(
        command,
        cwd=project,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_can_be_interrupted,
    )
    assert process.stdout is not None
    lines: Queue[str] = Queue()
    reader = Thread(target=_gather, args=(process.stdout, lines))
    reader.start()
    try:
        _until(lines, "model.py:9:9: BUF001")
        _until(lines, "watching")
        (project / "model.py").write_text("\n" + LESSON)
        _until(lines, "model.py:10:9: BUF001")
        (project / "model.py").write_text("x = (\n")
        _until(lines, "model.py:1:")
        (project / "new.py").write_text(LESSON)
        _until(lines, "new.py:9:9: BUF001")
        (project / "bufferlint.toml").write_text("selct = []\n")
        _until(lines, "unknown key 'selct'")
        (project / "bufferlint.toml").unlink()
        (project / "new.py").unlink()
        (project / "model.py").write_text("x = 1\n")
        _until(lines, "No findings in 1 file.")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def test_stdin_cannot_be_watched(invoke: Invoke) -> None:
    result = invoke("check", "--watch", "-", stdin="")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: --watch needs files on the disk: name them instead of '-'\n",
    )
