"""Builds a class and calls it, as often as the checks like, each time from the same seed."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import nn

from bufferlint.verify.contract import InputSpec, Recipe
from bufferlint.verify.worker.evidence import Observed
from bufferlint.verify.worker.guard import Raised, attempt

T = TypeVar("T")


def seed_everything(seed: int) -> None:
    """Seed torch, random and, when something has imported it, numpy."""
    torch.manual_seed(seed)
    random.seed(seed)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)


@dataclass(frozen=True)
class Bench:
    """``earlier`` is what the checks saw of the text as it stands; empty while that is being looked at itself."""

    cls: type[nn.Module]
    recipe: Recipe
    path: str
    earlier: Mapping[str, Observed]

    def module(self, seed_offset: int = 0) -> nn.Module:
        """A new instance; raises what the constructor raises. Another offset gives other random values."""
        seed_everything(self.recipe.seed + seed_offset)
        return self.cls(*self.recipe.args, **dict(self.recipe.init))

    def inputs(self) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of forward, the same at each call, on the CPU."""
        generator = torch.Generator().manual_seed(self.recipe.seed)
        made = [(spec.name, _make(spec, generator)) for spec in self.recipe.inputs]
        return [value for name, value in made if name is None], {
            name: value for name, value in made if name is not None
        }

    def forward(
        self, module: nn.Module, training: bool, device: torch.device | None = None, seed_offset: int = 0
    ) -> Any:
        """Seed, and call the module in train or eval mode, inputs on ``device``; raises what forward raises."""
        args, kwargs = self.inputs()
        if device is not None:
            args = [_moved(value, device) for value in args]
            kwargs = {name: _moved(value, device) for name, value in kwargs.items()}
        module.train(training)
        seed_everything(self.recipe.seed + seed_offset)
        return module(*args, **kwargs)

    def attempt(self, run: Callable[[], T]) -> T | Raised:
        return attempt(run, self.path)


def raised(error: Raised) -> Observed:
    """An exception of user code as something a check saw."""
    return {"raised": str(error), "type": error.type, "message": error.message, "memory": error.out_of_memory}


def _make(spec: InputSpec, generator: torch.Generator) -> Any:
    if spec.shape is None:
        return spec.value
    dtype: torch.dtype = getattr(torch, spec.dtype)
    if dtype == torch.bool:
        return torch.randint(0, 2, spec.shape, generator=generator).bool()
    if not dtype.is_floating_point and not dtype.is_complex:
        low, high = (0 if spec.low is None else int(spec.low)), (2 if spec.high is None else int(spec.high))
        return torch.randint(low, high, spec.shape, generator=generator).to(dtype)
    if spec.low is not None and spec.high is not None:
        return (torch.rand(spec.shape, generator=generator) * (spec.high - spec.low) + spec.low).to(dtype)
    return torch.randn(spec.shape, generator=generator, dtype=torch.float64).to(dtype)


def _moved(value: Any, device: torch.device) -> Any:
    return value.to(device) if isinstance(value, torch.Tensor) else value
