"""Functions of torch that make a tensor out of no other, and the names that members of returned tuples have."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

import torch

from tests.torch_model.torch_results import Results
from tests.torch_model.torch_schemas import operator_of, takes_tensors

_REVIEWED = (
    "torch.from_numpy",
    "torch.frombuffer",
    "torch.linspace",
    "torch.logspace",
    "torch.normal",
    "torch.sparse_coo_tensor",
)
"""Functions that may take tensors for numbers, or have no schema, and make a constant all the same."""


def factories(functions: dict[str, object], results: Results) -> list[str]:
    """The functions that return one tensor and take none."""
    return [name for name, value in functions.items() if name in _REVIEWED or _is_factory(name, value, results)]


def _is_factory(name: str, value: object, results: Results) -> bool:
    overloads = results.get(name, [])
    if not overloads or any(text.rpartition(";")[2] != "T" for text in overloads):
        return False
    taken = takes_tensors(operator_of(name, value))
    if taken is None and name.startswith("torch.signal."):
        parameters = inspect.signature(value).parameters if callable(value) else {}
        taken = any("Tensor" in str(parameter.annotation) for parameter in parameters.values())
    return taken is False


def named_members(functions: dict[str, object]) -> dict[str, Iterable[str]]:
    """The members of the named tuples of ``torch.return_types``, by the function that returns one."""
    return dict(sorted(_named_members(functions)))


def _named_members(functions: dict[str, object]) -> Iterator[tuple[str, list[str]]]:
    for name in functions:
        namespace, _, last = name.rpartition(".")
        if namespace in ("torch", "torch.linalg"):
            returned = getattr(torch.return_types, f"linalg_{last}" if namespace == "torch.linalg" else last, None)
            names = getattr(returned, "__match_args__", ())
            if names:
                yield name, list(names)
