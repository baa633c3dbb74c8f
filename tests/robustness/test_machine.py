"""A machine that misbehaves: streams that are closed or full, no locale, no home, disks that take nothing, a clock that
goes back, signals that interrupt every call."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.robustness.hostile import AFTER, BEFORE, GOOD

pytestmark = pytest.mark.slow

PACKAGE = Path(__file__).parents[2]
FAULTY = """\
import os, sys
number, place = int(os.environ["FAULT"]), os.environ["PLACE"]
writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and (arguments[2] or 0) & writes:
        path = arguments[0]
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.link", "os.truncate") and isinstance(arguments[0], str):
        path = arguments[0]
    else:
        return
    if os.path.abspath(path).startswith(place):
        raise OSError(number, os.strerror(number), path)
sys.addaudithook(hook)
"""
"""Each write below a place fails, as the kernel would have it fail."""
STORM = """\
import atexit, signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)
"""
"""A signal each millisecond, which ends every call of the system that waits."""
MAIN = """
import sys
sys.argv[0] = "bufferlint"
from bufferlint.cli.main import main
main()
"""


NOTHING: Mapping[str, str | None] = {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "pyproject.toml").write_text("")
    (made / "good.py").write_text(GOOD)
    return made


def run(
    folder: Path, *arguments: str, before: str = "", environment: Mapping[str, str | None] = NOTHING
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, after some code; a variable that is None is taken out."""
    told = {**os.environ, "PYTHONPATH": str(PACKAGE), "NO_COLOR": "1", **environment}
    variables = {name: value for name, value in told.items() if value is not None}
    command = [sys.executable, "-c", before + MAIN, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    return done


# -- streams -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("streams", "code", "said"),
    [
        (">&-", 2, "error: cannot write the output: Bad file descriptor; it is closed: give it a file or a pipe\n"),
        ("2>&-", 1, ""),
        ("<&-", 1, None),
        ("<&- >&- 2>&-", 2, ""),
        (">/dev/full", 2, "error: cannot write the output: No space left on device; free some space and run again\n"),
        ("2>/dev/full", 2, ""),
        (">/dev/full 2>/dev/full", 2, ""),
    ],
)
def test_streams_that_take_nothing_are_an_error_of_their_own(
    folder: Path, streams: str, code: int, said: str | None
) -> None:
    script = f'"$0" -m bufferlint check --no-cache {streams}'
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "NO_COLOR": "1"}
    shell = ["sh", "-c", script, sys.executable]
    done = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert said is None or done.stderr == said


def test_a_wrong_command_line_is_one_whoever_hears_of_it(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    shell = ["sh", "-c", '"$0" -m bufferlint nosuch 2>/dev/full', sys.executable]
    assert subprocess.run(shell, cwd=folder, env=environment, check=False).returncode == 2


def test_what_is_written_into_a_file_needs_no_stdout(folder: Path) -> None:
    """The next file to be opened must not take the place of the stream that is closed."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    script = '"$0" -m bufferlint check --output-format json -o found.json <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", script, sys.executable], cwd=folder, env=environment, check=False)
    assert done.returncode == 1
    assert len(json.loads((folder / "found.json").read_text())["findings"]) == 1


# -- surroundings ------------------------------------------------------------------------------------------------------

SURROUNDINGS: dict[str, dict[str, str | None]] = {
    "the locale C, and Python takes it at its word": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "a locale that is not installed": {"LC_ALL": "xx_YY.nonsense"},
    "a home that nobody can write": {"HOME": "/proc", "XDG_STATE_HOME": None},
    "a home that is a file": {"HOME": "/dev/null", "XDG_STATE_HOME": None},
    "nothing at all": dict.fromkeys(os.environ),
}


@pytest.mark.parametrize("variables", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_locale_and_home_make_no_difference(folder: Path, variables: dict[str, str | None]) -> None:
    path = folder / "é☃" / "mödel.py"
    path.parent.mkdir()
    path.write_text(f"# é☃😀\n{GOOD}", encoding="utf-8")
    for arguments in (("check", "--output-format", "json"), ("fix", "--apply")):
        done = run(folder, *arguments, environment={**variables, "PYTHONPATH": str(PACKAGE)})
        assert done.returncode == (0 if arguments[0] == "fix" else 1), done.stderr
        if "json" in arguments:
            assert len(json.loads(done.stdout)["findings"]) == 2
    assert path.read_text(encoding="utf-8") == f"# é☃😀\n{GOOD}".replace(BEFORE, AFTER)


# -- disks -------------------------------------------------------------------------------------------------------------

FAULTS = (errno.ENOSPC, errno.EROFS, errno.EACCES)


@pytest.mark.parametrize("number", FAULTS, ids=errno.errorcode.get)
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(folder: Path, number: int, tmp_path: Path) -> None:
    usual = run(folder, "check", "--no-cache", "--output-format", "concise")
    for place in (folder / ".bufferlint_cache", tmp_path / "state"):
        fault = {"FAULT": str(number), "PLACE": str(place), "XDG_STATE_HOME": f"{tmp_path}/state"}
        done = run(folder, "check", "--output-format", "concise", before=FAULTY, environment=fault)
        assert (done.returncode, done.stdout, done.stderr) == (1, usual.stdout, usual.stderr)


@pytest.mark.parametrize("number", FAULTS, ids=errno.errorcode.get)
def test_a_file_that_cannot_be_written_is_named_and_whole(folder: Path, number: int) -> None:
    cause = os.strerror(number)
    for arguments in (
        ("fix", "--apply"),
        ("check", "--add-ignore"),
        ("check", "--no-cache", "-o", "found.txt"),
        ("check", "--baseline", "old.json", "--write-baseline"),
    ):
        done = run(folder, *arguments, before=FAULTY, environment={"FAULT": str(number), "PLACE": str(folder)})
        assert done.returncode == 2 and done.stderr.count("error: ") == 1 and cause in done.stderr, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["good.py", "pyproject.toml"]
    assert (folder / "good.py").read_text() == GOOD


def test_calls_that_are_interrupted_are_made_again(folder: Path) -> None:
    for number in range(20):
        (folder / f"m{number}.py").write_text(GOOD.replace("Good", f"Good{number}"))
    usual = run(folder, "check", "--no-cache")
    assert run(folder, "check", before=STORM).stdout == usual.stdout
    fixed = run(folder, "fix", "--apply", before=STORM)
    assert fixed.returncode == 0 and "Fixed 21 findings in 21 files." in fixed.stderr
    assert AFTER in (folder / "m7.py").read_text()


# -- clocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [3600, 10**9], ids=["an hour", "thirty years"])
def test_a_clock_that_goes_back_makes_no_answer_stale(folder: Path, ahead: int) -> None:
    """Files seem to be of the future then: an answer about one must not outlive a change of it."""
    file = folder / "good.py"
    moment = time.time() + ahead
    os.utime(file, (moment, moment))
    assert run(folder, "check").returncode == 1
    file.write_text(GOOD.replace(BEFORE, "self.mask = 2".ljust(len(BEFORE))))
    os.utime(file, (moment, moment))
    assert file.stat().st_size == len(GOOD)
    assert run(folder, "check").returncode == 0
