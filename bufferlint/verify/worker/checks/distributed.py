"""Under DistributedDataParallel on two gloo ranks forward gives each rank the same bits as before."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, thread_pool, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "distributed"
TITLE = "two ranks of DistributedDataParallel"
RANKS = 2
_SHARE = 0.4


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    if not (hasattr(os, "fork") and torch.distributed.is_available() and torch.distributed.is_gloo_available()):
        return {"skip": "this torch or system cannot run two gloo ranks"}
    folder = Path.cwd() / "ranks"
    folder.mkdir()
    pids = [_start(bench, rank, folder) for rank in range(RANKS)]
    seconds = _SHARE * bench.recipe.timeout
    deadline = time.monotonic() + seconds
    while pids and time.monotonic() < deadline:
        pids = [pid for pid in pids if os.waitpid(pid, os.WNOHANG)[0] == 0]
        time.sleep(0.01)
    return {"ways": {f"rank {rank}": _seen(folder, rank, seconds) for rank in range(RANKS)}}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "skip" in before or "skip" in after:
        skipped = Outcome(Status.SKIP, before.get("skip") or after.get("skip", ""))
        return skipped, skipped
    return _ways.judged(before, after, change)


def _seen(folder: Path, rank: int, seconds: float) -> Observed:
    file = folder / f"{rank}.pt"
    if not file.exists():
        return {"too long": f"gave no result within {seconds:g} s"}
    seen: Observed = torch.load(file, weights_only=True)
    return seen


def _start(bench: Bench, rank: int, folder: Path) -> int:
    """Fork a process that is one rank; it leaves what it saw in the folder."""
    pid = os.fork()
    if pid:
        return pid
    thread_pool.renew()
    seen = bench.attempt(lambda: _rank(bench, rank, folder))
    partial = folder / f"{rank}.partial"
    torch.save({"could not": str(seen)} if isinstance(seen, Raised) else {"leaves": seen}, partial)
    partial.rename(folder / f"{rank}.pt")
    os._exit(0)


def _rank(bench: Bench, rank: int, folder: Path) -> values.Leaves:
    from torch.nn.parallel import DistributedDataParallel

    distributed: Any = torch.distributed
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(RANKS), GLOO_SOCKET_IFNAME="lo")
    store = distributed.FileStore(str(folder / "store"), RANKS)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=RANKS, timeout=timedelta(seconds=20))
    module = bench.module()
    wrapped: Any = DistributedDataParallel(module) if any(p.requires_grad for p in module.parameters()) else module
    output = values.leaves(bench.forward(wrapped, training=True))
    held = {slot.path: slot.value for slot in attributes.slots(module)}
    distributed.barrier()
    return {**output, **values.leaves({"held": held})}
