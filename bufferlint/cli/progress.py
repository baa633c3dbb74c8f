"""A word to a person who waits, and a bar that moves."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click

from bufferlint.cli.output import deliver
from bufferlint.text.escaping import visible

_PATIENCE = 1.5
"""Seconds after which a run is said to be at work."""
_REFRESH = 0.2
"""Seconds between two looks at how far it is."""
_CELLS = 20
_ERASED = "\r\x1b[K"
Step = Callable[[float, str], None]
"""Takes the part of the work that is done, from 0 to 1, and the name of what comes next."""


@contextmanager
def working(on: str, quiet: bool, after: float = _PATIENCE) -> Iterator[Step]:
    """Say on stderr what is being worked on and how far it is, if it takes long, and take it back in the end; only on a
    terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _name: None
        return
    is_over, reached, shown = Event(), [(0.0, "")], [""]
    context = click.get_current_context(silent=True)

    def show() -> None:
        wait = after
        while not is_over.wait(wait):
            line = _line(on, *reached[0])
            if line != shown[0]:
                deliver(f"{_ERASED if shown[0] else ''}{line}", err=True, nl=False, color=True)
                shown[0] = line
            wait = _REFRESH

    def in_context() -> None:
        if context is None:
            return show()
        with context.scope(cleanup=False):
            return show()

    def step(done: float, name: str) -> None:
        reached[0] = (done, name)

    thread = Thread(target=in_context, daemon=True)
    thread.start()
    try:
        yield step
    finally:
        is_over.set()
        thread.join()
        if shown[0]:
            deliver(_ERASED, err=True, nl=False, color=True)


def _line(on: str, done: float, name: str) -> str:
    """Returns what is being worked on, how far it is and what comes next, within the width of the terminal."""
    if not name:
        return f"{on} ..."
    full = round(done * _CELLS)
    line = f"{on} [{'#' * full}{'-' * (_CELLS - full)}] {done:4.0%}  {visible(name)}"
    return line[: max(20, shutil.get_terminal_size().columns - 1)]


@contextmanager
def counting(total: int, on: str, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar on stderr that a call with the name of what is done moves on; only on a terminal, and for several. One
    alone is said to be at work if it takes long."""
    if quiet or total < 2 or not sys.stderr.isatty():
        with working(on, quiet):
            yield lambda _name: None
        return
    with click.progressbar(length=total, label=on, file=sys.stderr, item_show_func=lambda name: name or "") as bar:
        yield lambda name: bar.update(1, visible(name))
