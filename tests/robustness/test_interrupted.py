"""A run that is killed, broken off, or not alone leaves every file whole, and says what it did."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bufferlint.project_files.atomic_write import write
from tests.cli.conftest import Invoke
from tests.robustness.hostile import AFTER, GOOD, command
from tests.robustness.kills import lay_out, start, state, strike

pytestmark = pytest.mark.slow

FILES = 40
UNSAFE = GOOD.replace("self.mask = torch.ones(2)", "self.mask = torch.ones(1).expand(2).clone() * 1e-9")


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_run_leaves_old_or_new_text(seed: int, tmp_path: Path) -> None:
    code, found, _ = strike(tmp_path, FILES, signal.SIGKILL, random.Random(seed).uniform(0, 0.05))
    assert code in (-signal.SIGKILL, 0)
    assert found["old"] + found["new"] == FILES


def test_what_was_done_is_said_at_an_interruption(tmp_path: Path) -> None:
    code, found, said = strike(tmp_path, FILES, signal.SIGINT, 0)
    assert "Traceback" not in said
    if code != 0:
        assert (code, said.splitlines()[-1]) == (130, "interrupted")
        assert said.count("fixed m") == found["new"]
    assert found["left over"] == 0
    again = command(tmp_path, "fix", "--apply")
    assert again.returncode == 0
    assert state(tmp_path, FILES)["new"] == FILES


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_is_told_to_end_leaves_nothing_behind(number: signal.Signals, seed: int, tmp_path: Path) -> None:
    code, found, said = strike(tmp_path, FILES, number, random.Random(seed).uniform(0, 0.05))
    assert code in (-number, 0) and "Traceback" not in said
    assert found["old"] + found["new"] == FILES
    assert found["left over"] == 0
    if code:
        assert said.count("fixed m") == found["new"]


def test_what_was_done_is_said_when_the_signal_comes_after_the_last_file(tmp_path: Path) -> None:
    """Neither the list of fixes nor the exit code is lost between the last file and the summary."""
    lay_out(tmp_path, 3)
    hook = (
        "import os, signal, bufferlint.cli.fixing as fixing\n"
        "whole = fixing.written\n"
        "def written(*arguments):\n"
        "    done = whole(*arguments)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    return done\n"
        "fixing.written = written\n"
        "from bufferlint.cli.main import main\n"
        "main()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", hook, "fix", "--apply", "."], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert run.returncode == -signal.SIGTERM
    assert run.stderr.count("fixed m") == state(tmp_path, 3)["new"] == 3
    assert run.stderr.splitlines()[-1] == "interrupted"


def test_two_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    runs = [start(tmp_path), start(tmp_path)]
    said = [run.communicate()[1] for run in runs]
    assert state(tmp_path, FILES)["new"] == FILES
    for run, text in zip(runs, said, strict=True):
        assert "Traceback" not in text
        if run.returncode:
            assert run.returncode == 2 and "changed on disk since it was read" in text


def test_only_one_of_two_writers_of_one_file_succeeds(tmp_path: Path) -> None:
    """Each believes the file to hold what it read; whoever comes second must not take away what the first wrote."""
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    assert write(str(path), b"first", b"old") is None
    problem = write(str(path), b"second", b"old")
    assert problem is not None and "changed on disk" in problem.cause
    assert path.read_bytes() == b"first"


# -- work that git does not know -------------------------------------------------------------------------------------


@pytest.fixture
def checkout(project: Path) -> Path:
    """A repository with a committed file whose finding has an unsafe fix."""
    (project / "model.py").write_text(UNSAFE)
    git = ["git", "-C", str(project), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True)
    return project


def _fix(invoke: Invoke, *arguments: str) -> tuple[int, str]:
    result = invoke("fix", "--apply", "--unsafe-fixes", *arguments)
    return result.exit_code, result.stderr


def test_unsafe_fixes_of_committed_files_are_made(invoke: Invoke, checkout: Path) -> None:
    assert _fix(invoke)[0] == 0
    assert "register_buffer" in (checkout / "model.py").read_text()


def test_uncommitted_work_gets_unsafe_fixes_on_demand_only(invoke: Invoke, checkout: Path) -> None:
    mine = UNSAFE + "# mine\n"
    (checkout / "model.py").write_text(mine)
    (checkout / "new.py").write_text(UNSAFE)
    (checkout / "safe.py").write_text(GOOD)
    code, said = _fix(invoke)
    assert code == 2
    for name in ("model.py", "new.py"):
        assert (
            f"error: {name}: it has changes that are not committed to git, so it was left alone; commit or stash them, "
            "or give --allow-dirty, to have unsafe fixes made in it"
        ) in said
    assert (checkout / "model.py").read_text() == mine
    assert AFTER in (checkout / "safe.py").read_text(), "a safe fix can be made in any file"
    assert _fix(invoke, "--allow-dirty")[0] == 0
    assert "register_buffer" in (checkout / "model.py").read_text()
    assert "register_buffer" in (checkout / "new.py").read_text()


def test_a_patch_is_printed_whatever_git_knows(invoke: Invoke, checkout: Path) -> None:
    (checkout / "model.py").write_text(UNSAFE + "# mine\n")
    assert "register_buffer" in invoke("fix", "--unsafe-fixes").stdout


def test_outside_of_a_repository_there_is_nothing_to_ask(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(UNSAFE)
    assert _fix(invoke)[0] == 0


def test_a_repository_that_git_cannot_read_counts_as_uncommitted(invoke: Invoke, checkout: Path) -> None:
    (checkout / ".git" / "HEAD").write_text("nonsense")
    code, said = _fix(invoke)
    assert code == 2
    assert "error: model.py: git does not say whether it has uncommitted changes (" in said
    assert (checkout / "model.py").read_text() == UNSAFE
