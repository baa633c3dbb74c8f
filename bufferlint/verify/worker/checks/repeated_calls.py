"""One instance, two training steps and an evaluation: result and state after each are the same."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing
from bufferlint.verify.worker.checks.gradients import backward
from bufferlint.verify.worker.harness import Bench, numbers_drawn, raised, random_state
from bufferlint.verify.worker.observations import Observed

NAME = "repeated_calls"
TITLE = "two training steps, evaluation"
STEPS = ("step 1", "step 2", "evaluation")


def observe(bench: Bench) -> Observed:
    """What each step leaves; a class that only runs in evaluation mode is called in that."""
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    seen = _steps(bench, True)
    if "raised" in seen[STEPS[0]]:
        other = _steps(bench, False)
        if "raised" not in other[STEPS[0]]:
            return {"steps": other, "no training": seen[STEPS[0]]["raised"]}
    return {"steps": seen}


def _steps(bench: Bench, training: bool) -> Observed:
    """Nothing is recorded beyond the first step that raises."""
    module = bench.module()
    numbers = _numbers(module)
    steps: Observed = {}
    for offset, name in enumerate(STEPS):
        call = partial(_step, bench, module, training and name != STEPS[-1], offset, numbers)
        seen = bench.attempt(call)
        steps[name] = raised(seen) if isinstance(seen, Raised) else seen
        if isinstance(seen, Raised):
            break
    return steps


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "no inputs" in before or "no inputs" in after:
        return Outcome(Status.NOT_RUN, NO_INPUTS), Outcome(Status.NOT_RUN, NO_INPUTS)
    old, new = before["steps"], after["steps"]
    if "no training" in after and "no training" not in before:
        return Outcome(Status.PASS, ", ".join(STEPS)), Outcome(Status.FAIL, f"{STEPS[0]} raises {after['no training']}")
    failed = [f"{name} raises {seen['raised']}" for name, seen in old.items() if "raised" in seen]
    first = Outcome(Status.SKIP if "raised" in old[STEPS[0]] else Status.PASS, "; ".join(failed) or ", ".join(STEPS))
    wrong: list[str] = []
    for name, seen in old.items():
        if "raised" in seen:
            break
        if "raised" in new[name]:
            return first, Outcome(Status.FAIL, f"{name} raises {new[name]['raised']}")
        if not wrong:
            wrong = [f"{name}: {line}" for line in _differences(seen, new[name])]
    if wrong:
        return first, differing(wrong, change)
    return first, Outcome(first.status, "; ".join(f"{line}, as before" for line in failed) or ", ".join(STEPS))


def _step(bench: Bench, module: nn.Module, training: bool, offset: int, numbers: dict[str, Any]) -> Observed:
    given = bench.inputs(offset)
    output = bench.call(module, training, given, seed_offset=offset)
    if training:
        backward(output, bench.recipe.seed + offset)
    return {
        "output": values.leaves(output, described=True),
        "state": values.leaves({slot.path: slot.value for slot in attributes.slots(module)}),
        "numbers": {place: repr(now) for place, now in _numbers(module).items() if now != numbers.get(place, now)},
        "drawn": random_state(),
    }


def _differences(before: Observed, after: Observed) -> list[str]:
    """What a step leaves otherwise than before, a line each; what only one side holds is the business of others."""
    found = values.differences(before["output"], after["output"])
    both = [place for place in before["state"] if place in after["state"]]
    old, new = ({place: side["state"][place] for place in both} for side in (before, after))
    found += values.differences(old, new)
    numbers = before["numbers"].keys() & after["numbers"].keys()
    old, new = ({place: side["numbers"][place] for place in sorted(numbers)} for side in (before, after))
    return found + values.differences(old, new) + numbers_drawn(before["drawn"], after["drawn"])


def _numbers(module: nn.Module) -> dict[str, Any]:
    """The plain numbers, flags and texts that a module and its submodules hold as attributes."""
    return {
        f"{prefix}.{name}" if prefix else name: value
        for prefix, owner in module.named_modules()
        for name, value in vars(owner).items()
        if isinstance(value, bool | int | float | str) and name != "training"
    }
