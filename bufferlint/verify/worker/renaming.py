"""Names of tensors and submodules that a rewrite by hand has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufferlint.verify.worker.observations import Evidence

_NAMING = frozenset(
    {
        *("same_values", "gradients", "repeated_calls", "dtype_casts", "state_dict", "save_and_load"),
        *("meta_device", "copies", "plain_tensors", "old_checkpoint"),
    }
)
"""The checks whose evidence names tensors."""


def renamed(path: str, names: Mapping[str, str]) -> str:
    """The dotted path with a name, or the beginning of one, replaced: ``layer.weight`` for ``{"layer": "block"}``."""
    for old, new in sorted(names.items(), key=lambda pair: -len(pair[0])):
        if path == old or path.startswith((f"{old}.", f"{old}[")):
            return new + path[len(old) :]
    return path


def as_before(evidence: Evidence, names: Mapping[str, str]) -> Evidence:
    """Returns what the rewritten text showed, under the names that the text as it stands has."""
    back = {new: old for old, new in names.items()}
    seen = {name: _spelled(found, back) if name in _NAMING else found for name, found in evidence.observed.items()}
    return Evidence(seen, evidence.stage, evidence.failure, evidence.ending, evidence.timed_out)


def _spelled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        inner = any(isinstance(item, dict | list) for item in value.values())  # its keys are names of ours
        return {key if inner else _place(key, names): _spelled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_place(item, names) if isinstance(item, str) else _spelled(item, names) for item in value]
    return value


def _place(name: Any, names: Mapping[str, str]) -> Any:
    """A place in a nested value (``['mask']``), or a path."""
    if isinstance(name, str) and name.startswith("['"):
        path, quote, rest = name[2:].partition("']")
        return f"['{renamed(path, names)}{quote}{rest}"
    return renamed(name, names) if isinstance(name, str) else name
