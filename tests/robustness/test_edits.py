"""An answer outlives every edit that it is said to; more by hand: ``python -m tests.robustness.edits``."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.model import project
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace
from tests.robustness.edits import look_at

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures"
FOLDERS = sorted(path for path in (FIXTURES / "rules").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_edits_that_nobody_sees_change_nothing(folder: Path) -> None:
    files = {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in sorted(folder.rglob("*.py"))}
    workspace = MemoryWorkspace({name: Source(f"/project/{name}", text) for name, text in files.items()})
    for settings in (Settings(), Settings(select=("ALL",))):
        assert look_at(workspace.paths, workspace, settings).same


def test_most_functions_of_a_model_may_be_edited_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "_MANY", 0)  # the screen notes its verdicts, which outlive edits of constructors
    files = {f"block_{number}.py": _BLOCK for number in range(3)}
    found = look_at(MemoryWorkspace(files).paths, MemoryWorkspace(files), Settings())
    assert (found.functions, found.planted, found.findings, found.same) == (9, 9, 0, True)


_BLOCK = """\
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x):
        return self.linear(x)

    def extra_repr(self):
        return "a block"
"""
