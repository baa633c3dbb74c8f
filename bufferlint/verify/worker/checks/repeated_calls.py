"""One instance trains, is evaluated, trains on and gets other batches: result and state are the same after each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, plain_values, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing
from bufferlint.verify.worker.checks.gradients import asking, backward
from bufferlint.verify.worker.harness import Arguments, Bench, numbers_drawn, raised, random_state
from bufferlint.verify.worker.observations import Observed

NAME = "repeated_calls"
TITLE = "two training steps, evaluation"
STEPS = ("step 1", "step 2", "evaluation", "step 3", "another batch", "one row")
_EVALUATION, _ANOTHER, _ROW = STEPS[2], STEPS[4], STEPS[5]
_OTHERS = (_ANOTHER, _ROW)
_LARGER = 100
"""By how much the values of the one row are larger: past what a clipping leaves alone."""
_LIVES = ((True, True), (True, False), (False, False))
"""In train mode or not, and whether the inputs ask for a gradient; the first in which no step raises is looked at."""


def observe(bench: Bench) -> Observed:
    """Returns what each step leaves: of a life in train mode in which the inputs ask for a gradient too, as they do
    behind another layer; of one without that, or in evaluation mode only, where the class as it stands gets further
    so."""
    if not bench.calls_forward:
        return _ways.WITHOUT_INPUTS
    lives = range(len(_LIVES)) if not bench.earlier else [bench.earlier.get(NAME, {}).get("life", 0)]
    seen: list[Observed] = []
    for life in lives:
        seen.append({"steps": _steps(bench, *_LIVES[life]), "life": life})
        if not any("raised" in step for step in seen[-1]["steps"].values()):
            break
    return max(seen, key=_reached)


def _reached(seen: Observed) -> int:
    return sum("raised" not in step for step in seen["steps"].values())


def _steps(bench: Bench, training: bool, asks: bool) -> Observed:
    """Nothing is recorded beyond the first step that raises, nor from a batch on that the class refuses."""
    module = bench.module()
    built = plain_values.held(module)
    steps: Observed = {}
    earlier = bench.earlier.get(NAME, {}).get("steps", {})
    for offset, name in enumerate(STEPS):
        if bench.earlier and name not in earlier:
            break
        call = partial(_step, bench, module, training and name not in (_EVALUATION, *_OTHERS), offset, built, asks)
        seen = bench.attempt(call)
        if name in _OTHERS and isinstance(seen, Raised) and not bench.earlier:
            break  # not every class takes batches of every size
        steps[name] = raised(seen) if isinstance(seen, Raised) else seen
        if isinstance(seen, Raised):
            break
    return steps


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "no inputs" in before or "no inputs" in after:
        return Outcome(Status.NOT_RUN, NO_INPUTS), Outcome(Status.NOT_RUN, NO_INPUTS)
    old, new = before["steps"], after["steps"]
    failed = [f"{name} raises {seen['raised']}" for name, seen in old.items() if "raised" in seen]
    first = Outcome(Status.SKIP if "raised" in old[STEPS[0]] else Status.PASS, "; ".join(failed) or ", ".join(old))
    wrong: list[str] = []
    for name, seen in old.items():
        if "raised" in seen:
            break
        if "raised" in new[name]:
            return first, Outcome(Status.FAIL, f"{name} raises {new[name]['raised']}")
        if not wrong:
            wrong = [f"{name}: {line}" for line in _differences(seen, new[name], change.restless)]
    if wrong:
        return first, differing(wrong, change)
    return first, Outcome(first.status, "; ".join(f"{line}, as before" for line in failed) or ", ".join(old))


def _step(
    bench: Bench, module: nn.Module, training: bool, offset: int, built: plain_values.Found, asks: bool
) -> Observed:
    given = bench.inputs(offset)
    if STEPS[offset] in _OTHERS:
        given = _grown(given) if STEPS[offset] == _ANOTHER else _row(given)
    if asks and training:
        given, _ = asking(given)
    output = bench.call(module, training, given, seed_offset=offset)
    if training:
        backward(output, bench.recipe.seed + offset)
    drawn = random_state()  # before a property is read
    plain, steps = plain_values.held(module), bench.earlier.get(NAME, {}).get("steps", {})
    known = steps.get(STEPS[offset], {}).get("plain", {})
    return {
        "output": values.leaves(output, described=True),
        "state": {slot.path: copy for slot in attributes.slots(module) if (copy := _copied(slot)) is not None},
        "graphs": [slot.path for slot in attributes.slots(module) if slot.value is not None and not slot.value.is_leaf],
        "plain": plain_values.with_readable(module, plain, known, bench.renamed),
        "modules": plain_values.modules(module),
        "changed": {path: text for path, text in plain.items() if text != built.get(path, text)},
        "drawn": drawn,
    }


def _grown(given: Arguments) -> Arguments:
    """The arguments with one more row in each tensor that is as long as the first; raises where there is none."""
    size = next(tensor.shape[0] for tensor in values.tensors(given) if tensor.dim())
    return tree_map_only(  # type: ignore[no-any-return]
        torch.Tensor,
        lambda tensor: torch.cat([tensor, tensor[:1]]) if tensor.dim() and tensor.shape[0] == size else tensor,
        given,
    )


def _row(given: Arguments) -> Arguments:
    """The first row of each tensor that is as long as the first, with larger values; raises where there is none."""
    size = next(tensor.shape[0] for tensor in values.tensors(given) if tensor.dim())

    def alone(tensor: torch.Tensor) -> torch.Tensor:
        row = tensor[:1].clone() if tensor.dim() and tensor.shape[0] == size else tensor
        return row * _LARGER if row.is_floating_point() else row

    return tree_map_only(torch.Tensor, alone, given)  # type: ignore[no-any-return]


def _copied(slot: attributes.Slot) -> torch.Tensor | None:
    return None if slot.value is None else values.stored(slot.value)


def _differences(before: Observed, after: Observed, restless: Sequence[str]) -> list[str]:
    """Returns what a step leaves otherwise than before, a line each; what only one side holds is the business of
    others."""
    found = values.differences(before["output"], after["output"])
    both = [place for place in before["state"] if place in after["state"]]
    old, new = ({place: side["state"][place] for place in both} for side in (before, after))
    found += values.differences(old, new)
    kept = [path for path in after["graphs"] if path in before["state"] and path not in before["graphs"]]
    found += [f"{path} keeps the graph that it was computed by, and with it all former steps" for path in kept]
    changed = (before["changed"].keys() & after["changed"].keys()).difference(restless)
    old, new = ({place: side["changed"][place] for place in sorted(changed)} for side in (before, after))
    found += values.differences(old, new) + numbers_drawn(before["drawn"], after["drawn"])
    return list(dict.fromkeys([*found, *plain_values.lost(before, after, after["state"], restless)]))
