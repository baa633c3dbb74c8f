"""Finds arguments that a class can be built with."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from bufferlint.verify.worker import expressions
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.discovery import names, parameters, repairs, shrinking, usage_analysis
from bufferlint.verify.worker.discovery.candidates import Build, expressed
from bufferlint.verify.worker.discovery.clock import TookTooLong, timed
from bufferlint.verify.worker.discovery.guesses import Guesser
from bufferlint.verify.worker.discovery.parameters import Parameter, Signature
from bufferlint.verify.worker.discovery.search import Limits, Trail, search

State = tuple[tuple[str, object], ...]
"""Keyword arguments."""

NESTED_DEPTH = 2
_TRY_SECONDS = 4.0
_PER_PARAMETER = 14
_RECONSIDERED = 6
_SHRINKING_TRIES = 16


@dataclass
class Construction:
    """The search for one class; ``module`` is where expressions look names up, ``fixed`` what the user has said."""

    cls: type
    module: str
    limits: Limits
    fixed: dict[str, object] = field(default_factory=dict)
    args: tuple[object, ...] = ()
    depth: int = 0
    trail: Trail[Raised] = field(default_factory=Trail)
    _built: dict[type, Build | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.signature: Signature = parameters.of_constructor(self.cls)
        self.body = usage_analysis.read(self.signature.function, [each.name for each in self.signature.parameters])
        self.guesser = Guesser(self.module, self._build)
        self._choices: dict[str, list[object]] = {}

    def find(self) -> State | None:
        """Keyword arguments that the class takes; None when the limits are used up."""
        found = search(self._starts(), self._attempt, self._progress, self._proposals, self.limits, self.trail)
        return self._smaller(found) if found is not None and self.depth == 0 else found

    def make(self, state: State) -> Any:
        """An instance; raises what the constructor raises."""
        args, init = expressions.evaluated((self.args, {name: expressed(value) for name, value in state}), self.module)
        return self.cls(*args, **init)

    def others(self, state: State) -> Iterator[State]:
        """The state with other widths, each of which the class can be built with.

        They agree with each other where those of the name's vocabulary do not, hold a head of 64, or are an image's.
        """
        widths = [name for name, value in state if name not in self.fixed and _is_width(name, value)]
        changes = [dict.fromkeys(widths, size) for size in (64, 3, 128, 256)]
        changes.insert(2, {name: 128 if name == widths[0] else 32 for name in widths})
        for change in changes if widths else ():
            other = tuple({**dict(state), **change}.items())
            if other != state and self._attempt(other) is None:
                yield other

    def reconsidered(self, state: State, error: BaseException) -> Iterator[State]:
        """The state with another value for an argument that an error of forward is about, each of which the class can
        be built with: one that the error names, or one of the type that it complains of."""
        held, text = dict(state), str(error)
        optional = {each.name: each.default for each in self.signature.parameters if not each.required}
        words, quoted = set(re.findall(r"\w+", text)), re.match(r"'(\w+)' object", text)
        for name in {**held, **optional}:
            value = held.get(name, optional.get(name))
            if name in self.fixed or not (name in words or (quoted and type(value).__name__ == quoted[1])):
                continue
            between = (0.5,) if isinstance(value, float) else ()
            for each in islice((*between, *repairs.repaired(value, error), *self.choices(name)), _RECONSIDERED):
                other = tuple({**held, name: each}.items())
                if repr(each) != repr(value) and self._attempt(other) is None:
                    yield other

    def choices(self, name: str) -> list[object]:
        """The values to try for a parameter, likeliest first."""
        if name not in self._choices:
            known = {each.name: each for each in self.signature.parameters}
            one = known.get(name) or Parameter(name, parameters.EMPTY, parameters.EMPTY, True)
            found: dict[str, object] = {}
            for value in islice(self.guesser.guesses(one, self.body.usage(name)), 80):
                found.setdefault(repr(value), value)
            self._choices[name] = list(found.values())
        return self._choices[name]

    def _build(self, cls: type) -> Build | None:
        if cls not in self._built:
            self._built[cls] = None
            if self.depth < NESTED_DEPTH and not inspect.isabstract(cls):
                limits = Limits(min(40, self.limits.tries), self.limits.deadline)
                inner = Construction(cls, self.module, limits, depth=self.depth + 1, _built=self._built)
                found = inner.find()
                if found is not None:
                    self._built[cls] = Build(self.guesser.named(cls), found)
        return self._built[cls]

    def _starts(self) -> Iterator[State]:
        taken = len(self.args)
        needed = [each for each in self.signature.parameters[taken:] if each.required and each.name not in self.fixed]
        first = {each.name: self.choices(each.name)[0] for each in needed}
        if any(each.handed_on for each in needed):  # which the class may give the one above itself
            own = {each.name: first[each.name] for each in needed if not each.handed_on}
            yield tuple({**own, **self.fixed}.items())
        yield tuple({**first, **self.fixed}.items())
        for each in self.signature.parameters:
            if names.SWITCHES.fullmatch(each.name) and each.default not in (None, False, parameters.EMPTY):
                yield tuple(
                    {**first, **self.fixed, each.name: None if isinstance(each.default, str) else False}.items()
                )

    def _attempt(self, state: State) -> Raised | None:
        made = timed(lambda: self.make(state), _TRY_SECONDS)
        return made if isinstance(made, Raised) else None

    def _smaller(self, found: State) -> State:
        """The same with smaller defaults, where the instance is large and a smaller one can be built."""
        made = timed(lambda: self.make(found), _TRY_SECONDS)
        if not shrinking.is_large(made):
            return found
        optional = {each.name: each.default for each in self.signature.parameters if not each.required}
        for change in islice(shrinking.shrunk(optional), _SHRINKING_TRIES):
            state = tuple({**change, **dict(found)}.items())
            smaller = timed(partial(self.make, state), _TRY_SECONDS)
            if not isinstance(smaller, Raised):
                found = state
                if not shrinking.is_large(smaller):
                    break
        return found

    def _progress(self, failure: Raised) -> int:
        at = usage_analysis.frame_of(failure.error.__traceback__, self.signature.function)
        return at[1] - self.body.first_line if at is not None else 0

    def _proposals(self, state: State, failure: Raised) -> Iterator[State]:
        for change in self._changes(dict(state), failure.error):
            if all(change.get(name) == value for name, value in self.fixed.items()):
                yield tuple(change.items())

    def _changes(self, state: dict[str, object], error: BaseException) -> Iterator[dict[str, object]]:
        unexpected = repairs.unexpected_parameter(error)
        if unexpected in state:
            yield {name: value for name, value in state.items() if name != unexpected}
        lacking = [name for name in repairs.missing_parameters(error) if name not in state]
        if lacking:
            yield {**state, **{name: self.choices(name)[0] for name in lacking}}
        optional = {each.name: each.default for each in self.signature.parameters if not each.required}
        if isinstance(error, TookTooLong | MemoryError):
            yield from ({**change, **state} for change in shrinking.shrunk(optional))
        if repairs.is_of_the_network(error):
            yield from self._switched_off(state, optional)
        blamed = usage_analysis.blamed(error, self.body, self.signature.function)
        words = _words_of(error)
        blamed += [name for name in words if name in state and name not in blamed]
        suspects = [name for name in blamed if name in state or name in optional] or list(state)
        for name in suspects:
            value = state[name] if name in state else optional[name]
            yield from ({**state, name: each} for each in repairs.repaired(value, error))
            if isinstance(value, Build):
                yield from ({**state, name: each} for each in _fields_varied(value, words))
        yield from _multiples(state, suspects)
        yield from self._alternatives(state, suspects, optional)
        yield from self._alternatives(state, [name for name in state if name not in suspects], optional)

    def _switched_off(self, state: dict[str, object], optional: dict[str, object]) -> Iterator[dict[str, object]]:
        for name, default in optional.items():
            if default is True and names.SWITCHES.fullmatch(name):
                yield {**state, name: False}
        for name, default in optional.items():
            if isinstance(default, str):
                yield {**state, name: None}

    def _alternatives(
        self, state: dict[str, object], suspects: list[str], optional: dict[str, object]
    ) -> Iterator[dict[str, object]]:
        """One parameter changed, those further down the list of choices later; then two at once."""
        for index in range(_PER_PARAMETER):
            for name in suspects:
                choices = self.choices(name)
                if name in optional and name not in state and isinstance(optional[name], bool):
                    choices = [not optional[name]]
                if index < len(choices):
                    yield {**state, name: choices[index]}
        alike = [name for name in suspects if isinstance(state.get(name), int)]
        if len(alike) > 1:
            for size in (64, 16, 8, 4, 1, 3, 2, 128):
                yield {**state, **dict.fromkeys(alike, size)}


def _is_width(name: str, value: object) -> bool:
    counts = names.DEPTHS.fullmatch(name) or "head" in name or "kernel" in name or "image" in name
    return type(value) is int and value > 2 and bool(names.WIDTHS.fullmatch(name)) and not counts


def _multiples(state: dict[str, object], suspects: list[str]) -> Iterator[dict[str, object]]:
    """One number made a multiple of another: dimensions of heads and groups."""
    for name in suspects:
        for other in suspects:
            one, two = state.get(name), state.get(other)
            if type(one) is int and type(two) is int and two > 1 and one % two:
                yield {**state, name: two * max(1, one // two)}
                yield {**state, name: two * 8}


def _fields_varied(value: Build, words: list[str]) -> Iterator[Build]:
    """The object with one of its fields changed, those first that the failing lines name."""
    ordered = sorted(value.fields, key=lambda field: field[0] not in words)
    for name, inside in ordered:
        if isinstance(inside, Build):
            yield from (value.having(name, each) for each in _fields_varied(inside, words))
        found = {repr(each): each for each in islice(names.usual(name), 12)}
        for each in (*list(found.values())[:6], *((32, 1, 4, None) if name in words else ())):
            yield value.having(name, each)


def _words_of(error: BaseException) -> list[str]:
    """Names and attributes on the lines that an error came through, the innermost first."""
    found: dict[str, None] = {}
    lines = []
    trace = error.__traceback__
    while trace is not None:
        lines.append(linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno).strip())
        trace = trace.tb_next
    for line in reversed(lines[-6:]):
        tree = attempt(lambda line=line: ast.parse(line.rstrip(":")))  # type: ignore[misc]
        if isinstance(tree, ast.AST):
            for node in ast.walk(tree):
                word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
                if word:
                    found.setdefault(word)
    return list(found)
