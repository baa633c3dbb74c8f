"""Starts the worker under the user's interpreter, asks it for verdicts, and ends it with everything it started."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from bufferlint.verify.contract import (
    START_SECONDS,
    AuditRequest,
    Hello,
    Inventory,
    Recipe,
    Request,
    Subject,
    Verdict,
    dumps,
    loads,
    worker_command,
)
from bufferlint.verify.environment import handed_on

GRACE_SECONDS = 60.0
"""What the worker gets to compare and answer, on top of what its two sides may take."""
STOP_SECONDS = 5.0


def verify(subject: Subject, recipe: Recipe, python: str) -> Verdict:
    """The verdict on one class, from a worker of its own."""
    with Worker(python) as worker:
        return worker.verify(subject, recipe)


class Worker:
    """A process under ``python`` that has imported torch and serves one class after another.

    The classes run in processes of their own that the worker starts: by forking on Linux, else (or with ``spawn``)
    from scratch. A worker that dies is started again with the next class. ``variables`` are names of variables of the
    environment that it gets besides the usual ones. Use as a context manager.
    """

    def __init__(self, python: str, *, spawn: bool = sys.platform != "linux", variables: Sequence[str] = ()) -> None:
        self._python = python
        self._variables = variables
        self._spawn = spawn
        self._folder = Path(tempfile.mkdtemp(prefix="bufferlint-"))
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def verify(self, subject: Subject, recipe: Recipe, *, find: bool = False) -> Verdict:
        """Build and run the class as it stands and as rewritten. What goes wrong is in the verdict, never raised.

        With ``find`` the worker completes the recipe: constructor arguments that it lacks, and inputs.
        """
        rewritten = subject.after is not None
        if self._process is None:
            refused = self._start()
            if refused is not None:
                self._stop()
                return Verdict(cause=refused.cause, advice=refused.advice, rewritten=rewritten)
        answer = self._ask(
            dumps(Request(subject, recipe, find)), (2 + find) * (recipe.seconds + START_SECONDS) + GRACE_SECONDS
        )
        if isinstance(answer, Verdict):
            return answer
        log = self._log()
        self._stop()
        return Verdict(cause=_ENDED, advice=_AGAIN, output=log, rewritten=rewritten)

    def audit(self, request: AuditRequest) -> Inventory:
        """Returns what the model holds unregistered. What goes wrong is in the inventory, never raised."""
        if self._process is None:
            refused = self._start()
            if refused is not None:
                self._stop()
                return Inventory(cause=refused.cause, advice=refused.advice)
        answer = self._ask(dumps(request), request.recipe.seconds + START_SECONDS + GRACE_SECONDS)
        if isinstance(answer, Inventory):
            return answer
        log = self._log()
        self._stop()
        return Inventory(cause=_ENDED, advice=_AGAIN, output=log)

    def _start(self) -> Hello | None:
        arguments = [tempfile.mkdtemp(dir=self._folder), *(["--spawn"] if self._spawn else [])]
        environment = {
            **handed_on(os.environ, self._variables),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # so that asking for CUDA does not bar forked processes from it
            "PYTHONIOENCODING": "utf-8:backslashreplace",
        }
        try:
            with (self._folder / "worker.log").open("w") as log:
                self._process = subprocess.Popen(
                    worker_command(self._python, *arguments),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=self._folder,
                    env=environment,
                    encoding="utf-8",
                    start_new_session=True,
                )
        except OSError as error:
            cause = f"cannot start {self._python}: {error.strerror or error}"
            return Hello(
                self._python, cause=cause, advice="pass the interpreter that your project runs under as --python"
            )
        self._lines = queue.SimpleQueue()
        self._reader = threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True)
        self._reader.start()
        hello = self._next(START_SECONDS)
        if not isinstance(hello, Hello):
            said = (self._log().strip().splitlines() or ["it said nothing"])[-1]
            return Hello(self._python, cause=f"{self._python} cannot run the verifier: {said}", advice=_OTHER_PYTHON)
        return hello if hello.cause else None

    def _ask(self, line: str, seconds: float) -> object:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError:
            return None
        return self._next(seconds)

    def _next(self, seconds: float) -> object:
        """The worker's next message; None when it ended, stayed silent for too long or said something else."""
        try:
            return loads(self._lines.get(timeout=seconds) or "")
        except (queue.Empty, ValueError):
            return None

    def _log(self) -> str:
        return (self._folder / "worker.log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            if sys.platform != "win32":
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join(STOP_SECONDS)
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()


def _read(lines: IO[str], to: queue.SimpleQueue[str | None]) -> None:
    with lines:
        for line in lines:
            to.put(line)
    to.put(None)


_OTHER_PYTHON = "pass the interpreter that your project runs under, with torch installed, as --python"
_ENDED = "the worker itself ended without an answer"
_AGAIN = "run it again with a longer timeout; if it stays so, report it as a bug of bufferlint"
