"""What functions do to an object that they are given, themselves or by those that they give it to."""

from __future__ import annotations

from typing import NamedTuple

from bufferlint.ir.flows import Flow, Promise, Term, Terms
from bufferlint.ir.reader import Reader
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import FunctionRef
from bufferlint.screening.origin_finder import OriginFinder
from bufferlint.screening.origins import GIVEN, Origins, flat
from bufferlint.screening.scenes import Body


class Deeds(NamedTuple):
    """The attributes that are ``set`` to something that is no literal (``*`` for those of any name), those set to
    ``literals`` only, and the ``words`` that are read off it or off something else."""

    set: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


class Handing(OriginFinder):
    """Tells, besides where values come from, what becomes of an object that is handed on."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy) -> None:
        super().__init__(reader, names, hierarchy)
        self._own: dict[tuple[str, int], tuple[Deeds, frozenset[FunctionRef]]] = {}

    def deeds(self, function: FunctionRef) -> Deeds:
        """Returns what a function and those that it hands its arguments on to do to what it is given."""
        done, pending = list[Deeds](), [function]
        seen = {_key(function)}
        while pending:
            own, handed = self._done_by(pending.pop())
            done.append(own)
            new = {_key(each): each for each in handed if _key(each) not in seen}
            seen |= new.keys()
            pending += new.values()
        return Deeds(*(frozenset[str]().union(*parts) for parts in zip(*done, strict=True)))

    def _done_by(self, function: FunctionRef) -> tuple[Deeds, frozenset[FunctionRef]]:
        key = _key(function)
        if key not in self._own:
            flow = self.reader.flow(function.path, function.header, function.owner is not None)
            if flow is None or any(map(registers, flow.calls)):
                self._own[key] = Deeds(frozenset({"*"})), frozenset()
            else:
                self._own[key] = self._found(function, flow)
        return self._own[key]

    def _found(self, function: FunctionRef, flow: Flow) -> tuple[Deeds, frozenset[FunctionRef]]:
        def find(terms: Terms) -> Origins:
            return flat(_Given(self, function.path, function.header.qualname, flow).find(terms))

        written = [(attr, terms) for on, attr, terms in flow.writes if GIVEN in find(on)]
        handed = (find(frozenset({callee})) for callee, args in flow.calls if GIVEN in find(args))
        functions = (what for found in handed for _, what in found if isinstance(what, FunctionRef))
        deeds = Deeds(
            frozenset(attr for attr, terms in written if terms),
            frozenset(attr for attr, terms in written if not terms),
            flow.words,
        )
        return deeds, frozenset(functions)


class _Given(Body):
    """A function, whatever is promised of its arguments."""

    def argument(self, name: str, promise: Promise) -> Origins:
        return super().argument(name, promise) | {GIVEN}


def registers(call: tuple[Term, Terms]) -> bool:
    """Returns whether a call registers a buffer, on whatever."""
    return bool(call[0][0] == "get" and call[0][2] == "register_buffer")


def _key(function: FunctionRef) -> tuple[str, int]:
    return (function.path, function.header.span.start)
