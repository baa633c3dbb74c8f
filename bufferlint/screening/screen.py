"""May a class have a finding at all? Told from where its values come from, a hundred times faster than running it.

Most findings need a tensor that construction leaves on the instance, or a registration that may go wrong; those of some
rules need something else. What is let through may still be silent; what is held back certainly is. Every doubt counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from bufferlint.ir.flows import Term, Terms
from bufferlint.ir.reader import Reader
from bufferlint.resolution.call_sites import CallSites, Place
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, GlobalRef
from bufferlint.screening.construction import Construction
from bufferlint.screening.handing import Handing
from bufferlint.screening.needs import Need
from bufferlint.screening.origins import (
    BUFFER,
    GIVEN,
    INSTANCE,
    NOTHING,
    PAIRS,
    TENSOR,
    Origin,
    Origins,
    flat,
    is_registered,
)
from bufferlint.screening.scenes import Body

_MOVED = re.compile(r"\.[\s\\]*(\w+)[\s\\]*\.[\s\\]*(?:to|cuda)[\s\\]*\(")
"""An attribute that is moved to a device, of whatever."""

_DEEPEST = 200
"""Ancestors of a class that is looked at: what each base gives is found by way of the next."""


class Screen:
    """Answers for the classes of a project."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, constructions: CallSites) -> None:
        self._reader = reader
        self._hierarchy = hierarchy
        self._constructions = constructions
        self._origins = Handing(reader, names, hierarchy)
        self.unread: set[str] = set()
        """Files with code that nobody could follow, met so far."""
        self._passing: dict[tuple[str, int], bool] = {}
        self._hiding: dict[tuple[str, int], bool] = {}
        self._bases: dict[tuple[ClassRef | External, ...], Construction] = {}
        """What classes inherit, by the ancestors that give it."""
        self._last: tuple[tuple[str, int], Construction] | None = None
        self._looked: set[tuple[str, int]] = set()
        self._layers: dict[tuple[Construction, frozenset[str]], Construction] = {}

    def lets_through(self, ref: ClassRef, needs: Set[Need]) -> bool:
        """Returns whether a module class may have a finding of rules with such needs."""
        if Need.NOTHING in needs or len(self._hierarchy.lineage(ref).ancestors) > _DEEPEST:
            return True
        if needs & {Need.BUFFER, Need.MOVED}:
            self._look_at(self._hierarchy.lineage(ref))
        return (
            (Need.TENSOR in needs and self.may_keep_a_tensor(ref))
            or (Need.BUFFER in needs and self._may_register(ref))
            or (Need.MOVED in needs and self._may_move_a_buffer(ref))
        )

    def may_keep_a_tensor(self, ref: ClassRef) -> bool:
        """Returns whether construction may leave a tensor behind that is not registered, or fail to register one."""
        if ref.key not in self._passing:
            built = self._of(ref)
            suspect = any(map(self._is_suspect, self._adding(built)))
            if suspect:
                self.unread.update(path for each in self._adding(built) for path in each.unread)
            self._passing[ref.key] = suspect or (built.takes_anything and self._is_given_tensors(ref))
            if self._passing[ref.key]:
                self._look_at(built.lineage)
            else:
                self._reader.held_back(ref.path, ref.header.qualname, {c.path for c in built.lineage.classes})
        return self._passing[ref.key]

    def _may_register(self, ref: ClassRef) -> bool:
        layers = self._layers_of(ref)
        stored = (values for built in layers for values in built.attributes.values())
        found = any(BUFFER in flat(values) for values in stored) or any(built.registered for built in layers)
        return self._is_doubtful(layers) or found or self.may_keep_a_tensor(ref)

    def _may_move_a_buffer(self, ref: ClassRef) -> bool:
        texts = (self._reader.code(ref.path, method.span) for method in ref.header.methods)
        moved = {name for text in texts for name in _MOVED.findall(text)}
        if not moved:
            return False
        layers = self._layers_of(ref)
        held = {name for built in layers for name, values in built.attributes.items() if values}
        held = held.union(*(built.registered for built in layers))
        return self._is_doubtful(layers) or "*" in held or not moved.isdisjoint(held)

    def _is_doubtful(self, layers: Iterable[Construction]) -> bool:
        doubtful = [built for built in layers if built.is_doubtful]
        self.unread.update(path for built in doubtful for path in built.unread)
        return bool(doubtful)

    def _of(self, ref: ClassRef) -> Construction:
        """Returns how a class is constructed; kept until another is asked for."""
        if self._last is None or self._last[0] != ref.key:
            self._last = (ref.key, self._built(self._hierarchy.lineage(ref)))
        return self._last[1]

    def _layers_of(self, ref: ClassRef) -> list[Construction]:
        """The same, and what it inherits."""
        layers = [self._of(ref)]
        while (base := layers[-1].base) is not None:
            layers.append(base)
        return layers

    def _is_suspect(self, built: Construction) -> bool:
        if built.verdict is None:
            stored = (origin for values in built.attributes.values() for origin in values)
            built.verdict = built.is_doubtful or built.may_fail_to_register or any(map(self._hides, stored))
        return built.verdict

    def _adding(self, built: Construction) -> Iterator[Construction]:
        """The class itself, and of its bases what nobody else is asked about."""
        yield built
        base = built.base
        while base is not None and not self._is_judged_alone(base):
            yield base
            base = base.base

    def _is_judged_alone(self, built: Construction) -> bool:
        """Returns whether it is what somebody who asks about its class is told of."""
        lineage = built.lineage
        is_of_class = self._hierarchy.lineage(lineage.classes[0]) is lineage
        return bool(lineage.is_module) and is_of_class and self._bases.get(lineage.ancestors) is built

    def _built(self, lineage: Lineage, is_base: bool = False) -> Construction:
        """Returns how a class is constructed. What one adds to its base is told by itself where it cannot change the
        base."""
        known = self._bases.get(lineage.ancestors)
        if known is not None:
            return known
        base = self._base(lineage)
        built = Construction(lineage, self._origins, base)
        called = built.called_on_base()
        if base is not None and called:
            built = Construction(lineage, self._origins, self._called(base, called))
        if built.run().changes_its_base:
            built = Construction(lineage, self._origins).run()
        if is_base:
            self._bases[lineage.ancestors] = built
        return built

    def _called(self, base: Construction, methods: frozenset[str]) -> Construction:
        """A base of which some more methods are called."""
        key = (base, methods)
        if key not in self._layers:
            layer = self._called_below(base, methods)
            self._layers[key] = layer or Construction(base.lineage, self._origins, base, methods).run()
        return self._layers[key]

    def _called_below(self, base: Construction, methods: frozenset[str]) -> Construction | None:
        """The same where the methods are those of a base's own base, which others share; None where they are not, or
        where the base makes them do something else."""
        if base.base is None or base.starts or base.own_methods & methods:
            return None
        built = Construction(base.lineage, self._origins, self._called(base.base, methods))
        return None if built.called_on_base() or built.run().changes_its_base else built

    def _base(self, lineage: Lineage) -> Construction | None:
        """The construction of all that a class inherits, as if a class without a body of its own did."""
        if len(lineage.classes) < 2:
            return None
        above = self._hierarchy.lineage(lineage.classes[1])
        return self._built(above if above.ancestors == lineage.ancestors[1:] else lineage.without_first(), is_base=True)

    def _hides(self, origin: tuple[str, object]) -> bool:
        """Returns whether storing it leaves a tensor behind that no module knows of."""
        kind, what = origin
        if kind == "tuple" and isinstance(what, tuple):
            return any(is_registered(part) or self._hides(part) for parts in what for part in parts)
        return origin in (TENSOR, PAIRS) or (kind == INSTANCE and isinstance(what, ClassRef) and self._holds(what))

    def _holds(self, ref: ClassRef) -> bool:
        """Returns whether instances of a class that is no module have tensors among their attributes."""
        if ref.key not in self._hiding:
            self._hiding[ref.key] = False  # one that holds itself
            lineage = self._hierarchy.lineage(ref)
            self._look_at(lineage)
            built: Construction | None = self._built(lineage)
            while built is not None and not self._hiding[ref.key]:
                stored = built.attributes.values()
                self._hiding[ref.key] = built.is_doubtful or any(TENSOR in flat(values) for values in stored)
                built = built.base
        return self._hiding[ref.key]

    def _look_at(self, lineage: Lineage) -> None:
        """Note that all methods of a class count: not for a verdict that is found again alone."""
        new = [owner for owner in lineage.classes if owner.key not in self._looked]
        self._looked.update(owner.key for owner in new)
        for owner in new:
            for method in owner.header.methods:
                self._reader.code(owner.path, method.span)

    # -- who constructs it ---------------------------------------------------------------------------------------

    def _is_given_tensors(self, ref: ClassRef) -> bool:
        """Returns whether some code of the project passes a tensor to the constructor."""
        self._reader.looked_for_givers(ref.path, ref.header.qualname)
        return any(self.passes_tensors(place, ref) for place in self._constructions.places(ref.header.name))

    def passes_tensors(self, place: Place, ref: ClassRef) -> bool:
        """Returns whether a function or a statement at module level may pass a tensor to the constructor of a class."""
        span = place.name.span if isinstance(place, GlobalRef) else place.header.span
        passes = self._passes_tensors(place, ref)
        if passes:
            self._reader.code(place.path, span)
        else:
            self._reader.passes_none(place.path, span, ref.path, ref.header.qualname)
        return passes

    def _passes_tensors(self, place: Place, ref: ClassRef) -> bool:
        if isinstance(place, GlobalRef):
            flow = self._reader.value_flow(place.path, place.name, True)
            scope = ""
        else:
            flow = self._reader.flow(place.path, place.header, place.owner is not None, True)
            scope = place.header.qualname
        if flow is None:
            return True

        def found(terms: Terms) -> Origins:
            return flat(Body(self._origins, place.path, scope, flow).find(terms))

        name = ref.header.name
        calls = [(callee, args) for callee, args in flow.calls if callee[0] == "name" or _last(callee) == name]
        if TENSOR not in found(NOTHING.union(*(args for _, args in calls))):
            return False
        maybe: set[Origin] = {("class", ref), GIVEN}
        named = (
            args for callee, args in calls if _last(callee) == name or not maybe.isdisjoint(found(frozenset({callee})))
        )
        return TENSOR in found(NOTHING.union(*named))


def _last(term: Term) -> str:
    """The last name of a callee."""
    return str(term[2]) if term[0] == "get" else str(term[1])
