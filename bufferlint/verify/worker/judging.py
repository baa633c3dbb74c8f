"""From what the two sides saw to a verdict."""

from __future__ import annotations

import dataclasses
from typing import Any

from bufferlint.verify.contract import Check, Outcome, Request, Status, Verdict
from bufferlint.verify.worker import advice, attributes, renaming
from bufferlint.verify.worker.attributes import Change, Unwalkable
from bufferlint.verify.worker.checks import (
    CATALOGUE,
    ON_DEMAND,
    Checker,
    chosen,
    constructs,
    cpu_forward,
    device_move,
    plain_tensors,
    same_values,
    save_and_load,
)
from bufferlint.verify.worker.observations import IMPORT, Evidence, Failure, Observed

_TITLES = {IMPORT: "import", **{check.NAME: check.TITLE for check in (*CATALOGUE, *ON_DEMAND)}}
_REWRITE = "the class as it stands gets past this point: leave the file as it is and report the case to bufferlint"


def stands(before: Evidence, request: Request) -> bool:
    """Returns whether the text as it stands came to something that a rewritten text can be held against."""
    return _hindrance(before, request) is None


def verdict(before: Evidence, after: Evidence | None, request: Request, output: str) -> Verdict:
    """``after`` is None when the rewritten text, if there is one, was not run."""
    failure = _hindrance(before, request)
    if failure is None and after is not None:
        failure = _hindrance_after(after, request)
    ours = renaming.as_before(after or Evidence(), dict(request.subject.renamed))
    seen = [side.observed[device_move.NAME] for side in (ours, before) if device_move.NAME in side.observed]
    return Verdict(
        tuple(_check(each, before, ours, _change(before, ours)) for each in chosen(request.recipe)),
        next((each["device"] for each in seen if "device" in each), ""),
        output,
        failure.cause if failure else None,
        failure.advice if failure else None,
        request.subject.after is not None,
    )


def _check(check: Checker, before: Evidence, after: Evidence, change: Change) -> Check:
    old, new = before.observed.get(check.NAME), after.observed.get(check.NAME)
    if "ended" in (old or {}) or "ended" in (new or {}):
        return Check(check.NAME, check.TITLE, *_ended(check, old, new, change))
    sound_old, sound_new = old is not None and "raised" not in old, new is not None and "raised" not in new
    if sound_old and sound_new:
        assert old is not None and new is not None
        first, second = check.judge(old, new, change)
    else:
        first = _alone(check, old, change, after) if old is not None and sound_old else _unsound(check, old, before)
        second = check.judge(new, new, change)[1] if new is not None and sound_new else _unsound(check, new, after)
        if check is not constructs and old and new and _error(old) == _error(new):
            second = Outcome(Status.SKIP, f"as before the rewrite: {new['raised']}")
    return Check(check.NAME, check.TITLE, first, second)


def _alone(check: Checker, seen: Observed, change: Change, after: Evidence) -> Outcome:
    """Returns what a check says of the text as it stands; where that is all there is, lost state is a failure of two
    checks."""
    nothing_else = not after.observed and after.stage is None and after.failure is None
    state: list[str] = seen.get("state", []) if nothing_else else []
    if state and check in (save_and_load, plain_tensors):
        return Outcome(Status.FAIL, f"{', '.join(state)}: forward changes it, and no checkpoint brings it back")
    return check.judge(seen, seen, change)[0]


def _ended(check: Checker, old: Observed | None, new: Observed | None, change: Change) -> tuple[Outcome, Outcome]:
    """Of a check that took the process with it, or that was given up, on one side or on both."""
    sides = []
    for place, seen in enumerate((old, new)):
        if seen is None:
            sides.append(Outcome(Status.NOT_RUN))
        elif "ended" in seen:
            sides.append(Outcome(Status.SKIP, seen["ended"]))
        elif place or "raised" in seen:
            sides.append(Outcome(Status.SKIP, "nothing to compare it with"))
        else:
            sides.append(check.judge(seen, seen, change)[0])
    return sides[0], sides[1]


def _unsound(check: Checker, seen: Observed | None, side: Evidence) -> Outcome:
    if seen is not None:
        return Outcome(Status.FAIL, seen["raised"])
    return Outcome(Status.FAIL, side.ending) if side.stage == check.NAME else Outcome(Status.NOT_RUN)


def _error(seen: Observed) -> object:
    return seen.get("type"), seen.get("message")


def _change(before: Evidence, after: Evidence) -> Change:
    old, new = (_kinds(side) for side in (before, after))
    change = attributes.change(old, new) if old is not None and new is not None else Change()
    built, called = (before.observed.get(each.NAME, {}) for each in (same_values, cpu_forward))
    again = [*built.get("again", ()), *cpu_forward.unsteady(called)]
    restless = dict.fromkeys([*built.get("restless", ()), *cpu_forward.restless(called)])
    return dataclasses.replace(change, unsteady="; ".join(again[:2]), restless=tuple(restless))


def _kinds(side: Evidence) -> dict[str, str] | None:
    """The kind of each tensor, by path, as the first check saw it that came to an end."""
    seen = [side.observed.get(check.NAME, {}) for check in (same_values, constructs)]
    return next((each["kinds"] for each in seen if "kinds" in each), None)


def _hindrance(side: Evidence, request: Request) -> Failure | None:
    """Returns why the text as it stands gives nothing to hold a rewrite against."""
    subject = request.subject
    if side.failure is not None:
        return side.failure
    abrupt = _abrupt(side, request, f"{subject.class_name} as it stands")
    if abrupt is not None:
        return abrupt
    built = side.observed[constructs.NAME]
    if "raised" in built:
        next_step = "check the constructor arguments in the recipe: --init name=value, for example --init d_in=3"
        if built["type"] == Unwalkable.__name__:
            cause = f"{subject.class_name} was built, but PyTorch cannot walk its modules: {built['message']}"
            return Failure(cause, Unwalkable.ADVICE)
        return Failure(f"{subject.class_name} cannot be built: {built['raised']}", next_step)
    ran = side.observed.get(cpu_forward.NAME, {})
    error = ran.get("raised") or cpu_forward.hopeless(ran)
    if error:
        cause = f"{subject.class_name} as it stands does not run on the recipe's inputs: {error}"
        return Failure(cause, advice.for_inputs(subject.before, subject.class_name))
    return None


def _hindrance_after(side: Evidence, request: Request) -> Failure | None:
    if side.failure is not None:
        next_step = side.failure.advice if request.subject.against is not None else _REWRITE
        return Failure(f"as rewritten: {side.failure.cause}", next_step)
    return _abrupt(side, request, f"{request.subject.class_name} as rewritten")


def _abrupt(side: Evidence, request: Request, who: str) -> Failure | None:
    """Timeout, crash and memory limit."""
    recipe = request.recipe
    if side.stage is not None:
        next_step = "what it printed last may say why"
        if side.timed_out:
            next_step = f"raise 'timeout' (now {recipe.timeout:g} s) or give smaller inputs"
        return Failure(f"{who} {side.ending} during '{_TITLES[side.stage]}'", next_step)
    full = next((name for name, seen in side.observed.items() if _out_of_memory(seen)), None)
    if full is not None:
        cause = f"{who} ran into the memory limit of {recipe.memory} MiB during '{_TITLES[full]}'"
        return Failure(cause, "raise 'memory' or give smaller arguments and inputs")
    return None


def _out_of_memory(seen: Any) -> bool:
    if not isinstance(seen, dict):
        return False
    return bool(seen.get("memory")) or any(_out_of_memory(value) for value in seen.values())
