"""The checks, in the order of the table: what each side shows of itself, and what the two together say.

A check is a module with a ``NAME``, a ``TITLE``, `observe` (called in the process of one side; what user code raises
there is what the check saw) and `judge` (called in the worker with what both sides saw, when neither raised). The
first is whether the class can be built at all; nothing else is looked at when it can't.
"""

from __future__ import annotations

from typing import Protocol

from bufferlint.verify.contract import Outcome, Recipe
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import (
    compiled,
    constructs,
    copies,
    cpu_forward,
    device_move,
    distributed,
    dtype_casts,
    export,
    gradients,
    meta_device,
    old_checkpoint,
    plain_tensors,
    same_values,
    save_and_load,
    state_dict,
    torchscript,
)
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed


class Checker(Protocol):
    NAME: str
    TITLE: str

    def observe(self, bench: Bench, /) -> Observed: ...
    def judge(self, before: Observed, after: Observed, change: Change, /) -> tuple[Outcome, Outcome]: ...


CATALOGUE: tuple[Checker, ...] = (
    constructs,
    same_values,
    cpu_forward,
    gradients,
    device_move,
    dtype_casts,
    state_dict,
    save_and_load,
    old_checkpoint,
    meta_device,
    copies,
    plain_tensors,
    export,
    torchscript,
)
ON_DEMAND: tuple[Checker, ...] = (compiled, distributed)
"""Checks that take long or start processes: made when the recipe names them."""

MAY_END = frozenset(check.NAME for check in (export, torchscript, compiled))
"""Checks that hand the class to torch's compilers, which can take the process with them, when one is given up because
its time is over say: the exception leaves a C++ frame. That says nothing of the other checks."""


def chosen(recipe: Recipe) -> tuple[Checker, ...]:
    """The checks that a recipe asks for, in the order of the table."""
    return (*CATALOGUE, *(check for check in ON_DEMAND if check.NAME in recipe.also))
