"""Best-first search over assignments, bounded in tries and in time."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

S = TypeVar("S")
F = TypeVar("F")


_PATIENCE = 3
"""How many more proposals a state gets before those that came of it, when they got no further."""


@dataclass
class Limits:
    """What a search may spend: ``tries``, and seconds until ``deadline`` on the process's own clock."""

    tries: int
    deadline: float

    def left(self) -> bool:
        return self.tries > 0 and time.process_time() < self.deadline


@dataclass
class Trail(Generic[F]):
    """What a search ended with: the failure that got furthest, and how often it tried."""

    best: F | None = None
    progress: int = -1
    tries: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


def search(
    starts: Iterator[S],
    attempt: Callable[[S], F | None],
    progress: Callable[[F], int],
    proposals: Callable[[S, F], Iterator[S]],
    limits: Limits,
    trail: Trail[F],
) -> S | None:
    """The first state that ``attempt`` finds no failure with; None when the limits are used up.

    What got furthest is developed first; its proposals are taken one at a time, the likeliest first.
    """
    seen: set[str] = set()
    heap: list[tuple[int, int, int, Iterator[S]]] = [(0, 0, 0, starts)]
    number = 0
    while heap and limits.left():
        rank, cost, born, children = heapq.heappop(heap)
        state = next((each for each in children if repr(each) not in seen), None)
        if state is None:
            continue
        seen.add(repr(state))
        heapq.heappush(heap, (rank, cost + 1, born, children))
        limits.tries -= 1
        trail.tries += 1
        failure = attempt(state)
        if failure is None:
            return state
        reached = progress(failure)
        if reached > trail.progress:
            trail.best, trail.progress = failure, reached
        number += 1
        heapq.heappush(heap, (-reached, 0 if -reached < rank else cost + _PATIENCE, number, proposals(state, failure)))
    return None
