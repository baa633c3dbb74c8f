"""Several workers that share what there is to run."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import TypeVar

from bufferlint.verify.launch import Worker

T = TypeVar("T")
R = TypeVar("R")


class Pool:
    """Up to ``jobs`` workers; each starts, which takes as long as importing torch, when there is something for it.

    Use as a context manager.
    """

    def __init__(self, python: str, jobs: int, variables: Sequence[str] = ()) -> None:
        self._workers = [Worker(python, variables=variables) for _ in range(max(1, jobs))]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.__exit__(kind, error, at)

    def map(self, run: Callable[[Worker, T], R], items: Sequence[T], done: Callable[[T], None]) -> list[R]:
        """Returns what ``run`` gives for each item, in their order; ``done`` is called in this thread as they come
        in."""
        idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers:
            idle.put(worker)

        def one(item: T) -> R:
            worker = idle.get()
            try:
                return run(worker, item)
            finally:
                idle.put(worker)

        results: dict[int, R] = {}
        with ThreadPoolExecutor(len(self._workers)) as threads:
            futures: dict[Future[R], int] = {threads.submit(one, item): place for place, item in enumerate(items)}
            try:
                for future in as_completed(futures):
                    results[futures[future]] = future.result()
                    done(items[futures[future]])
            except BaseException:  # interrupted: without their workers the threads come to an end
                threads.shutdown(wait=False, cancel_futures=True)
                self.__exit__(None, None, None)
                raise
        return [results[place] for place in range(len(items))]
