"""``torch.compile`` gives a module that computes the same; a C++ compiler has to be there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch

from bufferlint.verify.contract import COMPILE_SECONDS, Outcome, Status
from bufferlint.verify.worker import values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench, seed_everything
from bufferlint.verify.worker.observations import Observed

NAME = "compiled"
TITLE = "torch.compile"
_COMPILERS = ("g++", "clang++", "c++", "cl")


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    if not any(map(shutil.which, (os.environ.get("CXX") or _COMPILERS[0], *_COMPILERS))):
        return {"skip": f"there is no C++ compiler here ({', '.join(_COMPILERS)}), and torch.compile needs one"}
    return _ways.tried(bench, {"compile": lambda: _compiled(bench)}, COMPILE_SECONDS)


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "skip" in before or "skip" in after:
        skipped = Outcome(Status.SKIP, before.get("skip") or after.get("skip", ""))
        return skipped, skipped
    return _ways.judged(before, after, change)


def _compiled(bench: Bench) -> values.Leaves:
    """In this process, and in a folder that both sides of this class have: it goes when the verdict is there."""
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(Path.cwd().parent.parent / "inductor")
    from torch._inductor import config

    config.compile_threads = 1
    module: Any = torch.compile(bench.module().eval())
    args, kwargs = bench.inputs()
    seed_everything(bench.recipe.seed)
    with torch.no_grad():
        output = module(*args, **kwargs)
    return _ways.as_eager(bench, output)
