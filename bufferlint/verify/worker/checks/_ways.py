"""What a class could do as it stands it must be able to do as rewritten, with the same bits coming out."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import resource_limits, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing, uncompared
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

SHARE = 0.2
"""The part of a side's time that one way may take."""
_REASONS = ("could not", "too long", "torch's own")
"""Under what a way that came to nothing has the reason."""
_BUG_OF_TORCH = "INTERNAL ASSERT FAILED"
WITHOUT_INPUTS: Observed = {"no inputs": True}


def tried(bench: Bench, ways: Mapping[str, Callable[[], values.Leaves]], seconds: float = 0) -> Observed:
    """Returns what came out of each way; its warnings are dropped, and one that takes longer than its share of the
    time, or than ``seconds``, is given up."""
    return {"ways": {name: _tried(bench, run, seconds or SHARE * bench.recipe.timeout) for name, run in ways.items()}}


def judged(
    before: Observed, after: Observed, change: Change, rounded: frozenset[str] = frozenset()
) -> tuple[Outcome, Outcome]:
    """A way that failed before the rewrite may fail after it; one that did not must come out with the same bits, or
    for the ways that are ``rounded`` with nearly the same."""
    if "no inputs" in before or "no inputs" in after:
        return Outcome(Status.NOT_RUN, NO_INPUTS), Outcome(Status.NOT_RUN, NO_INPUTS)
    old, new = before["ways"], after["ways"]
    broken = [f"{name} no longer works: {new[name]['could not']}" for name in old if _is_broken(old[name], new[name])]
    if broken and change.unsteady and all(new[name].get("differs") for name in old if _is_broken(old[name], new[name])):
        return alone(old), differing(broken, change)
    if broken:
        return alone(old), Outcome(Status.FAIL, "; ".join(broken))
    wrong = [line for name in old for line in _wrong(name, old[name], new[name], name in rounded)]
    if wrong:
        return alone(old), differing(wrong, change)
    opaque = [line for name in new for line in values.opaque(new[name].get("leaves", {}))]
    if opaque:
        return alone(old), uncompared(opaque)
    untold = [f"{name} {new[name][why]}" for name in new for why in ("too long", "torch's own") if why in new[name]]
    if untold:
        return alone(old), Outcome(Status.SKIP, "; ".join(untold))
    lacking = [name for name in new if "could not" in new[name]]
    done = [name for name in new if name not in lacking]
    note = f"{', '.join(lacking)} fails as before" if lacking else ""
    return alone(old), Outcome(Status.PASS, "; ".join(part for part in (", ".join(done), note) if part))


def as_eager(bench: Bench, output: object, calls: int = 1) -> values.Leaves:
    """Nothing to compare when a compiled or exported ``output`` is what forward gives; else `Differs` is raised.

    It may be what any of the first ``calls`` calls gives: making the program may have taken one.

    Other kernels round differently, so near is equal; and what a program makes of state that it takes for a constant
    (torch 2.13 exports such a tensor and computes something else) is no standard for the rewritten class.
    """
    module, found = bench.module(), values.leaves(output)
    for _ in range(calls):
        apart = values.far_apart(values.leaves(bench.forward(module, training=False)), found)
        if not apart:
            break
    if apart:
        raise Differs(f"its result is not forward's: {'; '.join(apart)}")
    return {}


class Differs(AssertionError):
    """What came out of a program is not what forward gives."""


def _tried(bench: Bench, run: Callable[[], values.Leaves], seconds: float) -> Observed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.CRITICAL)  # torch's compilers log what they cannot do at length
        try:
            leaves = bench.attempt(lambda: resource_limits.bounded(run, seconds))
        finally:
            logging.disable(logging.NOTSET)
    if not isinstance(leaves, Raised):
        return {"leaves": leaves}
    if isinstance(leaves.error, resource_limits.TooLong):
        return {"too long": f"was given up after {seconds:g} s"}
    if _BUG_OF_TORCH in str(leaves.error):
        return {"torch's own": f"meets a bug of torch: {leaves}"}
    return {
        "could not": str(leaves).replace(bench.path, Path(bench.path).name),
        "differs": isinstance(leaves.error, Differs),
    }


def _is_broken(before: Observed, after: Observed) -> bool:
    return "leaves" in before and "could not" in after


def _wrong(name: str, before: Observed, after: Observed, rounded: bool) -> list[str]:
    if "leaves" not in before or "leaves" not in after:
        return []
    compare = values.beyond_rounding if rounded else values.differences
    return [f"{name}: {line}" for line in compare(before["leaves"], after["leaves"])]


def alone(ways: Mapping[str, Observed]) -> Outcome:
    """The outcome of one side by itself: a way that it lacks is no fault, but all of them leave nothing to tell."""
    done = [name for name, seen in ways.items() if "leaves" in seen]
    lacking = {name: seen for name, seen in ways.items() if name not in done}
    failed = [f"{name}: {next(filter(None, map(seen.get, _REASONS)))}" for name, seen in lacking.items()]
    detail = "; ".join(part for part in (", ".join(done), *failed) if part)
    return Outcome(Status.PASS if done else Status.SKIP, detail)
