"""The language server in a real editor: Neovim shows the finding, applies the quick fix and writes the file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from bufferlint.editors import setup
from tests.cli.conftest import Invoke
from tests.editors.conftest import TEXT

NEOVIM = shutil.which("nvim")


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed: apt-get install neovim")
def test_neovim_shows_a_finding_and_applies_its_fix(opened: Path, environment: dict[str, str], invoke: Invoke) -> None:
    folder = opened.parent
    (folder / "init.lua").write_text(setup("neovim"))
    script = Path(__file__).with_name("neovim.lua")
    command = [str(NEOVIM), "--headless", "--clean", "-n", "-u", "init.lua", "-S", str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)

    assert (folder / "seen.json").is_file(), done.stderr
    seen = json.loads((folder / "seen.json").read_text())
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
    written = opened.read_text()
    opened.write_text(TEXT)
    invoke("fix", "--apply", "model.py")
    assert written == opened.read_text() != TEXT
