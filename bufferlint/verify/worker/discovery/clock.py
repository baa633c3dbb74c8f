"""Ends user code that takes too long, inside the process that runs it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

from bufferlint.verify.worker.catch import Raised, attempt

T = TypeVar("T")


class TookTooLong(BaseException):
    """Raised from the alarm; no ordinary handler in user code catches it."""


def timed(run: Callable[[], T], seconds: float, path: str = "") -> T | Raised:
    """Returns what ``run`` returns or raises, `TookTooLong` after so many seconds of processor time.

    Waiting counts a quarter. Where there is no alarm it just runs.

    Code that never returns to Python is not interrupted: the worker's own limit ends that.
    """
    if not hasattr(signal, "setitimer"):
        return attempt(run, path)
    alarms = ((signal.SIGALRM, signal.ITIMER_REAL, 4 * seconds), (signal.SIGPROF, signal.ITIMER_PROF, seconds))
    before = [(number, signal.signal(number, _ring)) for number, _, _ in alarms]
    outer = [(timer, signal.setitimer(timer, limit)[0]) for _, timer, limit in alarms]
    try:
        return attempt(run, path)
    finally:
        for timer, left in outer:
            signal.setitimer(timer, left)
        for number, handler in before:
            signal.signal(number, handler)


def _ring(number: int, frame: FrameType | None) -> None:
    raise TookTooLong("it took too long")
