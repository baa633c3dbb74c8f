"""What is found in a file depends on its project, not on the paths that were named."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Invoke

TOP = "import torch\nfrom torch import nn\n\n\n"
FILES = {
    "net/__init__.py": "from .layers import Attend as Attention\n",
    "net/layers.py": TOP
    + """\
class Attend(nn.Module):
    def __init__(self, mask):
        super().__init__()
        self.mask = mask
        self.scale = torch.ones(3)
        self.table = self.make()

    def make(self):
        return None

    def forward(self, x):
        return x * self.scale + self.mask


class Store:
    def keep(self, n):
        self.held = torch.ones(n)
        self.pinned = torch.zeros(n)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.plain = torch.ones(3)
        self.other = torch.zeros(2)
""",
    "net/heads.py": TOP
    + """\
from net import Attention
from net.layers import Store

Base = Attention


class Kept(nn.Module, Store):
    def __init__(self):
        super().__init__()
        self.keep(3)
        self.extra = torch.ones(2)
""",
    "net/deep/__init__.py": "",
    "net/deep/open.py": """\
from ..heads import Base


class Open(Base):
    scale = None

    def make(self):
        import torch

        return torch.ones(2)
""",
    "train.py": """\
import torch
from net.layers import Attend, Plain


def build():
    return Attend(torch.ones(3))


def load(path):
    model = Plain()
    model.plain = path
    return model
""",
    "demo.ipynb": json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "code",
                    "source": ["from net.layers import Plain\n", "class Shown(Plain):\n", "    other = None\n"],
                    "metadata": {},
                    "outputs": [],
                    "execution_count": None,
                }
            ],
        }
    ),
    "tools/setup.py": "",
    "tools/own.py": TOP + "from net.layers import Attend\n\n\nclass Own(Attend):\n    mask = None\n",
    "build/old.py": "from net.layers import Plain\n\n\nclass Old(Plain):\n    plain = None\n",
    "left/gone.py": "from net.layers import Plain\n\n\nclass Gone(Plain):\n    plain = None\n",
    ".gitignore": "left/\n",
    "broken.py": "from net.layers import Plain\nclass Broken(Plain:\n",
}
CHECKED = sorted(
    name for name in FILES if name.endswith((".py", ".ipynb")) and not name.startswith(("build/", "left/"))
)


@pytest.fixture
def tree(project: Path) -> Path:
    (project / ".git").mkdir()
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    return project


@pytest.mark.parametrize("seed", range(25))
def test_a_part_of_the_files_is_judged_as_in_the_whole(
    tree: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chosen = random.Random(seed)
    whole = findings(invoke, tree, ["."])
    assert {name for name, *_ in whole} == {"net/layers.py", "net/heads.py"}
    some = chosen.sample(CHECKED, chosen.randint(1, 4))
    folders = [name for name in ("net", "net/deep", "tools") if chosen.random() < 0.2]
    monkeypatch.chdir(tree / chosen.choice([".", "net", "net/deep", "tools"]))
    spelled = [_spelled(tree / name, chosen) for name in (*some, *folders)]

    assert findings(invoke, tree, spelled) == [
        row for row in whole if row[0] in some or row[0].startswith(tuple(f"{folder}/" for folder in folders))
    ]


@pytest.mark.parametrize("seed", range(6))
def test_names_gathered_from_all_files_tell_what_a_search_for_each_tells(
    tree: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    some = random.Random(seed).sample(CHECKED, 3)
    searched = findings(invoke, tree, some)
    monkeypatch.setattr("bufferlint.resolution.context._FEW", 0)

    assert findings(invoke, tree, some) == searched


def test_a_subclass_in_a_file_that_is_not_named_withholds_a_fix(tree: Path, invoke: Invoke) -> None:
    marks = {row[2:4]: row[4] for row in findings(invoke, tree, ["net/layers.py"])}
    assert marks["Attend", "mask"] != "safe" and marks["Attend", "scale"] != "safe"
    (tree / "net/deep/open.py").unlink()
    (tree / "tools/own.py").unlink()
    marks = {row[2:4]: row[4] for row in findings(invoke, tree, ["net/layers.py"])}
    assert marks["Attend", "scale"] == "safe"


def test_what_is_left_out_of_the_project_is_no_context(tree: Path, invoke: Invoke) -> None:
    def mark(*options: str) -> str:
        rows = findings(invoke, tree, ["net/layers.py", *options])
        return str(next(row[4] for row in rows if row[2:4] == ("Plain", "other")))

    (tree / "train.py").unlink()
    (tree / "broken.py").unlink()
    assert mark() != "safe"
    assert mark("--extend-exclude", "demo.ipynb") == "safe"


def test_context_is_shown_apart(tree: Path, invoke: Invoke) -> None:
    lines = invoke("check", "--show-files", "net/deep").stdout.splitlines()
    assert lines[:2] == ["net/deep/__init__.py", "net/deep/open.py"]
    assert lines[2:] == [f"# context: {name}" for name in CHECKED if not name.startswith("net/deep")]


def test_a_new_file_of_the_project_is_heard_of(tree: Path, invoke: Invoke) -> None:
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (1_500_000_000.5, 1_500_000_000.5))
    time.sleep(0.1)  # what changed just now is not kept
    first = invoke("check", "net/heads.py")
    assert "cache: answered" in invoke("check", "-v", "net/heads.py").stderr

    (tree / "late.py").write_text("from net.heads import Kept\n\n\nclass Late(Kept):\n    extra = None\n")

    assert invoke("check", "net/heads.py").stdout != first.stdout


def test_files_of_no_project_have_their_package_for_context(
    tmp_path: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = tmp_path / "free"
    for name in ("net/__init__.py", "net/layers.py", "net/heads.py", "net/deep/__init__.py", "net/deep/open.py"):
        (free / name).parent.mkdir(parents=True, exist_ok=True)
        (free / name).write_text(FILES[name])
    (free / "train.py").write_text(FILES["train.py"])
    monkeypatch.setenv("HOME", tmp_path.as_posix())  # a pyproject.toml lies there: a home folder is no project

    lines = invoke("check", "--show-files", "free/net/layers.py").stdout.splitlines()

    assert [line.removeprefix("# context: ") for line in lines[1:]] == [
        f"free/net/{name}" for name in ("__init__.py", "deep/__init__.py", "deep/open.py", "heads.py")
    ]


def test_a_project_that_is_too_large_is_told_of_once(
    tree: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bufferlint.project_files.membership.MOST_FILES", 5)
    said = invoke("check", "net/layers.py", "net/heads.py").stderr
    assert said.count("'exclude'") == 1
    assert "exclude" not in invoke("check", "--quiet", "net/layers.py").stderr


def findings(invoke: Invoke, tree: Path, paths: Iterable[str]) -> list[tuple[Any, ...]]:
    """Each finding of a run: its file, line, class, attribute, fix and reasons."""
    report = json.loads(invoke("check", "--no-cache", "--output-format", "json", *paths).stdout)
    rows = []
    for each in report["findings"]:
        name = Path(os.path.normpath(Path(each["filename"]).absolute())).relative_to(tree).as_posix()
        fix = each["fix"] or {}
        row = (name, each["location"]["row"], each["class"], each["attribute"], fix.get("applicability"))
        rows.append((*row, each["message"], each["reason"], each["withheld"], fix.get("caveat")))
    return rows


def _spelled(path: Path, chosen: random.Random) -> str:
    return str(path) if chosen.random() < 0.5 else os.path.relpath(path)
