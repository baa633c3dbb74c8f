"""Completes a recipe: finds constructor arguments and forward inputs of a class by itself, in bounded time."""

from __future__ import annotations

import dataclasses
import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from bufferlint.verify.contract import WITHOUT_FORWARD, Recipe, dumps, loads
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.discovery.calling import Calling
from bufferlint.verify.worker.discovery.candidates import expressed
from bufferlint.verify.worker.discovery.clock import timed
from bufferlint.verify.worker.discovery.constructing import Construction, State
from bufferlint.verify.worker.discovery.search import Limits
from bufferlint.verify.worker.evidence_pipe import Ledger

NAME = "discovery"
CONSTRUCTION_SECONDS, FORWARD_SECONDS, OTHERS_SECONDS = 8.0, 12.0, 6.0
SECONDS = CONSTRUCTION_SECONDS + FORWARD_SECONDS + OTHERS_SECONDS
SHORT_SECONDS, _SHORT_TRIES = 1.0, 40
_CONSTRUCTION_TRIES, _FORWARD_TRIES, _TRIES_OF_OTHERS = 200, 300, 60


@dataclass(frozen=True)
class Found:
    """``recipe`` is None when the class could not be built; its inputs are when forward did not run on any.

    ``tried`` says what was tried for what was not found, a line each.
    """

    recipe: Recipe | None
    tried: tuple[str, ...] = ()


def complete(cls: type[nn.Module], recipe: Recipe, note: Callable[[Found], None]) -> Found:
    """The recipe with what it lacks; ``note`` is told of what is found as it is found."""
    module = cls.__module__
    logging.disable(logging.CRITICAL)  # FakeTensorMode logs each operator that fails
    limits = Limits(_CONSTRUCTION_TRIES, time.process_time() + CONSTRUCTION_SECONDS)
    construction = Construction(cls, module, limits, dict(recipe.init), recipe.args)
    state = construction.find()
    if state is None:
        return Found(None, (_said("constructor", construction.trail.tries, construction.trail.best),))
    built = _built(recipe, state)
    if recipe.inputs is not None:
        return Found(built)
    note(Found(built, ("forward: the search was cut short",)))
    if cls.forward is nn.Module.forward:
        return Found(built, (WITHOUT_FORWARD,))
    limits = Limits(_FORWARD_TRIES, time.process_time() + FORWARD_SECONDS)
    calling = Calling(lambda: construction.make(state), module, construction.guesser, limits, recipe.seed)
    inputs = timed(calling.find, FORWARD_SECONDS + 5.0)
    if inputs is not None and not isinstance(inputs, Raised):
        return Found(dataclasses.replace(built, inputs=inputs))
    best = calling.trail.best.raised if calling.trail.best else inputs
    said = _said("forward", calling.trail.tries, best)
    error = best.error if isinstance(best, Raised) else None
    return _otherwise_built(recipe, construction, state, error) or Found(built, (said,))


def arguments(cls: type[nn.Module]) -> tuple[tuple[str, object], ...] | None:
    """Keyword arguments that a class can be built with; None where a short search finds none."""
    limits = Limits(_SHORT_TRIES, time.process_time() + SHORT_SECONDS)
    found = Construction(cls, cls.__module__, limits).find()
    return None if found is None else tuple((name, expressed(value)) for name, value in found)


def _otherwise_built(
    recipe: Recipe, construction: Construction, state: State, error: BaseException | None
) -> Found | None:
    """The recipe with other arguments for the constructor, where forward runs on an instance of those: other values
    where its ``error`` is about one, and other sizes."""
    deadline = time.process_time() + OTHERS_SECONDS
    reconsidered = construction.reconsidered(state, error) if error is not None else ()
    for other in itertools.chain(reconsidered, construction.others(state)):
        limits = Limits(_TRIES_OF_OTHERS, deadline)
        if not limits.left():
            return None
        make = partial(construction.make, other)
        calling = Calling(make, construction.module, construction.guesser, limits, recipe.seed)
        inputs = timed(calling.find, OTHERS_SECONDS)
        if inputs is not None and not isinstance(inputs, Raised):
            return Found(dataclasses.replace(_built(recipe, other), inputs=inputs))
    return None


def _built(recipe: Recipe, state: State) -> Recipe:
    return dataclasses.replace(recipe, init=tuple((name, expressed(value)) for name, value in state))


def tell(found: Found, note: Callable[[str, str], None]) -> None:
    """Say what was found, for the worker to `read`; ``note`` takes a name and a text."""
    note("tried", "\n".join(found.tried))
    if found.recipe is not None:
        note("found", dumps(found.recipe))


def read(ledger: Ledger) -> Found:
    """Returns what a process that was to find a recipe told, however it ended."""
    tried, recipe = ledger.content("tried"), ledger.content("found")
    return Found(
        loads(recipe.decode()) if recipe is not None else None,
        tuple(tried.decode().splitlines()) if tried is not None else (),
    )


def _said(what: str, tries: int, furthest: Raised | None) -> str:
    ended = f"; the one that got furthest raised {furthest}" if furthest is not None else ""
    return f"{what}: {tries} combinations of arguments{ended}"
