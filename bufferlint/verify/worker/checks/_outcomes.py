"""Outcomes that several checks come to."""

from __future__ import annotations

from collections.abc import Sequence

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker.attributes import Change

NO_INPUTS = "the recipe has no inputs, so the class was only built; give one such as --input 2x6x3"


def differing(wrong: Sequence[str], change: Change) -> Outcome:
    """A failure; where the class differs from itself a skip, since nothing can be told of such a class."""
    if change.unsteady:
        said = f"the class as it stands differs from itself when it is run twice from one seed ({change.unsteady})"
        return Outcome(Status.SKIP, f"{said}: nothing to compare with, unless its generators are seeded")
    return Outcome(Status.FAIL, "; ".join(wrong))


def uncompared(opaque: Sequence[str]) -> Outcome:
    """A skip: the result holds what cannot be compared."""
    return Outcome(Status.SKIP, f"{'; '.join(opaque)}, which cannot be compared: a result of tensors can")
