"""The checks, in the order of the table: what each side shows of itself, and what the two together say.

A check is a module with a ``NAME``, a ``TITLE``, `observe` (called in the process of one side; what user code raises
there is what the check saw) and `judge` (called in the worker with what both sides saw, when neither raised). The
first is whether the class can be built at all; nothing else is looked at when it can't.
"""

from __future__ import annotations

from typing import Protocol

from bufferlint.verify.contract import COMPILE_SECONDS, Outcome, Recipe
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
    repeated_calls,
    resumes,
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
    repeated_calls,
    device_move,
    dtype_casts,
    state_dict,
    save_and_load,
    resumes,
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


OPTIONAL = frozenset(check.NAME for check in (*CATALOGUE, *ON_DEMAND)) - {
    check.NAME for check in (constructs, same_values, cpu_forward)
}
"""Checks without which there is a verdict still: one that takes too long is given up, and the others are made."""
_SHARE, _GRACE = 0.4, 2.0


def patience(name: str, recipe: Recipe) -> float:
    """The seconds that an optional check may take before its process is ended; its own clock gives up earlier."""
    return _GRACE + (COMPILE_SECONDS if name == compiled.NAME else _SHARE * recipe.timeout)


def chosen(recipe: Recipe) -> tuple[Checker, ...]:
    """The checks that a recipe asks for, in the order of the table."""
    return (*CATALOGUE, *(check for check in ON_DEMAND if check.NAME in recipe.also))
