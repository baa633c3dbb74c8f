"""Modules and inputs from a function of the user: ``recipe = "pkg.testing:make_model"``."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from torch import nn


class Unfit(TypeError):
    """The factory returned something else than it should; the message says what it should."""


@dataclass(frozen=True)
class Made:
    """``calls_forward`` is false when the factory returned a module alone."""

    module: nn.Module
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    calls_forward: bool = False


def make(factory: str, cls: type[nn.Module]) -> Made:
    """Returns what the function ``module:name`` returns. Raises `Unfit`, ImportError, or what the function raises."""
    name, _, attribute = factory.partition(":")
    result = attrgetter(attribute)(importlib.import_module(name))()
    parts = result if isinstance(result, tuple) else (result,)
    module, args, kwargs = (*parts, *((), {})[len(parts) - 1 :])[:3] if parts else (None, (), {})
    if not isinstance(module, nn.Module) or len(parts) > 3 or not isinstance(kwargs, Mapping):
        raise Unfit(f"{factory} must return a module, (module, inputs) or (module, inputs, keyword inputs)")
    if not any(isinstance(each, cls) for each in module.modules()):
        raise Unfit(f"{factory} returned a {type(module).__name__} that holds no {cls.__name__}")
    args = args if isinstance(args, list | tuple) else (args,)
    return Made(module, args, kwargs, len(parts) > 1)
