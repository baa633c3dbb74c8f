"""The module moves to a device, runs there and ends there: on a real one when there is one, else on the stand-in."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, cuda_answers, devices, origins, standin, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "device_move"
TITLE = "moves to a device and runs there"
_ROUGH = 0.05
"""How far results may be apart where a part of forward computes in bfloat16 on one device and otherwise on another."""
_NAME = re.compile(r"\W")
_CALLS = (False, False, True)
"""In which modes an instance is called, one after the other: a second call shows what the first one left."""


def observe(bench: Bench) -> Observed:
    try:
        device = devices.accelerator(bench.recipe.device)
    except devices.Unusable as error:
        return {"failed": str(error), "device": f"{bench.recipe.device} (not available)"}
    seen: Observed = {"device": devices.describe(device), "stand-in": device is None}
    if not bench.calls_forward:
        return {**seen, "no inputs": True}
    reference = _on_cpu(bench)
    calls = [training for training, output in reference if not isinstance(output, Raised)]
    if not calls:
        return {**seen, "skip": "forward does not run on the CPU"}
    module = _new(bench)
    there = bench.attempt(lambda: _there(bench, device, module, calls))
    if isinstance(there, Raised):
        refused = _refused(bench, device, there, calls)
        return {**seen, **((_built_there(bench, calls) if device is None else None) or refused)}
    outputs, named = there
    apart = _apart(bench, [output for _, output in reference if not isinstance(output, Raised)], outputs, calls)
    if apart:
        return {**seen, "failed": f"the result there is not that of the CPU: {'; '.join(apart)}", "differs": True}
    again = bench.attempt(lambda: _called_before(bench, device, calls))
    if isinstance(again, Raised):
        found = _refused(bench, device, again, calls)
        if "skip" in found and not _can_be_called_twice(bench, calls):
            return {**seen, "named": named}
        if "failed" in found:
            found["failed"] = f"called on the CPU, then moved, then called: {found['failed']}"
        return {**seen, **found}
    return {**seen, "named": named}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    first, second = _outcome(before, change), _outcome(after, change)
    known = before.get("named", before.get("intended"))
    left = [place for place in after.get("named", ()) if known is not None and place not in known]
    if second.status is Status.PASS and left:
        text = f"{', '.join(left)} is put on the cpu, where it was on the device before"
        return first, Outcome(Status.FAIL, text)
    return first, second


def _outcome(seen: Observed, change: Change) -> Outcome:
    if "no inputs" in seen:
        return Outcome(Status.NOT_RUN, NO_INPUTS)
    if "failed" in seen:
        return differing([seen["failed"]], change) if "differs" in seen else Outcome(Status.FAIL, seen["failed"])
    if "skip" in seen:
        return Outcome(Status.SKIP, seen["skip"])
    where = "runs on the stand-in" if seen["stand-in"] else f"runs on {seen['device']}"
    named = f"; {', '.join(seen['named'])} is put on the cpu by name" if seen["named"] else ""
    return Outcome(Status.PASS, where + named)


def _new(bench: Bench) -> nn.Module:
    """A new instance, called once where it has lazy parameters: those get their shape on the CPU."""
    module = bench.module()
    if any(map(nn.parameter.is_lazy, [*module.parameters(), *module.buffers()])):
        with torch.no_grad():
            bench.attempt(lambda: bench.forward(module, False))
    return module


def _on_cpu(bench: Bench) -> list[tuple[bool, values.Leaves | Raised]]:
    module = _new(bench)
    return [
        (training, bench.attempt(lambda training=training: values.leaves(bench.forward(module, training))))  # type: ignore[misc]
        for training in _CALLS
    ]


def _there(
    bench: Bench, device: torch.device | None, module: nn.Module, calls: Sequence[bool], *, plain: bool = False
) -> tuple[list[values.Leaves], list[str] | None]:
    """The results of some calls there, and the places of them that the class itself put on the CPU; None for those
    where neither the module nor what it is given has a tensor on the device: there is nothing to end there.

    With ``plain`` the plain tensors are moved too, as if they were registered.
    """
    outputs, told, asked = [], list[str](), False
    with standin.moved(device, module) as (target, placement, named):
        for slot in [*attributes.slots(module)] if plain else ():
            if slot.kind == attributes.PLAIN and slot.value is not None:
                slot.store[slot.name] = slot.value.to(target)
        for training in calls:
            given = bench.inputs()
            output = bench.call(module, training, given, target)
            if values.tensors(given) or any(map(placement.is_there, [*module.parameters(), *module.buffers()])):
                asked = True
                told += standin.ended(output, placement, named)
            outputs.append(values.leaves(output))
    return outputs, list(dict.fromkeys(told)) if asked else None


def _called_before(bench: Bench, device: torch.device | None, calls: Sequence[bool]) -> None:
    """Call an instance, move it, call it again: what the first calls made must not be left behind."""
    _there(bench, device, _called(bench, calls), calls)


def _can_be_called_twice(bench: Bench, calls: Sequence[bool]) -> bool:
    """Returns whether an instance that was called can be called again on the CPU."""
    module = _called(bench, calls)
    return not any(isinstance(bench.attempt(partial(bench.forward, module, mode)), Raised) for mode in calls)


def _called(bench: Bench, calls: Sequence[bool]) -> nn.Module:
    """An instance that was called, without gradients if it can: some classes ask for one themselves."""
    for gradients in (False, True):
        module = bench.module()
        with torch.set_grad_enabled(gradients):
            raised = [bench.attempt(partial(bench.forward, module, training)) for training in calls]
        if not any(isinstance(each, Raised) for each in raised):
            break
    return module


def _built_there(bench: Bench, calls: Sequence[bool]) -> Observed | None:
    """Returns what is seen of a class that asks whether CUDA is there when it is built, once it is answered yes; None
    for one that does not ask, or that was not built then."""
    statements = cuda_answers.constants(bench.path)
    with cuda_answers.listening() as heard:
        bench.module()
    if not heard and not statements:
        return None

    def built() -> list[str] | None:
        names = vars(sys.modules[bench.cls.__module__])
        with cuda_answers.patched(), cuda_answers.evaluated_again(statements, names, bench.path):
            with standin.pretending():
                module = bench.module()
            return _there(bench, None, module, calls)[1]

    named = bench.attempt(built)
    if isinstance(named, Raised):
        return None if standin.is_blind(named) else _failed(bench, named)
    return {"named": named}


def _apart(bench: Bench, wanted: list[values.Leaves], found: list[values.Leaves], calls: Sequence[bool]) -> list[str]:
    """Returns how the results in eval mode differ; a forward that draws random numbers is run, not compared."""
    compared = [pair for pair, training in zip(zip(wanted, found, strict=True), calls, strict=True) if not training]
    apart = [line for one, other in compared for line in values.far_apart(one, other)]
    if apart and _uses_autocast(bench):
        apart = [line for one, other in compared for line in values.far_apart(one, other, _ROUGH)]
    return list(dict.fromkeys(apart)) if apart and _is_steady(bench) else []


def _uses_autocast(bench: Bench) -> bool:
    """Returns whether forward computes in another dtype by autocast, which each device does otherwise."""
    entered = []
    autocast: Any = torch.autocast
    original = autocast.__enter__

    def noting(self: Any) -> Any:
        entered.append(self)
        return original(self)

    autocast.__enter__ = noting
    try:
        bench.attempt(lambda: bench.forward(bench.module(), False))
    finally:
        autocast.__enter__ = original
    return bool(entered)


def _is_steady(bench: Bench) -> bool:
    """Returns whether the CPU gives the same result for other random numbers in forward."""
    outputs = [bench.attempt(partial(_drawn, bench, seed_offset)) for seed_offset in (0, 0, 1)]
    if any(isinstance(output, Raised) for output in outputs):
        return False
    first, again, other = (output for output in outputs if not isinstance(output, Raised))
    return not values.differences(first, again) and not values.differences(first, other)


def _drawn(bench: Bench, seed_offset: int) -> values.Leaves:
    return values.leaves(bench.forward(bench.module(), False, seed_offset=seed_offset))


def _refused(bench: Bench, device: torch.device | None, error: Raised, calls: Sequence[bool]) -> Observed:
    """Returns what was raised there; with where the result would have been, had its plain tensors been moved."""
    if device is None and standin.is_blind(error):
        return {"skip": f"the stand-in cannot run it: {error}; a machine with an accelerator can"}
    if device is not None and not isinstance(error.error, standin.Misplaced):
        lacking = _unsupported(error)
        if lacking:
            return lacking
        error = _named(bench, device, calls) or error
    seen = _failed(bench, error)
    intended = bench.attempt(lambda: _there(bench, device, _new(bench), calls, plain=True))
    return seen if isinstance(intended, Raised) else {**seen, "intended": intended[1]}


def _named(bench: Bench, device: torch.device, calls: Sequence[bool]) -> Raised | None:
    """The same failure as the stand-in words it, with the attribute's name; None when it finds none."""
    module = bench.module().to(device)
    placement = standin.Placement(device)
    placement.learn(module)
    with placement:
        error = bench.attempt(lambda: [bench.forward(module, training, device) for training in calls])
    return error if isinstance(error, Raised) and isinstance(error.error, standin.Misplaced) else None


def _failed(bench: Bench, error: Raised) -> Observed:
    attribute = error.error.attribute if isinstance(error.error, standin.Misplaced) else None
    made = _made(bench, attribute) if attribute else ""
    return {
        "failed": str(error).removeprefix("Misplaced: ").replace("meta", "cuda:0") + made,
        "memory": error.out_of_memory,
    }


def _made(bench: Bench, attribute: str) -> str:
    """The line that gave the module its attribute, in words; empty when it is not known."""
    with origins.watching() as seen:
        module = bench.module()
    owners = [path for path, _ in module.named_modules() if not path or attribute.startswith(f"{path}.")]
    owner = max(owners, key=len)
    holder = module.get_submodule(owner)
    name = _NAME.split(attribute[len(owner) :].removeprefix("."), maxsplit=1)[0]
    place = seen.get((id(holder), name)) or origins.written(type(holder), name)
    if place is None:
        return ""
    file, line = place
    return f"; '{attribute}' was made in line {line}" + ("" if file == bench.path else f" of {Path(file).name}")


def _unsupported(error: Raised) -> Observed | None:
    """A device that lacks an operator or a type (MPS has no float64) says nothing about the module."""
    if isinstance(error.error, NotImplementedError) or "doesn't support float64" in str(error.error):
        return {"skip": f"the device lacks what forward needs: {error}"}
    return None
