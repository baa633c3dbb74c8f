"""What a value may be, whatever path the code takes: cheap, and never too little.

A set of origins stands for all that a term may give. Numbers, texts, unknown things and instances of the project's
modules have none: nothing is ever said of those.
"""

from __future__ import annotations

from collections.abc import Callable

Origin = tuple[str, object]
Origins = frozenset[Origin]

NOTHING: Origins = frozenset()
TENSOR: Origin = ("tensor", None)
"""A tensor, or something with tensors in it."""
REGISTERED: Origin = ("registered", None)
"""A parameter, which is registered when it is stored."""
BUFFER: Origin = ("registered", "nn.Buffer")
"""The same of an ``nn.Buffer``."""
GIVEN: Origin = ("given", None)
"""An argument of which nothing is known."""
PAIRS: Origin = ("pairs", None)
"""The parameters or buffers of a module with their names."""
SELF: Origin = ("self", None)
INSTANCE = "instance"
"""Of a class of the project that is no module."""
A_TENSOR: Origins = frozenset({TENSOR})


class Rounds:
    """Values may need themselves. One that is asked for while it is being found gives what is known of it so far, and
    another round is due for as long as anything grows."""

    def __init__(self) -> None:
        self.number = 0
        self.is_due = False
        self._grew = False

    def next(self) -> bool:
        """Begin another round, unless the last one has found everything."""
        due = self.number == 0 or (self.is_due and self._grew)
        self.number += 1
        self.is_due = self._grew = False
        return due

    def value(
        self, known: dict[str, Origins], asked: dict[str, int], name: str, find: Callable[[], Origins]
    ) -> Origins:
        """``known[name]``, found anew once in a round; ``asked`` holds the rounds: negative while one looks."""
        at = asked.get(name, 0)
        if abs(at) == self.number:
            self.is_due = self.is_due or at < 0
            return known.get(name, NOTHING)
        asked[name] = -self.number
        before = known.get(name, NOTHING)
        known[name] = joined(before, find())
        self._grew = self._grew or known[name] != before
        asked[name] = self.number
        return known[name]


def flat(found: Origins) -> Origins:
    """With the parts of tuples in their place."""
    if not any(kind in ("tuple", "pairs") for kind, _ in found):
        return found
    parts = (what for kind, what in found if kind == "tuple" and isinstance(what, tuple))
    plain = frozenset(TENSOR if origin == PAIRS else origin for origin in found if origin[0] != "tuple")
    return plain.union(*(flat(part) for each in parts for part in each))


def joined(old: Origins, new: Origins) -> Origins:
    """Either of both. Tuples of one length become one; else they fall apart and stay so: no set grows without end."""
    if new <= old:
        return old
    tuples = [what for kind, what in (*old, *new) if kind == "tuple" and isinstance(what, tuple)]
    if not tuples:
        return old | new
    was_flat = bool(old) and not any(kind == "tuple" for kind, _ in old)
    if was_flat or len({len(each) for each in tuples}) > 1:
        return flat(old | new)
    plain = frozenset(origin for origin in old | new if origin[0] != "tuple")
    return plain | {("tuple", tuple(NOTHING.union(*parts) for parts in zip(*tuples, strict=True)))}


def tuple_of(parts: tuple[Origins, ...]) -> Origins:
    """A tuple of what its parts may be; one level deep, since code may nest tuples without end."""
    return frozenset({("tuple", tuple(map(flat, parts)))}) if any(parts) else NOTHING


def is_registered(origin: Origin) -> bool:
    return origin in (REGISTERED, BUFFER)


def plain(found: Origins) -> Origins:
    """Returns what is made of them: tensors that nobody registers."""
    return frozenset(TENSOR if is_registered(origin) else origin for origin in found)


def part_of(origin: Origin, number: int) -> Origins:
    kind, what = origin
    if kind == "tuple" and isinstance(what, tuple):
        return what[number] if number < len(what) else NOTHING
    return plain(frozenset({origin}))
