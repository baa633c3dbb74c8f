"""Where the values of a function may come from, whatever path it takes: no order, no branches, no places.

A *term* says how a value is got, as nested tuples: ``("name", id)``, ``("get", term, attribute)``, ``("item", term)``,
``("call", term, terms of the arguments)``, ``("made", term)`` for what an operator or a display makes of it,
``("tuple", terms of each item)`` and ``("part", term, number)``; ``("type", name)`` is what an annotation promises,
``("import", target)`` what a function within imports, ``("global", id)`` what a name that one binds is outside of it.
Literals have none. Any of a set of terms may be the one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Term = tuple[Any, ...]
Terms = frozenset[Term]


class Promise(NamedTuple):
    """What an annotation says: the dotted names in it, of a tuple's those of each item; and a parameter's default."""

    names: frozenset[str]
    default: Terms = frozenset()
    parts: tuple[frozenset[str], ...] = ()


class Flow(NamedTuple):
    """One function, or one statement of a class or module body (its values are what it ``returns``)."""

    receiver: str
    """The name of the first parameter of what may be a method; empty if there is none."""
    parameters: dict[str, Promise]
    locals: dict[str, Terms]
    stores: tuple[tuple[str, Terms], ...]
    """What is left on the receiver, by attribute; ``*`` for a name that is not written out."""
    registers: tuple[tuple[str, Terms, bool], ...]
    """Buffers that are registered on it: name, value, and whether the value may be a literal or shares elements."""
    calls: tuple[tuple[Term, Terms], ...]
    """What is called with arguments that are no literals."""
    hands_on: Terms
    """What is called with the receiver itself as an argument."""
    returns: Terms
    promised: Promise
    """The annotation of what it returns."""
    words: frozenset[str]
    """The attributes that it reads off the receiver or another plain name."""
    is_early: bool
    """It does something with the receiver before it has called the ``__init__`` of a base."""
    writes: tuple[tuple[Terms, str, Terms], ...]
    """What is set on something else: the object, the attribute and the value."""
