"""Work shared out among copies of this process: for large runs, where the system can copy one."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from bufferlint.analysis import Executor, alone
from bufferlint.project_files.signals import end_at_once_on_termination
from bufferlint.project_files.workspace import DiskWorkspace

Part = TypeVar("Part")

_MANY = 200
"""Files from which on the work is shared out by itself: below, a copy costs more than it saves."""
_MOST = 4
"""Processes that are started unasked: each needs its own memory for what it finds out."""
_RUN = 16
"""Neighbouring files that one process gets: they have much in common."""


def spread(jobs: int | None, workspace: DiskWorkspace, files: int) -> Executor:
    """Returns how to do the work for so many files; ``jobs`` is what was asked for, None to decide by the number of
    files."""
    if jobs is None:
        enough = files >= _MANY and sys.platform.startswith("linux")
        jobs = min(_MOST, len(os.sched_getaffinity(0))) if enough else 1
    return ProcessPool(jobs, workspace) if jobs > 1 and hasattr(os, "fork") else alone


class ProcessPool:
    """A `Executor` over processes. What the workspace is asked for by a copy is asked of this one too; the share of a
    copy that died is done here."""

    def __init__(self, jobs: int, workspace: DiskWorkspace) -> None:
        self._jobs = jobs
        self._workspace = workspace

    def __call__(self, work: Callable[[Sequence[str]], Part], paths: Sequence[str]) -> Sequence[Part]:
        runs = [paths[at : at + _RUN] for at in range(0, len(paths), _RUN)]
        shares = [[path for run in runs[at :: self._jobs] for path in run] for at in range(min(self._jobs, len(runs)))]
        if len(shares) < 2:
            return alone(work, paths)
        gc.freeze()  # what there is by now would otherwise be copied once somebody looks for garbage
        children: list[tuple[int, int]] = []
        try:
            children += [self._start(work, share) for share in shares[1:]]
            parts = [work(shares[0])]
            for (_, pipe), share in zip(children, shares[1:], strict=True):
                parts.append(self._result(pipe) or work(share))
            return parts
        finally:
            gc.unfreeze()
            for child, pipe in children:
                os.close(pipe)
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)

    def _start(self, work: Callable[[Sequence[str]], Part], share: Sequence[str]) -> tuple[int, int]:
        """The number of a copy that does a share, and where it writes what came out."""
        import pickle

        reading, writing = os.pipe()
        child = os.fork()
        if child:
            os.close(writing)
            return child, reading
        try:
            os.close(reading)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            end_at_once_on_termination()
            part = work(share)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump((part, self._workspace.asked_for), pipe)
        finally:
            os._exit(0)

    def _result(self, pipe: int) -> Part | None:
        import pickle

        with os.fdopen(pipe, "rb", closefd=False) as stream:
            data = stream.read()
        try:
            part, asked_for = pickle.loads(data)
        except (EOFError, pickle.UnpicklingError):
            return None
        self._workspace.was_asked_for(asked_for)
        return part  # type: ignore[no-any-return]
