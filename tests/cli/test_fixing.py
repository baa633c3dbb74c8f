"""Changes in the files' own bytes: patches that git takes, files written as they were but for the edit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bufferlint.cli.fixing import Rewritten, patch, rewritten, written
from bufferlint.engine import Change
from bufferlint.finding import Problem
from bufferlint.project_files.workspace import DiskWorkspace, Opened
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.source import Source
from bufferlint.text.span import Span

OLD, NEW = "self.m = t", 'self.register_buffer("m", t)'
CODE = f"# é\nx = 1\n{OLD}  # ü\ny = 2"
NOTEBOOK = {
    "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [OLD + "\n", "é = 1"]}],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
FILES = {
    "plain.py": CODE.encode(),
    "a name with blanks.py": CODE.encode(),
    "çédille.py": CODE.encode(),
    "crlf.py": CODE.replace("\n", "\r\n").encode(),
    "mixed.py": CODE.replace("\n", "\r\n", 1).encode(),
    "bom.py": b"\xef\xbb\xbf" + CODE.encode(),
    "latin.py": ("# -*- coding: latin-1 -*-\n" + CODE).encode("latin-1"),
    "formfeed.py": CODE.replace("x = 1", "\x0cx = 1\x1c\x85\u2028 ").encode(),
    "deep/down/ends.py": (CODE + "\n").encode(),
    "only.py": OLD.encode(),
    "crlf.ipynb": json.dumps(NOTEBOOK, indent=1, ensure_ascii=False).replace("\n", "\r\n").encode(),
    "bom.ipynb": b"\xef\xbb\xbf" + json.dumps(NOTEBOOK).encode(),
}


def _expected(name: str, data: bytes) -> bytes:
    new = json.dumps(NEW)[1:-1] if name.endswith(".ipynb") else NEW
    return data.replace(OLD.encode(), new.encode())


def _change(workspace: DiskWorkspace, path: Path) -> Change:
    source = workspace.source(path.as_posix())
    assert isinstance(source, Source)
    start = source.text.index(OLD)
    edits = (Edit(Span(start, start + len(OLD)), NEW),)
    return Change(source, edits, apply_edits(source.text, edits), ())


def _prepared(folder: Path) -> tuple[Rewritten, ...]:
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    workspace = DiskWorkspace(folder.as_posix())
    ready, problems = rewritten([_change(workspace, folder / name) for name in FILES], workspace)
    assert not problems
    return ready


@pytest.mark.parametrize("below", ["", "sub", "deep/down", "with blank"])
def test_git_applies_the_patch_where_it_was_made(tmp_path: Path, below: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    folder = tmp_path / below
    ready = _prepared(folder)
    diff = patch(ready, folder.as_posix())
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=diff, check=True)
    for name, data in FILES.items():
        assert (folder / name).read_bytes() == _expected(name, data), name


def test_writing_changes_nothing_but_the_edit(tmp_path: Path) -> None:
    delivered = written(_prepared(tmp_path))
    done, problems = delivered.done, delivered.problems
    assert len(done) == len(FILES)
    assert not problems
    for name, data in FILES.items():
        assert (tmp_path / name).read_bytes() == _expected(name, data), name


def test_a_file_that_changed_meanwhile_stops_no_other(tmp_path: Path) -> None:
    ready = _prepared(tmp_path)
    (tmp_path / "plain.py").write_bytes(b"mine")
    delivered = written(ready)
    done, problems = delivered.done, delivered.problems
    assert len(done) == len(FILES) - 1
    assert [Path(problem.path).name for problem in problems] == ["plain.py"]
    assert (tmp_path / "plain.py").read_bytes() == b"mine"


def test_a_signal_that_waits_ends_the_writing_between_two_files(tmp_path: Path) -> None:
    ready = _prepared(tmp_path)
    assert not written(ready, [2]).done
    for name, data in FILES.items():
        assert (tmp_path / name).read_bytes() == data, name


def test_a_character_that_the_encoding_lacks_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"# coding: latin-1\nx = 1\n")
    workspace = DiskWorkspace(tmp_path.as_posix())
    source = workspace.source(f"{tmp_path.as_posix()}/a.py")
    assert source is not None
    change = Change(source, (), source.text + "# \u20ac\n", ())
    ready, problems = rewritten([change], workspace)
    assert not ready
    assert "cannot be written into the file" in problems[0].cause


def test_the_workspace_answers_alike_all_through_a_run(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    workspace = DiskWorkspace(tmp_path.as_posix())
    first = workspace.source(path.as_posix())
    path.write_text("x = 2\n")
    assert workspace.source(path.as_posix()) is first
    assert workspace.source(f"{tmp_path.as_posix()}/gone.py") is None
    (tmp_path / "gone.py").write_text("late\n")
    assert workspace.source(tmp_path.as_posix()) is None


def test_unsaved_text_lies_over_the_file(tmp_path: Path) -> None:
    path = f"{tmp_path.as_posix()}/a.py"
    Path(path).write_text("x = 1\n")
    workspace = DiskWorkspace(tmp_path.as_posix(), {path: b"\xef\xbb\xbfx = 2\n"})
    opened = workspace.open(path)
    assert isinstance(opened, Opened)
    assert (opened.source.text, opened.raw) == ("x = 2\n", b"\xef\xbb\xbfx = 2\n")


def test_what_cannot_be_read_is_a_problem_and_the_others_go_on(tmp_path: Path) -> None:
    root = tmp_path.as_posix()
    (tmp_path / "good.py").write_bytes(b"x = 1\n")
    (tmp_path / "bytes.py").write_bytes(b"a\nb\nc = '\xff'\n")
    (tmp_path / "nul.py").write_bytes(b"a\0")
    (tmp_path / "odd.py").write_bytes(b"# coding: nonsense\n")
    (tmp_path / "bad.ipynb").write_bytes(b"{")
    names = ("good.py", "bytes.py", "nul.py", "odd.py", "bad.ipynb", "gone.py")
    readable, problems = DiskWorkspace(root).readable([f"{root}/{name}" for name in names])
    assert readable == (f"{root}/good.py",)
    assert [Path(problem.path).name for problem in problems] == list(names[1:])
    by_name: dict[str, Problem] = {Path(problem.path).name: problem for problem in problems}
    assert by_name["bytes.py"].location is not None
    assert by_name["bytes.py"].location.row == 3
    assert "PEP 263" in by_name["bytes.py"].advice
    assert by_name["gone.py"].cause == "cannot read it: No such file or directory"
