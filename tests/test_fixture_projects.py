"""Projects of several files: names across files, and findings that stand in the file of a base or a helper.

Each folder of ``fixtures/projects`` is a project; ``<name>.after.py`` is what all fixes make of ``<name>.py``. The
project as it is and as mended is run: ``main.build()`` returns a module.
"""

from __future__ import annotations

import importlib
import random
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.held_tensors import held
from tests.memory import at, mend, mended
from tests.rule_fixtures import FIXTURES, disagreements, expected
from tests.test_fixture_runs import comparable, registrations

PROJECTS = sorted(path for path in (FIXTURES / "projects").iterdir() if path.is_dir())
SETTINGS = Settings(select=("unregistered-tensor", "unregistered-state"), unsafe_fixes=True)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_findings_and_fixes_of_a_project(folder: Path) -> None:
    before, after = _files(folder)

    result = mend(before, SETTINGS)

    for path, text in before.items():
        found = [finding for finding in result.before.findings if finding.path == at(path)]
        assert "\n".join(disagreements(expected(Source(path, text)), found)) == "", path
    assert result.before.problems == result.problems == ()
    assert mended(before, result) == after
    assert mend(after, SETTINGS).changes == ()


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_files_are_judged_alike_whatever_others_are_targets(folder: Path) -> None:
    """What bears on a target is looked for in all files of its project."""
    files, _ = _files(folder)
    whole = mend(files, SETTINGS).before.findings
    for seed in range(10):
        chosen = random.Random(seed)
        some = chosen.sample(sorted(files), chosen.randint(1, len(files)))

        alone = mend(files, SETTINGS, targets=some).before.findings

        assert alone == tuple(finding for finding in whole if finding.path in map(at, some)), some


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_mended_project_runs_as_before(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, after_files = _files(folder)

    before = _build(files, tmp_path / "before", monkeypatch)
    after = _build(after_files, tmp_path / "after", monkeypatch)

    tensors, now = held(before), held(after)
    assert comparable(now) == comparable(tensors)
    promised = registrations(mend(files, SETTINGS), before)
    for name, one in tensors.items():
        assert (name, now[name].role) == (name, promised.get(name, one.role))


def _files(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The project's files as they are and as they should become, by path below its folder."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if name.endswith(".after.py"):
            after[name.replace(".after.py", ".py")] = path.read_text(encoding="utf-8")
        else:
            before[name] = path.read_text(encoding="utf-8")
    return before, {**before, **after}


def _build(files: dict[str, str], root: Path, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """Write the files, import ``main`` among them and call its ``build``; nothing of it stays imported."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    known = set(sys.modules)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [str(root), str(root / "src"), *sys.path])
        torch.manual_seed(0)
        try:
            module = importlib.import_module("main").build()
        finally:
            for name in set(sys.modules) - known:
                del sys.modules[name]
    assert isinstance(module, nn.Module)
    return module
