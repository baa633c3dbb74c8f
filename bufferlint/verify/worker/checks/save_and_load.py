"""Values that were changed, saved and loaded into a fresh instance come back, and change no other instance."""

from __future__ import annotations

import io

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

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
    built = tensors(fresh)
    fresh.load_state_dict(torch.load(file, weights_only=True))
    found = tensors(fresh)
    lost = [path for path, value in wanted.items() if path not in found or not values.same(value, found[path])]
    shared = _shared(fresh, bench.module())
    for slot in shared:  # what is built from now on is as it would have been
        if slot.value is not None and slot.path in built:
            slot.value.copy_(built[slot.path])
    kinds = {slot.path: slot.kind for slot in attributes.slots(module)}
    return {"kinds": kinds, "lost": lost, "shared": [slot.path for slot in shared]}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before, change), _outcome(after, change)


def _outcome(seen: Observed, change: Change) -> Outcome:
    kinds: dict[str, str] = seen["kinds"]
    expected = [path for path, kind in kinds.items() if kind in (attributes.PARAMETER, attributes.SAVED)]
    lost = [path for path in dict.fromkeys([*expected, *change.saved]) if path in seen["lost"]]
    if lost:
        return Outcome(Status.FAIL, f"{', '.join(lost)} did not come back")
    shared = [path for path in change.saved if path in seen["shared"]]
    if shared:
        text = f"{', '.join(shared)}: all instances share its memory, so loading into one changes the others"
        return Outcome(Status.FAIL, text)
    unsaved = f"; {', '.join(change.unsaved)} not saved, as asked" if change.unsaved else ""
    return Outcome(Status.PASS, f"tensors: {len(expected)}{unsaved}")


def _shared(one: nn.Module, other: nn.Module) -> list[attributes.Slot]:
    """The buffers of an instance that lie in the memory of the same buffer of another, which is alive as well."""
    places = {slot.path: _memory(slot.value) for slot in attributes.slots(other)}
    buffers = [slot for slot in attributes.slots(one) if slot.kind == attributes.SAVED]
    return [slot for slot in buffers if (place := _memory(slot.value)) and place == places.get(slot.path)]


def _memory(tensor: torch.Tensor | None) -> int:
    """Where the values of a tensor begin; 0 for one that has none of its own."""
    if tensor is None or values.stored(tensor) is None or tensor.layout is not torch.strided:
        return 0
    return tensor.untyped_storage().data_ptr()


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
    if tensor.layout is not torch.strided:
        return _other(tensor.to_dense()).to_sparse(layout=tensor.layout)
    if tensor.dtype == torch.bool:
        return ~tensor
    return torch.where(tensor == 2, 3, 2).to(tensor.dtype)


def tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    copies = ((slot.path, values.stored(slot.value)) for slot in attributes.slots(module) if slot.value is not None)
    return {path: copy for path, copy in copies if copy is not None}
