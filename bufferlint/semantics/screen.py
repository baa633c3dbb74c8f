"""May a class have a finding at all? Told from where its values come from, a hundred times faster than running it.

A finding needs a tensor that construction leaves on the instance, or a registration that may go wrong. What is let
through may still be silent; what is held back certainly is. Every doubt counts as a tensor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from bufferlint.facts.definitions import FunctionHeader
from bufferlint.facts.flows import Flow, Promise, Term, Terms
from bufferlint.facts.reader import Reader
from bufferlint.semantics import torch_api
from bufferlint.semantics.hierarchy import Hierarchy, Lineage
from bufferlint.semantics.names import Names
from bufferlint.semantics.origins import (
    GIVEN,
    INSTANCE,
    NO_FLOW,
    NOTHING,
    REGISTERED,
    SELF,
    TENSOR,
    Body,
    OriginFinder,
    Origins,
    flat,
    is_plain,
    of_role,
)
from bufferlint.semantics.references import ClassRef, FunctionRef, GlobalRef
from bufferlint.semantics.torch_api import Named

_STARTS = ("__init__", "__post_init__", "__attrs_post_init__")
_PLAIN_METACLASSES = frozenset({"ABCMeta", "abc.ABCMeta", "EnumMeta"})
_TENSOR_CLASSES = frozenset({Named.TENSOR_CLASS, Named.PARAMETER_CLASS, Named.BUFFER_CLASS, Named.HOLDER_CLASS})
_REGISTERING = frozenset({"register_buffer", "register_parameter", "register_module", "add_module"})
_CONSTRUCTION = re.compile(r"[A-Z]\w*(?=\()")


class Screen:
    """Answers for the classes of a project; ``paths`` hold the code whose calls count."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, paths: Sequence[str]) -> None:
        self._reader = reader
        self._names = names
        self._hierarchy = hierarchy
        self._paths = paths
        self._origins = OriginFinder(reader, names, hierarchy)
        self._hiding: dict[tuple[str, int], bool] = {}

    def lets_through(self, ref: ClassRef) -> bool:
        """Whether a module class may have a finding."""
        built = _Construction(self._hierarchy.lineage(ref), self._origins)
        return (
            built.is_doubtful
            or built.may_fail_to_register
            or any(self._hides(origin) for values in built.attributes.values() for origin in values)
            or (built.takes_anything and self._is_given_tensors(ref))
        )

    def _hides(self, origin: tuple[str, object]) -> bool:
        """Whether storing it leaves a tensor behind that no module knows of."""
        kind, what = origin
        if kind == "tuple" and isinstance(what, tuple):
            return any(part == REGISTERED or self._hides(part) for parts in what for part in parts)
        return origin == TENSOR or (kind == INSTANCE and isinstance(what, ClassRef) and self._holds(what))

    def _holds(self, ref: ClassRef) -> bool:
        """Whether instances of a class that is no module have tensors among their attributes."""
        if ref.key not in self._hiding:
            self._hiding[ref.key] = False  # one that holds itself
            built = _Construction(self._hierarchy.lineage(ref), self._origins)
            self._hiding[ref.key] = built.is_doubtful or any(TENSOR in values for values in built.attributes.values())
        return self._hiding[ref.key]

    # -- who constructs it ---------------------------------------------------------------------------------------

    def _is_given_tensors(self, ref: ClassRef) -> bool:
        """Whether some code of the project passes a tensor to the constructor."""
        return any(self._passes_tensors(place, ref) for place in self._constructions.get(ref.header.name, ()))

    def _passes_tensors(self, place: FunctionRef | GlobalRef, ref: ClassRef) -> bool:
        if isinstance(place, GlobalRef):
            flow = self._reader.value_flow(place.path, place.name)
            scope = ""
        else:
            flow = self._reader.flow(place.path, place.header, place.owner is not None)
            scope = place.header.qualname
        if flow is None:
            return True
        body = Body(self._origins, place.path, scope, flow)
        for callee, args in flow.calls:
            named = _last(callee) == ref.header.name or callee[0] == "name"
            if named and TENSOR in flat(self._origins.of_terms(args, body)):
                return True
        return False

    @cached_property
    def _constructions(self) -> dict[str, list[FunctionRef | GlobalRef]]:
        """The functions and module-level assignments that hold a call of a name that begins with a capital, by name."""
        index: dict[str, list[FunctionRef | GlobalRef]] = {}
        for path in self._paths:
            text = self._reader.text(path)
            for place, start, end in self._places(path):
                for name in set(_CONSTRUCTION.findall(text, start, end)):
                    index.setdefault(name, []).append(place)
        return index

    def _places(self, path: str) -> Iterator[tuple[FunctionRef | GlobalRef, int, int]]:
        outline = self._names.outline(path)
        for header in outline.classes if outline else ():
            owner = ClassRef(path, header)
            for method in header.methods:
                yield FunctionRef(path, method, owner), method.span.start, method.span.end
        for function in outline.functions if outline else ():
            yield FunctionRef(path, function), function.span.start, function.span.end
        for name in outline.globals_ if outline else ():
            yield GlobalRef(path, name), name.span.start, name.span.end


class _Construction:
    """Everything that constructing an instance may do, in no order."""

    def __init__(self, lineage: Lineage, origins: OriginFinder) -> None:
        self.lineage = lineage
        self.origins = origins
        self.attributes: dict[str, Origins] = {}
        self.arguments: dict[str, Origins] = {}
        """What the methods are given, by name."""
        self._methods: dict[str, tuple[_Method, ...]] = {}
        self._running: set[str] = set()
        self._bodies = list(self._reached())
        self.is_doubtful = self._is_strange()
        """Something is done that cannot be followed."""
        if not self.is_doubtful:
            self._run()

    @cached_property
    def may_fail_to_register(self) -> bool:
        """Whether a registration of a buffer may raise, or share its elements."""
        bodies = [body for body in self._bodies if body.flow.registers]
        if not bodies:
            return False
        early = not self.lineage.calls_init_itself and any(
            body.flow.is_early for body in self._bodies if body.name == "__init__"
        )
        return early or any(self._may_fail(body) for body in bodies)

    @property
    def takes_anything(self) -> bool:
        """Whether an argument of which nothing is known, or what is made of one, is stored."""
        return any(GIVEN in flat(values) for values in self.attributes.values())

    def methods(self, name: str) -> tuple[_Method, ...]:
        """The methods of that name in the project's classes of the lineage, the one that counts first."""
        if name not in self._methods:
            found = ((c, m) for c in self.lineage.classes for m in reversed(c.header.methods) if m.name == name)
            read = self.origins.reader.flow
            self._methods[name] = tuple(
                _Method(self, owner, header, read(owner.path, header, True), first=at == 0)
                for at, (owner, header) in enumerate(found)
            )
        return self._methods[name]

    def _is_strange(self) -> bool:
        lineage = self.lineage
        if any(c.header.metaclass not in (None, *_PLAIN_METACLASSES) for c in lineage.classes):
            return True
        if any(torch_api.named(external.name) in _TENSOR_CLASSES for external in lineage.externals):
            return True
        return any(body.is_unread for body in self._bodies)

    def _reached(self) -> Iterator[_Method]:
        """The methods that construction may run: those that one which it runs reads off the instance."""
        pending = list(_STARTS)
        seen = set(pending)
        while pending:
            for method in self.methods(pending.pop()):
                yield method
                new = method.flow.words - seen
                seen |= new
                pending += new

    def _run(self) -> None:
        """Until nothing new comes to be stored or passed on."""
        self._add_class_level()
        size = -1
        while size != self._size():
            size = self._size()
            for body in self._bodies:
                body.restart()
                for attr, terms in body.flow.stores:
                    self._add(self.attributes, attr, self.origins.of_terms(terms, body))
                for on, attr, terms in body.flow.writes:
                    if SELF in self.origins.of_terms(on, body):
                        self._add(self.attributes, attr, self.origins.of_terms(terms, body))
                for callee, args in body.flow.calls:
                    if callee[0] == "get" and self._methods.get(callee[2]) and _is_own(callee[1]):
                        self._add(self.arguments, callee[2], self.origins.of_terms(args, body))
        self.is_doubtful = any(self._hands_itself_on(body) or self._registers_by_alias(body) for body in self._bodies)

    def _size(self) -> int:
        return sum(map(len, self.attributes.values())) + sum(map(len, self.arguments.values()))

    @staticmethod
    def _add(to: dict[str, Origins], name: str, found: Origins) -> None:
        to[name] = to.get(name, NOTHING) | found

    def _add_class_level(self) -> None:
        """Class attributes with a tensor, and the fields of a dataclass."""
        for owner in self.lineage.classes:
            fields = any(d.rpartition(".")[2] in _WITH_FIELDS for d in owner.header.decorators)
            for name in owner.header.names:
                if name.has_value and TENSOR in flat(self.origins.of_value(GlobalRef(owner.path, name))):
                    self._add(self.attributes, name.name, frozenset({TENSOR}))
                flow = self.origins.reader.value_flow(owner.path, name) if fields and name.annotated else None
                if flow is not None:
                    body = Body(self.origins, owner.path, "", flow)
                    promised = self.origins.promised(Promise(flow.promised, NOTHING), body)
                    self._add(self.attributes, name.name, promised)

    def _hands_itself_on(self, body: _Method) -> bool:
        """Whether the instance is given to a function of the project that sets attributes of what it is given."""
        for kind, what in self.origins.of_terms(body.flow.hands_on, body):
            if kind == "function" and isinstance(what, FunctionRef):
                flow = self.origins.reader.flow(what.path, what.header, what.owner is not None)
                if flow is None or flow.writes or any(map(_registers, flow.calls)):
                    return True
        return False

    def _registers_by_alias(self, body: _Method) -> bool:
        calls = (callee[1] for callee, _ in filter(_registers, body.flow.calls))
        return any(SELF in self.origins.of_terms((on,), body) for on in calls)

    def _may_fail(self, body: _Method) -> bool:
        for name, terms, doubtful in body.flow.registers:
            if name == "*" or doubtful or self._is_taken(name):
                return True
            if not all(self.origins.may_be_registered(term, body) for term in terms):
                return True
        return False

    def _is_taken(self, name: str) -> bool:
        if name in self.attributes or name in torch_api.module_names():
            return True
        headers = [owner.header for owner in self.lineage.classes]
        if any(h.method(name) or any(n.name == name and n.has_value for n in h.names) for h in headers):
            return True
        known = (torch_api.module_attributes(external.name) for external in self.lineage.externals)
        return any(k is not None and name in {*k.class_level, *(k.instance or ())} for k in known)

    # -- what bodies ask -----------------------------------------------------------------------------------------

    def attribute(self, attr: str) -> Origins:
        if attr in _REGISTERING:
            return frozenset({("registers", attr)})
        found = self.attributes.get(attr, NOTHING) | self.attributes.get("*", NOTHING)
        for method in self.methods(attr):
            found |= self.returned(attr) if method.is_property else frozenset({("method", attr)})
        for owner in self.lineage.classes:
            found |= self.origins.class_level(owner, attr)
        for external in self.lineage.externals:
            found |= of_role(external.name, attr)
        return found | (frozenset({TENSOR}) if self._registers(attr) else NOTHING)

    def _registers(self, attr: str) -> bool:
        return any(name in (attr, "*") for body in self._bodies for name, _, _ in body.flow.registers)

    def returned(self, name: str) -> Origins:
        """What a method of the instance may return."""
        if name in self._running:
            return NOTHING
        self._running.add(name)
        found = NOTHING.union(*(method.returned() for method in self.methods(name)))
        self._running.discard(name)
        return found


class _Method(Body):
    """A method that runs on the instance under construction."""

    def __init__(
        self, of: _Construction, owner: ClassRef, header: FunctionHeader, flow: Flow | None, first: bool
    ) -> None:
        super().__init__(of.origins, owner.path, header.qualname, flow or NO_FLOW, frozenset({SELF}))
        self._of = of
        self.name = header.name
        self.is_property = header.is_property
        self.is_unread = flow is None
        self._is_constructor = first and header.name == "__init__"

    def restart(self) -> None:
        self._locals = None

    def argument(self, promise: Promise) -> Origins:
        found = self._origins.promised(promise, self) | self._of.arguments.get(self.name, NOTHING)
        if self._is_constructor and not found and not is_plain(promise):
            return frozenset({GIVEN})
        return found

    def of_self(self, attr: str) -> Origins:
        return self._of.attribute(attr)

    def of_method(self, name: str) -> Origins:
        return self._of.returned(name)

    def returned(self) -> Origins:
        if self.is_unread:
            return frozenset({TENSOR})
        promise = self._origins.promised(Promise(self.flow.promised, NOTHING), self)
        return self._origins.of_terms(self.flow.returns, self) | promise


def _registers(call: tuple[Term, Terms]) -> bool:
    return bool(call[0][0] == "get" and call[0][2] == "register_buffer")


def _is_own(term: Term) -> bool:
    """The receiver, ``super()``, or a class by its name."""
    return bool(term[0] == "name" or (term[0] == "call" and term[1] == ("name", "super")))


def _last(term: Term) -> str:
    """The last name of a callee."""
    return str(term[2]) if term[0] == "get" else str(term[1])


_WITH_FIELDS = frozenset({"dataclass", "define", "attrs", "s"})
