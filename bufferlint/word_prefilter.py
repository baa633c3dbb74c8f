"""Skips classes whose text has no statement of the shape that some rules speak of.

Those rules need no tensor of construction, so that the other prefilters know nothing of them: an attribute that is None
and filled later, a number that methods change, a buffer that is not saved. Each shape is one question to the words of
the class and of what it inherits; that may let a class through, never skip one. What a base does alone is asked about
where the base is.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import NamedTuple

from bufferlint.ir.reader import Reader
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.references import ClassRef
from bufferlint.screening.needs import Need

_STORE = re.compile(
    r"""(?x) (?<![\w.])(\w+)\.(\w+)[ \t]*
    (?: (?=(?::[^=\n]{1,80})?([-+*/]?)=(?!=)
        [ \t]*(?:[\w.]+[ \t]*=(?!=)[ \t]*)?\(?(None\b|True\b|False\b|-?\d[\d.e-]*[ \t]*(?=[\n#;]|$))?)
    | (?=,[^=\n]{0,80}=(?!=)[ \t]*(None\b)?) )"""
)
"""An attribute that is set, alone or first in a tuple: of what, its name, the operator, and what it is set to if that
is a literal. Only the names are consumed: what looks like an annotation may be an ``if`` with a store behind its colon.
Each part is bounded, so that the search takes a time in proportion to the text."""
_RECEIVER = re.compile(r"\bdef[ \t]+\w+[ \t]*\([\s]*(\w+)")
"""The first parameter of a function: the instance, of methods."""
_BUILDING = frozenset({"__init__", "__new__"})
_MEMOISING = frozenset({"cached_property", "lazy_property", "lru_cache", "cache"})


class _Words(NamedTuple):
    empty: frozenset[str]
    """Attributes that are set to None."""
    filled: frozenset[str]
    """Attributes that a method other than the constructor sets to something else, no literal."""
    numbers: frozenset[str]
    """Attributes that are set to a number or a flag."""
    changed: frozenset[str]
    """Attributes that are augmented, or set more than once."""
    is_memoised: bool
    has_unsaved: bool


class WordPrefilter:
    """Answers for the classes of a project."""

    def __init__(self, reader: Reader, hierarchy: Hierarchy) -> None:
        self._reader = reader
        self._hierarchy = hierarchy
        self._known: dict[tuple[str, int], _Words] = {}

    def may_have(self, ref: ClassRef, needs: Set[Need]) -> bool:
        """A class that is skipped certainly has no finding of a rule with one of these needs alone."""
        if needs.isdisjoint(_ASKED):
            return False
        lineage = self._hierarchy.lineage(ref)
        every = [self._of(owner) for owner in lineage.classes]
        if not every:
            return False
        base = self._hierarchy.asked_alone(lineage)
        above = base.keys if base is not None else frozenset[tuple[str, int]]()
        layer = [self._of(owner) for owner in lineage.classes if owner.key not in above]
        caches = _meet(layer, "empty", every, "filled") or _meet(every, "empty", layer, "filled")
        if Need.CACHE in needs and (every[0].is_memoised or caches):
            return True
        if Need.COUNTER in needs and _meet(every, "numbers", every, "changed"):
            return True
        return Need.UNSAVED in needs and any(words.has_unsaved for words in every)

    def _of(self, owner: ClassRef) -> _Words:
        if owner.key not in self._known:
            self._known[owner.key] = self._read(owner)
        return self._known[owner.key]

    def _read(self, owner: ClassRef) -> _Words:
        methods = [
            (each.name in _BUILDING, self._reader.code(owner.path, each.span, judging=True))
            for each in owner.header.methods
        ]
        text = "".join(code for _, code in methods)
        empty, filled, numbers, stored, changed = set[str](), set[str](), set[str](), set[str](), set[str]()
        receivers = set(_RECEIVER.findall(text))
        for builds, code in methods:
            for receiver, name, operator, literal, of_tuple in _STORE.findall(code):
                if receiver not in receivers:
                    continue
                if operator or name in stored:
                    changed.add(name)
                stored.add(name)
                kind = empty if "None" in (literal, of_tuple) else numbers if literal else filled
                if kind is not filled or not builds:
                    kind.add(name)
        decorators = {each.rpartition(".")[2] for method in owner.header.methods for each in method.decorators}
        unsaved = "register_buffer" in text and "persistent" in text
        sets = frozenset(empty), frozenset(filled), frozenset(numbers), frozenset(changed)
        return _Words(*sets, is_memoised=bool(decorators & _MEMOISING), has_unsaved=unsaved)


def _meet(some: list[_Words], kind: str, others: list[_Words], other: str) -> bool:
    """Is an attribute among those of one kind in some classes, and of another kind in others?"""
    first = frozenset[str]().union(*(getattr(words, kind) for words in some))
    return not first.isdisjoint(frozenset[str]().union(*(getattr(words, other) for words in others)))


_ASKED = frozenset({Need.CACHE, Need.COUNTER, Need.UNSAVED})
