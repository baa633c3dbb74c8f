"""The hooks, run by pre-commit itself out of a git repository that holds this checkout's files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FIXED = LESSON.replace("self.mask = torch", 'self.register_buffer("mask", torch').replace("diagonal=1)", "diagonal=1))")


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"PRE_COMMIT_HOME": str(folder.parent / "cache"), "PRE_COMMIT_COLOR": "never"}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    done = run(folder, "git", *identity, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def repository(folder: Path) -> str:
    """Commit all files of a folder; the revision."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """This checkout as a repository of hooks."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "bufferlint", folder / "bufferlint", ignore=shutil.ignore_patterns("__pycache__"))
    repository(folder)
    return folder


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A user's repository with a finding, in a module and in a notebook of another language."""
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / "model.py").write_text(LESSON)
    (folder / "notes.md").write_text("self.mask = torch.ones(2)\n")
    shutil.copy(ROOT / "fixtures/notebooks/julia.ipynb", folder)
    repository(folder)
    return folder


def test_try_repo_finds_and_fixes(hooks: Path, user: Path) -> None:
    tried = run(user, sys.executable, "-m", "pre_commit", "try-repo", str(hooks), "--all-files")

    assert tried.returncode == 1, tried.stderr
    assert "model.py:9:9: BUF001 [*] 'mask' is a plain tensor" in tried.stdout
    assert "files were modified by this hook" in tried.stdout
    assert "Fixed 1 finding in 1 file." in tried.stdout
    assert (user / "model.py").read_text() == FIXED


def test_hooks_pass_once_all_is_fixed_and_when_nothing_matches(hooks: Path, user: Path) -> None:
    (user / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks.as_posix()}\n  rev: {git(hooks, 'rev-parse', 'HEAD')}\n"
        "  hooks:\n  - id: bufferlint-fix\n  - id: bufferlint\n"
    )
    pre_commit = (sys.executable, "-m", "pre_commit", "run")
    first = run(user, *pre_commit, "--all-files")
    assert first.returncode == 1, first.stdout + first.stderr
    assert (user / "model.py").read_text() == FIXED

    second = run(user, *pre_commit, "--all-files")
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.count("Passed") == 2

    none = run(user, *pre_commit, "--files", "notes.md")
    assert none.returncode == 0
    assert none.stdout.count("(no files to check)Skipped") == 2

    [python] = (user.parent / "cache").glob("repo*/py_env-*/bin/python")
    code = (
        "import importlib.util as i; print([n for n in ('bufferlint', 'libcst', 'torch', 'numpy') if i.find_spec(n)])"
    )
    assert run(user, python, "-I", "-c", code).stdout == "['bufferlint', 'libcst']\n"
