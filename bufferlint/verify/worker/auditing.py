"""Builds a user's model, in a process of its own, and takes stock of what it holds unregistered."""

from __future__ import annotations

import importlib
import sys
from operator import attrgetter
from pathlib import Path

from torch import nn

from bufferlint.verify.contract import AuditRequest, Inventory, dumps
from bufferlint.verify.worker import attributes, audit_hook, inventory, observations, origins, resource_limits
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.harness import seed_everything

_ADVICE = "name a function without arguments that returns the model, as module:function or file.py:function"


def run(folder: Path, request: AuditRequest, record: observations.Report) -> None:
    """Called inside the process; what was found is sent, whole or not at all."""
    record.stage(observations.IMPORT)
    resource_limits.enter(folder / "home", request.recipe.memory)
    audit_hook.install(request.search, folder / "home")
    seed_everything(request.recipe.seed)
    with origins.watching() as seen:
        model = attempt(lambda: _built(request))
    if isinstance(model, Raised):
        answer = Inventory(cause=f"{request.factory} cannot be built: {model}", advice=_ADVICE)
    elif isinstance(unwalkable := attempt(lambda: attributes.ensure_walkable(model)), Raised):
        cause = f"{request.factory} was built, but PyTorch cannot walk its modules: {unwalkable.message}"
        answer = Inventory(cause=cause, advice=attributes.Unwalkable.ADVICE)
    else:
        limits: list[str] = []
        found = inventory.unregistered_tensors(model, seen, limits)
        equal = inventory.equal_buffers(model)
        answer = Inventory(_name(model), found, equal, tuple(limits))
    record.note("inventory", dumps(answer))
    record.done()


def _name(model: nn.Module) -> str:
    """The class of a model; of a scripted or traced one that which it was made of."""
    original = getattr(model, "original_name", None)
    return original if isinstance(original, str) and original else type(model).__qualname__


def _built(request: AuditRequest) -> nn.Module:
    sys.path[:0] = [folder for folder in request.search if folder not in sys.path]
    name, _, attribute = request.factory.partition(":")
    result = attrgetter(attribute)(importlib.import_module(name))()
    model = result[0] if isinstance(result, tuple) and result else result
    if not isinstance(model, nn.Module):
        raise TypeError(f"{request.factory} returned a {type(model).__name__}, not a torch.nn.Module")
    return model
