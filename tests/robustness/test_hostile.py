"""Hostile input is a problem with a place and a cause, and keeps no other file from being done."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.robustness import hostile
from tests.robustness.hostile import AFTER, GOOD, command, file_name

pytestmark = pytest.mark.slow

REFUSED: dict[str, tuple[str, str]] = {
    "3,000 nested brackets": ("too many nested parentheses", "last"),
    "10,000-term sum": ("nested too deeply", "first"),
    "3,000 method calls": ("nested too deeply", "first"),
    "10,000 times or": ("nested too deeply", "methods"),
    "10,000 strings side by side": ("nested too deeply", "methods"),
    "1,000 elif": ("nested too deeply", "methods"),
    "300 indents": ("too many levels of indentation", "last"),
    "90 patterns in each other": ("nested too deeply", "methods"),
    "20,000 fields of an f-string": ("too long to be analysed", "first"),
    "100,000 items": ("too long to be analysed", "methods"),
    "a list of 5 MB on one line": ("too long to be analysed", "first"),
}
"""What is said of a shape that cannot be read, and whether it is said at the top of a file too."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, dict[str, str], set[str]]]:
    """For check and fix: the exit code, the problem by file name, the files with findings; all input in one folder."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, content in _all_files().items():
        (folder / name).write_bytes(content)
    (folder / "good.py").write_text(GOOD)
    (folder / "x.py").mkdir()
    (folder / "x.py" / "inside.py").write_text(GOOD)
    (folder / "loop.py").symlink_to("loop.py")
    os.mkfifo(folder / "pipe.py")
    os.mkfifo(folder / ".gitignore")
    outcomes = {}
    for arguments in (("check", "--output-format", "json"), ("fix", "--apply", "--unsafe-fixes")):
        result = command(folder, *arguments)
        assert "Traceback" not in result.stderr and "bug of" not in result.stderr, result.stderr[-2000:]
        lines = [line.removeprefix("error: ") for line in result.stderr.splitlines() if line.startswith("error: ")]
        found = json.loads(result.stdout)["findings"] if arguments[0] == "check" else []
        names = {Path(finding["filename"]).name for finding in found}
        outcomes[arguments[0]] = (result.returncode, {line.partition(":")[0]: line for line in lines}, names)
    for name, content in _all_files().items():
        unchanged = (folder / name).read_bytes() == content
        assert unchanged or name not in outcomes["fix"][1], f"{name} was written though it could not be read"
    assert AFTER in (folder / "good.py").read_text() and AFTER in (folder / "x.py" / "inside.py").read_text()
    return outcomes


def _all_files() -> dict[str, bytes]:
    files = {
        file_name(f"{shape} {place}"): put(code).encode()
        for shape, code in hostile.SHAPES.items()
        for place, put in hostile.PLACES.items()
        if place == "in __init__" or shape in REFUSED
    }
    files |= {file_name(name): content for name, content in (hostile.TEXTS | hostile.ODD).items()}
    files |= {file_name(name, ".ipynb"): content for name, content in hostile.NOTEBOOKS.items()}
    return {
        name: content.replace(b"class Model(", b"class Model%d(" % at).replace(b"class Good(", b"class Good%d(" % at)
        for at, (name, content) in enumerate(files.items())
    }


@pytest.mark.parametrize("run", ["check", "fix"])
def test_all_other_files_are_done(run: str, runs: dict[str, tuple[int, dict[str, str], set[str]]]) -> None:
    code, problems, names = runs[run]
    assert code == 2
    if run == "check":
        assert {"good.py", "inside.py"} <= names
        assert names.isdisjoint(problems) or names & set(problems) <= {file_name(f"{s} in forward") for s in REFUSED}


@pytest.mark.parametrize("run", ["check", "fix"])
@pytest.mark.parametrize("shape", hostile.SHAPES)
def test_code_of_any_shape_is_read_or_named(
    shape: str, run: str, runs: dict[str, tuple[int, dict[str, str], set[str]]]
) -> None:
    _, problems, names = runs[run]
    cause, where = REFUSED.get(shape, ("", ""))
    for place in hostile.PLACES:
        name = file_name(f"{shape} {place}")
        if name not in _all_files():
            continue
        if not cause or (where == "methods" and place == "at the top"):
            assert name not in problems or "nested too deeply" in problems[name]
            assert run == "fix" or name in problems or name in names
        else:
            assert cause in problems[name] and problems[name].startswith(f"{name}:")
            assert int(problems[name].split(":")[1]) > 4, "the place is named"


@pytest.mark.parametrize("run", ["check", "fix"])
@pytest.mark.parametrize("name", [*hostile.TEXTS, *hostile.NOTEBOOKS])
def test_what_is_no_python_is_named_with_its_cause(
    name: str, run: str, runs: dict[str, tuple[int, dict[str, str], set[str]]]
) -> None:
    _, problems, names = runs[run]
    file = file_name(name, ".py" if name in hostile.TEXTS else ".ipynb")
    assert len(problems[file].split(": ", 1)[1]) > 20
    assert file not in names


@pytest.mark.parametrize("name", hostile.ODD)
def test_odd_files_are_read(name: str, runs: dict[str, tuple[int, dict[str, str], set[str]]]) -> None:
    _, problems, names = runs["check"]
    assert file_name(name) not in problems
    assert (file_name(name) in names) == (b"class Good" in hostile.ODD[name])


# -- files that are none, and disks that do not take what is written --------------------------------------------------


def _small_files_only() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def _unprivileged(folder: Path) -> None:
    (folder / "hostile.py").chmod(0)


def _read_only(folder: Path) -> None:
    (folder / "hostile.py").chmod(0o444)


def _in_a_read_only_folder(folder: Path) -> None:
    (folder / "hostile.py").unlink()
    (folder / "closed").mkdir()
    (folder / "closed" / "hostile.py").write_text(GOOD)
    (folder / "closed").chmod(0o555)


@pytest.mark.parametrize(
    ("prepare", "cause", "readable"),
    [
        (_unprivileged, "hostile.py: cannot read it: Permission denied; make it readable", False),
        (_read_only, "hostile.py: it is read-only, so it was not written; make it writable", True),
        (_in_a_read_only_folder, "closed/hostile.py: it could not be written: Permission denied; ", True),
    ],
)
def test_permissions_are_named(prepare: Callable[[Path], None], cause: str, readable: bool, tmp_path: Path) -> None:
    (tmp_path / "hostile.py").write_text(GOOD)
    (tmp_path / "good.py").write_text(GOOD)
    prepare(tmp_path)
    check = command(tmp_path, "check", "--output-format", "concise", before=hostile.without_privileges)
    fix = command(tmp_path, "fix", "--apply", before=hostile.without_privileges)
    for folder in tmp_path.glob("closed"):
        folder.chmod(0o755)
    assert check.returncode == (1 if readable else 2) and "good.py" in check.stdout
    assert fix.returncode == 2 and f"error: {cause}" in fix.stderr
    assert AFTER in (tmp_path / "good.py").read_text()
    (old,) = tmp_path.rglob("hostile.py")
    old.chmod(0o644)
    assert old.read_text() == GOOD
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_full_disk_leaves_every_file_whole(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    result = command(tmp_path, "fix", "--apply", before=_small_files_only)
    assert result.returncode == 2
    assert "error: good.py: it could not be written: File too large; " in result.stderr
    assert "Nothing to fix; 1 finding left." in result.stderr
    assert (tmp_path / "good.py").read_text() == GOOD
    assert [path.name for path in tmp_path.iterdir()] == ["good.py"]


def test_output_that_nobody_can_take_is_said_plainly(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    (tmp_path / "good.py").write_text(GOOD)
    with Path("/dev/full").open("w") as full:
        result = command(tmp_path, "check", output=full)
    assert (result.returncode, result.stderr.splitlines()[-1]) == (
        2,
        "error: cannot write the output: No space left on device; free some space and run again",
    )


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("pipe.py", "pipe.py: it is a pipe or a device, not a file; name a file, or '-'"),
        ("loop.py", "loop.py: cannot read it: Too many levels of symbolic links"),
        ("gone.py", "gone.py: cannot read it: No such file or directory"),
    ],
)
def test_a_path_that_is_no_file_is_named(name: str, cause: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    (tmp_path / "good.py").write_text(GOOD)
    result = command(tmp_path, "fix", "--apply", name, "good.py")
    assert result.returncode == 2 and f"error: {cause}" in result.stderr
    assert AFTER in (tmp_path / "good.py").read_text()


def test_a_folder_that_is_gone_is_said_plainly(tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && "$0" -m bufferlint check'
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    result = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert "the current folder" in result.stderr
