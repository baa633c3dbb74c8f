"""Every parameter, buffer and plain tensor starts with the same bits: random numbers were drawn in the same order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, hidden, plain_values, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.checks._outcomes import differing
from bufferlint.verify.worker.harness import Bench, numbers_drawn, random_state, seed_everything
from bufferlint.verify.worker.observations import Observed

NAME = "same_values"
TITLE = "starts from the same values"


def observe(bench: Bench) -> Observed:
    """The text as it stands is built twice from one seed, for a class may differ from itself."""
    module = bench.module()
    drawn = _drawn_by(bench)
    seen = {"kinds": {slot.path: slot.kind for slot in attributes.slots(module)}, "leaves": _leaves(module)}
    plain = plain_values.held(module)
    twin = None if bench.earlier else bench.module()
    again = [] if twin is None else values.differences(seen["leaves"], _leaves(twin))
    restless = [] if twin is None else plain_values.apart(plain, plain_values.held(twin))
    seen["leaves"].update(_read(module, bench.earlier.get(NAME, {}).get("kinds", {}), seen["kinds"]))
    seen["hidden"] = hidden.stored(module)
    seen["plain"] = plain_values.with_readable(
        module, plain, bench.earlier.get(NAME, {}).get("plain", {}), bench.renamed
    )
    shared = attributes.sharing((slot.path, slot.value) for slot in attributes.slots(module) if slot.value is not None)
    alone = {"again": again, "restless": restless}
    return {**seen, **alone, "shared": shared, "drawn": drawn, "modules": plain_values.modules(module)}


def _drawn_by(bench: Bench) -> dict[str, str]:
    """Returns how far construction, which just ran, used the generators.

    If they stand where the seed put them, it is asked again after another one, which a class that seeds them itself
    cannot know.
    """
    drawn = random_state()
    seed_everything(bench.recipe.seed)
    is_untouched = drawn == random_state()
    again = attempt(partial(bench.module, 1)) if is_untouched else None
    return random_state() if is_untouched and not isinstance(again, Raised) else drawn


def _read(module: nn.Module, earlier: Mapping[str, str], now: Mapping[str, str]) -> values.Leaves:
    """The plain tensors of the class as it stands that it no longer holds, where they can be read: a property, say."""
    found: values.Leaves = {}
    for path in (path for path, kind in earlier.items() if kind == attributes.PLAIN and path not in now):
        value = attempt(partial(attrgetter(path), module))
        copy = values.stored(value) if isinstance(value, torch.Tensor) else None
        if copy is not None:
            found[path] = copy
    return found


def _leaves(module: nn.Module) -> values.Leaves:
    leaves: values.Leaves = {}
    for slot in attributes.slots(module):
        if slot.value is None:
            continue
        copy = values.stored(slot.value)
        leaves[slot.path] = f"a tensor without values on {slot.value.device}" if copy is None else copy
        if slot.value.requires_grad:
            leaves[f"{slot.path}.requires_grad"] = "True"
    return leaves


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    old, new = before["kinds"], after["kinds"]
    first = Outcome(Status.PASS, f"tensors: {len(old)}")
    wrong = [f"{path} is a {new[path]}, not a {kind}" for path, kind in old.items() if not _may_be(kind, new.get(path))]
    found = {path for path in new if path not in old and _was_hidden(path, before, after)}
    orders = [
        [path for path, kind in kinds.items() if kind == attributes.PARAMETER and path not in found]
        for kinds in (old, new)
    ]
    if not wrong and orders[0] != orders[1]:
        wrong = ["the parameters are registered in another order"]
    wrong += [f"{pair} share memory now" for pair in after["shared"] if pair not in before["shared"]]
    if wrong:
        return first, Outcome(Status.FAIL, "; ".join(wrong))
    kept = {path: leaf for path, leaf in after["leaves"].items() if path.removesuffix(".requires_grad") not in found}
    leaves = {path: leaf for path, leaf in kept.items() if not _was_number(path, leaf, before)}
    wrong = values.differences(before["leaves"], leaves) + numbers_drawn(before["drawn"], after["drawn"])
    wrong += plain_values.lost(before, after, after["leaves"], change.restless)
    if wrong:
        return first, differing(wrong, change)
    return first, Outcome(Status.PASS, f"tensors: {len(new)}, bit for bit equal")


def _was_hidden(path: str, before: Observed, after: Observed) -> bool:
    return hidden.holds(before.get("hidden", {}), path, after["leaves"].get(path))


def _was_number(path: str, leaf: object, before: Observed) -> bool:
    """Returns whether a new buffer holds the number that the attribute was."""
    return path not in before["leaves"] and plain_values.is_value(leaf, before["plain"].get(path, ""))


def _may_be(kind: str, other: str | None) -> bool:
    """A plain tensor may become a buffer; which buffers are saved is the business of another check."""
    return other in (None, kind) or (kind != attributes.PARAMETER and other in attributes.BUFFERS)
