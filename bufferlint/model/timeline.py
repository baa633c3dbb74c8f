"""The history of a module's attributes: what construction does to them in order, and what other methods do later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bufferlint.interpreter.callers import Callers
from bufferlint.interpreter.context import NESTED
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.execution import Execution
from bufferlint.interpreter.slots import Slot
from bufferlint.interpreter.state import Instance
from bufferlint.interpreter.values import Arguments, Kind, Value
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.resolution.hierarchy import Lineage
from bufferlint.resolution.references import ClassRef, FunctionRef, SelfRef

_SELF = Value(frozenset({Kind.MODULE}), reference=SelfRef())
_ANYTHING = Arguments((), {}, open=True)
_TENSOR_USES = "to|shape|device|dtype|unsqueeze|squeeze|view|repeat|expand|size|t|T|float|bool|long|reshape|clone|dim"
_COLLATES = re.compile(r"\bcollate_fn\s*=\s*\w+\.(\w+)\s*[,)]")
_CALLED = re.compile(r"\.(\w+)\(")
_NOT_RUN_LATER = frozenset({"__init__", "__new__", "__init_subclass__"})
_RUN_BY_WRITING = frozenset({"__setattr__", "__delattr__"})
"""What they do to an attribute is part of what sets it or deletes it."""


@dataclass(frozen=True, slots=True)
class Construction:
    """``events`` in execution order, what each attribute holds at the end, and the names of the methods that ran."""

    events: tuple[Event, ...]
    final: Mapping[str, Slot]
    ran: frozenset[str]


class Timeline:
    """Histories of one class. Methods are run when an attribute that they mention is asked for."""

    def __init__(self, execution: Execution, ref: ClassRef, lineage: Lineage, callers: Callers | None = None) -> None:
        self._execution = execution
        self._ref = ref
        self._lineage = lineage
        self._callers = callers
        self._construction: Construction | None = None
        self._later: dict[tuple[str, int], tuple[Event, ...]] = {}

    @property
    def construction(self) -> Construction:
        if self._construction is None:
            self._construction = self._construct(_ANYTHING)
            given = self._given_by_callers(self._construction)
            if given:
                self._construction = self._construct(Arguments((), given, open=True))
        return self._construction

    def _construct(self, args: Arguments) -> Construction:
        self._execution.begin(self._lineage, Instance({}, frozenset({self._lineage.calls_init_itself})))
        for method in ("__init__", *self._hooks()):
            found = self._lineage.find(method)
            if isinstance(found, FunctionRef):
                self._run(found, _SELF, args if method == "__init__" else _ANYTHING)
        instance = self._execution.instance or Instance({}, frozenset())
        return Construction(self._execution.log.events(), dict(instance.slots), self._execution.ran)

    def _given_by_callers(self, blind: Construction) -> dict[str, Value]:
        """What callers in the project pass for parameters that a blind construction stores without knowing them."""
        unknown = {e.attr for e in blind.events if e.action is Action.ASSIGN and e.value.may(Kind.UNKNOWN)}
        found = self._lineage.find("__init__")
        if (
            self._callers is None
            or not isinstance(found, FunctionRef)
            or not any(map(self._is_used_as_tensor, unknown))
        ):
            return {}
        constructor = self._execution.reader.function(found.path, found.header)
        return self._callers.evidence(self._ref, constructor) if constructor is not None else {}

    def _is_used_as_tensor(self, attr: str) -> bool:
        """Whether code of the class treats an attribute as a tensor might be treated: worth asking its callers."""
        texts = [text for _, _, text in self._code if f".{attr}" in text]
        read = rf"\.{re.escape(attr)}\b"
        use = re.compile(rf"{read}(?:\.(?:{_TENSOR_USES})\b|\[|\s*[@*+/-])|[@*+/-]\s*\w+{read}|[(,]\s*\w+{read}\s*[,)]")
        return any(map(use.search, texts))

    def _hooks(self) -> tuple[str, ...]:
        """The methods that a metaclass of the project, or ``dataclass``, calls once ``__init__`` has run."""
        called = [name for ref in self._lineage.classes for name in self._execution.called_after_init(ref)]
        return tuple(name for name in dict.fromkeys(called) if name != "__init__")

    def _run(self, function: FunctionRef, receiver: Value | None, args: Arguments = _ANYTHING) -> None:
        try:
            self._execution.run(function, args, receiver)
        except RecursionError:
            self._execution.reader.give_up(function.path, function.header, NESTED)

    def later(self, attr: str) -> tuple[Event, ...]:
        """What methods do to an attribute once the instance is built. Methods that only construction calls are no part
        of it."""
        events: list[Event] = []
        word = re.compile(rf"\b{re.escape(attr)}\b")
        for owner, method, text in self._code:
            if method.name in _RUN_BY_WRITING:
                continue
            if attr in text and word.search(text) and not self._builds_only(method):
                events += [event for event in self._events_of(owner, method) if event.attr == attr]
        return tuple(dict.fromkeys(events))

    def class_level(self, name: str) -> Value | None:
        """The value of a class attribute of the class itself."""
        return self._execution.class_level(self._ref, name)

    def mentions(self, method: str, attr: str) -> bool:
        """Whether a method of the project's classes in the lineage mentions an attribute."""
        texts = (text for _, header, text in self._code if header.name == method)
        return any(re.search(rf"\b{re.escape(attr)}\b", text) for text in texts)

    def is_read_by_a_loader_only(self, attr: str) -> bool:
        """Whether the methods that a DataLoader runs, with tensors on the CPU, read the attribute, and no others do."""
        readers = self.readers(attr) if self._loaders else frozenset()
        return bool(readers) and readers <= self._loaders

    def loader_that_reads(self, attr: str) -> str | None:
        """A method that a DataLoader runs and that reads the attribute."""
        return min(self.readers(attr) & self._loaders, default=None) if self._loaders else None

    def readers(self, attr: str) -> frozenset[str]:
        """The methods that read an attribute once the instance is built."""
        read = re.compile(rf"\.{re.escape(attr)}\b(?!\s*=[^=])")
        return frozenset(m.name for _, m, text in self._code if attr in text and read.search(text)) - self._builders

    @cached_property
    def _loaders(self) -> frozenset[str]:
        """The methods that the class gives to a DataLoader, and those that they call."""
        texts = {method.name: text for _, method, text in self._code}
        pending = {name for text in texts.values() for name in _COLLATES.findall(text)}
        found: set[str] = set()
        while pending:
            name = pending.pop()
            found.add(name)
            pending |= set(_CALLED.findall(texts.get(name, ""))) & texts.keys() - found
        return frozenset(found)

    def serves_construction(self, attr: str) -> bool:
        """Whether a class attribute is read while instances are built, and by no method after that."""
        read = re.compile(rf"\b{re.escape(attr)}\b(?!\s*=[^=])")
        if any(attr in text and read.search(text) and not self._builds_only(m) for _, m, text in self._code):
            return False
        every = [(c, m) for c in self._lineage.classes for m in c.header.methods]
        return any(read.search(self._text(*each)) for each in every)

    @cached_property
    def _code(self) -> list[tuple[ClassRef, FunctionHeader, str]]:
        """The methods of the project's classes in the lineage with their text, those left out that make an instance."""
        methods = ((c, m) for c in self._lineage.classes for m in c.header.methods if m.name not in _NOT_RUN_LATER)
        return [(owner, method, self._text(owner, method)) for owner, method in methods]

    def _text(self, owner: ClassRef, method: FunctionHeader) -> str:
        return self._execution.reader.code(owner.path, method.span)

    def _builds_only(self, method: FunctionHeader) -> bool:
        """Whether construction reaches the method and nothing but construction calls it."""
        return method.name in self._builders

    @cached_property
    def _builders(self) -> frozenset[str]:
        """The methods that construction runs and that no other method calls."""
        called: dict[str, set[str]] = {method.name: set() for _, method, _ in self._code}
        for _, method, text in self._code:
            for name in called.keys() & set(_CALLED.findall(text)) - {method.name}:
                called[name].add(method.name)
        builders = self.construction.ran & frozenset(called)
        while True:
            left = frozenset(name for name in builders if called[name] <= builders)
            if left == builders:
                return left
            builders = left

    def _events_of(self, owner: ClassRef, method: FunctionHeader) -> tuple[Event, ...]:
        key = (owner.path, method.span.start)
        if key not in self._later:
            instance = Instance(dict(self.construction.final), frozenset({True}))
            self._execution.begin(self._lineage, instance)
            unbound = {"staticmethod", "classmethod"} & set(method.decorators)
            receiver = None if unbound else _SELF
            self._run(FunctionRef(owner.path, method, owner), receiver)
            self._later[key] = self._execution.log.events()
        return self._later[key]
