"""``--diff-base``: only findings on lines that changed since a revision."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Invoke

NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"
OTHER = LESSON.replace("class Attention", "class Other")
MASK = "        self.mask = torch.triu(torch.ones(n, n), diagonal=1)\n"


def git(*arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(project: Path) -> Path:
    """A commit of two files with a finding each, and a notebook with one."""
    (project / "model.py").write_text(LESSON)
    (project / "other.py").write_text(OTHER)
    shutil.copy(NOTEBOOKS / "magics.ipynb", project)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    return project


def found(invoke: Invoke, revision: str = "HEAD", *arguments: str, stdin: str | None = None) -> list[str]:
    result = invoke("check", "--output-format", "concise", "--diff-base", revision, *arguments, stdin=stdin)
    assert result.exit_code == (1 if result.stdout else 0), result.output
    return [line.split(": ")[0] for line in result.stdout.splitlines()]


def test_old_findings_are_left_out(invoke: Invoke, repository: Path) -> None:
    assert found(invoke) == []
    (repository / "model.py").write_text("'''Moved.'''\n" + LESSON)
    assert found(invoke) == []


def test_a_changed_line_is_reported(invoke: Invoke, repository: Path) -> None:
    (repository / "model.py").write_text(LESSON.replace(MASK, "        self.rows = torch.ones(n)\n" + MASK))
    assert found(invoke) == ["model.py:9:9"]
    (repository / "other.py").write_text(OTHER.replace("diagonal=1", "\n            diagonal=2,\n        "))
    assert found(invoke) == ["model.py:9:9", "other.py:9:9"]
    assert found(invoke, "HEAD", "other.py") == ["other.py:9:9"]


def test_new_files_count_whole_and_renamed_ones_by_their_changes(invoke: Invoke, repository: Path) -> None:
    (repository / "fresh.py").write_text(LESSON.replace("Attention", "Fresh"))
    git("mv", "other.py", "renamed.py")
    assert found(invoke) == ["fresh.py:9:9"]
    git("add", "-A")
    assert found(invoke) == ["fresh.py:9:9"]


def test_since_the_branch_left(invoke: Invoke, repository: Path) -> None:
    git("checkout", "-q", "-b", "topic")
    (repository / "model.py").write_text(LESSON + "\n\n" + OTHER.partition("\n\n\n")[2])
    git("commit", "-q", "-a", "-m", "second")
    git("checkout", "-q", "main")
    (repository / "other.py").write_text("x = 1\n")
    git("commit", "-q", "-a", "-m", "third")
    git("checkout", "-q", "topic")
    assert found(invoke, "main") == ["model.py:20:9"]


def test_notebooks_are_compared_by_their_code(invoke: Invoke, repository: Path) -> None:
    notebook = json.loads((repository / "magics.ipynb").read_text())
    for cell in notebook["cells"]:
        cell["metadata"]["touched"] = True
    (repository / "magics.ipynb").write_text(json.dumps(notebook))
    assert found(invoke) == []
    for cell in notebook["cells"]:
        cell["source"] = (
            "".join(cell["source"]).replace("self.causal =", "self.causal  =").replace("self.mask =", "self.mask  =")
        )
    (repository / "magics.ipynb").write_text(json.dumps(notebook))
    assert len(found(invoke)) == 1


def test_stdin_is_compared_with_the_file_it_stands_for(invoke: Invoke, repository: Path) -> None:
    named = ("--stdin-filename", "model.py", "-")
    assert found(invoke, "HEAD", *named, stdin=LESSON) == []
    assert found(invoke, "HEAD", *named, stdin=LESSON.replace("diagonal=1", "diagonal=2")) == ["model.py:9:9"]
    assert found(invoke, "HEAD", "--stdin-filename", "new.py", "-", stdin=LESSON) == ["new.py:9:9"]


def test_from_a_folder_below(invoke: Invoke, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "pkg").mkdir()
    (repository / "pkg/new.py").write_text(LESSON)
    monkeypatch.chdir(repository / "pkg")
    assert found(invoke) == ["new.py:9:9"]


def test_what_git_cannot_say(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    outside = invoke("check", "--diff-base", "HEAD")
    assert (outside.exit_code, outside.stdout) == (2, "")
    assert "--diff-base HEAD: this folder lies in no git repository; name a revision" in outside.stderr
    git("init", "-q")
    assert "--diff-base nope: git knows no such revision; " in invoke("check", "--diff-base", "nope").stderr
    assert "git knows no such revision; " in invoke("check", "--diff-base=--help").stderr


PROGRAMS = {
    "a monitor": ("[core]\n\tfsmonitor = touch ran\n", ""),
    "a filter": ('[filter "x"]\n\tclean = touch ran; cat\n\trequired = true\n', "*.py filter=x\n"),
    "a filter with a process": ('[filter "x.y=z"]\n\tprocess = touch ran\n', "*.py filter=x.y=z\n"),
    "a converter": ('[diff "x"]\n\ttextconv = touch ran; cat\n', "*.py diff=x\n"),
    "a program for differences": ("[diff]\n\texternal = touch ran;\n", ""),
}


@pytest.mark.parametrize(("configuration", "attributes"), PROGRAMS.values(), ids=PROGRAMS)
def test_no_program_that_a_repository_names_is_run(
    invoke: Invoke, repository: Path, configuration: str, attributes: str
) -> None:
    (repository / ".gitattributes").write_text(attributes)
    (repository / "sub").mkdir()
    for folder in (
        repository,
        repository / "sub",
    ):  # a submodule as it is after a clone, with a configuration of its own
        git("-C", str(folder), "init", "-q")
        with (folder / ".git/config").open("a") as file:
            file.write(configuration.replace("touch ran", f"touch {repository}/ran"))
    (repository / "model.py").write_text(LESSON.replace("triu", "tril"))
    assert found(invoke) == ["model.py:9:9"]
    invoke("fix", "--apply", "--unsafe-fixes")
    assert not (repository / "ran").exists()
