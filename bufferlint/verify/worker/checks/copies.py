"""A copy, a pickle and a file made by ``torch.save(module)`` hold the same tensors in the same roles, also once the
module was called."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "copies"
TITLE = "copies and pickles"
_Copying = Callable[[nn.Module], nn.Module]
_CALLED = " after a call"
_LOST = "the copy's"
"""How the name of a tensor begins that the copy lacks."""


def observe(bench: Bench) -> Observed:
    kinds: dict[str, Callable[[nn.Module], nn.Module]] = {
        "deepcopy": copy.deepcopy,
        "pickle": _pickled,
        "torch.save": _saved,
    }
    called: list[nn.Module] = []

    def fresh() -> nn.Module:
        return bench.module()

    def used() -> nn.Module:
        """One instance for all ways that copy a module which was called: none of them changes it."""
        if not called:
            module = bench.module()
            bench.forward(module, training=True)
            called.append(module)
        return called[0]

    ways = {name: _way(make, fresh) for name, make in kinds.items()}
    if bench.calls_forward:
        ways.update({f"{name}{_CALLED}": _way(make, used) for name, make in kinds.items()})
    return _ways.tried(bench, ways)


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    """Compared is what the module holds on both sides: which tensors those are is the business of another check."""
    first, second = _ways.judged(_kept(before, after), _kept(after, before), change)
    broken = _broken_by_a_call(before["ways"])
    return Outcome(Status.FAIL, broken) if broken else first, second


def _kept(side: Observed, other: Observed) -> Observed:
    """Returns what a side showed, with the tensors that both sides copied and those that a copy lost."""

    def is_kept(name: str, place: str) -> bool:
        return place.startswith(_LOST) or place in other["ways"][name].get("leaves", (place,))

    def seen_of(name: str, seen: Observed) -> Observed:
        leaves = {place: leaf for place, leaf in seen.get("leaves", {}).items() if is_kept(name, place)}
        return {**seen, "leaves": leaves} if "leaves" in seen else seen

    return {"ways": {name: seen_of(name, seen) for name, seen in side["ways"].items()}}


def _broken_by_a_call(ways: dict[str, Observed]) -> str:
    """Returns what can be copied when it is new and no longer once it was called; empty when there is none."""
    broken = [
        f"{name}: {seen['could not']}"
        for name, seen in ways.items()
        if name.endswith(_CALLED) and "could not" in seen and "leaves" in ways[name.removesuffix(_CALLED)]
    ]
    return "; ".join(broken)


def _way(copied: Callable[[nn.Module], nn.Module], made: Callable[[], nn.Module]) -> Callable[[], values.Leaves]:
    def way() -> values.Leaves:
        module = made()
        other = copied(module)
        found = _held(other)
        found.update({f"{_LOST} {place}": "lost" for place in _held(module) if place not in found})
        places = {attributes.memory(slot.value) for slot in attributes.slots(module)} - {0}
        shared = [slot.path for slot in attributes.slots(other) if attributes.memory(slot.value) in places]
        return {**found, **{f"{_LOST} {path} that lies in the memory of the original": "lost" for path in shared}}

    return way


def _pickled(module: nn.Module) -> nn.Module:
    other: nn.Module = pickle.loads(pickle.dumps(module))
    return other


def _saved(module: nn.Module) -> nn.Module:
    """Reads what it has just written itself: a whole module is nothing that ``weights_only`` could load."""
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    other: nn.Module = torch.load(file, weights_only=False)
    return other


def _held(module: nn.Module) -> values.Leaves:
    return values.leaves({slot.path: slot.value for slot in attributes.slots(module) if slot.value is not None})
