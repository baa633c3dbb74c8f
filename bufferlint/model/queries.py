"""Questions to the code of a project, answered from lowered functions; each function is summarised once."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from bufferlint.interpreter.context import NESTED
from bufferlint.interpreter.execution import deep_enough
from bufferlint.interpreter.literals import names_in
from bufferlint.ir import statements as st
from bufferlint.ir.budget import LOOK
from bufferlint.ir.definitions import ClassHeader, FunctionHeader, Outline
from bufferlint.ir.reader import Reader
from bufferlint.ir.usage import Usage, usage_in, usage_of
from bufferlint.resolution.references import ClassRef, FunctionRef
from bufferlint.text.span import Span

if TYPE_CHECKING:
    from bufferlint.ir.statements import Function

NO_USAGE = Usage()
Method = tuple[ClassRef, FunctionHeader, Usage]


class Queries:
    """Usage of functions, classes and files."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._usages: dict[tuple[str, Span], Usage | None] = {}
        self._bodies: dict[str, dict[int, Usage]] = {}
        self._starts: dict[str, list[int]] = {}
        self._class_bodies: dict[tuple[str, int], Usage] = {}
        self._class_reads: dict[tuple[str, int], Counter[str]] = {}
        self._class_values: dict[tuple[str, int], Counter[str]] = {}
        self._ranks: dict[str, dict[Span, int]] = {}
        self._places: dict[str, tuple[FunctionRef, ...]] = {}
        self._held: dict[tuple[str, str], tuple[list[FunctionRef], bool]] = {}
        self._methods_holding: dict[tuple[str, str], dict[tuple[str, int], list[FunctionHeader]]] = {}
        self._functions_holding: dict[tuple[str, str], tuple[list[FunctionRef], bool]] = {}
        self._by_qualname: dict[str, dict[str, list[FunctionRef]]] = {}
        self._by_attribute: _Index = {}
        self._by_callee: _Index = {}
        self._by_name: _Index = {}
        self._indexed: set[tuple[str, int]] = set()

    def usage(self, path: str, header: FunctionHeader) -> Usage | None:
        """Returns what a function does; None when it cannot be read."""
        self.reader.budget.spend(LOOK)
        key = (path, header.span)
        if key not in self._usages:
            body = self.reader.function(path, header)
            self._usages[key] = self._read(path, header, body) if body is not None else None
        return self._usages[key]

    def _read(self, path: str, header: FunctionHeader, body: Function) -> Usage | None:
        try:
            with deep_enough():
                return usage_of(body)
        except RecursionError:
            self.reader.give_up(path, header, NESTED)
            return None

    def function(self, path: str, header: FunctionHeader) -> Function | None:
        return self.reader.function(path, header)

    def module_usage(self, path: str) -> Usage:
        """Returns what the statements of a file outside of functions do, those of class bodies included."""
        return self._of_bodies(path)[-1]

    def class_usage(self, ref: ClassRef) -> Usage:
        """Returns what the statements of a class body do, functions left out."""
        if ref.key not in self._class_bodies:
            self._class_bodies[ref.key] = self._class_usage(ref)
        return self._class_bodies[ref.key]

    def _class_usage(self, ref: ClassRef) -> Usage:
        bodies, span = self._of_bodies(ref.path), ref.header.span
        if ref.path not in self._starts:
            self._starts[ref.path] = sorted(bodies)
        starts = self._starts[ref.path]
        place = bisect_left(starts, span.start)
        return bodies[starts[place]] if place < len(starts) and starts[place] < span.end else NO_USAGE

    def class_reads(self, ref: ClassRef) -> Counter[str]:
        """Counts how often the statements of a class body read each name."""
        if ref.key not in self._class_reads:
            self._class_reads[ref.key] = Counter(each.id for each in self.class_usage(ref).name_reads)
        return self._class_reads[ref.key]

    def class_values(self, ref: ClassRef) -> Counter[str]:
        """Counts the assignments of a class body whose values read each name."""
        if ref.key not in self._class_values:
            statements = (self.reader.statement(ref.path, name) for name in ref.header.names)
            values = (each.value for each in statements if isinstance(each, st.Assign))
            self._class_values[ref.key] = Counter(name for value in values for name in names_in(value))
        return self._class_values[ref.key]

    def methods(self, ref: ClassRef, *names: str) -> Iterator[tuple[FunctionHeader, Usage]]:
        """The methods of a class with what they do; those of some names only, if any are given."""
        for header in ref.header.methods:
            if not names or header.name in names:
                found = self.usage(ref.path, header)
                if found is not None:
                    yield header, found

    def methods_holding(self, owners: Sequence[ClassRef], *words: str) -> Iterator[Method]:
        """The methods of some classes that hold one of some words, in time that grows with the classes and those."""
        self.reader.budget.spend(len(owners) // 8)
        for owner in owners:
            held = {header.span: header for word in words for header in self._held_by(owner, word)}
            for span in sorted(held):
                found = self.usage(owner.path, held[span])
                if found is not None:
                    yield owner, held[span], found

    def _held_by(self, owner: ClassRef, word: str) -> Sequence[FunctionHeader]:
        """The methods of a class that hold a word."""
        key = (owner.path, word)
        if key not in self._methods_holding:
            by_class = self._methods_holding[key] = dict[tuple[str, int], list[FunctionHeader]]()
            for place in self.holders(owner.path, word)[0]:
                if place.owner is not None:
                    by_class.setdefault(place.owner.key, []).append(place.header)
        return self._methods_holding[key].get(owner.key, ())

    def ranks(self, owners: Sequence[ClassRef]) -> Mapping[tuple[str, int], int]:
        """The places of some classes, by key, once `mentioning` can tell of their methods."""
        for owner in owners:
            self._index(owner)
        return {owner.key: rank for rank, owner in enumerate(owners)}

    def mentioning(self, attr: str, ranks: Mapping[tuple[str, int], int]) -> list[Method]:
        """The methods of some classes that name an attribute, in the code or in a string. ``ranks``: see `ranks`."""
        found = _of_owners(self._by_attribute.get(attr, {}), ranks)
        self.reader.budget.spend(LOOK + len(found) / 8)
        return _ranked(found, ranks)

    def calling(self, callees: Sequence[str], ranks: Mapping[tuple[str, int], int]) -> list[Method]:
        """The methods of some classes that call what has one of some last names."""
        found = {id(each): each for callee in callees for each in _of_owners(self._by_callee.get(callee, {}), ranks)}
        return _ranked(found.values(), ranks)

    def named(self, names: Sequence[str], ranks: Mapping[tuple[str, int], int]) -> list[Method]:
        """The methods of some names in some classes."""
        return _ranked([each for name in names for each in _of_owners(self._by_name.get(name, {}), ranks)], ranks)

    def _index(self, owner: ClassRef) -> None:
        if owner.key in self._indexed:
            return
        methods = tuple(self.methods(owner))
        self._indexed.add(owner.key)  # with all of them, also where the steps of a class end amid the reading
        for header, usage in methods:
            method = (owner, header, usage)
            _add(self._by_name, header.name, method)
            for name in dict.fromkeys((*usage.reads, *usage.stores, *usage.deletes, *usage.strings)):
                _add(self._by_attribute, name, method)
            for callee in {site.callee for site in usage.calls}:
                _add(self._by_callee, callee, method)

    def places(self, path: str) -> tuple[FunctionRef, ...]:
        """The functions of a file, methods too."""
        if path not in self._places:
            self._places[path] = tuple(self._listed(path))
        return self._places[path]

    def _listed(self, path: str) -> Iterator[FunctionRef]:
        outline = self.reader.outline(path)
        if not isinstance(outline, Outline):
            return
        for header in outline.classes:
            owner = ClassRef(path, header)
            yield from (FunctionRef(path, method, owner) for method in header.methods)
        yield from (FunctionRef(path, function) for function in outline.functions)

    def classes_within(self, place: FunctionRef) -> tuple[ClassHeader, ...]:
        """The classes that a function defines."""
        outline = self.reader.outline(place.path)
        found = outline.classes if isinstance(outline, Outline) else ()
        return tuple(header for header in found if header.scope == place.header.qualname)

    def around(self, path: str, scope: str, owner: ClassHeader | None) -> tuple[FunctionHeader, Usage] | None:
        """The function of a qualified name; of several that of ``owner`` counts."""
        if path not in self._by_qualname:
            index = self._by_qualname[path] = {}
            for each in self.places(path):
                index.setdefault(each.header.qualname, []).append(each)
        places = self._by_qualname[path].get(scope, ())
        own = (each for each in places if owner is not None and _is_of(each, owner))
        place = next(chain(own, places), None)
        found = self.usage(path, place.header) if place is not None else None
        return (place.header, found) if place is not None and found is not None else None

    def file_usages(self, path: str, word: str) -> Iterator[Usage]:
        """Yields what the code of a file does that holds a word."""
        places, is_outside = self.holders(path, word)
        if is_outside:
            yield self.module_usage(path)
        for place in places:
            found = self.usage(path, place.header)
            if found is not None:
                yield found

    def function_usages(self, path: str, word: str) -> Iterator[Usage]:
        """Yields what the code of a file does that holds a word, methods left out."""
        if (path, word) not in self._functions_holding:
            places, is_outside = self.holders(path, word)
            self._functions_holding[path, word] = [each for each in places if each.owner is None], is_outside
        functions, is_outside = self._functions_holding[path, word]
        if is_outside:
            yield self.module_usage(path)
        for place in functions:
            found = self.usage(path, place.header)
            if found is not None:
                yield found

    def holders(self, path: str, word: str) -> tuple[list[FunctionRef], bool]:
        """The functions of a file that hold a word, and whether other code does. What does not cannot name it."""
        key = (path, word)
        if key not in self._held:
            held = self.reader.holders(path, word)
            places = self.places(path)
            if path not in self._ranks:
                self._ranks[path] = {place.header.span: rank for rank, place in enumerate(places)}
            ranks = self._ranks[path]
            found = [places[rank] for rank in sorted(ranks[span] for span in held.functions)]
            self._held[key] = found, held.is_outside
        return self._held[key]

    def mentions(self, path: str, word: str) -> bool:
        return self.reader.mentions(path, word)

    def _of_bodies(self, path: str) -> dict[int, Usage]:
        """The usage of each class body by its place, and under -1 that of the whole module's body."""
        if path not in self._bodies:
            body = self.reader.module_body(path)
            with deep_enough():
                found = self._bodies[path] = {-1: usage_of(body) if body is not None else NO_USAGE}
                for statement in st.walk(body.body) if body is not None else ():
                    found.update(_classes(statement))
        return self._bodies[path]


_Index = dict[str, dict[tuple[str, int], list[Method]]]
"""Methods by a name that they hold, and by the class that they are of."""


def _add(index: _Index, name: str, method: Method) -> None:
    index.setdefault(name, {}).setdefault(method[0].key, []).append(method)


def _of_owners(by_owner: Mapping[tuple[str, int], list[Method]], ranks: Mapping[tuple[str, int], int]) -> list[Method]:
    """Those of some classes, in time that grows with the fewer of both."""
    fewer, more = (by_owner, ranks) if len(by_owner) < len(ranks) else (ranks, by_owner)
    keys = (key for key in fewer if key in more)
    return [method for key in keys for method in by_owner[key]]


def _is_of(place: FunctionRef, owner: ClassHeader) -> bool:
    return place.owner is not None and place.owner.header.span == owner.span


def _ranked(methods: Iterable[Method], ranks: Mapping[tuple[str, int], int]) -> list[Method]:
    """Methods class by class, each class's in the order of its code."""
    found = list(methods)
    return found if len(found) < 2 else sorted(found, key=lambda each: (ranks[each[0].key], each[1].span.start))


def _classes(statement: st.Statement) -> Iterator[tuple[int, Usage]]:
    if isinstance(statement, st.DefineClass):
        yield statement.span.start, usage_in(statement.body)
        for inner in st.walk(statement.body):
            yield from _classes(inner)
