"""The one door for text that leaves: hostile names, code and configuration steer neither a terminal nor a CI runner."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bufferlint
from bufferlint.project_files.options import FORMATS
from tests.cli.conftest import LESSON, Invoke
from tests.cli.editor import Editor, in_an_event_loop

NAMES = (
    "a\x1b]0;taken\x07.py",
    "b\n::error::owned\n.py",
    "::warning::c.py",
    "d\r\x1b[2K.py",
    "e\u202eyp.py",
    "f\x9b2J.py",
    "##[add-path]g.py",
    "h\x1b[8m.ipynb",
    "größe.py",
)
HOSTILE = '''\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.mask = torch.ones(n)  # ##[add-path]/tmp \x1b]0;taken\x07
        setattr(self, "name\\x1b[2J\\n::error::owned", torch.ones(n))
        self.__dict__["other\\x1b[2J"] = torch.zeros(n)
        self.register_buffer("held\\n::error::owned", torch.ones(n))
        self.register_buffer("held\\n::error::owned", torch.ones(n))
        self.table = {"key\\x1b\\n::error::owned": torch.ones(n)}
        self.moved = torch.ones(n, device="cuda\\x1b\\n::error::owned")

    def forward(self, x):
        """::error::owned
  ::error::owned
"""
        x = 1  # bufferlint: ignore[BUF001, no\x1b[2Jrule] \x1b[31m
        return x
'''


@pytest.fixture
def hostile(project: Path) -> Path:
    for name in NAMES:
        (project / name).write_text(notebook_of(HOSTILE) if name.endswith(".ipynb") else HOSTILE)
    (project / "broken\x1b[2J\n::error::owned.py").write_text("def f(:\n")
    (project / "coded\x1b[2J.py").write_text("# coding: x\x1b[2J\n")
    return project


def notebook_of(code: str) -> str:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": (), "source": code}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


OURS = {
    "github": tuple(f"::{severity} title=bufferlint" for severity in ("error", "warning", "notice")),
    "azure": ("##vso[task.logissue type=",),
}
"""How the commands of a format begin that is made of them."""


def check_harmless(text: str, *, commands: tuple[str, ...] = ()) -> None:
    """No control character but line ends and tabs, no line that a runner takes for a command but ours."""
    steering = [each for each in text if unicodedata.category(each) in ("Cc", "Zl", "Zp") and each not in "\n\t"]
    assert not steering, ascii(text[max(0, text.index(steering[0]) - 60) :][:120])
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    for line in text.split("\n"):
        ours = line.startswith(commands) if commands else False
        assert ours or not line.strip().startswith("::"), line
        rest = line.removeprefix("##vso[task.logissue ") if ours else line
        assert (ours and line.startswith("::")) or not re.search(r"##(vso|teamcity)?\[[a-z]", rest), line


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_commands_nothing(invoke: Invoke, hostile: Path, form: str) -> None:
    result = invoke("check", "--no-cache", "--output-format", form)
    assert result.exit_code == 2 and "BUF001" in result.stdout
    check_harmless(result.stdout, commands=OURS.get(form, ()))
    check_harmless(result.stderr)
    invoke("check", "--no-cache", "--output-format", form, "-o", "out.txt")
    assert (hostile / "out.txt").read_text() == result.stdout


@pytest.mark.usefixtures("hostile")
def test_programs_get_the_names_as_they_are(invoke: Invoke) -> None:
    found = json.loads(invoke("check", "--no-cache", "--output-format", "json").stdout)["findings"]
    assert {each["filename"] for each in found} == set(NAMES)
    assert "größe.py" in invoke("check", "--no-cache", "--output-format", "concise").stdout
    assert json.loads(invoke("check", "--no-cache", "--statistics", "--output-format", "json").stdout)


def test_an_answer_from_the_cache_is_as_harmless(invoke: Invoke, hostile: Path) -> None:
    for path in (hostile, *hostile.iterdir()):
        os.utime(path, (1_700_000_000.5, 1_700_000_000.5))
    time.sleep(0.05)
    first, again = invoke("check"), invoke("check", "-v")
    assert "answered from" in again.stderr and again.stdout == first.stdout
    check_harmless(again.stdout)
    check_harmless(again.stderr)


@pytest.mark.parametrize("options", [(), ("--apply",), ("--statistics",), ("--show-files",), ("--add-ignore",)])
@pytest.mark.usefixtures("hostile")
def test_no_other_output_commands_anything(invoke: Invoke, options: tuple[str, ...]) -> None:
    command = "fix" if options in ((), ("--apply",)) else "check"
    result = invoke(command, *options, *(["--no-cache"] if command == "check" else []))
    check_harmless(result.stderr)
    if options:
        check_harmless(result.stdout)


def test_a_patch_names_hostile_files_as_git_does(invoke: Invoke, project: Path) -> None:
    for name in NAMES[:6]:
        (project / name).write_text(LESSON)
    patch = invoke("fix").stdout
    check_harmless(patch)
    subprocess.run(["git", "init", "-q", project], check=True)
    subprocess.run(["git", "apply"], input=patch.encode(), cwd=project, check=True)
    assert all("register_buffer" in (project / name).read_text() for name in NAMES[:6])


def test_a_patch_in_the_log_of_github_is_no_command(
    invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "model.py"
    path.write_text(LESSON.replace("        self.mask", '        """\n::error::owned\n"""\n        self.mask'))
    plain = invoke("fix").stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    stop, *lines, resume = invoke("fix").stdout.splitlines(keepends=True)
    assert "".join(lines) == plain
    token = stop.removeprefix("::stop-commands::").strip()
    assert len(token) == 32 and resume == f"::{token}::\n"
    subprocess.run(["git", "apply"], input=f"{stop}{plain}{resume}".encode(), cwd=project, check=True)
    assert "register_buffer" in path.read_text()
    path.write_text(LESSON)
    assert not invoke("fix").stdout.startswith("::")


STEERING = r"\u001b[2J\n::error::owned"


@pytest.mark.parametrize(
    "configuration",
    [
        f'select = ["{STEERING}"]',
        f'"{STEERING}" = 1',
        f'style = "{STEERING}"',
        f'baseline = "{STEERING}.json"',
        f'[verify."x.py::Net{STEERING}"]\ninputs = 3',
        "\x1b[2J = 1",
    ],
)
def test_a_configuration_commands_nothing(project: Path, configuration: str) -> None:
    (project / "model.py").write_text(LESSON)
    (project / "bufferlint.toml").write_text(configuration)
    environment = {**os.environ, "PYTHONPATH": str(Path(bufferlint.__file__).parents[1])}
    command = [sys.executable, "-m", "bufferlint", "check", "--no-cache"]
    run = subprocess.run(command, capture_output=True, cwd=project, env=environment)
    assert run.returncode == 2 and "Traceback" not in run.stderr.decode()
    check_harmless(run.stdout.decode() + run.stderr.decode())


@in_an_event_loop
async def test_an_editor_is_told_nothing_that_commands(project: Path) -> None:
    path = project / "model.py"
    path.write_text(HOSTILE)
    editor = await Editor.start(project)
    try:
        uri = editor.open(path)
        found = await editor.diagnostics(uri)
    finally:
        await editor.stop()
    assert any("name" in each.message for each in found)
    for each in found:
        check_harmless(each.message)
        assert "\n" not in each.message


def test_all_text_leaves_by_one_door() -> None:
    """No module of the linter prints but `bufferlint.cli.output`, and the pager for rules' own pages."""
    package = Path(bufferlint.__file__).parent
    allowed = {"cli/output.py": {"echo"}, "cli/commands/rule.py": {"echo_via_pager"}}
    for path in package.rglob("*.py"):
        name = path.relative_to(package).as_posix()
        if not name.startswith("verify/worker/"):
            assert set(printing(path)) <= allowed.get(name, set()), name


def printing(path: Path) -> Iterator[str]:
    """The functions that print which a file calls."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("click.echo", "click.secho", "click.echo_via_pager", "print", "traceback.print_exc"):
                yield called.rpartition(".")[2]
            elif called.endswith((".show", "stdout.write", "stderr.write")) and not node.args:
                yield called
