"""Running again when a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click

from bufferlint.cli.output import say

_PAUSE = 0.3
"""Seconds between two looks at the files."""
_TICK = 20_000_000
"""Nanoseconds that the time of a change may lie before the clock: kernels stamp files by a tick of theirs."""

Snapshot = dict[str, tuple[int, int]]
"""The time of the last change in nanoseconds, and the size, by path."""


def watch(run: Callable[[], tuple[str, ...]]) -> None:
    """Call ``run``, which gives the files it read, and again whenever one of them changes; until interrupted.

    What a file is compared with is its state before it was read, so that a change while ``run`` is at work counts.
    """
    known: tuple[str, ...] = ()
    while True:
        started = time.time_ns() - _TICK
        before = snapshot(known)
        known = run()
        read = {file: before[file] if file in before else _before(file, started) for file in known}
        say(f"[{time.strftime('%H:%M:%S')}] watching for changes; Ctrl-C ends it", err=True)
        while snapshot(known) == read:
            time.sleep(_PAUSE)
        click.clear()


def snapshot(files: tuple[str, ...]) -> Snapshot:
    """The state of files; one that is not there has none."""
    return {file: _state(file) for file in files}


def _before(file: str, started: int) -> tuple[int, int]:
    """The state of a file that was not known when ``run`` began; one that changed since then has none."""
    state = _state(file)
    return state if state[0] < started else (-1, -1)


def _state(file: str) -> tuple[int, int]:
    try:
        state = Path(file).stat()
    except OSError:
        return (0, 0)
    return (state.st_mtime_ns, state.st_size)
