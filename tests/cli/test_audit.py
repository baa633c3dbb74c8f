"""``bufferlint audit`` from end to end."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke

pytestmark = pytest.mark.slow

FIXTURE = Path(__file__).parents[2] / "fixtures" / "verify" / "audited.py"


def test_a_model_is_built_and_its_stray_tensors_are_listed(invoke: Invoke, project: Path) -> None:
    shutil.copy(FIXTURE, project / "audited.py")
    found = invoke("audit", "audited:make", "--python", sys.executable)
    assert found.exit_code == 1, found.output
    assert "parts.1.mask: plain tensor 4x4 float32 on cpu, made at audited.py:19\n    BUF001 [*] 'mask'" in found.stdout
    assert "notes.history['first']: holder 2 int64 on cpu" in found.stdout
    assert found.stdout.endswith("\nWhole: 15 tensors not registered; the static check reports 13 of them.\n")
    clean = invoke("audit", "audited.py:Clean", "--python", sys.executable)
    assert (clean.exit_code, clean.stdout) == (0, "Clean: every tensor is a parameter or a buffer.\n")


def test_what_cannot_be_built_is_said_with_what_it_printed(invoke: Invoke, project: Path) -> None:
    shutil.copy(FIXTURE, project / "audited.py")
    failed = invoke("audit", "audited:fails", "--python", sys.executable)
    assert failed.exit_code == 2
    assert (
        "on the way" in failed.stderr and "audited:fails cannot be built: ValueError: no weights here" in failed.stderr
    )
    assert invoke("audit", "audited", "--python", sys.executable).exit_code == 2
    assert "names no function" in invoke("audit", "audited.py").stderr


def test_a_model_that_pytorch_cannot_walk_is_said_to_be_one(invoke: Invoke, project: Path) -> None:
    shutil.copy(FIXTURE.with_name("unwalkable.py"), project / "unwalkable.py")
    failed = invoke("audit", "unwalkable:NeverInitialized", "--python", sys.executable)
    assert failed.exit_code == 2
    assert "unwalkable:NeverInitialized was built, but PyTorch cannot walk its modules" in failed.stderr
    assert "super().__init__()" in failed.stderr
    twin = invoke("audit", "unwalkable:Hashable", "--python", sys.executable)
    assert (twin.exit_code, twin.stdout.split(":")[0]) == (1, "mask")


def test_a_module_is_looked_for_where_the_command_is_called(
    invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text("[tool.bufferlint]\n")
    inner = project / "inner"
    inner.mkdir()
    shutil.copy(FIXTURE, inner / "audited.py")
    monkeypatch.chdir(inner)
    assert invoke("audit", "audited:Clean", "--python", sys.executable).exit_code == 0
