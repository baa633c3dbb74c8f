"""What is written lies under the project, unless the command line names it; what is read is never an output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bufferlint
from tests.cli.conftest import LESSON, Invoke


@pytest.fixture
def outside(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file outside of the project, to which a link in it leads."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.py").write_text(LESSON)
    (project / "pkg").mkdir()
    (project / "pkg/own.py").write_text(LESSON)
    (project / "pkg/link.py").symlink_to(folder / "secret.py")
    return folder


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program as it is started from a shell: what is refused is said, never raised."""
    environment = {**os.environ, "PYTHONPATH": str(Path(bufferlint.__file__).parents[1])}
    command = [sys.executable, "-m", "bufferlint", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=project, env=environment)


# -- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("fix", "--apply"), ("check", "--add-ignore")])
@pytest.mark.parametrize("paths", [(), (".",), ("pkg",)])
def test_a_link_out_of_the_project_is_not_written_through(
    invoke: Invoke, project: Path, outside: Path, command: tuple[str, ...], paths: tuple[str, ...]
) -> None:
    result = invoke(*command, *paths)
    assert result.exit_code == 2
    assert (outside / "secret.py").read_text() == LESSON
    assert (project / "pkg/own.py").read_text() != LESSON
    assert (
        f"error: pkg/link.py: it is a link to {outside}/secret.py, which lies outside of the project" in result.stderr
    )


@pytest.mark.parametrize("paths", [("pkg/link.py",), ("pkg/*.py",), (".", "pkg/link.py")])
def test_a_link_that_is_named_is_written_through(
    invoke: Invoke, project: Path, outside: Path, paths: tuple[str, ...]
) -> None:
    assert invoke("fix", "--apply", *paths).exit_code == 0
    assert "register_buffer" in (outside / "secret.py").read_text()
    assert (project / "pkg/link.py").is_symlink()


def test_a_folder_that_is_named_through_a_link_is_written(invoke: Invoke, project: Path, outside: Path) -> None:
    (project / "there").symlink_to(outside)
    assert invoke("fix", "--apply", "there").exit_code == 0
    assert "register_buffer" in (outside / "secret.py").read_text()


def test_a_link_within_the_project_is_written_through(invoke: Invoke, project: Path) -> None:
    (project / "real").mkdir()
    (project / "real/model.txt").write_text(LESSON)
    (project / "model.py").symlink_to("real/model.txt")
    assert invoke("fix", "--apply").exit_code == 0
    assert "register_buffer" in (project / "real/model.txt").read_text()


@pytest.mark.usefixtures("outside")
def test_a_link_is_read_wherever_it_leads(invoke: Invoke) -> None:
    assert invoke("check", "--output-format", "concise").stdout.count("BUF001") == 2


# -- the baseline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["--write-baseline", "--prune-baseline"])
def test_a_configuration_cannot_have_a_baseline_written_outside(project: Path, task: str) -> None:
    inside = project / "inside"
    inside.mkdir()
    (inside / "model.py").write_text(LESSON)
    (inside / "bufferlint.toml").write_text('baseline = "../old.json"\n')
    (project / "old.json").write_text('{"version": 1, "findings": []}')
    result = run(inside, "check", task)
    assert result.returncode == 2 and "lies outside of the project; give " + task in result.stderr
    assert (project / "old.json").read_text() == '{"version": 1, "findings": []}'
    assert run(inside, "check", task, "--baseline", "../old.json").returncode == 0
    assert run(inside, "check").returncode == (0 if task == "--write-baseline" else 1), "read it is, wherever it lies"


def test_a_baseline_next_door_in_one_repository_is_written(project: Path) -> None:
    (project / ".git").mkdir()
    (project / "inside").mkdir()
    (project / "inside/model.py").write_text(LESSON)
    (project / "inside/bufferlint.toml").write_text('baseline = "../old.json"\n')
    assert run(project / "inside", "check", "--write-baseline").returncode == 0
    assert (project / "old.json").exists()


def test_a_link_to_a_baseline_outside_is_not_followed(project: Path, outside: Path) -> None:
    (outside / "notes.json").write_text("mine")
    (project / "old.json").symlink_to(outside / "notes.json")
    (project / "bufferlint.toml").write_text('baseline = "old.json"\n')
    assert run(project, "check", "--write-baseline").returncode == 2
    assert (outside / "notes.json").read_text() == "mine"


def test_a_whole_path_of_a_baseline_is_taken_as_it_is(project: Path, outside: Path) -> None:
    file = outside / "old.json"
    (project / "bufferlint.toml").write_text(f'baseline = "{file.as_posix()}"\n')
    assert run(project, "check", "--write-baseline").returncode == 0
    assert "own.py" in file.read_text()
    assert run(project, "check").returncode == 0
    file.write_text("not a baseline")
    result = run(project, "check", "--write-baseline")
    assert result.returncode == 2 and "the baseline is not JSON" in result.stderr
    assert file.read_text() == "not a baseline"


def test_a_baseline_that_is_written_is_whole_or_the_old_one(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    (project / "old.json").write_text('{"version": 1, "findings": []}')
    (project / "old.json").chmod(0o640)
    invoke("check", "--baseline", "old.json", "--write-baseline")
    assert (project / "old.json").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in project.iterdir()) == ["model.py", "old.json", "pyproject.toml"]


@pytest.mark.parametrize("content", ['{"version": 1, "findings": ' + "[" * 100_000, '{"version": ' + "9" * 5000 + "}"])
def test_a_baseline_that_python_cannot_read_is_a_problem(project: Path, content: str) -> None:
    (project / "old.json").write_text(content)
    result = run(project, "check", "--baseline", "old.json")
    assert result.returncode == 2 and "Traceback" not in result.stderr and "old.json: " in result.stderr


def test_a_baseline_that_is_a_pipe_does_not_hang(project: Path) -> None:
    os.mkfifo(project / "pipe")
    result = run(project, "check", "--baseline", "pipe")
    assert result.returncode == 2 and "is a folder, a pipe or a device" in result.stderr


# -- what is read is no output ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("paths", [("a.py",), ()])
@pytest.mark.parametrize("output", ["a.py", "link.txt", "hard.txt", "sub/../a.py"])
def test_what_is_checked_is_never_an_output(project: Path, paths: tuple[str, ...], output: str) -> None:
    (project / "sub").mkdir()
    (project / "a.py").write_text(LESSON)
    (project / "link.txt").symlink_to("a.py")
    (project / "hard.txt").hardlink_to(project / "a.py")
    for _ in range(2):
        result = run(project, "check", "-o", output, *paths)
        assert result.returncode == 2 and f"-o {output}: it is one of the files that are read" in result.stderr
        assert (project / "a.py").read_text() == LESSON


def test_neither_are_the_configuration_and_a_file_that_a_baseline_is_written_of(project: Path) -> None:
    (project / "a.py").write_text(LESSON)
    (project / "bufferlint.toml").write_text("")
    assert run(project, "check", "-o", "bufferlint.toml").returncode == 2
    assert run(project, "check", "--baseline", "a.py", "--write-baseline").returncode == 2
    assert ((project / "a.py").read_text(), (project / "bufferlint.toml").read_text()) == (LESSON, "")


@pytest.mark.parametrize("name", ["helpers.py", "pyproject.toml", "link.txt", "demo.ipynb"])
def test_no_report_is_written_over_code_or_configuration(invoke: Invoke, project: Path, name: str) -> None:
    """Whether it was read or not: what is piped in, and pages of verify, overwrite no source either."""
    (project / "a.py").write_text(LESSON)
    (project / "helpers.py").write_text("x = 1\n")
    (project / "demo.ipynb").write_text("{}")
    (project / "link.txt").symlink_to("helpers.py")
    before = (project / name).read_text()
    for arguments in (
        ("check", "-o", name, "a.py"),
        ("check", "-o", name, "-"),
        ("check", "--baseline", name, "--write-baseline", "a.py"),
        ("verify", "a.py::Model", "--html", name),
    ):
        result = invoke(*arguments, stdin=LESSON)
        assert result.exit_code == 2 and "name another file" in result.stderr, arguments
    assert (project / name).read_text() == before


@pytest.mark.parametrize("name", [".git/config", "package.json", "setup.cfg"])
def test_a_configuration_has_no_other_file_overwritten_by_a_baseline(invoke: Invoke, project: Path, name: str) -> None:
    (project / "a.py").write_text(LESSON)
    (project / "bufferlint.toml").write_text(f'baseline = "{name}"\n')
    (project / ".git").mkdir()
    (project / name).write_text('{"name": "x"}\n')
    result = invoke("check", "--write-baseline")
    assert result.exit_code == 2 and "holds something else than a baseline" in result.stderr
    assert (project / name).read_text() == '{"name": "x"}\n'


def test_another_file_is_an_output_also_of_a_kept_answer(invoke: Invoke, project: Path) -> None:
    (project / "a.py").write_text(LESSON)
    for _ in range(2):
        assert invoke("check", "-o", "found.txt").exit_code == 1
        assert "BUF001" in (project / "found.txt").read_text()
        (project / "found.txt").write_text("")
