"""A project with the lesson in it, and `bufferlint` on the PATH of an editor."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON
from tests.cli.conftest import invoke as invoke
from tests.cli.conftest import project as project
from tests.cli.editor import SERVER

TEXT = "# 😀\n" + LESSON.replace("self.mask =", "note = '😀'; self.mask =")


@pytest.fixture
def opened(project: Path) -> Path:
    """A file with a finding behind a character of two UTF-16 units."""
    path = project / "model.py"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def environment(project: Path) -> dict[str, str]:
    """The variables of an editor that finds this bufferlint."""
    (project / "bin").mkdir()
    program = project / "bin/bufferlint"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(SERVER[:-1])} "$@"\n')
    program.chmod(0o755)
    search = os.pathsep.join((str(project / "bin"), os.environ["PATH"]))
    folders = {name: str(project / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    root = str(Path(__file__).parents[2])
    return {**os.environ, **folders, "PATH": search, "PYTHONPATH": root}
