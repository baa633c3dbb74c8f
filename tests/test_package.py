"""What is released: a wheel that holds what the commands need, built without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from bufferlint import __version__

ROOT = Path(__file__).parents[1]


def test_a_release_leads_the_links_of_its_readme_to_the_repository(tmp_path: Path) -> None:
    """An index shows README alone: without that its pictures are not seen there."""
    (tmp_path / ".ci").mkdir()
    for name in ("README.md", "pyproject.toml", ".ci/for_index.py"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    command = [
        sys.executable,
        ".ci/for_index.py",
        "https://host.example/o/bufferlint",
        "v1.2.3",
        "https://docs.example",
    ]
    subprocess.run(command, cwd=tmp_path, check=True)

    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", readme)
    pictures = [each for each in targets if each.endswith((".png", ".svg"))]
    assert pictures and all(
        each.startswith("https://host.example/o/bufferlint/raw/v1.2.3/fixtures/") for each in pictures
    )
    assert all(each.startswith(("#", "https://")) for each in targets)
    assert "](https://host.example/o/bufferlint/blob/v1.2.3/bufferlint/docs/proof.md#the-lesson-proven)" in readme
    urls = (tmp_path / "pyproject.toml").read_text(encoding="utf-8").partition("[project.urls]\n")[2].splitlines()[:2]
    assert urls == ['Repository = "https://host.example/o/bufferlint"', 'Documentation = "https://docs.example"']


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
