"""The class can be built."""

from __future__ import annotations

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "constructs"
TITLE = "constructs"


def observe(bench: Bench) -> Observed:
    module = bench.module()
    attributes.ensure_walkable(module)
    kinds = [slot.kind for slot in attributes.slots(module)]
    return {
        "parameters": kinds.count(attributes.PARAMETER),
        "buffers": sum(kind in attributes.BUFFERS for kind in kinds),
    }


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before), _outcome(after)


def _outcome(seen: Observed) -> Outcome:
    return Outcome(Status.PASS, f"parameters: {seen['parameters']}, buffers: {seen['buffers']}")
