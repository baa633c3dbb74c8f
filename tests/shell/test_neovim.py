"""The language server in a real editor: Neovim shows the finding, applies the quick fix and writes the file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.shell.conftest import LESSON, Invoke
from tests.shell.editor import SERVER

NEOVIM = shutil.which("nvim")


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed: apt-get install neovim")
def test_neovim_shows_a_finding_and_applies_its_fix(project: Path, invoke: Invoke) -> None:
    path = project / "model.py"
    text = "# 😀\n" + LESSON.replace("self.mask =", "note = '😀'; self.mask =")
    path.write_text(text)
    environment = {**os.environ, "BUFFERLINT_SERVER": json.dumps(SERVER), "XDG_STATE_HOME": str(project / "state")}
    command = [str(NEOVIM), "--headless", "--clean", "-n", "-S"]
    command.append(str(Path(__file__).with_name("neovim.lua")))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)

    assert (project / "seen.json").is_file(), done.stderr
    seen = json.loads((project / "seen.json").read_text())
    column = len("        note = '😀'; ".encode()) + 1
    assert seen == {
        "shown": True,
        "row": 10,
        "column": column,
        "message": "'mask' is a plain tensor: Module.to() leaves it on the CPU and state_dict() omits it",
        "source": "bufferlint",
        "offered": 4,
        "fixed": True,
        "silent": True,
    }
    written = path.read_text()
    path.write_text(text)
    invoke("fix", "--apply", "model.py")
    assert written == path.read_text() != text
