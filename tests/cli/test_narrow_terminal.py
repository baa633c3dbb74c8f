"""Text fits the terminal that it is printed on, and is left as it is for files and pipes."""

from __future__ import annotations

import fcntl
import itertools
import os
import pty
import struct
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

import click
import pytest

from bufferlint.finding import Report
from bufferlint.report import text
from bufferlint.report.view import View, width
from tests.cli.conftest import LESSON, Invoke
from tests.cli.test_output import SAFE, finding_of

LONG = LESSON.replace("diagonal=1)", "diagonal=1).to(dtype=torch.float32, memory_format=torch.contiguous_format)")


def shown(columns: int | None) -> str:
    """A finding in the lesson's text, as a terminal of some width gets it."""
    finding = replace(finding_of(fix=SAFE), withheld=None, reason="tensor: " + "torch.triu(...) " * 9)
    return text.render(Report((finding,)), View("/p", columns=columns))


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
def test_no_line_is_longer_than_the_terminal_is_wide(columns: int) -> None:
    assert max(map(len, click.unstyle(shown(columns)).splitlines())) <= columns
    assert "".join(click.unstyle(shown(columns)).split()) == "".join(click.unstyle(shown(None)).split())


def test_a_pipe_gets_whole_lines(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(LONG)
    lines = invoke("check").stdout.splitlines()
    assert lines[2].endswith("memory_format=torch.contiguous_format)")
    assert max(map(len, lines)) > 110


def in_a_terminal(project: Path, columns: int, *arguments: str) -> str:
    """Returns what a command prints that finds something."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-m", "bufferlint", *arguments]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, cwd=project, check=False)
    os.close(theirs)
    printed = os.read(ours, 100_000).decode().replace("\r", "")
    os.close(ours)
    assert done.returncode == 1
    return printed


def test_a_patch_is_coloured_on_a_terminal_and_plain_for_programs(project: Path, invoke: Invoke) -> None:
    (project / "model.py").write_text(LESSON)
    plain = invoke("fix", "--color", "always").stdout
    assert "\x1b" not in plain
    shown = in_a_terminal(project, 100, "fix", "--color", "always")
    assert click.unstyle(shown) == plain
    assert "\x1b[31m-        self.mask" in shown and "\x1b[32m+        self.register_buffer" in shown


@pytest.mark.parametrize("columns", [50, 60, 200])
def test_a_terminal_gets_lines_that_fit_with_carets_below_the_value(project: Path, columns: int) -> None:
    (project / "model.py").write_text(LONG)
    lines = in_a_terminal(project, columns, "check", "--color", "never").splitlines()
    assert lines
    assert max(map(width, lines)) <= columns
    code, carets = next((a, b) for a, b in itertools.pairwise(lines) if "^^^" in b)
    assert code[carets.index("^") :].startswith("self.mask")
    assert ("..." in code) == (columns < 130)
