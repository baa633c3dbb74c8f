"""Values that were changed, saved and loaded into a fresh instance come back."""

from __future__ import annotations

import io

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.bench import Bench
from bufferlint.verify.worker.evidence import Observed

NAME = "save_and_load"
TITLE = "saved, changed values come back"


def observe(bench: Bench) -> Observed:
    module = bench.module()
    if bench.calls_forward:  # what forward makes when it first runs is saved as well
        bench.attempt(lambda: bench.forward(module, training=False))
    perturb(module)
    wanted = tensors(module)
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    file.seek(0)
    fresh = bench.module(seed_offset=1)
    fresh.load_state_dict(torch.load(file, weights_only=True))
    found = tensors(fresh)
    lost = [path for path, value in wanted.items() if path not in found or not values.same(value, found[path])]
    return {"kinds": {slot.path: slot.kind for slot in attributes.slots(module)}, "lost": lost}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before, change), _outcome(after, change)


def _outcome(seen: Observed, change: Change) -> Outcome:
    kinds: dict[str, str] = seen["kinds"]
    expected = [path for path, kind in kinds.items() if kind in (attributes.PARAMETER, attributes.SAVED)]
    lost = [path for path in dict.fromkeys([*expected, *change.saved]) if path in seen["lost"]]
    if lost:
        return Outcome(Status.FAIL, f"{', '.join(lost)} did not come back")
    unsaved = f"; {', '.join(change.unsaved)} not saved, as asked" if change.unsaved else ""
    return Outcome(Status.PASS, f"tensors: {len(expected)}{unsaved}")


def perturb(module: nn.Module) -> None:
    """Give every tensor attribute other values; each is replaced, for its memory may be shared with others."""
    done: set[tuple[int, str]] = set()
    shared: set[int] = set()
    for slot in list(attributes.slots(module)):
        tensor = slot.value
        if tensor is None or values.stored(tensor) is None or slot.key in done or id(tensor) in shared:
            continue
        done.add(slot.key)
        if slot.kind == attributes.PARAMETER:
            tensor.data = _other(tensor.detach())
            shared.add(id(tensor))
        else:
            slot.store[slot.name] = _other(tensor.detach())


def _other(tensor: torch.Tensor) -> torch.Tensor:
    """Every element differs from what it was, infinities too."""
    if tensor.dtype == torch.bool:
        return ~tensor
    return torch.where(tensor == 2, 3, 2).to(tensor.dtype)


def tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    copies = ((slot.path, values.stored(slot.value)) for slot in attributes.slots(module) if slot.value is not None)
    return {path: copy for path, copy in copies if copy is not None}
