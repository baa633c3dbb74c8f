"""The history of a module's attributes: what construction does to them in order, and what other methods do later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bufferlint.interpreter.callers import Callers
from bufferlint.interpreter.context import NESTED
from bufferlint.interpreter.events import ANY, Action, Event, Handed, Met, OutsideUse
from bufferlint.interpreter.execution import Execution
from bufferlint.interpreter.literals import names_in
from bufferlint.interpreter.observations import deep_storage
from bufferlint.interpreter.slots import Slot, Writer
from bufferlint.interpreter.state import Instance
from bufferlint.interpreter.values import UNKNOWN, Arguments, Kind, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir.budget import CONSTRUCTION, LOOK, METHOD
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.statements import Assign, Statement
from bufferlint.ir.usage import Read, Usage, is_name
from bufferlint.model.queries import Queries
from bufferlint.resolution.hierarchy import Lineage
from bufferlint.resolution.references import ClassRef, FunctionRef, SelfRef
from bufferlint.text.span import Span

_SELF = Value(frozenset({Kind.MODULE}), reference=SelfRef())
_ANYTHING = Arguments((), {}, open=True)
_TENSOR_USES = frozenset({
    "to", "shape", "device", "dtype", "unsqueeze", "squeeze", "view", "repeat", "expand", "size", "t", "T", "float",
    "bool", "long", "reshape", "clone", "dim",
})  # fmt: skip
_ARITHMETIC = frozenset({"@", "*", "+", "-", "/"})
_NOT_RUN_LATER = frozenset({"__init__", "__new__", "__init_subclass__"})
_RUN_BY_WRITING = frozenset({"__setattr__", "__delattr__"})
"""What they do to an attribute is part of what sets it or deletes it."""
_REACHES_ALL = frozenset({
    "setattr", "delattr", "__setattr__", "__delattr__", "vars", "exec", "buffers", "named_buffers", "state_dict",
    "load_state_dict", "half", "bfloat16", "double", "float", "to", "type", "getattr_static", "__getattribute__",
    "copy", "_apply", "apply",
})  # fmt: skip
"""Calls that may concern every attribute of the instance."""


@dataclass(frozen=True)
class Construction:
    """``events`` in execution order, what each attribute holds at the end, and the names of the methods that ran."""

    events: tuple[Event, ...]
    final: Mapping[str, Slot]
    ran: frozenset[str]
    met: tuple[Met, ...]
    handed: tuple[Handed, ...]
    """Memory handed to what may keep it."""
    outside: tuple[OutsideUse, ...]
    """What is done to other objects."""
    by_attribute: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    known: frozenset[tuple[Writer, Action]] = frozenset()
    """What writes a value of which the kind is known, and how."""

    def of(self, attr: str) -> tuple[Event, ...]:
        """The events of one attribute."""
        return self.by_attribute.get(attr, ())

    def at(self, path: str, span: Span) -> Sequence[Event]:
        """The events of one place of the code."""
        return self._by_place.get((path, span), ())

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, Span], Sequence[Event]]:
        found: dict[tuple[str, Span], list[Event]] = {}
        for event in self.events:
            found.setdefault((event.path, event.span), []).append(event)
        return found

    @cached_property
    def last_written(self) -> Mapping[Writer, int]:
        """The places of the last event of each writer among all events."""
        return {event.writer: place for place, event in enumerate(self.events)}

    @cached_property
    def registrations(self) -> Sequence[tuple[int, Event]]:
        """Tells what registers a buffer, with its place among all events."""
        return [(place, e) for place, e in enumerate(self.events) if e.action is Action.REGISTER_BUFFER]

    @cached_property
    def holders(self) -> Mapping[tuple[str, int], Sequence[tuple[int, str]]]:
        """The first two attributes that may hold some memory at the end, by the place where it is made, with their
        ranks."""
        found: dict[tuple[str, int], list[tuple[int, str]]] = {}
        for rank, (name, slot) in enumerate(self.final.items()):
            for memory in deep_storage(slot.value):
                names = found.setdefault(memory, [])
                if len(names) < 2:
                    names.append((rank, name))
        return found

    @cached_property
    def stranded(self) -> Sequence[str]:
        """The attributes that stay behind when the module moves: objects with tensors in them, and what ends up as a
        parameter or as a plain tensor by the way that construction takes."""
        return [name for name, slot in self.final.items() if _is_stranded(slot.value)]


def _is_stranded(value: Value) -> bool:
    mixed = value.only(Kind.PARAMETER, Kind.TENSOR) and value.may(Kind.PARAMETER) and value.may(Kind.TENSOR)
    return mixed or value.may(Kind.HOLDER)


NOTHING_KNOWN = Construction((), {}, frozenset(), (), (), ())
"""Of a construction that could not be followed to its end: what it left so far may be overwritten or deleted."""


class Timeline:
    """Histories of one class. Methods are run when an attribute that they mention is asked for."""

    def __init__(
        self,
        execution: Execution,
        queries: Queries,
        ref: ClassRef,
        lineage: Lineage,
        callers: Callers | None = None,
    ) -> None:
        self._execution = execution
        self._queries = queries
        self._ref = ref
        self._lineage = lineage
        self._callers = callers
        self._construction: Construction | None = None
        self._later: dict[tuple[str, int], tuple[Event, ...]] = {}
        self._later_of: dict[str, tuple[Event, ...]] = {}
        self._on_all: tuple[Event, ...] | None = None
        self._met: dict[tuple[str, int], tuple[Met, ...]] = {}

    @property
    def construction(self) -> Construction:
        self._queries.reader.budget.spend(LOOK)
        if self._construction is None:
            self._construction = self._construct(_ANYTHING)
            given = self._given_by_callers(self._construction)
            if given:
                self._construction = self._construct(Arguments((), given, open=True))
        return self._construction

    def _construct(self, args: Arguments) -> Construction:
        self._queries.reader.budget.spend(CONSTRUCTION)
        self._execution.begin(self._lineage, Instance({}, frozenset({self._lineage.calls_init_itself})))
        for method in ("__init__", *self._hooks()):
            found = self._lineage.find(method)
            given = args if method == "__init__" else _ANYTHING
            if isinstance(found, FunctionRef) and self._run(found, _SELF, given) is None:
                return NOTHING_KNOWN
        instance = self._execution.instance or Instance({}, frozenset())
        log = self._execution.log
        events = log.events()
        self._queries.reader.budget.spend(len(events) + len(self._lineage.classes) // 2)
        by_attribute: dict[str, list[Event]] = {}
        for event in events:
            by_attribute.setdefault(event.attr, []).append(event)
        return Construction(
            events,
            dict(instance.slots),
            self._execution.ran,
            tuple(log.met),
            tuple(log.handed),
            tuple(log.outside),
            {attr: tuple(of_attribute) for attr, of_attribute in by_attribute.items()},
            frozenset((event.writer, event.action) for event in events if not event.value.may(Kind.UNKNOWN)),
        )

    def _given_by_callers(self, blind: Construction) -> dict[str, Value]:
        """Returns what callers in the project pass for parameters that a blind construction stores without knowing
        them."""
        stores = [e for e in blind.events if e.action is Action.ASSIGN and e.value.may(Kind.UNKNOWN)]
        unknown = {event.attr for event in stores}
        found = self._lineage.find("__init__")
        if (
            self._callers is None
            or not isinstance(found, FunctionRef)
            or not (used := {attr for attr in unknown if self._is_used_as_tensor(attr)})
        ):
            return {}
        kept = frozenset[str]().union(*(_kept_by(event.statement) for event in stores if event.attr in used))
        constructor = self._execution.reader.function(found.path, found.header)
        return self._callers.evidence(self._ref, constructor, kept) if constructor is not None else {}

    def _is_used_as_tensor(self, attr: str) -> bool:
        """Returns whether code of the class treats an attribute as a tensor might be treated: worth asking its
        callers."""
        for owner in self._lineage.classes:
            for header in owner.header.methods:
                if header.name in _NOT_RUN_LATER or not self._queries.reader.holds_word(owner.path, header.span, attr):
                    continue
                usage = self._queries.usage(owner.path, header)
                if usage is not None and any(map(_is_used_as_tensor, usage.reads.get(attr, ()))):
                    return True
        return False

    def _hooks(self) -> tuple[str, ...]:
        """The methods that a metaclass of the project, or ``dataclass``, calls once ``__init__`` has run."""
        called = [name for ref in self._lineage.classes for name in self._execution.called_after_init(ref)]
        return tuple(name for name in dict.fromkeys(called) if name != "__init__")

    def _run(self, function: FunctionRef, receiver: Value | None, args: Arguments = _ANYTHING) -> Value | None:
        """Returns what a method gives; None when its code is nested too deeply, which is a problem of the file."""
        try:
            return self._execution.run(function, args, receiver)
        except RecursionError:
            self._execution.reader.give_up(function.path, function.header, NESTED)
            return None

    def later(self, attr: str) -> tuple[Event, ...]:
        """Returns what methods do to an attribute once the instance is built. Methods that only construction calls are
        no part of it."""
        if attr not in self._later_of:
            self._later_of[attr] = self._found_later(attr)
        return self._later_of[attr]

    def _found_later(self, attr: str) -> tuple[Event, ...]:
        events: list[Event] = []
        for owner, method, _ in self._mentioning(attr):
            if method.name not in _RUN_BY_WRITING and not self._builds_only(method):
                events += [event for event in self._events_of(owner, method) if event.attr == attr]
        return tuple(dict.fromkeys(events))

    def with_results(self, attr: str) -> Iterator[Event]:
        """Yields what happens to an attribute in methods that use what others give, which read it: a property,
        ``basis()``."""
        named = {method.span.start for _, method, _ in self._mentioning(attr)}
        for owner, method, _ in self._mentioning(attr):
            if method.name[:2] == "__" or not self._queries.reader.holds_word(owner.path, method.span, "return"):
                continue
            for user, header, _ in self._mentioning(method.name):
                if header.span.start not in named and not self._builds_only(header):
                    yield from (event for event in self._events_of(user, header) if event.attr == attr)

    def met(self, attr: str) -> Iterator[Met]:
        """The operators that functions of the project are given, by methods that mention an attribute."""
        yield from self.construction.met
        self.later(attr)
        for owner, method, _ in self._mentioning(attr) if self._met else ():
            yield from self._met.get((owner.path, method.span.start), ())

    @property
    def on_all(self) -> tuple[Event, ...]:
        """Tells what methods do to all attributes at once, construction included: `Action.STORE_ANY` and the like."""
        if self._on_all is None:
            found = [event for event in self.construction.events if event.attr == ANY]
            for owner, method, usage in self._code:
                if method.name in _RUN_BY_WRITING or self._builds_only(method) or not _may_reach_all(usage):
                    continue
                found += [event for event in self._events_of(owner, method) if event.attr == ANY]
            self._on_all = tuple(dict.fromkeys(found))
        return self._on_all

    def class_level(self, name: str) -> Value | None:
        """The value of a class attribute of the class itself."""
        return self._execution.class_level(self._ref, name)

    def declared(self, attr: str) -> Value:
        """Returns what the annotations of an attribute promise, in the class body and where construction assigns it."""
        statements = [(event, event.statement) for event in self.construction.of(attr)]
        written = [
            (event.path, event.scope, statement.annotation)
            for event, statement in statements
            if isinstance(statement, Assign) and statement.annotation is not None
        ]
        return self._execution.declared(self._ref, attr, written)

    def mentions(self, method: str, attr: str) -> bool:
        """Returns whether a method of the project's classes in the lineage mentions an attribute."""
        return any(header.name == method for _, header, _ in self._mentioning(attr))

    def usages(self, *methods: str) -> Iterator[tuple[ClassRef, FunctionHeader, Usage]]:
        """The methods of some names, in the project's classes of the lineage, with what they do."""
        for owner in self._lineage.classes:
            for header, usage in self._queries.methods(owner, *methods):
                yield owner, header, usage

    def is_read_by_a_loader_only(self, attr: str) -> bool:
        """Returns whether the methods that a DataLoader runs, with tensors on the CPU, read the attribute, and no
        others do."""
        readers = self.readers(attr) if self._loaders else frozenset()
        return bool(readers) and readers <= self._loaders

    def loader_that_reads(self, attr: str) -> str | None:
        """A method that a DataLoader runs and that reads the attribute."""
        return min(self.readers(attr) & self._loaders, default=None) if self._loaders else None

    def readers(self, attr: str) -> frozenset[str]:
        """The methods that read an attribute once the instance is built."""
        return frozenset(m.name for _, m, usage in self._mentioning(attr) if attr in usage.reads) - self._builders

    def is_offered(self, attr: str) -> bool:
        """Does a public property read an attribute, which others may read though construction does too?"""
        public = (usage for _, m, usage in self._mentioning(attr) if m.is_property and not m.name.startswith("_"))
        return any(attr in usage.reads for usage in public)

    @cached_property
    def _loaders(self) -> frozenset[str]:
        """The methods that the class gives to a DataLoader, and those that they call."""
        usages = {method.name: usage for _, method, usage in self._code}
        pending = {name for usage in usages.values() for name in _collating(usage)}
        found: set[str] = set()
        while pending:
            name = pending.pop()
            found.add(name)
            pending |= _called(usages[name]) & usages.keys() - found if name in usages else set()
        return frozenset(found)

    def serves_construction(self, attr: str) -> bool:
        """Returns whether a class attribute is read while instances are built, and by no method after that."""
        mentioning = self._queries.mentioning(attr, self._ranks)
        readers = [method for _, method, usage in mentioning if _reads(usage, attr)]
        return bool(readers) and all(each.name in _NOT_RUN_LATER or self._builds_only(each) for each in readers)

    def _mentioning(self, attr: str) -> Iterator[tuple[ClassRef, FunctionHeader, Usage]]:
        """The methods of `_code` that name an attribute."""
        found = self._queries.mentioning(attr, self._ranks)
        return (each for each in found if each[1].name not in _NOT_RUN_LATER)

    @cached_property
    def _ranks(self) -> Mapping[tuple[str, int], int]:
        return self._queries.ranks(self._lineage.classes)

    @cached_property
    def _code(self) -> list[tuple[ClassRef, FunctionHeader, Usage]]:
        """Tells what the methods of the project's classes in the lineage do, those left out that make an instance."""
        return [each for each in self.usages() if each[1].name not in _NOT_RUN_LATER]

    def _builds_only(self, method: FunctionHeader) -> bool:
        """Returns whether construction reaches the method and nothing but construction calls it."""
        return method.name in self._builders

    @cached_property
    def _builders(self) -> frozenset[str]:
        """The methods that construction runs and that no other method calls."""
        calls: dict[str, set[str]] = {method.name: set() for _, method, _ in self._code}
        for _, method, usage in self._code:
            calls[method.name] |= calls.keys() & _called(usage)
        builders = set(self.construction.ran & calls.keys())
        others = [name for name in calls if name not in builders]
        while others:
            for name in builders & calls[others.pop()]:
                builders.discard(name)
                others.append(name)
        return frozenset(builders)

    def result(self, owner: ClassRef, method: FunctionHeader) -> Value:
        """Returns what a method of the built instance gives, whatever it is given."""
        self._execution.begin(self._lineage, Instance(dict(self.construction.final), frozenset({True})))
        return self._run(FunctionRef(owner.path, method, owner), _SELF) or UNKNOWN

    def _events_of(self, owner: ClassRef, method: FunctionHeader) -> tuple[Event, ...]:
        key = (owner.path, method.span.start)
        if key not in self._later:
            self._queries.reader.budget.spend(METHOD)
            instance = Instance(dict(self.construction.final), frozenset({True}))
            self._execution.begin(self._lineage, instance)
            unbound = {"staticmethod", "classmethod"} & set(method.decorators)
            receiver = None if unbound else _SELF
            self._run(FunctionRef(owner.path, method, owner), receiver)
            self._later[key] = self._execution.log.events()
            self._met[key] = tuple(self._execution.log.met)
        return self._later[key]


def _is_used_as_tensor(read: Read) -> bool:
    """Is what is read an operand, subscripted, handed on, or asked for what tensors have?"""
    outer = read.around[0] if read.around else None
    match outer:
        case ir.Attribute(attr=attr):
            return attr in _TENSOR_USES
        case ir.Subscript(value=value):
            return value is read.expression
        case ir.Binary(op=op):
            return op in _ARITHMETIC
        case ir.Call(func=func):
            return func is not read.expression
    return False


def _kept_by(statement: Statement) -> frozenset[str]:
    """The names that an assignment stores as they are, or what a call makes of them; arithmetic makes numbers."""
    value = statement.value if isinstance(statement, Assign) else None
    return names_in(value) if value is not None and not isinstance(value, ir.Binary) else frozenset()


def _may_reach_all(usage: Usage) -> bool:
    """Does it call what concerns all attributes, or hand the instance to a function?"""
    if "__dict__" in usage.reads or "_buffers" in usage.reads:
        return True
    return any(
        site.callee in _REACHES_ALL
        or site.callee.endswith("_hook")
        or any(is_name(arg.value, usage.receiver) for arg in site.call.args)
        for site in usage.calls
    )


def _reads(usage: Usage, attr: str) -> bool:
    return attr in usage.reads or attr in usage.strings


def _called(usage: Usage) -> set[str]:
    """The names of the methods that it calls, on whatever object."""
    return {site.callee for site in usage.calls if site.receiver is not None}


def _collating(usage: Usage) -> set[str]:
    """The methods that it hands over as ``collate_fn``."""
    given = (arg.value for site in usage.calls for arg in site.call.args if arg.keyword == "collate_fn")
    return {value.attr for value in given if isinstance(value, ir.Attribute)}
