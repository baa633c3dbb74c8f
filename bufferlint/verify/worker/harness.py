"""Builds a class and calls it, as often as the checks like, each time from the same seed."""

from __future__ import annotations

import hashlib
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from unittest.mock import patch

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from bufferlint.verify.contract import InputSpec, Recipe
from bufferlint.verify.worker import contents, expressions, factories
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.observations import Observed

T = TypeVar("T")
Arguments = tuple[list[Any], dict[str, Any]]
"""What forward is called with: by position, and by name."""


def seed_everything(seed: int) -> None:
    """Seed torch, random and, when something has imported it, numpy."""
    with patch.object(traceback, "format_stack", list):  # torch would note the stack for each kind of accelerator
        torch.manual_seed(seed)
    random.seed(seed)
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)


def random_state() -> dict[str, str]:
    """Returns how far the generators of torch, random and numpy have been used, in short."""
    states = {"torch": torch.get_rng_state().numpy().tobytes(), "random": repr(random.getstate()).encode()}
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        _, keys, *rest = numpy.random.get_state()
        states["numpy"] = keys.tobytes() + repr(rest).encode()
    return {name: hashlib.sha256(state).hexdigest() for name, state in states.items()}


def numbers_drawn(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The generators that were used more or less after the rewrite than before, a line each."""
    return [f"{name} draws other random numbers" for name in before if before[name] != after.get(name)]


def settings() -> dict[str, str]:
    """Returns what torch is set to for the whole process."""
    return {
        "the number of threads": str(torch.get_num_threads()),
        "the default dtype": str(torch.get_default_dtype()),
        "the precision of matrix products": torch.get_float32_matmul_precision(),
        "the detection of anomalies": str(torch.is_anomaly_enabled()),
    }


@contextmanager
def _memory_filled() -> Iterator[None]:
    """Give ``torch.empty()`` the same values at each run, where it would leave what the memory held (torch 2.1 and
    later: NaN, the largest integer)."""
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


@dataclass(frozen=True)
class Bench:
    """``earlier`` is what the checks saw of the text as it stands; empty while that is being looked at itself.

    ``renamed`` are the names that tensors and submodules of the text as it stands have in the rewritten text.
    ``loads_strictly`` is whether the checkpoint of that text has to load into it with strict=True.
    """

    cls: type[nn.Module]
    recipe: Recipe
    path: str
    earlier: Mapping[str, Observed]
    renamed: Mapping[str, str] = field(default_factory=dict)
    loads_strictly: bool = False

    def module(self, seed_offset: int = 0) -> nn.Module:
        """A new instance; raises what the constructor raises. Another offset gives other random values."""
        seed_everything(self.recipe.seed + seed_offset)
        with _memory_filled():
            if self.recipe.factory is not None:
                return factories.make(self.recipe.factory, self.cls).module
            return self._built(self.cls)

    def instance(self, cls: type[nn.Module], init: tuple[tuple[str, object], ...] | None) -> nn.Module:
        """A new instance of a subclass, with the keyword arguments ``init``, with the recipe's for None."""
        seed_everything(self.recipe.seed)
        with _memory_filled():
            return self._built(cls) if init is None else cls(**expressions.evaluated(dict(init), cls.__module__))

    def _built(self, cls: type[nn.Module]) -> nn.Module:
        args, init = expressions.evaluated((self.recipe.args, dict(self.recipe.init)), self.cls.__module__)
        return cls(*args, **init)

    @property
    def calls_forward(self) -> bool:
        """Tells whether the recipe, or the factory that it names, says how to call forward."""
        if self.recipe.factory is None:
            return self.recipe.calls_forward
        return factories.make(self.recipe.factory, self.cls).calls_forward

    def inputs(self, seed_offset: int = 0) -> Arguments:
        """The arguments of forward on the CPU, the same at each call with one offset."""
        seed_everything(self.recipe.seed + seed_offset)
        if self.recipe.factory is not None:
            made = factories.make(self.recipe.factory, self.cls)
            return list(made.args), dict(made.kwargs)
        return arguments(self.recipe.inputs or (), self.recipe.seed + seed_offset, self.cls.__module__)

    def forward(
        self, module: nn.Module, training: bool, device: torch.device | None = None, seed_offset: int = 0
    ) -> Any:
        """Seed, and call the module in train or eval mode, inputs on ``device``; raises what forward raises."""
        return self.call(module, training, self.inputs(), device, seed_offset)

    def call(
        self,
        module: nn.Module,
        training: bool,
        given: Arguments,
        device: torch.device | None = None,
        seed_offset: int = 0,
    ) -> Any:
        """As `forward`, with the arguments ``given``; a generator that forward returns is run to its end."""
        args, kwargs = given
        if device is not None:
            args, kwargs = tree_map_only(torch.Tensor, lambda tensor: tensor.to(device), (args, kwargs))
        _ = module.train() if training else module.eval()  # a class may define either
        seed_everything(self.recipe.seed + seed_offset)
        return contents.settled(module(*args, **kwargs))

    def attempt(self, run: Callable[[], T]) -> T | Raised:
        return attempt(run, self.path)


def raised(error: Raised) -> Observed:
    """An exception of user code as something a check saw."""
    return {"raised": str(error), "type": error.type, "message": error.message, "memory": error.out_of_memory}


def arguments(inputs: Sequence[InputSpec], seed: int, module: str) -> Arguments:
    """The positional and keyword arguments that the specifications describe; ``module`` is where expressions look."""
    generator = torch.Generator().manual_seed(seed)
    made = [(spec.name, _make(spec, generator, module)) for spec in inputs]
    return [value for name, value in made if name is None], {name: value for name, value in made if name is not None}


def _make(spec: InputSpec, generator: torch.Generator, module: str) -> Any:
    if spec.shape is None:
        return expressions.evaluated(spec.value, module)
    dtype: torch.dtype = getattr(torch, spec.dtype)
    if dtype == torch.bool:
        return torch.randint(0, 2, spec.shape, generator=generator).bool()
    if not dtype.is_floating_point and not dtype.is_complex:
        low, high = (0 if spec.low is None else int(spec.low)), (2 if spec.high is None else int(spec.high))
        return torch.randint(low, high, spec.shape, generator=generator).to(dtype)
    if spec.low is not None and spec.high is not None:
        return (torch.rand(spec.shape, generator=generator) * (spec.high - spec.low) + spec.low).to(dtype)
    return torch.randn(spec.shape, generator=generator, dtype=torch.float64).to(dtype)
