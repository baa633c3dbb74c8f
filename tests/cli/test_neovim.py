"""The language server in a real editor: Neovim shows the finding, applies the quick fix and writes the file."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Invoke
from tests.cli.editor import SERVER

NEOVIM = shutil.which("nvim")
PAGE = Path(__file__).parents[2] / "bufferlint/docs/editors.md"


@pytest.mark.skipif(NEOVIM is None, reason="Neovim is not installed: apt-get install neovim")
def test_neovim_shows_a_finding_and_applies_its_fix(project: Path, invoke: Invoke) -> None:
    path = project / "model.py"
    text = "# 😀\n" + LESSON.replace("self.mask =", "note = '😀'; self.mask =")
    path.write_text(text)
    (project / "init.lua").write_text(_setup_on_the_page())
    (project / "bin").mkdir()
    program = project / "bin/bufferlint"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(SERVER[:-1])} "$@"\n')
    program.chmod(0o755)
    search = os.pathsep.join((str(project / "bin"), os.environ["PATH"]))
    environment = {**os.environ, "PATH": search, "XDG_STATE_HOME": str(project / "state")}
    script = Path(__file__).with_name("neovim.lua")
    command = [str(NEOVIM), "--headless", "--clean", "-n", "-u", "init.lua", "-S", str(script)]
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


def _setup_on_the_page() -> str:
    """What the page about editors tells to put into init.lua, for the version of Neovim that is here."""
    version = subprocess.run([str(NEOVIM), "--version"], capture_output=True, text=True, check=True).stdout
    numbers = re.match(r"NVIM v(\d+)\.(\d+)", version)
    assert numbers, version
    recent, older = re.findall(r"^```lua\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(recent if (int(numbers[1]), int(numbers[2])) >= (0, 11) else older)
