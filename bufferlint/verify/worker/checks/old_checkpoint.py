"""A checkpoint of the class as it stands loads into the rewritten class, but for the keys that were announced.

Where the rewrite was to have older checkpoints load with strict=True, it has to load so.
"""

from __future__ import annotations

import torch

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import renaming, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "old_checkpoint"
TITLE = "old checkpoint loads"


def observe(bench: Bench) -> Observed:
    """Returns what of the earlier side's checkpoint fits; the side that stands loads its own."""
    seen: Observed = {} if bench.earlier else {"checkpoint": dict(bench.module().state_dict())}
    if bench.earlier and "checkpoint" not in bench.earlier.get(NAME, {}):
        return {"skip": "there is no checkpoint of the class as it stands"}
    checkpoint = {**bench.earlier.get(NAME, {}), **seen}.get("checkpoint", {})
    if bench.earlier:
        checkpoint = {renaming.renamed(key, bench.renamed): value for key, value in checkpoint.items()}
    odd = [key for key, value in checkpoint.items() if not isinstance(value, torch.Tensor)]
    if odd:
        return {"skip": f"the state_dict holds more than tensors: {', '.join(odd)}"}
    if seen:
        seen["checkpoint"] = {key: values.stored(value) for key, value in checkpoint.items()}
    strict = bench.attempt(lambda: bench.module(seed_offset=1).load_state_dict(checkpoint, strict=True))
    if not isinstance(strict, Raised):
        return {**seen, "missing": [], "unexpected": []}
    loose = bench.module(seed_offset=1).load_state_dict(checkpoint, strict=False)
    return {
        **seen,
        "missing": list(loose.missing_keys),
        "unexpected": list(loose.unexpected_keys),
        "strict": str(strict),
        "demanded": bench.loads_strictly,
    }


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before, Change()), _outcome(after, change)


def _outcome(seen: Observed, change: Change) -> Outcome:
    if "skip" in seen:
        return Outcome(Status.SKIP, seen["skip"])
    if "strict" not in seen:
        return Outcome(Status.PASS, "strict=True loads")
    wrong = [f"unexpected key {key}" for key in seen["unexpected"]]
    wrong += [f"missing key {key}, which is no new buffer" for key in seen["missing"] if key not in change.saved]
    if wrong or not seen["missing"]:
        return Outcome(Status.FAIL, "; ".join(wrong) or seen["strict"])
    missing = ", ".join(seen["missing"])
    if seen["demanded"] and change.saved:
        return Outcome(Status.FAIL, f"strict=True: Missing key(s): {missing}")
    return Outcome(Status.PASS, f"strict=True: Missing key(s): {missing}, as announced; strict=False loads")
