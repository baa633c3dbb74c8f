"""The tensors in containers, partial calls and objects that a module holds, under the names that registering gives."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import nn

from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.reachable import PLAIN, Search, is_computed, own_attributes

_INDEX = re.compile(r"\[(?:'([^']*)'|\"([^\"]*)\"|([^\]]*))\]")


def tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    """Each tensor that hides in an attribute; ``layers[0].weight`` is ``layers.0.weight``."""
    registered = {id(parameter) for parameter in model.parameters()}
    modules = {id(module) for module in model.modules()}
    found: dict[str, torch.Tensor] = {}
    for prefix, owner in model.named_modules():
        for name, value in own_attributes(owner):
            if isinstance(value, torch.Tensor) and not isinstance(owner, torch.jit.ScriptModule):
                continue  # an attribute like others; those of a scripted module lie in C++
            for place, _, tensor in Search(registered, modules).within(value, "", PLAIN):
                path = _INDEX.sub(lambda found: "." + next(filter(None, found.groups()), ""), f"{name}{place}")
                found.setdefault(f"{prefix}.{path}" if prefix else path, tensor)
    return found


def stored(model: nn.Module) -> values.Leaves:
    """Copies of those that have values."""
    copies = {path: values.stored(tensor) for path, tensor in tensors(model).items()}
    return {path: copy for path, copy in copies.items() if copy is not None}


def state(model: nn.Module) -> values.Leaves:
    """Copies of all tensors that a model holds unregistered, in attributes and in what those hold, but for those that
    torch itself computes at each call: weight_norm, spectral_norm, pruning."""
    computed = {
        f"{prefix}.{name}" if prefix else name
        for prefix, owner in model.named_modules()
        for name in vars(owner)
        if is_computed(owner, name)
    }
    plain = {slot.path: slot.value for slot in attributes.slots(model) if slot.kind == attributes.PLAIN}
    copies = {path: values.stored(value) for path, value in plain.items() if value is not None}
    found = {path: copy for path, copy in {**copies, **stored(model)}.items() if copy is not None}
    return {path: copy for path, copy in found.items() if path not in computed}


def holds(before: Mapping[str, object], path: str, leaf: object) -> bool:
    """Returns whether a new parameter or buffer is one of the tensors that an attribute of its module hid."""
    if not isinstance(leaf, torch.Tensor):
        return False
    owner, _, name = path.rpartition(".")
    for hidden, value in before.items():
        attribute = hidden[len(owner) + 1 if owner else 0 :].partition(".")[0] if hidden.startswith(owner) else ""
        is_named = hidden == path or (attribute and name.startswith(f"{attribute}_"))
        if is_named and isinstance(value, torch.Tensor) and not values.differences({"": value}, {"": leaf}):
            return True
    return False
