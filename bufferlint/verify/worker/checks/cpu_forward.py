"""Forward gives the same bits on the CPU, in eval mode and in train mode."""

from __future__ import annotations

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.harness import Bench, raised
from bufferlint.verify.worker.observations import Observed

NAME = "cpu_forward"
TITLE = "CPU outputs equal bit for bit"
NO_INPUTS = "the recipe has no inputs, so the class was only built; give one such as --input 2x6x3"
MODES = ("eval", "train")


def observe(bench: Bench) -> Observed:
    if not bench.calls_forward:
        return {"no inputs": True}
    return {mode: _run(bench, mode == "train") for mode in MODES}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "no inputs" in before:
        return Outcome(Status.NOT_RUN, NO_INPUTS), Outcome(Status.NOT_RUN, NO_INPUTS)
    failed = {mode: before[mode]["raised"] for mode in MODES if "raised" in before[mode]}
    if hopeless(before):
        return Outcome(Status.FAIL, f"forward raised {hopeless(before)}"), Outcome(
            Status.SKIP, "nothing to compare with"
        )
    ran = " and ".join(mode for mode in MODES if mode not in failed)
    note = "".join(f"; in {mode} mode it raises {error}" for mode, error in failed.items())
    wrong = [f"{mode}: {line}" for mode in MODES for line in _compare(before[mode], after[mode])]
    first = Outcome(Status.PASS, f"runs in {ran} mode{note}")
    if wrong:
        return first, Outcome(Status.FAIL, "; ".join(wrong))
    return first, Outcome(Status.PASS, f"{ran} mode{', as before' + note[1:] if note else ''}")


def hopeless(seen: Observed) -> str | None:
    """What forward raised when it ran in no mode at all."""
    errors = [seen[mode].get("raised") for mode in MODES if mode in seen]
    return errors[0] if errors and all(errors) else None


def _run(bench: Bench, training: bool) -> Observed:
    output = bench.attempt(lambda: values.leaves(bench.forward(bench.module(), training)))
    return raised(output) if isinstance(output, Raised) else {"output": output}


def _compare(before: Observed, after: Observed) -> list[str]:
    if "raised" in before:
        return [] if after.get("type") == before["type"] else [f"no longer raises {before['raised']}"]
    if "raised" in after:
        return [f"raised {after['raised']}"]
    return values.differences(before["output"], after["output"])
