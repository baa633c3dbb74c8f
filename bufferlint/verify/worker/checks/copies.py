"""A copy, a pickle and a file made by ``torch.save(module)`` hold the same tensors in the same roles."""

from __future__ import annotations

import copy
import io
import pickle

import torch
from torch import nn

from bufferlint.verify.contract import Outcome
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import _ways
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "copies"
TITLE = "copies and pickles"


def observe(bench: Bench) -> Observed:
    ways = {"deepcopy": copy.deepcopy, "pickle": _pickled, "torch.save": _saved}
    return _ways.tried(bench, {name: lambda way=way: _held(way(bench.module())) for name, way in ways.items()})  # type: ignore[misc]


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _ways.judged(before, after)


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
