"""Runs a project's tests under the user's interpreter, for the recipes that are in them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bufferlint.verify.contract import Recorded, loads, worker_command

SECONDS = 900.0
"""How long the tests may take."""


@dataclass(frozen=True, slots=True)
class Recording:
    """``cause`` says why the tests gave nothing, or not all; ``output`` is what they printed."""

    found: tuple[Recorded, ...] = ()
    cause: str | None = None
    output: str = ""


def record(python: str, root: str, tests: tuple[str, ...], seconds: float = SECONDS) -> Recording:
    """Run pytest on ``tests`` in the folder ``root``; what it built and called, by class of that folder."""
    with tempfile.TemporaryDirectory(prefix="bufferlint-") as folder:
        out = Path(folder) / "recorded"
        command = worker_command(python, "--record", str(out), root, *tests)
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=root,
                env=environment,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            return Recording(cause=f"cannot start {python}: {error.strerror or error}")
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return Recording(cause=f"the tests were still running after {seconds:g} s: name fewer of them")
        finally:
            _end(process)
        if not out.exists():
            said = (output.strip().splitlines() or ["it said nothing"])[-1]
            return Recording(cause=f"pytest could not be run under {python}: {said}", output=output)
        found = tuple(loads(line) for line in out.read_text(encoding="utf-8").splitlines())
        failed = f"pytest exited with {process.returncode}" if process.returncode else None
        return Recording(found, failed, output)


def _end(process: subprocess.Popen[str]) -> None:
    """End what the tests left running."""
    if sys.platform != "win32":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    process.kill()
    process.wait()
