"""What is released: a wheel that holds what the commands need, built without a warning."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from bufferlint import __version__

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_holds_what_the_commands_need(tmp_path: Path) -> None:
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in filter(None, files.stdout.splitlines()):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "fixtures/")):
            (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "source" / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-v", "-w", str(tmp_path), str(tmp_path / "source")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Deprecat" not in done.stdout + done.stderr

    wheel = zipfile.ZipFile(tmp_path / f"bufferlint-{__version__}-py3-none-any.whl")
    names = set(wheel.namelist())
    needed = ["py.typed", "schemas/report.schema.json", "docs/commands.md", "editors/neovim.lua"]
    needed += ["editors/vscode/package.json", "editors/vscode/out/extension.js", "editors/vscode/out/licenses.md"]
    assert {f"bufferlint/{name}" for name in needed} <= names
    assert {name.partition("/")[0] for name in names} == {"bufferlint", f"bufferlint-{__version__}.dist-info"}
    metadata = message_from_bytes(wheel.read(f"bufferlint-{__version__}.dist-info/METADATA"))
    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    needs = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert [each.partition(">")[0] for each in needs] == ["libcst", "click", "tomli"]
