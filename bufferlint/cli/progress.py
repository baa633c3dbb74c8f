"""A word to a person who waits."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

import click

from bufferlint.cli.output import deliver
from bufferlint.text.escaping import visible

_PATIENCE = 1.5
"""Seconds after which a run is said to be at work."""
_ERASED = "\r\x1b[K"


@contextmanager
def working(on: str, quiet: bool, after: float = _PATIENCE) -> Iterator[None]:
    """Say on stderr what is being worked on, if it takes long, and take it back in the end; only on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    spoken: list[str] = []

    def speak() -> None:
        spoken.append(on)
        deliver(f"{on} ...", err=True, nl=False)

    said = Timer(after, speak)
    said.daemon = True
    said.start()
    try:
        yield
    finally:
        said.cancel()
        said.join()
        if spoken:
            deliver(_ERASED, err=True, nl=False, color=True)


@contextmanager
def counting(total: int, on: str, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar on stderr that a call with the name of what is done moves on; only on a terminal, and for several."""
    if quiet or total < 2 or not sys.stderr.isatty():
        yield lambda _name: None
        return
    with click.progressbar(length=total, label=on, file=sys.stderr, item_show_func=lambda name: name or "") as bar:
        yield lambda name: bar.update(1, visible(name))
