"""The outline of a call and what comes back from it; telling the overloads of one function apart."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Result(Enum):
    """The form of a value."""

    TENSOR = "tensor"
    TUPLE = "tuple"
    """A tuple (or named tuple) of known length; `Returned.items` says what is in it."""
    SEQUENCE = "sequence"
    """A list or tuple of tensors, of unknown length."""
    NUMBER = "number"
    """int, float, bool or complex."""
    NONE = "none"
    OTHER = "other"
    """Certainly neither a tensor nor a group of tensors: device, Size, dtype, Generator, str, ndarray, list of ints."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What comes back from a call or a property; ``optional`` when it may be None instead."""

    result: Result
    items: tuple[Returned, ...] = ()
    optional: bool = False


class Argument(Enum):
    """What the caller can see of an argument; used only to tell overloads apart."""

    TENSOR = "tensor"
    NUMBER = "number"
    """An int or float that is no bool."""
    TRUE = "True"
    FALSE = "False"
    NONE = "None"
    STRING = "string"
    SEQUENCE = "sequence"
    """A list or tuple of anything."""
    OTHER = "other"
    """A dtype, device, generator ...: none of the above."""


@dataclass(frozen=True, slots=True)
class CallShape:
    """The outline of a call: how many positional arguments (self not counted) and which keywords.

    ``known`` pairs a position (from 0) or a keyword with what is known of that argument; leave out what is not known.
    ``open`` says that the call also passes ``*args`` or ``**kwargs``, so there may be more of both.
    """

    positional: int = 0
    keywords: frozenset[str] = frozenset()
    known: frozenset[tuple[int | str, Argument]] = frozenset()
    open: bool = False


_LEAVES = {"T": Result.TENSOR, "S": Result.SEQUENCE, "N": Result.NUMBER, "0": Result.NONE, "O": Result.OTHER}
_LETTERS = {
    Argument.TENSOR: "t",
    Argument.NUMBER: "n",
    Argument.TRUE: "b1",
    Argument.FALSE: "b0",
    Argument.NONE: "-",
    Argument.STRING: "s",
    Argument.SEQUENCE: "q",
    Argument.OTHER: "o",
}
_NUMPY_KEYWORDS = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}
"""Keywords that torch's argument parser takes for its own, as ``python_arg_parser.cpp`` lists them (torch 2.13)."""


@functools.cache
def decode(code: str) -> Returned | None:
    """A result as the table spells it: ``T``, ``N?``, ``(TTN)``; None for ``*``."""
    if code == "*":
        return None
    return _decode(code)[0]


def _decode(code: str) -> tuple[Returned, str]:
    """The first result of the text, and the text after it."""
    items: list[Returned] = []
    rest = code[1:]
    if code[0] == "(":
        while rest[0] != ")":
            item, rest = _decode(rest)
            items.append(item)
        rest = rest[1:]
    optional = rest.startswith("?")
    form = Result.TUPLE if code[0] == "(" else _LEAVES[code[0]]
    return Returned(form, tuple(items), optional), rest[optional:]


def choose(overloads: Sequence[str], call: CallShape) -> Returned | None:
    """The result on which all overloads (``parameters;result``) agree that the call fits; None when they do not."""
    split = (text.rpartition(";") for text in overloads)
    results = {result for parameters, _, result in split if _signature(parameters).fits(call)}
    return decode(results.pop()) if len(results) == 1 else None


@dataclass(frozen=True, slots=True)
class _Signature:
    """Parameters by what they accept; ``variadic`` takes more positional arguments, ``anything`` any call."""

    positional: list[str]
    accepted: dict[str, str]
    required: set[str]
    variadic: bool
    anything: bool

    def fits(self, call: CallShape) -> bool:
        """Returns whether the call may be one of this overload."""
        if call.positional > len(self.positional) and not (self.variadic or self.anything):
            return False
        known = dict(call.known)
        given: dict[str, Argument | None] = {
            name: known.get(place) for place, name in enumerate(self.positional[: call.positional])
        }
        for keyword in call.keywords:
            name = keyword if keyword in self.accepted else _NUMPY_KEYWORDS.get(keyword, keyword)
            if name in given or (name not in self.accepted and not self.anything):
                return False
            given[name] = known.get(keyword)
        complete = call.open or self.required <= given.keys()
        return complete and all(_accepts(self.accepted.get(name, "*"), argument) for name, argument in given.items())


@functools.cache
def _signature(parameters: str) -> _Signature:
    """From the table's spelling: ``input:t,dim:n,keepdim:b=,*,out:-t=``."""
    words = [word for word in parameters.split(",") if word]
    stars = [place for place, word in enumerate(words) if word.startswith("*") and word != "**"]
    named = [word.partition(":") for word in words if not word.startswith("*")]
    return _Signature(
        positional=[word.partition(":")[0] for word in words[: stars[0] if stars else None] if word != "**"],
        accepted={name: accepted.rstrip("=") for name, _, accepted in named},
        required={name for name, _, accepted in named if not accepted.endswith("=")},
        variadic=any(len(words[place]) > 1 for place in stars),
        anything="**" in words,
    )


def _accepts(accepted: str, argument: Argument | None) -> bool:
    """Returns whether an argument suits; one that nothing is known of is not taken for a None where only None will
    do."""
    if argument is None:
        return accepted != "-"
    return accepted == "*" or not set(accepted).isdisjoint(_LETTERS[argument])
