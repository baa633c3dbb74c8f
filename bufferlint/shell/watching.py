"""Running again when a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import click

_PAUSE = 0.3
"""Seconds between two looks at the files."""

Snapshot = dict[str, tuple[int, int]]
"""The time of the last change in nanoseconds, and the size, by path."""


def watch(run: Callable[[], tuple[str, ...]]) -> None:
    """Call ``run``, which gives the files it read, and again whenever one of them changes; until interrupted."""
    while True:
        before = snapshot(run())
        click.echo("watching for changes; Ctrl-C ends it", err=True)
        while snapshot(tuple(before)) == before:
            time.sleep(_PAUSE)
        click.clear()


def snapshot(files: tuple[str, ...]) -> Snapshot:
    """The state of files; one that is not there has none."""
    return {file: _state(file) for file in files}


def _state(file: str) -> tuple[int, int]:
    try:
        state = Path(file).stat()
    except OSError:
        return (0, 0)
    return (state.st_mtime_ns, state.st_size)
