"""Forward gives the same on the CPU, in eval and in train mode: result, arguments afterwards, random numbers used."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, contents, plain_values, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing, uncompared
from bufferlint.verify.worker.harness import Arguments, Bench, numbers_drawn, raised, random_state, settings
from bufferlint.verify.worker.observations import Observed

NAME = "cpu_forward"
TITLE = "CPU outputs equal bit for bit"
MODES = ("eval", "train")
_FEW = 60
"""How many tensors of a result are compared with each other."""


def observe(bench: Bench) -> Observed:
    """The text as it stands is run twice in each mode, for a class may differ from itself."""
    if not bench.calls_forward:
        return {"no inputs": True}
    with _system_randomness() as drawn:
        seen = {mode: _run(bench, mode) for mode in MODES}
    if not bench.earlier:
        for mode in MODES:
            again = _run(bench, mode)
            seen[mode]["again"] = _compare(seen[mode], again)
            seen[mode]["restless"] = plain_values.apart(seen[mode].get("plain", {}), again.get("plain", {}))
            if drawn:  # two runs may draw the same by chance
                seen[mode]["again"].append("it draws random numbers from the operating system, which no seed repeats")
    return seen


@contextmanager
def _system_randomness() -> Iterator[list[int]]:
    """Notes how many bytes are asked of the operating system: by ``secrets``, ``SystemRandom``, ``uuid4`` or NumPy's
    unseeded generators, which all call one of two names."""
    drawn: list[int] = []
    plain = os.urandom

    def noted(size: int) -> bytes:
        drawn.append(size)
        return plain(size)

    with patch.object(os, "urandom", noted), patch.object(random, "_urandom", noted):
        yield drawn


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
    first = Outcome(Status.PASS, f"runs in {ran} mode{note}")
    broken = [
        f"{mode}: raised {after[mode]['raised']}" for mode in MODES if mode not in failed and "raised" in after[mode]
    ]
    if broken:
        return first, Outcome(Status.FAIL, "; ".join(broken))
    wrong = [f"{mode}: {line}" for mode in MODES for line in _compare(before[mode], after[mode])]
    if wrong:
        return first, differing(wrong, change)
    opaque = [line for mode in MODES for line in values.opaque(after[mode].get("output", {}))]
    if opaque:
        return uncompared(list(dict.fromkeys(opaque))), uncompared(list(dict.fromkeys(opaque)))
    return first, Outcome(Status.PASS, f"{ran} mode{', as before' + note[1:] if note else ''}")


def hopeless(seen: Observed) -> str | None:
    """Returns what forward raised when it ran in no mode at all."""
    errors = [seen[mode].get("raised") for mode in MODES if mode in seen]
    return errors[0] if errors and all(errors) else None


def unsteady(seen: Observed) -> list[str]:
    """Returns how the class differs from itself, a line each."""
    return [f"{mode}: {line}" for mode in MODES for line in seen.get(mode, {}).get("again", ())]


def restless(seen: Observed) -> list[str]:
    """Returns the plain values that forward leaves otherwise at each run."""
    return [path for mode in MODES for path in seen.get(mode, {}).get("restless", ())]


def _run(bench: Bench, mode: str) -> Observed:
    seen = bench.attempt(lambda: _called(bench, mode))
    return raised(seen) if isinstance(seen, Raised) else seen


def _called(bench: Bench, mode: str) -> Observed:
    module, given = bench.module(), bench.inputs()
    hooked: list[nn.Module] = []
    hook = bench.attempt(lambda: module.register_forward_hook(lambda of, *_: hooked.append(of)))
    output = bench.call(module, mode == "train", given)
    if not isinstance(hook, Raised):
        hook.remove()
    drawn = random_state()
    return {
        "output": values.leaves(output, described=True),
        "arguments": _arguments(given),
        "drawn": drawn,
        "settings": settings(),
        "hooked": bool(hooked),
        "lent": _lent(output, given, module),
        "orders": dict(itertools.islice(contents.orders(output), _FEW)),
        "plain": plain_values.held(module),
    }


def _arguments(given: Arguments) -> values.Leaves:
    """Returns what the arguments hold once they were used, by position and by name."""
    named = [*enumerate(given[0]), *given[1].items()]
    held = [(name, values.leaves(value, described=True)) for name, value in named]
    return {f"argument {name}{place}": leaf for name, leaves in held for place, leaf in leaves.items()}


def _lent(output: Any, given: Arguments, module: nn.Module) -> dict[str, list[str]]:
    """Whose memory the result lies in: that of an argument, or of the module's own tensors."""
    memory = attributes.memory
    ours = {place: slot.path for slot in attributes.slots(module) if (place := memory(slot.value))}
    arguments = {place: "an argument" for tensor in values.tensors(given) if (place := memory(tensor))}
    places = [place for tensor in values.tensors(output) if (place := memory(tensor))]
    found = {"arguments": arguments, "module": ours}
    lent = {whose: sorted({known[place] for place in places if place in known}) for whose, known in found.items()}
    return {**lent, "each other": attributes.sharing(values.named_tensors(output)[:_FEW])}


def _compare(before: Observed, after: Observed) -> list[str]:
    if "raised" in before:
        return [] if after.get("type") == before["type"] else [f"no longer raises {before['raised']}"]
    if "raised" in after:
        return [f"raised {after['raised']}"]
    found = values.differences(before["output"], after["output"])
    found += values.differences(before["arguments"], after["arguments"])
    if before["hooked"] and not after["hooked"]:
        found.append("the forward hooks of the module are called no more")
    if before["lent"]["arguments"] != after["lent"]["arguments"]:
        lies = "now lies" if after["lent"]["arguments"] else "no longer lies"
        found.append(f"the result {lies} in the memory of an argument")
    if after["lent"]["module"] and not before["lent"]["module"]:
        found.append(f"the result now lies in the memory of {', '.join(after['lent']['module'])}")
    gained = [pair for pair in after["lent"]["each other"] if pair not in before["lent"]["each other"]]
    found += [f"{pair} share memory now" for pair in gained]
    for place, keys in before["orders"].items():
        now = after["orders"].get(place, keys)
        if now != keys and sorted(now) == sorted(keys):
            found.append(f"{place} has its keys in another order")
    old, new = before["settings"], after["settings"]
    found += [f"{name} of the process is {new[name]} instead of {old[name]}" for name in old if old[name] != new[name]]
    return found + numbers_drawn(before["drawn"], after["drawn"])
