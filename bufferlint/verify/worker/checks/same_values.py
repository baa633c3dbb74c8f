"""Every parameter, buffer and plain tensor starts with the same bits: random numbers were drawn in the same order."""

from __future__ import annotations

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.bench import Bench
from bufferlint.verify.worker.evidence import Observed

NAME = "same_values"
TITLE = "starts from the same values"


def observe(bench: Bench) -> Observed:
    kinds: dict[str, str] = {}
    leaves: values.Leaves = {}
    for slot in attributes.slots(bench.module()):
        kinds[slot.path] = slot.kind
        if slot.value is None:
            continue
        copy = values.stored(slot.value)
        leaves[slot.path] = f"a tensor without values on {slot.value.device}" if copy is None else copy
        if slot.value.requires_grad:
            leaves[f"{slot.path}.requires_grad"] = "True"
    return {"kinds": kinds, "leaves": leaves}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    old, new = before["kinds"], after["kinds"]
    first = Outcome(Status.PASS, f"tensors: {len(old)}")
    wrong = values.differences(before["leaves"], after["leaves"])
    wrong += [
        f"{path} is a {new[path]}, not a {kind}" for path, kind in old.items() if not _may_be(kind, new.get(path))
    ]
    orders = [[path for path, kind in kinds.items() if kind == attributes.PARAMETER] for kinds in (old, new)]
    if not wrong and orders[0] != orders[1]:
        wrong = ["the parameters are registered in another order"]
    if wrong:
        return first, Outcome(Status.FAIL, "; ".join(wrong))
    return first, Outcome(Status.PASS, f"tensors: {len(new)}, bit for bit equal")


def _may_be(kind: str, other: str | None) -> bool:
    """A plain tensor may become a buffer; which buffers are saved is the business of another check."""
    return other in (None, kind) or (kind != attributes.PARAMETER and other in attributes.BUFFERS)
