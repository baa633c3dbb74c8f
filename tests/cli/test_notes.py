"""What runs gathered from files for later ones: they say the same, and read less."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bufferlint.engine import analyse
from bufferlint.finding import Problem
from bufferlint.project_files.projects import Project, Projects
from bufferlint.project_files.workspace import DiskWorkspace, Opened
from bufferlint.text.source import Source
from tests.cli.conftest import Invoke
from tests.cli.test_cache import CACHE, settle, write

BASE = """\
from torch import nn


class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = self.make()

    def make(self):
        raise NotImplementedError

    def forward(self, x):
        return x + self.table
"""
OVERRIDING = """\
import torch
from net.base import Base


class Child(Base):
    def make(self):
        return torch.ones(3)
"""
OTHERS = 30


@pytest.fixture
def tree(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("bufferlint.resolution.context._FEW", 0)
    (project / "net").mkdir()
    write(project / "net/__init__.py", "")
    write(project / "net/base.py", BASE)
    for number in range(OTHERS):
        write(project / f"net/other{number}.py", f"class Other{number}:\n    pass\n")
    settle(project)
    return project


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read, as they are."""
    names = list[str]()
    opening = DiskWorkspace._read

    def watched(workspace: DiskWorkspace, path: str) -> Opened | Problem:
        names.append(Path(path).name)
        return opening(workspace, path)

    monkeypatch.setattr(DiskWorkspace, "_read", watched)
    return names


def found(invoke: Invoke, *more: str) -> list[str]:
    said = json.loads(invoke("check", "--output-format", "json", *more, "net/base.py").stdout)
    return [each["class"] for each in said["findings"]]


def edit(tree: Path, times: int) -> None:
    """Change the named file, so that no earlier answer holds for it."""
    write(tree / "net/base.py", BASE + f"\n\nclass More{times}(Base):\n    pass\n")


def test_files_that_did_not_change_are_not_read_again(tree: Path, invoke: Invoke, read: list[str]) -> None:
    found(invoke)
    assert sum(name.startswith("other") for name in read) == OTHERS
    read.clear()
    edit(tree, 1)
    write(tree / "net/other3.py", "class Changed:\n    pass\n")

    found(invoke)
    assert [name for name in read if name.startswith("other")] == ["other3.py"]


def test_a_subclass_that_comes_and_goes_is_noticed(tree: Path, invoke: Invoke) -> None:
    for times in range(3):
        edit(tree, 2 * times)
        assert found(invoke) == []
        write(tree / "net/other5.py", OVERRIDING)
        edit(tree, 2 * times + 1)
        assert found(invoke) == found(invoke, "--no-cache") == ["Child"]
        (tree / "net/other5.py").unlink() if times else write(tree / "net/other5.py", "class Other5:\n    pass\n")


def test_a_change_that_keeps_size_and_time_is_noticed(tree: Path, invoke: Invoke) -> None:
    other, space = tree / "net/other7.py", "#" * 200
    write(other, f"class Other7:\n    pass\n{space}"[: len(OVERRIDING)].ljust(len(OVERRIDING), "#"))
    assert found(invoke) == []
    before = other.stat()
    other.write_text(OVERRIDING)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    settle(tree)
    edit(tree, 1)

    assert found(invoke) == ["Child"]


@pytest.mark.parametrize("harm", ["cut", "changed", "another's", "a folder", "a link"])
def test_notes_that_are_not_as_they_were_written_are_none(tree: Path, invoke: Invoke, harm: str) -> None:
    found(invoke)
    notes = tree / CACHE / "names.notes"
    data = notes.read_bytes()
    notes.unlink()
    if harm == "a folder":
        notes.mkdir()
    elif harm == "a link":
        (tree / "kept").write_bytes(data)
        notes.symlink_to(tree / "kept")
    else:
        notes.write_bytes({"cut": data[:-7], "changed": data.replace(b"Other7", b"Base77"), "another's": b"x"}[harm])
    write(tree / "net/other5.py", OVERRIDING)
    edit(tree, 1)

    assert found(invoke) == ["Child"]
    assert harm != "a link" or (tree / "kept").read_bytes() == data


def test_an_editor_reads_other_files_once_and_what_is_typed_counts(tree: Path, read: list[str]) -> None:
    project = Projects().of((tree / "net/base.py").as_posix())
    assert isinstance(project, Project)

    def found_with(buffers: dict[str, Opened | Problem]) -> list[str]:
        named = (tree / "net/base.py").as_posix()
        workspace = project.workspace(named, buffers)
        return [
            each.class_name for each in analyse([named], workspace, project.settings, project.memory.facts).findings
        ]

    assert found_with({}) == []
    assert sum(name.startswith("other") for name in read) == OTHERS
    read.clear()
    typed = (tree / "net/other5.py").as_posix()

    assert found_with({typed: Opened(Source(typed, OVERRIDING))}) == ["Child"]
    assert found_with({}) == []
    assert set(read) <= {"base.py", "other5.py", "__init__.py"}


def test_without_a_cache_nothing_is_noted(tree: Path, invoke: Invoke) -> None:
    found(invoke, "--no-cache")
    assert not (tree / CACHE).exists()
    found(invoke)
    assert (tree / CACHE / "names.notes").exists()
    invoke("clean")
    assert not (tree / CACHE).exists()
