"""What happens to one attribute of a module class, as answers to the questions that rules ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import ANY, Action, Event, Met, OutsideUse
from bufferlint.interpreter.slots import UNSET, Slot, Writer
from bufferlint.interpreter.values import Kind, Trait, Value
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.expressions import Attribute, Boolean, Call, Conditional, Constant, Expression, dotted
from bufferlint.ir.statements import Assign
from bufferlint.ir.usage import Read, Usage, usage_in
from bufferlint.model.mixed_values import is_computed_with
from bufferlint.resolution.references import ClassRef, External, InstanceRef
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api

if TYPE_CHECKING:
    from bufferlint.model.module_class import ModuleClass


@dataclass(frozen=True)
class AttributeHistory:
    """What happens to one attribute of a module class, subclasses of the project included."""

    of: ModuleClass
    name: str

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Tells what construction does to the attribute."""
        return self.of.timeline.construction.of(self.name)

    @cached_property
    def final(self) -> Slot:
        return self.of.timeline.construction.final.get(self.name, UNSET)

    @cached_property
    def stores(self) -> tuple[Event, ...]:
        """The assignments of a plain tensor (on some path: None, a parameter), if one is there when construction ends.

        Those that a later one replaces count too, and those of a tensor or a number with which code computes. None
        count when another path registers the name as a buffer: whoever wrote that has decided about the plain one; nor
        when they are meant to stay on the CPU. Beside an ``nn.Buffer`` that is stored, what was computed from one does:
        it was meant to be a buffer too.
        """
        plain = tuple(event for event in self.events if _is_plain(event) or self._is_mixed(event))
        if self.stays_on_cpu or self._is_deleted_by_some_name:
            return ()
        if any(event.action is Action.REGISTER_BUFFER for event in self.events):
            return ()
        if any(map(registers_buffer, self.events)):
            plain = tuple(event for event in plain if Trait.UNWRAPPED in event.value.traits)
        return plain if any(event.writer in self.final.writers for event in plain) else ()

    @cached_property
    def _is_deleted_by_some_name(self) -> bool:
        """Does construction delete attributes under names that are not known? It moves them to where they belong."""
        return any(e.action is Action.DELETE for e in self.of.timeline.construction.of(ANY))

    def _is_mixed(self, event: Event) -> bool:
        """Does it store a tensor with dimensions or numbers, with which code computes as if it were a tensor?"""
        kinds = event.value.kinds
        mixed = event.action is Action.ASSIGN and kinds <= _TENSOR_OR_NUMBERS
        mixed = mixed and Kind.TENSOR in kinds and bool(kinds & _NUMBERS)
        return mixed and Trait.SCALAR not in event.value.traits and is_computed_with(self.of, self.name)

    @cached_property
    def reported(self) -> tuple[Event, ...]:
        """The stores to report: one that makes the attribute anew from itself is part of what it was made as."""
        kept = tuple(e for e in self.stores if not (e.before.value.is_tensor and _rebinds(e)))
        return kept or self.stores

    @cached_property
    def stays_on_cpu(self) -> bool:
        """Tells whether whatever tensor construction stores is put on the CPU by name, and no method moves it."""
        plain = [event for event in self.events if _is_plain(event)]
        kept = bool(plain) and all(Trait.PINNED_TO_CPU in event.value.traits for event in plain)
        return kept and not any(map(is_move, self.of.timeline.later(self.name)))

    @cached_property
    def unclear(self) -> tuple[Event, ...]:
        """The assignments in construction of what may or may not be a tensor."""
        return tuple(e for e in self.events if e.action is Action.ASSIGN and e.value.may(Kind.UNKNOWN))

    @cached_property
    def unwrapped(self) -> tuple[Event, ...]:
        """The stores of what was computed from an ``nn.Buffer(...)``."""
        return tuple(event for event in self.stores if Trait.UNWRAPPED in event.value.traits)

    @property
    def is_trainable(self) -> bool:
        """Tells whether it was asked to require a gradient, and still does when construction ends."""
        return bool(self.stores) and Trait.LEAF in self.final.value.traits

    @cached_property
    def containers(self) -> tuple[Event, ...]:
        """The assignments that leave a container of tensors behind at the end of construction."""
        held = self.final.value
        if not held.only(Kind.CONTAINER, Kind.NONE, Kind.ABSENT) or not _holds_tensors(held):
            return ()
        return tuple(e for e in self.events if e.writer in self.final.writers and _holds_tensors(e.value))

    @cached_property
    def holders(self) -> tuple[Event, ...]:
        """The assignments that leave an object with tensors in it behind at the end of construction."""
        return tuple(
            event
            for event in self.events
            if event.action is Action.ASSIGN
            and event.writer in self.final.writers
            and (event.value.only(Kind.HOLDER, Kind.OTHER, Kind.NONE) or _holds_holders(event.value))
            and not _is_composed(event.value)
            and (Trait.SCALAR not in event.value.traits or self._is_sampled)
            and (event.value.may(Kind.HOLDER, Kind.CONTAINER) or self._hides_tensors(event.value))
        )

    def _hides_tensors(self, value: Value) -> bool:
        """Returns whether it is more than a promise of an annotation, and an object with tensors in it."""
        return Trait.FROM_CALLER not in value.traits and self.of.hides_tensors(value)

    @cached_property
    def _is_sampled(self) -> bool:
        """Tells whether a method draws from a distribution that is kept: what it draws lies where the distribution
        does."""
        return any(event.action is Action.SAMPLE for event in self.of.timeline.later(self.name))

    @cached_property
    def first_assignments(self) -> tuple[Event, ...]:
        """The assignments that may be the first to set the attribute on their path: what a registration replaces."""
        needed = {event.writer for event in self.stores}
        earlier = {writer for event in self.stores for writer in event.before.writers}
        while earlier - needed:
            needed |= earlier
            earlier = {w for event in self.events if event.writer in needed for w in event.before.writers}
        return tuple(e for e in self.events if e.writer in needed and e.before.value.may(Kind.ABSENT))

    def following(self, writers: set[Writer]) -> tuple[Event, ...]:
        """Returns what construction does to it once one of some statements has run, however often it was assigned
        since."""
        reached = set(writers)
        while True:
            found = tuple(event for event in self.events if event.before.writers & reached)
            new = {event.writer for event in found if event.action is Action.ASSIGN} - reached
            if not new:
                return found
            reached |= new

    @cached_property
    def classes_sharing_init(self) -> tuple[ModuleClass, ...]:
        """The other modules that inherit code that sets it first: what is changed there changes them too."""
        owners = {event.owner for event in self.first_assignments if event.owner is not None} | {self.of.ref}
        found = {module.ref.key: module for owner in owners for module in self.of.sharing(owner)}
        return tuple(found[key] for key in sorted(found) if key != self.of.ref.key)

    @cached_property
    def later(self) -> tuple[Event, ...]:
        """Tells what happens to it after construction, in this class and in its classes_sharing_init."""
        found = list(self.of.timeline.later(self.name))
        for relative in self.classes_sharing_init:
            found += relative.timeline.later(self.name)
        return tuple(dict.fromkeys(found))

    @cached_property
    def later_where_named(self) -> tuple[Event, ...]:
        """Tells what happens to it after construction in this class, and in relatives whose own code names it."""
        found, reader = list(self.of.timeline.later(self.name)), self.of.queries.reader
        for relative in self.classes_sharing_init:
            own = (owner for owner in relative.lineage.classes if owner.key not in self.of.lineage.keys)
            if any(reader.holds_word(owner.path, owner.header.span, self.name) for owner in own):
                found += relative.timeline.later(self.name)
        return tuple(dict.fromkeys(found))

    @cached_property
    def in_classes_sharing_init(self) -> tuple[Event, ...]:
        """Tells what constructing a relative does to it otherwise than constructing this class."""
        own = {(event.writer, event.action): event.value.kinds for event in self.events}
        return tuple(
            event
            for relative in self.classes_sharing_init
            for event in relative.timeline.construction.of(self.name)
            if not event.value.kinds <= own.get((event.writer, event.action), frozenset())
        )

    @cached_property
    def before_in_classes_sharing_init(self) -> frozenset[Kind]:
        """Tells what the attribute may already hold in a relative, set by other code, when the shared code first sets
        it."""
        first, own = {event.writer for event in self.first_assignments}, {event.writer for event in self.events}
        kinds = frozenset[Kind]()
        for relative in self.classes_sharing_init:
            for event in relative.timeline.construction.of(self.name):
                if event.writer in first and event.before.writers - own:
                    kinds |= event.before.value.kinds
        return kinds

    @cached_property
    def outside(self) -> tuple[OutsideUse, ...]:
        """Tells what code outside of the class does to the attribute, or to all attributes of what may be the
        module."""
        return self.of.outside_uses(self.name)

    @cached_property
    def met(self) -> tuple[Event, ...]:
        """The operators that are given the attribute, or what follows its dtype."""
        found = [*self.events, *self.later, *self.in_classes_sharing_init, *self.of.timeline.with_results(self.name)]
        for module in self.of.subclasses:
            found += (*module.timeline.later(self.name), *module.timeline.with_results(self.name))
        wanted = (Action.MEETS_FULL_PRECISION, Action.MEETS_FIXED_DTYPE)
        return tuple(dict.fromkeys(event for event in found if event.action in wanted))

    @cached_property
    def met_elsewhere(self) -> tuple[Met, ...]:
        """The operators that the attribute is given by functions outside of the class."""
        own = frozenset[tuple[str, int]]().union(*(event.value.storage for event in self.stores))
        modules = (self.of, *self.of.subclasses)
        return tuple(
            dict.fromkeys(met for module in modules for met in module.timeline.met(self.name) if met.storage & own)
        )

    @cached_property
    def on_all(self) -> tuple[Event, ...]:
        """Tells what the class and those that share its code do to all attributes at once."""
        return tuple(
            dict.fromkeys(e for module in (self.of, *self.classes_sharing_init) for e in module.timeline.on_all)
        )

    @cached_property
    def owners(self) -> tuple[ClassRef, ...]:
        """The project's classes whose code runs on instances of the class, or of those that share its code."""
        known = set(self.of.lineage.keys)
        found = list(self.of.lineage.classes)
        for module in self.classes_sharing_init:
            new = module.lineage.keys - known
            known |= new
            owners = iter(module.lineage.classes if new else ())
            while new:  # the first ones, nearly always: what is above is known
                owner = next(owners)
                if owner.key in new:
                    new -= {owner.key}
                    found.append(owner)
        return tuple(found)

    @cached_property
    def _ranks(self) -> Mapping[tuple[str, int], int]:
        return self.of.queries.ranks(self.owners)

    def usages(self, *methods: str) -> Iterator[tuple[ClassRef, FunctionHeader, Usage]]:
        """Methods of those classes, of some names if any are given, with what they do."""
        if methods:
            yield from self.of.queries.named(methods, self._ranks)
            return
        for owner in self.owners:
            for header, usage in self.of.queries.methods(owner):
                yield owner, header, usage

    def usages_calling(self, *callees: str) -> list[tuple[ClassRef, FunctionHeader, Usage]]:
        """Methods of those classes that call what has one of some last names, with what they do."""
        return self.of.queries.calling(callees, self._ranks)

    def usages_mentioning(self) -> list[tuple[ClassRef, FunctionHeader, Usage]]:
        """Methods of those classes that name the attribute, with what they do."""
        return self.of.queries.mentioning(self.name, self._ranks)

    @cached_property
    def held_by(self) -> tuple[ModuleClass, ...]:
        """The modules that hold one of those classes as a child."""
        found = {each.ref.key: each for module in (self.of, *self.classes_sharing_init) for each in module.held_by}
        return tuple(found.values())

    def code_holding(self, *words: str) -> Iterator[tuple[str, Usage]]:
        """Yields what the methods of those classes do that hold one of some words, and of those that hold one of them
        as a child, with their files."""
        owners = {owner.key: owner for owner in self.owners}
        owners |= {owner.key: owner for holder in self.held_by for owner in holder.lineage.classes}
        for owner, _, usage in self.of.queries.methods_holding(tuple(owners.values()), *words):
            yield owner.path, usage

    def overriding(self, method: str) -> Iterator[ModuleClass]:
        """The class and those that share its code, where a class of the project defines a method."""
        self.of.queries.reader.budget.spend(len(self.owners) // 8)
        if any(owner.header.method(method) for owner in self.owners):
            yield from (each for each in (self.of, *self.classes_sharing_init) if each.overrides(method))

    def reads(self) -> Iterator[tuple[str, Usage, Read]]:
        """The places in methods of the class, and of those that share its code, that read the attribute, by file."""
        for owner, _, usage in self.usages_mentioning():
            yield from ((owner.path, usage, read) for read in usage.reads.get(self.name, ()))

    @property
    def is_state(self) -> bool:
        """Tells whether code outside construction changes it."""
        return bool(self.changes)

    @property
    def later_stores(self) -> tuple[Event, ...]:
        """The assignments outside construction."""
        return tuple(event for event in self.later if event.action is Action.ASSIGN)

    @cached_property
    def changes(self) -> tuple[Event, ...]:
        """Tells what changes its value outside construction: assignments and changes in place, but not moves to a
        device."""
        return tuple(
            event
            for event in self.later
            if event.action is Action.MUTATE or (event.action is Action.ASSIGN and not is_move(event))
        )

    @cached_property
    def taken_by(self) -> str | None:
        """Tells who else claims the name at class level (H3), in this class or a relative; None when it is free."""
        return self._claimant(self.owners)

    @cached_property
    def taken_here(self) -> str | None:
        """The same, of this class alone: what a subclass claims is no matter of its own construction."""
        return self._claimant(self.of.lineage.classes)

    def _claimant(self, owners: Iterable[ClassRef]) -> str | None:
        for ancestor in owners:
            header = ancestor.header
            if header.method(self.name):
                return f"{header.name}.{self.name} is a method or property"
            if header.valued(self.name):
                return f"{ancestor.header.name} has a class attribute of that name"
        if self.name in torch_api.module_names():
            return "nn.Module has an attribute of that name"
        for external in self.of.lineage.externals:
            known = torch_api.module_attributes(external.name)
            if known is not None and self.name in known.class_level:
                return f"{external.name} has an attribute of that name"
        return None

    @cached_property
    def may_be_unset_property(self) -> bool:
        """Tells whether it is a property that reads the instance: while what it reads is not set, an AttributeError
        makes ``hasattr`` deny it, and the name can be registered."""
        for ancestor in self.of.lineage.classes:
            header = ancestor.header.method(self.name)
            if header is not None and header.is_property:
                usage = self.of.queries.usage(ancestor.path, header)
                if usage is None or {usage.receiver, "super"} & usage.names:
                    return True
        return False

    @cached_property
    def shares_storage_with(self) -> str | None:
        """Another attribute whose tensor may lie in the same memory (H17)."""
        holders = self.of.timeline.construction.holders
        found = [each for memory in self.final.value.storage for each in holders.get(memory, ())]
        return min((each for each in found if each[1] != self.name), default=(0, None))[1]

    @cached_property
    def handed_to(self) -> tuple[str, str, Span] | None:
        """Tells what construction hands the tensor to, the file and the place: it may keep it (H49)."""
        own = frozenset[tuple[str, int]]().union(*(event.value.storage for event in self.stores))
        for handed in self.of.timeline.construction.handed:
            if handed.storage & own:
                return handed.to, handed.path, handed.span
        return None

    @cached_property
    def registered_as(self) -> str | None:
        """The buffer as which construction registers the tensor later, or a view of it, while no method reads it."""
        construction = self.of.timeline.construction
        self.of.queries.reader.budget.spend(len(construction.registrations))
        written = construction.last_written
        last = max((written[each] for each in self.final.writers if each in written), default=len(construction.events))
        for place, event in construction.registrations if written else ():
            if place > last and event.value.storage & self.final.value.storage:
                timeline = self.of.timeline
                return None if timeline.readers(self.name) or timeline.is_offered(self.name) else event.attr
        return None

    @cached_property
    def other_stranded_attribute(self) -> str | None:
        """Another attribute that stays behind when the module moves: an object with tensors in it, or what ends up as a
        parameter or as a plain tensor by the way that construction takes."""
        return next((name for name in self.of.timeline.construction.stranded if name != self.name), None)


def registers_buffer(event: Event) -> bool:
    """Returns whether it makes the attribute a buffer: by ``register_buffer``, or by storing an ``nn.Buffer``."""
    stores = event.action is Action.ASSIGN and event.value.may(Kind.BUFFER)
    return stores or event.action is Action.REGISTER_BUFFER


def is_move(event: Event) -> bool:
    """Returns whether an assignment only moves or casts what the attribute holds: ``self.x = self.x.to(device)``."""
    statement = event.statement
    return isinstance(statement, Assign) and _moves(statement.value, event.attr)


def _moves(value: Expression, attr: str) -> bool:
    """Is it the attribute, moved or cast? Of a conditional each side may also leave it, or be None."""
    if isinstance(value, Conditional):
        sides = [side for side in (value.body, value.orelse) if not _leaves(side, attr)]
        return bool(sides) and all(_moves(side, attr) for side in sides)
    if isinstance(value, Boolean):
        return _leaves(value.left, attr) and _moves(value.right, attr)
    if isinstance(value, Call) and value.args and (dotted(value.func) or "").rpartition(".")[2] in _MOVING_FUNCTIONS:
        given = value.args[0].value
        return isinstance(given, Attribute) and given.attr == attr
    whole = value
    while isinstance(value, Call) and isinstance(value.func, Attribute) and value.func.attr in _MOVES:
        value = value.func.value
    return isinstance(value, Attribute) and value.attr == attr and value is not whole


def _leaves(value: Expression, attr: str) -> bool:
    """Returns whether it is the attribute as it is, or None."""
    if isinstance(value, Constant):
        return value.value is None
    return isinstance(value, Attribute) and value.attr == attr


_MOVING_FUNCTIONS = frozenset({
    "to_device", "move_to_device", "move_to", "send_to_device", "move_data_to_device", "to_cuda", "recursive_to",
    "move_to_cuda", "put_on_device",
})  # fmt: skip


_NUMBERS = frozenset({Kind.NUMBER, Kind.CONTAINER, Kind.ARRAY})
"""Kinds of what ``torch.as_tensor`` makes a tensor of."""
_TENSOR_OR_NUMBERS = _NUMBERS | {Kind.TENSOR, Kind.NONE}
_COMPOSED = frozenset({
    "Beta", "HalfCauchy", "HalfNormal", "Independent", "InverseGamma", "LogNormal", "LogisticNormal",
    "MixtureSameFamily", "Multinomial", "RelaxedBernoulli", "RelaxedOneHotCategorical", "TransformedDistribution",
})  # fmt: skip
"""Read off instances made with torch 2.13."""
_MOVES = frozenset({"to", "cuda", "cpu", "float", "half", "double", "bfloat16", "type", "type_as", "contiguous"})


def _holds_tensors(value: Value) -> bool:
    """Returns whether it is a container with a tensor in it, however deep."""
    if not value.may(Kind.CONTAINER):
        return False
    named = (member for _, member in value.fields or ())
    members = (*named, *(value.items or ()), *((value.element,) if value.element is not None else ()))
    return any(
        (member.may(Kind.TENSOR) and member.only(Kind.TENSOR, Kind.NONE)) or _holds_tensors(member)
        for member in members
    )


def _holds_holders(value: Value) -> bool:
    """Returns whether it is a container of distributions that are made here."""
    named = (member for _, member in value.fields or ())
    members = (*named, *(value.items or ()), *((value.element,) if value.element is not None else ()))
    return value.only(Kind.CONTAINER, Kind.NONE) and any(
        member.only(Kind.HOLDER)
        and member.reason is not None
        and not _is_composed(member)
        and not (Trait.SCALAR | Trait.FROM_CALLER) & member.traits
        for member in members
    )


def _is_composed(value: Value) -> bool:
    """Returns whether it is a distribution that keeps its tensors in another distribution, and none itself. One that is
    handed a distribution with tensors in it is as good as that one."""
    of = value.reference.of if isinstance(value.reference, InstanceRef) else None
    if any(_is_handed_over(member) for _, member in value.fields or ()):
        return False
    return isinstance(of, External) and (
        of.name.rpartition(".")[2] in _COMPOSED or ".transforms." in of.name or of.name.endswith("Transform")
    )


def _is_handed_over(member: Value) -> bool:
    """``Normal(loc, scale)`` in ``Independent(Normal(loc, scale), 1)``."""
    made = member.only(Kind.HOLDER) and member.reason is not None and member.fields is not None
    return made and not (Trait.SCALAR | Trait.FROM_CALLER) & member.traits and not _is_composed(member)


def _rebinds(event: Event) -> bool:
    """Returns whether it is ``self.x = self.x.permute(0, 1)``."""
    return isinstance(event.statement, Assign) and event.attr in usage_in((event.statement,)).reads


def _is_plain(event: Event) -> bool:
    """Returns whether it stores a tensor in an attribute that is no buffer."""
    return (
        event.action is Action.ASSIGN
        and event.value.only(Kind.TENSOR, Kind.NONE, Kind.PARAMETER)
        and event.value.may(Kind.TENSOR)
        and not event.before.value.may(Kind.BUFFER)
    )
