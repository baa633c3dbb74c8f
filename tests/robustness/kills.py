"""Kills ``fix --apply`` at random moments and looks at what is left: ``python -m tests.robustness.kills [COUNT]``."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.robustness.hostile import AFTER, BEFORE, model

FILES = 200
FOLDER = Path(__file__).parents[2]


def old(number: int) -> str:
    return model(name=f"Model{number}") + "# end\n" * number


def new(number: int) -> str:
    return old(number).replace(BEFORE, AFTER)


def lay_out(folder: Path, files: int) -> None:
    for number in range(files):
        (folder / f"m{number:03}.py").write_text(old(number))


def start(folder: Path) -> subprocess.Popen[str]:
    """``fix --apply`` over a folder, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(FOLDER), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "bufferlint", "fix", "--apply", "."]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def state(folder: Path, files: int) -> Counter[str]:
    """How many files are old and new, and what else lies there; AssertionError when a file is neither."""
    found = Counter[str]()
    for number in range(files):
        text = (folder / f"m{number:03}.py").read_text()
        assert text in (old(number), new(number)), f"m{number:03}.py is neither old nor new"
        found["new" if text == new(number) else "old"] += 1
    found["left over"] = len(list(folder.iterdir())) - files
    return found


def first_write(folder: Path, run: subprocess.Popen[str]) -> None:
    """Wait until the run has begun to write, or is over."""
    before = folder.stat().st_mtime_ns
    while run.poll() is None and folder.stat().st_mtime_ns == before:
        time.sleep(0.0005)


def strike(folder: Path, files: int, how: signal.Signals, delay: float) -> tuple[int, Counter[str], str]:
    """Run, send a signal so many seconds after the first write; the exit code, what is left, and what was said."""
    lay_out(folder, files)
    run = start(folder)
    first_write(folder, run)
    time.sleep(delay)
    run.send_signal(how)
    _, said = run.communicate()
    return run.returncode, state(folder, files), said


def main(count: int, files: int) -> None:
    chance = random.Random(0)
    total = Counter[str]()
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            code, found, _ = strike(Path(folder), files, signal.SIGKILL, chance.uniform(0, 0.002 * files))
            total["killed" if code == -signal.SIGKILL else "finished first"] += 1
            total["killed amid the writing"] += 0 < found["new"] < files
            total.update(found)
        print(number + 1, dict(total), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*(int(each) for each in [*sys.argv[1:], *("100", str(FILES))[len(sys.argv) - 1 :]]))
