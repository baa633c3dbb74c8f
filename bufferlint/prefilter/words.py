"""Skips classes whose text has no statement of the shape that some rules speak of.

Those rules need no tensor of construction, so that the other prefilters know nothing of them: an attribute that is None
and filled later, a number that methods change, a buffer that is not saved. Each shape is one question to the words of
the class and of what it inherits; that may let a class through, never skip one. What a base does alone is asked about
where the base is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

from bufferlint.ir.reader import Reader
from bufferlint.resolution.decorators import is_memoised
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.references import ClassRef
from bufferlint.screening.needs import Need

_STORE = re.compile(
    r"""(?x) (?<![\w.])(\w+)\.(\w+)[ \t]*
    (?: (?=(?::[^=\n]{1,80})?([-+*/]?)=(?!=)
        [ \t]*(?:[\w.]+[ \t]*=(?!=)[ \t]*)?([\[{])?\(?(None\b|True\b|False\b|-?\d[\d.e-]*[ \t]*(?=[\n#;]|$))?)
    | (?=,[^=\n]{0,80}=(?!=)[ \t]*(None\b)?) )"""
)
"""An attribute that is set, alone or first in a tuple: of what, its name, the operator, the bracket of a display that
it is set to, and the literal that it is set to. Only the names are consumed: what looks like an annotation may be an
``if`` with a store behind its colon. Each part is bounded, so that the search takes a time in proportion to the
text."""
_RECEIVER = re.compile(r"\bdef[ \t]+\w+[ \t]*\([\s]*(\w+)")
"""The first parameter of a function: the instance, of methods."""
_BRACKET = re.compile(r"[()\[\]{}]|\"[^\"\n]*\"|'[^'\n]*'")
_END = re.compile(r"[ \t]*(?:[;#\r\n]|\Z)")
_LONG = 2_000
"""Characters of a display that are looked through."""
_BUILDING = frozenset({"__init__", "__new__"})


class _Words(NamedTuple):
    filled: frozenset[str]
    """Attributes that a method other than the constructor sets to something else, no literal."""
    numbers: frozenset[str]
    """Attributes that are set to a number or a flag."""
    changed: frozenset[str]
    """Attributes that are augmented, set more than once, or set by a method other than the constructor."""
    has_unsaved: bool


_Key = tuple[str, int]


class WordPrefilter:
    """Answers for the classes of a project."""

    def __init__(self, reader: Reader, hierarchy: Hierarchy, below: Callable[[ClassRef], Sequence[ClassRef]]) -> None:
        self._reader = reader
        self._hierarchy = hierarchy
        self._below = below
        self._known: dict[_Key, _Words] = {}
        self._emptied: dict[_Key, frozenset[str]] = {}

    def may_have(self, ref: ClassRef, needs: Set[Need]) -> bool:
        """A class that is skipped certainly has no finding of a rule with one of these needs alone."""
        if needs.isdisjoint(_ASKED):
            return False
        lineage = self._hierarchy.lineage(ref)
        if not lineage.classes:
            return False
        if needs & {Need.CACHE, Need.LATE} and self._may_fill(lineage):
            return True
        if Need.LATE in needs and self._of(lineage.classes[0]).filled:
            return True
        if Need.COUNTER in needs and self._may_count(lineage):
            return True
        return Need.UNSAVED in needs and any(self._of(owner).has_unsaved for owner in lineage.classes)

    def _may_count(self, lineage: Lineage) -> bool:
        """May a method change what is a number? The class itself, or what it inherits and nobody asks about alone, sets
        it or changes it."""
        every = [self._of(owner) for owner in lineage.classes]
        layer = [self._of(owner) for owner in self._layer(lineage)]
        return _meet(layer, every) or _meet(every, layer)

    def _layer(self, lineage: Lineage) -> tuple[ClassRef, ...]:
        """The class itself, and what it inherits and nobody asks about alone."""
        base = self._hierarchy.asked_alone(lineage)
        above = base.keys if base is not None else frozenset[_Key]()
        return tuple(each for each in lineage.classes if each.key not in above)

    def _may_fill(self, lineage: Lineage) -> bool:
        """May a method fill what is None? The class itself, or what it inherits and nobody asks about alone, does one
        or the other; what it sets to None a class below may fill."""
        if any(map(is_memoised, lineage.classes[0].header.methods)):
            return True
        own = self._layer(lineage)
        layer = frozenset[str]().union(*map(self._empties, own))
        every = layer.union(*map(self._empties, lineage.classes))
        if any(self._fills(each, every if each in own else layer) for each in lineage.classes):
            return True
        return bool(layer) and any(self._fills(each, layer) for each in self._below(lineage.classes[0]))

    def _empties(self, owner: ClassRef) -> frozenset[str]:
        """The attributes that a class sets to None; a line that does holds the word."""
        if owner.key not in self._emptied:
            text = self._text(owner)
            lines = [line for line in text.split("\n") if "None" in line] if "None" in text else []
            stores = [each for line in lines for each in _STORE.findall(line)]
            receivers = set(_RECEIVER.findall(text)) if stores else set()
            self._emptied[owner.key] = frozenset(
                name
                for receiver, name, _, _, literal, of_tuple in stores
                if receiver in receivers and "None" in (literal, of_tuple)
            )
        return self._emptied[owner.key]

    def _fills(self, owner: ClassRef, names: frozenset[str]) -> bool:
        """Does a method of a class, no constructor, set one of some attributes to what is no literal?"""
        text = self._text(owner) if names else ""
        return any(name in text for name in names) and not names.isdisjoint(self._of(owner).filled)

    def _text(self, owner: ClassRef) -> str:
        """The text of the methods of a class."""
        return "".join(self._reader.code(owner.path, each.span, judging=True) for each in owner.header.methods)

    def _of(self, owner: ClassRef) -> _Words:
        if owner.key not in self._known:
            self._known[owner.key] = self._read(owner)
        return self._known[owner.key]

    def _read(self, owner: ClassRef) -> _Words:
        text = self._text(owner)
        filled, numbers, stored, changed = set[str](), set[str](), set[str](), set[str]()
        receivers = set(_RECEIVER.findall(text))
        for method in owner.header.methods:
            code = self._reader.code(owner.path, method.span, judging=True)
            for store in _STORE.finditer(code):
                receiver, name, operator, opening, literal, of_tuple = store.groups("")
                if receiver not in receivers:
                    continue
                if operator or name in stored or method.name not in _BUILDING:
                    changed.add(name)
                stored.add(name)
                if "None" in (literal, of_tuple):
                    continue
                if literal:
                    numbers.add(name)
                elif method.name not in _BUILDING and not (opening and _is_display(code, store.start(4))):
                    filled.add(name)
        unsaved = "register_buffer" in text and "persistent" in text
        return _Words(frozenset(filled), frozenset(numbers), frozenset(changed), unsaved)


def _meet(some: list[_Words], others: list[_Words]) -> bool:
    """Is a number of some classes changed by others?"""
    numbers = frozenset[str]().union(*(words.numbers for words in some))
    return any(not numbers.isdisjoint(words.changed) for words in others)


def _is_display(code: str, start: int) -> bool:
    """Is a value a list or dict display and no more, a container of whatever? One that is subscripted may be a
    tensor, and a long one anything."""
    depth = 0
    for mark in _BRACKET.finditer(code, start, start + _LONG):
        depth += (mark[0] in "([{") - (mark[0] in ")]}")
        if depth == 0:
            return _END.match(code, mark.end()) is not None
    return False


_ASKED = frozenset({Need.CACHE, Need.LATE, Need.COUNTER, Need.UNSAVED})
