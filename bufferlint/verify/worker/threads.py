"""The stand-in in threads that forward starts: the modes of torch that it is made of hold in one thread only."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

_JOINED: set[int] = set()
"""The threads in which the stand-in is there."""


class Elsewhere(RuntimeError):
    """A thread that was started before: nothing can be told of what it computes."""


@contextmanager
def joined(modes: Sequence[Any]) -> Iterator[None]:
    """Within it each thread that is started enters the modes as well, and the state that they keep is one."""
    start, here = threading.Thread.start, threading.get_ident()

    def started(thread: threading.Thread) -> None:
        vars(thread)["run"] = partial(_within, modes, thread.run)
        start(thread)

    before = set(_JOINED)
    _JOINED.add(here)
    try:
        with patch.object(threading.Thread, "start", started):
            yield
    finally:
        _JOINED.clear()
        _JOINED.update(before)


def ensure_joined() -> None:
    """Raises `Elsewhere` in a thread in which the stand-in is not, while it is in another."""
    if _JOINED and threading.get_ident() not in _JOINED:
        raise Elsewhere("a thread that was started before the module was moved")


def _within(modes: Sequence[Any], run: Any) -> None:
    _JOINED.add(threading.get_ident())
    with ExitStack() as stack:
        for mode in modes:
            stack.enter_context(copy.copy(mode))
        run()
