"""One side of one class in a process of its own: forked where that is safe, else started from scratch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bufferlint.verify.contract import START_SECONDS, worker_command
from bufferlint.verify.worker import devices, jobs, resource_limits, thread_pool
from bufferlint.verify.worker.evidence_pipe import Intake, Ledger, Sender
from bufferlint.verify.worker.output import Output


@dataclass
class _Forked:
    pid: int
    code: int | None = None

    def poll(self) -> int | None:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def kill(self) -> None:
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)


def can_fork() -> bool:
    """Returns whether forked processes may use the accelerators of this machine.

    CUDA refuses to start in a process forked from one that asked it for devices, and some of torch asks without need
    (FakeTensorMode of torch 2.13 does); where there is no accelerator that takes nothing away.
    """
    if sys.platform == "win32":
        return False
    pid = os.fork()
    if pid == 0:
        os._exit(devices.barred())
    barred = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0
    return not barred or devices.available() is None


def run(
    ledger: Ledger, seconds: float, spawn: bool, private: int, until: Callable[[], bool] = lambda: False
) -> int | None:
    """Run what the ledger's folder describes; its exit code, None when it ran past ``seconds`` or ``until`` came true.

    Leaves nothing running; what the process told is in the ledger.

    The seconds count from when torch is imported.
    ``private`` is a file descriptor that user code must not inherit.
    """
    folder = ledger.folder
    with Intake(ledger) as intake, Output(folder / "log") as output:
        process = _spawn(folder, output, intake) if spawn else _fork(folder, private, output, intake)
        output.started()
        intake.started()
        try:
            if spawn:
                resource_limits.wait(process, START_SECONDS, (folder / "stage").exists)
            return resource_limits.wait(process, seconds, until)
        finally:
            resource_limits.end(process)


def _spawn(folder: Path, output: Output, intake: Intake) -> resource_limits.Process:
    """Its evidence comes through what it is given as stdout, the secret goes through its stdin."""
    command = worker_command(sys.executable, "--side", str(folder))
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=intake.descriptor, stderr=output.descriptor, start_new_session=True
    )
    assert process.stdin is not None
    with suppress(OSError), process.stdin as given:
        given.write(intake.secret)
    return process


def _fork(folder: Path, private: int, output: Output, intake: Intake) -> resource_limits.Process:
    """Torch is imported already; one thread only, and no GPU touched, so the fork is sound."""
    assert sys.platform != "win32"
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return _Forked(pid)
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        os.close(private)
        intake.leave()
        os.dup2(output.descriptor, 1)
        os.dup2(output.descriptor, 2)
        thread_pool.renew()
        jobs.run(folder, Sender(intake.descriptor, intake.secret))
        code = 0
    except BaseException:  # the parent's code must not go on in the child
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ending(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended its process (exit code {code})"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
