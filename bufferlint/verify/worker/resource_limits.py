"""What keeps user code from hurting the machine it runs on: a guard against accidents, not a sandbox."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Process(Protocol):
    """A started process; ``poll`` gives its exit code (negative: the signal that ended it) or None while it runs."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def kill(self) -> None: ...


def enter(home: Path, memory: int) -> None:
    """Called inside the process: ``home`` as HOME and working directory, at most ``memory`` MiB, in a file as well.

    On Linux the process also ends when the worker does.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, closefd=False)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    faulthandler.enable()
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP"):
        os.environ[name] = str(home)
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        os.environ.pop(name, None)
    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    _limit_memory(memory)


def _limit_memory(mebibytes: int) -> None:
    """Limit the memory that may be written to what is mapped now plus so much.

    Not the address space: the driver of an accelerator reserves terabytes of that when it starts, and where it may not
    it says that it is out of memory for as long as the process lives. Linux alone counts so, since 4.7: setrlimit(2).
    """
    if sys.platform == "win32":
        return
    import resource

    statm = Path("/proc/self/statm")
    if statm.exists():
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        soft = int(statm.read_text().split()[5]) * resource.getpagesize() + (mebibytes << 20)
        if hard != resource.RLIM_INFINITY:
            soft = min(soft, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    size = mebibytes << 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


class TooLong(BaseException):
    """A part of a side's work took more than its share of time; torch's compilers wrap a mere `Exception`."""


def bounded(run: Callable[[], T], seconds: float) -> T:
    """Returns what ``run`` returns, or `TooLong` raised within it after so many seconds; no bound where there are no
    alarms."""
    if sys.platform == "win32":
        return run()

    def stop(*_: object) -> None:
        raise TooLong(f"still running after {seconds:g} s")

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return run()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def adopt_orphans() -> None:
    """On Linux, make this process the parent of whatever its descendants leave behind, so that `end` finds it."""
    if sys.platform == "linux":
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def wait(process: Process, seconds: float, until: Callable[[], bool] = lambda: False) -> int | None:
    """The exit code; None when the process still ran after so many seconds, or when ``until`` came true."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while (code := process.poll()) is None and time.monotonic() < deadline and not until():
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)
    return code


def end(process: Process) -> None:
    """End the process, its group, and on Linux what escaped from its group."""
    if sys.platform == "win32":
        process.kill()
        return
    _signal_group(process.pid)
    process.kill()
    while process.poll() is None:
        time.sleep(0.002)
    while sys.platform == "linux" and (orphans := _children()):
        for orphan in orphans:
            _signal_group(orphan)
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)


def _signal_group(pid: int) -> None:
    if sys.platform != "win32":
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def _prctl(option: int, value: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _children() -> list[int]:
    """This process's children; none where the kernel does not list them."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listing.read_text().split()] if listing.exists() else []
