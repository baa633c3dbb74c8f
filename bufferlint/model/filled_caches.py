"""Evidence of how a tensor that a method fills later is used: once or anew, on which device, from what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import Read, Usage, is_name, usage_in
from bufferlint.model.attribute_history import is_move
from bufferlint.model.late_tensors import LateTensors
from bufferlint.model.regrown_tables import parts_of

if TYPE_CHECKING:
    from bufferlint.model.attribute_history import AttributeHistory

_MOVES = frozenset({"to", "cuda", "cpu", "type_as", "to_device"})


@dataclass(frozen=True)
class FilledCache:
    """Answers for one attribute that construction leaves None; ``fills`` are the stores of a tensor by methods."""

    of: AttributeHistory
    fills: tuple[Event, ...]

    @property
    def is_left_behind(self) -> bool:
        """Is it made once, kept for later calls, and used wherever these run, without a look at its device? One of data
        that a method drops is of some calls only."""
        made = all(event.value.is_tensor for event in self.fills)
        lasts = not (self.holds_data and self._is_dropped)
        is_kept = self._is_kept or self._is_prepared
        return made and is_kept and not self._follows_device and self._is_used and lasts

    @cached_property
    def _is_prepared(self) -> bool:
        """Is it made by methods that no call of the module runs, which never put it on a device, and used by calls:
        ``fit(data)``?"""
        late = LateTensors(self.of.of)
        fresh = all(not (Trait.SCALAR | Trait.SHARED | Trait.PINNED_TO_CPU) & each.value.traits for each in self.fills)
        return fresh and late.is_prepared(self.of.name)

    @cached_property
    def belongs_in_checkpoints(self) -> bool:
        """Is it made once of data, and kept for good? What is made anew, or dropped, is of some calls only."""
        return self.holds_data and self._is_kept and not self._is_dropped

    @cached_property
    def holds_data(self) -> bool:
        """Are its values those of tensors that a caller handed to the method? Arguments alone tell none of them."""
        return any(map(self._is_of_data, self.fills))

    def _is_of_data(self, event: Event) -> bool:
        found, statement = self.of.of.method_around(event), event.statement
        if Trait.FROM_CALLER not in event.value.traits or found is None or not isinstance(statement, st.Assign):
            return False
        body, usage = found
        names = {
            part.id for part in parts_of(statement.value, body.body, values_only=True) if isinstance(part, ir.Name)
        }
        return bool(names & usage.parameters - {usage.receiver})

    @cached_property
    def _is_kept(self) -> bool:
        """Does each method that fills it ask first whether it is there, or by a flag of its own whether it fits?"""
        return all(self._is_asked_for(event) for event in self.fills)

    def _is_asked_for(self, event: Event) -> bool:
        found = self.of.of.method_around(event)
        if found is None:
            return False
        body, usage = found
        name = self.of.name
        stores = [store for store in usage.stores.get(name, ()) if store.statement is event.statement]
        for store in stores:
            for outer in store.within:
                if isinstance(outer, st.If) and _is_made_anew(outer.test, name, usage.receiver):
                    return False
                if isinstance(outer, st.If) and (
                    _asks(outer.test, name) or _attributes(outer.test, usage.receiver) & _stored(outer.body)
                ):
                    return True
        leaves = (each for each in st.walk(body.body) if isinstance(each, st.If) and _asks(each.test, name))
        return any(each.body and isinstance(each.body[-1], st.Return) for each in leaves)

    @cached_property
    def _usages(self) -> tuple[Usage, ...]:
        return tuple(usage for _, header, usage in self.of.usages() if usage.mentions(self.of.name))

    @cached_property
    def _follows_device(self) -> bool:
        """Does code look at its device, move it, or choose by a device when to make it?"""
        name, module = self.of.name, self.of.of
        if module.moved_by(name) or any(is_move(event) for event in self.of.later):
            return True
        if any(_asks_device(read) for usage in self._usages for read in usage.reads.get(name, ())):
            return True
        if any(is_name(read.receiver, *self._aliases(usage)) for usage in self._usages for read in _devices(usage)):
            return True
        tests = (outer.test for usage in self._usages for outer in self._around(usage) if isinstance(outer, st.If))
        return any("device" in word for test in tests for word in _words(test))

    def _aliases(self, usage: Usage) -> frozenset[str]:
        """The names that a method gives it: ``grid = self.grid``."""
        stored = (each.statement for each in usage.reads.get(self.of.name, ()) if _is_whole(each))
        targets = (target for each in stored if isinstance(each, st.Assign) for target in each.targets)
        return frozenset(target.id for target in targets if isinstance(target, ir.Name))

    def _around(self, usage: Usage) -> Iterator[st.Statement]:
        for store in usage.stores.get(self.of.name, ()):
            yield from store.within

    @cached_property
    def _is_used(self) -> bool:
        """Is it read for more than whether it is there?"""
        reads = (read for usage in self._usages for read in usage.reads.get(self.of.name, ()))
        return any(not _is_question(read) for read in reads)

    @cached_property
    def _is_dropped(self) -> bool:
        """Is it set back to None by a method, or deleted?"""
        events = self.of.later
        if any(e.value.only(Kind.NONE) and e.scope.rpartition(".")[2] != "__init__" for e in self.of.events):
            return True
        return any(event.action is Action.DELETE for event in events) or any(
            event.action is Action.ASSIGN and event.value.only(Kind.NONE) for event in events
        )


def _asks(test: ir.Expression, name: str) -> bool:
    """Does a test read an attribute?"""
    if isinstance(test, ir.Attribute) and test.attr == name:
        return True
    if isinstance(test, ir.Constant) and test.value == name:
        return True
    return any(_asks(part, name) for part in ir.children(test))


def _devices(usage: Usage) -> list[Read]:
    return usage.reads.get("device", [])


def _is_whole(read: Read) -> bool:
    """Is it all that a statement stores?"""
    return isinstance(read.statement, st.Assign) and read.statement.value is read.expression


def _is_made_anew(test: ir.Expression, name: str, receiver: str) -> bool:
    """Is it made where it is missing, or else where something of the call alone says so: ``self.x is None or step ==
    0``? It lasts for some calls, which begin with one that makes it."""
    if not isinstance(test, ir.Boolean):
        return False
    if test.op == "or":
        sides = (test.left, test.right)
        asked = [_asks(side, name) for side in sides]
        by_call = [not _attributes(side, receiver) for side in sides]
        if (asked[0] and by_call[1]) or (asked[1] and by_call[0]):
            return True
    return _is_made_anew(test.left, name, receiver) or _is_made_anew(test.right, name, receiver)


def _attributes(test: ir.Expression, receiver: str) -> frozenset[str]:
    own = {test.attr} if isinstance(test, ir.Attribute) and is_name(test.value, receiver) else set[str]()
    return frozenset(own).union(*(_attributes(part, receiver) for part in ir.children(test))) - {"training"}


def _stored(block: st.Block) -> frozenset[str]:
    return frozenset(usage_in(block).stores)


def _words(test: ir.Expression) -> Iterator[str]:
    if isinstance(test, ir.Attribute):
        yield test.attr
    if isinstance(test, ir.Name):
        yield test.id
    for part in ir.children(test):
        yield from _words(part)


def _asks_device(read: Read) -> bool:
    """``self.x.device``, ``self.x.to(...)``, or a call that is given it and a device."""
    if not read.around:
        return False
    outer = read.around[0]
    if isinstance(outer, ir.Attribute):
        return outer.attr == "device" or outer.attr in _MOVES
    if isinstance(outer, ir.Call):
        return any(arg.keyword == "device" for arg in outer.args) or (ir.dotted(outer.func) or "").endswith("device")
    return False


def _is_question(read: Read) -> bool:
    """``self.x is None`` and the like: nothing of the tensor is asked for."""
    if not read.around:
        return isinstance(read.statement, st.If | st.While)
    outer = read.around[0]
    if isinstance(outer, ir.Compare):
        return any(isinstance(each, ir.Constant) and each.value is None for each in (outer.left, *outer.comparators))
    return isinstance(outer, ir.Unary | ir.Boolean)
