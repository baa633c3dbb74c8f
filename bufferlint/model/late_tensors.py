"""Tensors that a module keeps and that its construction knows nothing of: made at the first call, or by a method that
is called once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.usage import Usage, is_name, text_of
from bufferlint.resolution.decorators import is_memoised
from bufferlint.resolution.references import ClassRef

if TYPE_CHECKING:
    from bufferlint.model.module_class import ModuleClass

_ENTRIES = frozenset({"forward", "__call__"})


@dataclass(frozen=True)
class LateTensors:
    """Answers for one class."""

    of: ModuleClass

    @cached_property
    def _methods(self) -> dict[str, Usage]:
        """The methods that run once the instance is built, the first in resolution order of each name."""
        found: dict[str, Usage] = {}
        for _, header, usage in self.of.timeline.usages():
            if header.name != "__init__":
                found.setdefault(header.name, usage)
        return found

    def stored(self) -> Iterator[Event]:
        """The first store of each attribute that methods alone set, to a tensor that later calls use again."""
        known = self.of.timeline.construction.final
        names = dict.fromkeys(
            attr
            for usage in self._methods.values()
            for attr, stores in usage.stores.items()
            if attr not in known and any(is_name(store.receiver, usage.receiver) for store in stores)
        )
        for attr in names:
            if self.of.attribute(attr).taken_here is None and (self._is_made_once(attr) or self.is_prepared(attr)):
                yield from self._tensors(attr)[:1]

    def _tensors(self, attr: str) -> tuple[Event, ...]:
        """The stores of an attribute, if all that is stored is a tensor, and no method registers or deletes it."""
        events = self.of.timeline.later(attr)
        if any(event.action in (Action.REGISTER_BUFFER, Action.REGISTER_OTHER, Action.DELETE) for event in events):
            return ()
        stores = tuple(event for event in events if event.action is Action.ASSIGN)
        tensors = tuple(event for event in stores if event.value.may(Kind.TENSOR))
        certain = all(event.value.only(Kind.TENSOR, Kind.NONE) for event in stores)
        kept = any(not (Trait.SCALAR | Trait.SHARED) & event.value.traits for event in tensors)
        return tensors if certain and kept else ()

    # -- made at the first call ----------------------------------------------------------------------------------

    def _is_made_once(self, attr: str) -> bool:
        """Does a method that stores it ask first whether it is there, and not on which device?"""
        return any(
            attr in usage.stores
            and not _asks_device(usage, attr)
            and (_asks_for(usage, attr) or self._is_flagged(usage, attr))
            for usage in self._methods.values()
        )

    def _is_flagged(self, usage: Usage, attr: str) -> bool:
        """Is it stored under a test of a flag of the instance that is set there too: ``if not self.built:``?"""
        return any(
            _flags(outer.test, usage.receiver) & _stored_in(outer.body)
            for store in usage.stores[attr]
            for outer in store.within
            if isinstance(outer, st.If)
        )

    # -- made by a method that is called once --------------------------------------------------------------------

    def is_prepared(self, attr: str) -> bool:
        """Does ``forward`` read what other methods store, which it runs never, or once?"""
        forward = self._reached_from(_ENTRIES & self._methods.keys())
        storing = {name for name, usage in self._methods.items() if attr in usage.stores}
        if not any(attr in self._methods[name].reads for name in forward - storing):
            return False
        if any(map(self._keeps_results, storing)):
            return False
        return all(self._is_apart(name, forward) for name in storing)

    def _keeps_results(self, method: str) -> bool:
        """Does a method store what it computes from parameters? Such results are of one step."""
        stored = self._methods[method].stores
        events = (event for attr in stored for event in self.of.timeline.later(attr))
        return any(Trait.TRAINABLE in event.value.traits and event.value.may(Kind.TENSOR) for event in events)

    def _is_apart(self, method: str, forward: frozenset[str]) -> bool:
        """Is a method run by nothing that ``forward`` runs, or only where a flag that it sets is not set yet?"""
        sites = [(self._methods[caller], site) for caller in forward for site in self._methods[caller].called(method)]
        if not sites:
            return method not in forward and not _names_device(self._methods[method])
        set_here = frozenset(self._methods[method].stores)
        return all(
            any(
                _asks_first(outer.test, usage.receiver, set_here | _stored_in(outer.body))
                for outer in site.within
                if isinstance(outer, st.If)
            )
            for usage, site in sites
        )

    def _reached_from(self, names: frozenset[str]) -> frozenset[str]:
        found: set[str] = set()
        pending = set(names)
        while pending:
            name = pending.pop()
            found.add(name)
            usage = self._methods[name]
            called = {site.callee for site in usage.calls if is_name(site.receiver, usage.receiver, "self")}
            pending |= ((called | usage.reads.keys()) & self._methods.keys()) - found
        return frozenset(found)

    # -- memoised ------------------------------------------------------------------------------------------------

    def memoised(self) -> Iterator[tuple[ClassRef, FunctionHeader, st.Return, Value]]:
        """The methods whose result Python keeps, if it is a tensor: ``cached_property``, ``lru_cache``. One that is
        asked for a device, or handed a tensor, gives another result elsewhere."""
        for header in self.of.header.methods:
            if not is_memoised(header):
                continue
            body = self.of.queries.function(self.of.path, header)
            static = "staticmethod" in header.decorators
            given = body.parameters[0 if static else 1 :] if body is not None else ()
            usage = self._methods.get(header.name)
            if body is None or usage is None or any(parameter.star for parameter in given):
                continue
            if given and ("device" in usage.reads or "device" in usage.names or _names_device(usage)):
                continue
            value = self.of.timeline.result(self.of.ref, header)
            returns = [each for each in st.walk(body.body) if isinstance(each, st.Return)]
            kept = value.is_tensor and not (Trait.SCALAR | Trait.FROM_CALLER) & value.traits
            if kept and returns:
                yield self.of.ref, header, returns[-1], value


def _asks_for(usage: Usage, attr: str) -> bool:
    """``hasattr(self, "x")``, ``getattr(self, "x", None)``, ``"x" in self.__dict__``, or a look that may fail."""
    for site in usage.called("hasattr", "getattr"):
        args = site.call.args
        if len(args) > 1 and is_name(args[0].value, usage.receiver) and text_of(args[1].value) == attr:
            return True
    for compare in usage.compared:
        looked = compare.comparators[0]
        if text_of(compare.left) == attr and isinstance(looked, ir.Attribute) and looked.attr == "__dict__":
            return True
    return any(
        isinstance(outer, st.Try) and any(_is_in(store.statement, body) for _, body in outer.handlers)
        for store in usage.stores[attr]
        for outer in store.within
    )


def _is_in(statement: st.Statement, block: st.Block) -> bool:
    return any(each is statement for each in st.walk(block))


def _asks_device(usage: Usage, attr: str) -> bool:
    """Does code look at ``self.x.device``?"""
    arounds = (read.around for read in usage.reads.get(attr, ()))
    return any(around and isinstance(around[0], ir.Attribute) and around[0].attr == "device" for around in arounds)


def _flags(test: ir.Expression, receiver: str) -> frozenset[str]:
    """The attributes of the instance that a test reads."""
    own = {test.attr} if isinstance(test, ir.Attribute) and is_name(test.value, receiver) else set[str]()
    return frozenset(own).union(*(_flags(part, receiver) for part in ir.children(test))) - {"training"}


def _asks_first(test: ir.Expression, receiver: str, names: frozenset[str]) -> bool:
    """Does a test hold only as long as one of some attributes of the instance says so? Not ``self.x is None or step ==
    0``, which lets each first step through."""
    if isinstance(test, ir.Boolean):
        sides = (_asks_first(side, receiver, names) for side in (test.left, test.right))
        return all(sides) if test.op == "or" else any(sides)
    if isinstance(test, ir.Unary):
        return _asks_first(test.operand, receiver, names)
    return bool(_flags(test, receiver) & names)


def _stored_in(block: st.Block) -> frozenset[str]:
    """The attributes that statements set."""
    targets = (t for each in st.walk(block) if isinstance(each, st.Assign) for t in each.targets)
    return frozenset(target.attr for target in targets if isinstance(target, ir.Attribute))


def _names_device(usage: Usage) -> bool:
    """Does code put what it makes on a device: ``.to(device)``, ``device=``, ``.cuda()``?"""
    if "device" in usage.strings or any(True for _ in usage.called("cuda", "type_as", "to_device")):
        return True
    given = (arg.value for site in usage.called("to") for arg in site.call.args)
    return any("device" in (ir.dotted(value) or "") or text_of(value) is not None for value in given)
