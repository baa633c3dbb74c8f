"""Which tensors are left as plain attributes, so that the rewrite's effect can be seen; never a failure."""

from __future__ import annotations

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.bench import Bench
from bufferlint.verify.worker.evidence import Observed

NAME = "plain_tensors"
TITLE = "plain tensors left"


def observe(bench: Bench) -> Observed:
    return {"plain": [slot.path for slot in attributes.slots(bench.module()) if slot.kind == attributes.PLAIN]}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before), _outcome(after)


def _outcome(seen: Observed) -> Outcome:
    return Outcome(Status.PASS, ", ".join(seen["plain"]) or "none")
