"""Finds inputs that forward runs on: shapes under FakeTensorMode first, then once for real."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from bufferlint.verify.contract import InputSpec
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.discovery import inputs, layers, parameters, reshapes, usage_analysis
from bufferlint.verify.worker.discovery.clock import TookTooLong, timed
from bufferlint.verify.worker.discovery.guesses import Guesser
from bufferlint.verify.worker.discovery.search import Limits, Trail, search
from bufferlint.verify.worker.harness import arguments, seed_everything

State = tuple[tuple[str, InputSpec], ...]
_BLIND = ("DataDependent", "DynamicOutputShape", "GuardOnDataDependent", "UnsupportedOperator", "UnsupportedFakeTensor")
_BLIND_WORDS = (
    *("called on meta", "FakeTensor", "fake", "HigherOrderOperator", "numpy", "data_ptr", "meta tensor"),
    "TorchScript interpreter",
)
_WHOLE_WANTED = (
    "arange() received an invalid combination of arguments - got (Tensor",
    *("must be Number, not ", "must be int, not ", "'Tensor' object cannot be interpreted as an integer"),
)
_WHOLE = InputSpec(None, value=layers.LENGTH)
_TRY_SECONDS = 4.0
_SLOW_SECONDS = 0.05
"""What takes longer to build is built once for all fake runs."""
_LARGEST = 1 << 21
"""Elements of one input."""
_LINES = 10_000
"""More than a function has: the line that forward got to counts when as many operators ran."""
_REAL = 1_000_000_000
"""What a failure for real counts beyond one in the fake run: it got through forward once."""


@dataclass(frozen=True)
class Failure:
    raised: Raised
    progress: int


@dataclass
class Calling:
    """The search for the inputs of modules that ``make`` builds, each call anew."""

    make: Callable[[], nn.Module]
    module: str
    guesser: Guesser
    limits: Limits
    seed: int = 0
    trail: Trail[Failure] = field(default_factory=Trail)

    def find(self) -> tuple[InputSpec, ...] | None:
        """The arguments of forward; None when the limits are used up."""
        start = time.process_time()
        built = self.make()
        self._slow = built if time.process_time() - start > _SLOW_SECONDS else None
        self.layers = layers.look(built)
        self.signature = parameters.of_function(type(built).forward)
        self.body = usage_analysis.read(self.signature.function, [each.name for each in self.signature.parameters])
        self._choices: dict[str, list[InputSpec]] = {}
        found = search(
            self._starts(), self._attempt, lambda failure: failure.progress, self._proposals, self.limits, self.trail
        )
        return None if found is None else self._specs(found)

    def choices(self, name: str) -> list[InputSpec]:
        """The specifications to try for an argument, likeliest first."""
        if name not in self._choices:
            one = next(each for each in self.signature.parameters if each.name == name)
            self._choices[name] = inputs.choices(one, self.body.usage(name), self.layers, self.guesser)
        return self._choices[name]

    def _specs(self, state: State) -> tuple[InputSpec, ...]:
        """The state as a recipe has it: in order, by name after a gap."""
        chosen = dict(state)
        specs: list[InputSpec] = []
        gap = False
        for each in self.signature.parameters:
            if each.name not in chosen:
                gap = True
                continue
            spec = chosen[each.name]
            named = each.name if gap or each.named else None
            specs.append(InputSpec(spec.shape, spec.dtype, spec.low, spec.high, spec.value, named))
        if self.signature.rest and not self.signature.parameters:
            specs += [spec for _, spec in state]
        return tuple(specs)

    def _starts(self) -> Iterator[State]:
        needed = [each.name for each in self.signature.parameters if each.required]
        if not needed and self.signature.rest:
            for shape in [*self.layers.shapes[:3], (2, 8, 32), (2, 3, 32, 32), (2, 32)]:
                yield (("*", InputSpec(shape)),)
        first = {name: self.choices(name)[0] for name in needed}
        yield tuple(first.items())
        for index in range(1, 6):
            yield tuple((name, self.choices(name)[min(index, len(self.choices(name)) - 1)]) for name in needed)

    def _attempt(self, state: State) -> Failure | None:
        if any(math.prod(spec.shape or ()) > _LARGEST for _, spec in state):
            return Failure(Raised("ValueError", "an input would be too large", None, ValueError()), 0)
        counter = _Counter()
        fake = timed(lambda: self._fake(state, counter), _TRY_SECONDS)
        if isinstance(fake, Raised) and not _is_blind(fake):
            return Failure(fake, _LINES * counter.count + self._line(fake))
        reached = _LINES * counter.count + (0 if isinstance(fake, Raised) else _REAL)
        for training in (False, True):
            real = timed(partial(self._real, state, training), _TRY_SECONDS)
            if not isinstance(real, Raised):
                return None
        assert isinstance(real, Raised)
        return Failure(real, reached)

    def _line(self, raised: Raised) -> int:
        at = usage_analysis.frame_of(raised.error.__traceback__, self.signature.function)
        return at[1] - self.body.first_line if at is not None and self.body.tree is not None else 0

    def _fake(self, state: State, counter: _Counter) -> None:
        args, kwargs = arguments(self._specs(state), self.seed, self.module)
        module = self._slow or self._fresh()
        module.eval()
        with FakeTensorMode(allow_non_fake_inputs=True) as mode, counter:
            args, kwargs = torch.utils._pytree.tree_map_only(torch.Tensor, mode.from_tensor, (args, kwargs))
            module(*args, **kwargs)

    def _real(self, state: State, training: bool) -> None:
        args, kwargs = arguments(self._specs(state), self.seed, self.module)
        module = self._fresh()
        module.train(training)
        seed_everything(self.seed)
        module(*args, **kwargs)

    def _fresh(self) -> nn.Module:
        seed_everything(self.seed)
        return self.make()

    def _proposals(self, state: State, failure: Failure) -> Iterator[State]:
        for change in self._changes(dict(state), failure.raised.error):
            yield tuple(change.items())

    def _changes(self, state: dict[str, InputSpec], error: BaseException) -> Iterator[dict[str, InputSpec]]:
        if "*" in state:
            yield from ({**state, "*": each} for each in reshapes.repaired(state["*"], error, self.layers))
            return
        optional = [each.name for each in self.signature.parameters if not each.required]
        blamed = usage_analysis.blamed(error, self.body, self.signature.function)
        suspects = [name for name in blamed if name in state] or list(state)
        absent = [name for name in optional if name not in state and (name in blamed or "None" in str(error))]
        yield from ({**state, name: self.choices(name)[0]} for name in absent)
        alike = [name for name in state if state[name].shape is not None]
        same = len(alike) > 1 and len({repr(state[name]) for name in alike}) == 1
        if _wants_whole_numbers(error):
            yield {**state, **dict.fromkeys(alike, _WHOLE)}
            yield from ({**state, name: _WHOLE} for name in suspects)
        for each in reshapes.repaired(state[alike[0]], error, self.layers) if same else ():
            yield {**state, **dict.fromkeys(alike, each)}
        for name in suspects:
            yield from ({**state, name: each} for each in reshapes.repaired(state[name], error, self.layers))
        if (width := reshapes.width_wanted(error)) is not None:
            shapes = ((layers.BATCH, layers.LENGTH, width), (layers.BATCH, width))
            yield from ({**state, name: InputSpec(shape)} for shape in shapes for name in optional if name not in state)
        for name in optional:
            if name in state:
                yield {key: spec for key, spec in state.items() if key != name}
        yield from self._alternatives(state, suspects, alike if len(alike) > 1 else [], range(8))
        for name in suspects:
            yield from ({**state, name: each} for each in reshapes.resized(state[name], error))
        yield from self._alternatives(state, list(state), [], range(30))
        yield from ({**state, name: each} for name in optional if name not in state for each in self.choices(name)[:3])

    def _alternatives(
        self, state: dict[str, InputSpec], names: list[str], alike: list[str], indices: range
    ) -> Iterator[dict[str, InputSpec]]:
        """One argument changed, or all that are ``alike``; those further down the list of choices later."""
        for index in indices:
            for name in names:
                if index < len(self.choices(name)):
                    yield {**state, name: self.choices(name)[index]}
            if alike and index < len(self.choices(alike[0])):
                yield {**state, **dict.fromkeys(alike, self.choices(alike[0])[index])}


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operators that forward got through."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.count += 1
        return result


def _wants_whole_numbers(error: BaseException) -> bool:
    """Returns whether a tensor was given where a size, a bound or a position is to be: to ``arange``, ``range``."""
    return isinstance(error, TypeError) and any(words in str(error) for words in _WHOLE_WANTED)


def _is_blind(raised: Raised) -> bool:
    """Returns whether the fake run cannot tell, so that only a real one can."""
    if isinstance(raised.error, TookTooLong):
        return False
    text = str(raised.error)
    return any(word in raised.type for word in _BLIND) or any(word in text for word in _BLIND_WORDS)
