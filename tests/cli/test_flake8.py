"""The flake8 plugin, found by flake8 through the entry point that pyproject.toml declares."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bufferlint import __version__
from tests.cli.conftest import LESSON

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that declares bufferlint the way an installation of this checkout would."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = tmp_path_factory.mktemp("installed")
    info = folder / f"bufferlint-{__version__}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: bufferlint\nVersion: {__version__}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items())
        for group, names in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    return folder


def flake8(installed: Path, *arguments: str, stdin: str = "") -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(installed), str(ROOT)))}
    command = [sys.executable, "-m", "flake8", "--isolated", "-j1", "--max-line-length=120", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_findings_are_among_flake8s_own(project: Path, installed: Path) -> None:
    (project / "model.py").write_text("import os\n" + LESSON)
    (project / "clean.py").write_text("x = 1\n")
    message = "BUF001 'mask' is a plain tensor: Module.to() leaves it on the CPU and state_dict() omits it"
    assert flake8(installed, ".") == (1, f"./model.py:1:1: F401 'os' imported but unused\n./model.py:10:9: {message}\n")
    assert flake8(installed, "--select=BUF", "-", "--stdin-display-name=model.py", stdin=LESSON) == (
        1,
        f"model.py:9:9: {message}\n",
    )
    assert flake8(installed, "--extend-ignore=BUF,F", ".") == (0, "")
    assert "bufferlint: 0.1.0" in flake8(installed, "--version")[1]


def test_comments_and_configuration_count(project: Path, installed: Path) -> None:
    (project / "noqa.py").write_text(LESSON.replace("diagonal=1)", "diagonal=1)  # noqa: BUF001"))
    (project / "ours.py").write_text(LESSON.replace("diagonal=1)", "diagonal=1)  # bufferlint: ignore[BUF001]"))
    (project / "left_out.py").write_text(LESSON)
    (project / "pyproject.toml").write_text('[tool.bufferlint]\nextend-exclude = ["left_out.py"]\n')
    assert flake8(installed, ".") == (0, "")

    (project / "pyproject.toml").write_text('[tool.bufferlint]\nselekt = ["BUF001"]\n')
    code, said = flake8(installed, "noqa.py")
    assert code == 1
    assert "noqa.py:1:1: BUF900 " in said and "unknown key 'selekt'; did you mean 'select'?" in said
