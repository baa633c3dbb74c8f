"""Values that were changed, saved and loaded into a fresh instance come back, and change no other instance."""

from __future__ import annotations

import io

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, hidden, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
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
    fresh.load_state_dict(torch.load(file, weights_only=False))
    found = tensors(fresh)
    lost = [path for path, value in wanted.items() if path not in found or not values.same(value, found[path])]
    extra = values.differences(_extra_state(module), _extra_state(fresh))
    other = bench.module()
    shared = _shared(fresh, other) if other is not fresh else []  # a class may have one instance only
    for slot in shared:  # what is built from now on is as it would have been
        if slot.kind == attributes.SAVED and slot.value is not None and slot.path in built:
            slot.value.copy_(built[slot.path])
    kinds = {slot.path: slot.kind for slot in attributes.slots(module)}
    state = changed_by_forward(bench) if bench.calls_forward and not bench.earlier else []
    return {"kinds": kinds, "lost": lost, "shared": [slot.path for slot in shared], "extra": extra, "state": state}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    second = _outcome(after, change)
    shared = [path for path in change.unsaved if path in after["shared"] and path not in before["shared"]]
    if shared and second.status is Status.PASS:
        text = f"{', '.join(shared)}: all instances share its memory, so a change in one changes the others"
        second = Outcome(Status.FAIL, text)
    return _outcome(before, change), second


def _outcome(seen: Observed, change: Change) -> Outcome:
    kinds: dict[str, str] = seen["kinds"]
    expected = [path for path, kind in kinds.items() if kind in (attributes.PARAMETER, attributes.SAVED)]
    lost = [path for path in dict.fromkeys([*expected, *change.saved]) if path in seen["lost"]]
    if lost:
        return Outcome(Status.FAIL, f"{', '.join(lost)} did not come back")
    if seen["extra"]:
        return Outcome(Status.FAIL, f"the extra state did not come back: {'; '.join(seen['extra'])}")
    shared = [path for path in change.saved if path in seen["shared"]]
    if shared:
        text = f"{', '.join(shared)}: all instances share its memory, so loading into one changes the others"
        return Outcome(Status.FAIL, text)
    unsaved = f"; {', '.join(change.unsaved)} not saved, as asked" if change.unsaved else ""
    return Outcome(Status.PASS, f"tensors: {len(expected)}{unsaved}")


def _shared(one: nn.Module, other: nn.Module) -> list[attributes.Slot]:
    """The tensors of an instance, but for parameters, that lie in the memory of the same one of another instance,
    which is alive as well."""
    places = {slot.path: attributes.memory(slot.value) for slot in attributes.slots(other)}
    held = [slot for slot in attributes.slots(one) if slot.kind != attributes.PARAMETER]
    return [slot for slot in held if (place := attributes.memory(slot.value)) and place == places.get(slot.path)]


def _extra_state(module: nn.Module) -> values.Leaves:
    """Returns what ``get_extra_state`` of the module and its submodules gives."""
    own = [each for each in module.named_modules() if type(each[1]).get_extra_state is not nn.Module.get_extra_state]
    return values.leaves({name: each.get_extra_state() for name, each in own})


def changed_by_forward(bench: Bench) -> list[str]:
    """The plain tensors, in containers too, that construction makes and forward changes: state that no state_dict
    has."""
    module = bench.module()
    built = hidden.state(module)
    if not built or isinstance(bench.attempt(lambda: bench.forward(module, training=True)), Raised):
        return []
    now, saved = hidden.state(module), module.state_dict()
    both = [path for path in built if path in now and path not in saved]
    return [path for path in both if values.differences({"": built[path]}, {"": now[path]})]


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
    if tensor.is_nested:
        return torch.nested.nested_tensor([_other(each) for each in tensor.unbind()])
    if tensor.is_quantized:
        return torch.quantize_per_tensor(
            _other(tensor.dequantize()), tensor.q_scale(), tensor.q_zero_point(), tensor.dtype
        )
    if tensor.layout is not torch.strided:
        return _other(tensor.to_dense()).to_sparse(layout=tensor.layout)
    if tensor.dtype == torch.bool:
        return ~tensor
    return torch.where(tensor == 2, 3, 2).to(tensor.dtype)


def tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    copies = ((slot.path, values.stored(slot.value)) for slot in attributes.slots(module) if slot.value is not None)
    return {path: copy for path, copy in copies if copy is not None}
