"""Signals that end a run: what is being written is finished first, and nothing temporary is left."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from types import FrameType

_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))


class Terminated(KeyboardInterrupt):
    """A signal other than that of Ctrl-C asks the run to end."""


_received: list[int] = []


def unwind_on_termination() -> None:
    """Let SIGTERM and SIGHUP end the run as Ctrl-C does: everything is put away. A second one ends it at once."""
    for number in _ENDING:
        if number != signal.SIGINT and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _unwind)


def end_at_once_on_termination() -> None:
    """Undo `unwind_on_termination`."""
    for number in _ENDING:
        if signal.getsignal(number) is _unwind:
            signal.signal(number, signal.SIG_DFL)


def die_of_termination() -> None:
    """End the process as the signal would have that `unwind_on_termination` received; return when there was none."""
    if _received:
        signal.signal(_received[0], signal.SIG_DFL)
        signal.raise_signal(_received[0])


@contextlib.contextmanager
def uninterrupted(patience: int | None = None) -> Iterator[Sequence[int]]:
    """Let signals that end the run wait until the block is done; gives those that wait.

    With ``patience`` so many wait, and the next one ends the block at once. In the main thread only: no other receives
    signals.
    """
    waiting: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield waiting
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    kept = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}

    def wait(received: int, _frame: FrameType | None) -> None:
        waiting.append(received)
        if patience is not None and len(waiting) > patience:
            waiting.clear()
            restore()
            signal.raise_signal(received)

    def restore() -> None:
        for number, handler in kept.items():
            signal.signal(number, handler)

    try:
        for number in kept:
            signal.signal(number, wait)
        yield waiting
    finally:
        restore()
        if waiting:
            signal.raise_signal(waiting[0])


def _unwind(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    _received.append(number)
    raise Terminated
