"""What constructing an instance of a class may leave on it: the ground on which the screen judges."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cached_property

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.flows import Flow, Promise, Term, Terms
from bufferlint.resolution.hierarchy import Lineage
from bufferlint.resolution.references import ClassRef, FunctionRef, GlobalRef
from bufferlint.screening.handing import Handing, registers
from bufferlint.screening.origins import GIVEN, NOTHING, SELF, TENSOR, Origins, Rounds, flat
from bufferlint.screening.scenes import NO_FLOW, Body
from bufferlint.screening.torch_origins import STORED_TENSORS, is_plain, of_role
from bufferlint.torch_model import api as torch_api

_STARTS = ("__init__", "__post_init__", "__attrs_post_init__")
_PLAIN_METACLASSES = frozenset({"ABCMeta", "abc.ABCMeta", "EnumMeta"})
_REGISTERING = frozenset({"register_buffer", "register_parameter", "register_module", "add_module"})


class Construction:
    """Everything that constructing an instance may do, in no order.

    With a ``base``, whose own construction is known, only what is added to it is looked at: the code of the class, or,
    where ``starts`` names methods, what the base itself does once these are called.
    """

    def __init__(
        self,
        lineage: Lineage,
        origins: Handing,
        base: Construction | None = None,
        starts: frozenset[str] = frozenset(),
    ) -> None:
        self.lineage = lineage
        self.origins = origins
        self.base = base
        self.starts = starts
        self.own = lineage.classes if base is None else () if starts else lineage.classes[:1]
        self._defined = origins.defined(lineage.classes)
        self._own_methods = origins.methods(self.own[0]) if base is not None and self.own else {}
        self.rounds = Rounds()
        self.attributes: dict[str, Origins] = {}
        """What is stored, by attribute; class attributes with a tensor are among them."""
        self.asked_for: set[str] = set()
        """The attributes and methods of the instance that its code was asked about."""
        self._asked: dict[str, int] = {}
        self._arguments: dict[str, Origins] = {}
        self._arguments_asked: dict[str, int] = {}
        self._found: dict[str, tuple[_Method, ...]] = {}
        self._running: set[str] = set()
        self._known: dict[str, Origins] = {}
        self._reached: set[str] = set()
        self._bodies = list(self._reach())
        self._read: Set[str] = frozenset().union(*(body.flow.words for body in self._bodies))
        """Attributes that are read, of the instance perhaps; among them methods that only a subclass defines."""
        self._ran: Set[str] = self._reached if base is None else base._ran | self._reached
        self._stores: dict[str, list[tuple[_Method, Terms]]] = {}
        self._calls: dict[str, list[tuple[_Method, Terms]]] = {}
        self._told: Set[str] = frozenset()
        """What functions that are given the instance read off it, or call."""
        self.is_doubtful = self._is_strange()
        """Something is done that cannot be followed."""
        self.verdict: bool | None = None
        """Whether it may leave a tensor behind, once somebody has judged."""

    def run(self) -> Construction:
        """Find out what is stored. Asked for apart, since a base may have to be told first what is called on it."""
        if not self.is_doubtful:
            self._run()
        return self

    @cached_property
    def changes_its_base(self) -> bool:
        """Tells whether what the class adds may make the code of its base do something else."""
        base = self.base
        if base is None or base.is_doubtful or base.changes_its_base:
            return base is not None
        passed = [(name, self.arguments(name)) for name in self._calls if name in self._defined and base.has_run(name)]
        registered = self.registered
        below = (base, *base._bases())
        names = {"*", *self.attributes, *registered, *self._own_methods}
        names.update(name.name for owner in self.own for name in owner.header.names)
        for name in names - {"__init__"}:
            if self._is_set(name) and any(name in each.attributes for each in below):
                return True
            asked = any(name in each.asked_for for each in below)
            if asked and (name in registered or not self._is_as_in(base, name)):
                return True
        return any(not found <= {GIVEN} | base.arguments(name) for name, found in passed)

    def _is_as_in(self, base: Construction, name: str) -> bool:
        """Returns whether an attribute or method gives nothing that the base does not know of."""
        if name in self._own_methods and not self.returned(name) <= {GIVEN} | base.returned(name):
            return False
        return self.attribute(name) <= {GIVEN} | base.attribute(name)

    def _is_set(self, name: str) -> bool:
        """Returns whether a setter runs when the attribute is assigned."""
        defined = self._defined.get(name)
        return defined is not None and any(f"{name}.setter" in header.decorators for _, header in defined)

    @property
    def own_methods(self) -> Set[str]:
        """The names of the methods that the class itself defines, beside those of its base."""
        return self._own_methods.keys()

    @property
    def registered(self) -> set[str]:
        """The names that are registered as buffers; ``*`` for one that is not written out."""
        return {name for body in self._bodies for name, _, _ in body.flow.registers}

    @property
    def unread(self) -> set[str]:
        """The files with code of it that could not be read."""
        return {body.path for body in self._bodies if body.is_unread}

    def called_on_base(self) -> frozenset[str]:
        """The methods that the code of the class calls and that its base, which has them, does not run by itself."""
        base, own = self.base, self._own_methods
        words = {word for body in self._bodies if body.owner in self.own for word in self._words(body.flow)}
        if base is None:
            return frozenset()
        return frozenset(word for word in words if word not in own and not base.has_run(word))

    def _words(self, flow: Flow) -> frozenset[str]:
        """The methods, properties and setters among the attributes that a flow deals with."""
        written = {attr for attr, _ in flow.stores}.union(attr for _, attr, _ in flow.writes)
        return (flow.words & self._defined.keys()) | set(filter(self._is_set, written))

    def has_run(self, method: str) -> bool:
        return method in self._ran

    def mentions(self, name: str) -> bool:
        """Returns whether construction reads an attribute of that name."""
        return name in self._read or any(name in base._read for base in self._bases())

    def _bases(self) -> Iterator[Construction]:
        base = self.base
        while base is not None:
            yield base
            base = base.base

    @cached_property
    def may_fail_to_register(self) -> bool:
        """Tells whether a registration of a buffer may raise, or share its elements."""
        bodies = [body for body in self._bodies if body.flow.registers]
        if not bodies:
            return False
        early = not self.lineage.calls_init_itself and any(
            body.flow.is_early for body in self._bodies if body.name == "__init__"
        )
        return early or any(self._may_fail(body) for body in bodies)

    @property
    def takes_anything(self) -> bool:
        """Tells whether an argument of which nothing is known, or what is made of one, is stored."""
        each = self
        while not any(GIVEN in flat(values) for values in each.attributes.values()):
            if each.base is None:
                return False
            if each._tells_its_base(each.base):
                return True
            each = each.base
        return True

    def _tells_its_base(self, base: Construction) -> bool:
        """Returns whether code of the base may meet an argument of which nothing is known."""
        passed = (self.arguments(name) for name in self._calls if name in self._defined and base.has_run(name))
        asked = (self.returned(name) for name in self._own_methods if base.mentions(name))
        return any(GIVEN in flat(found) for some in (passed, asked) for found in some)

    def methods(self, name: str) -> tuple[_Method, ...]:
        """The methods of that name in the project's classes of the lineage, the one that counts first."""
        if self.base is not None and name not in self._own_methods and self.base.has_run(name):
            return self.base.methods(name)
        if name not in self._found:
            read = self.origins.reader.flow
            self._found[name] = tuple(
                [
                    _Method(self, owner, header, read(owner.path, header, True, True))
                    for owner, header in self._defined.get(name, ())
                ]
            )
        return self._found[name]

    def _is_strange(self) -> bool:
        if any(c.header.metaclass not in (None, *_PLAIN_METACLASSES) for c in self.own):
            return True
        if any(torch_api.named(external.name) in STORED_TENSORS for external in self.lineage.externals):
            return True
        return any(body.is_unread for body in self._bodies)

    def _reach(self) -> Iterator[_Method]:
        """The methods that construction may run: those that one which it runs reads off the instance. What the base
        runs by itself is none of them."""
        base, own = self.base, self._own_methods
        pending = list(self.starts or _STARTS)
        if base is not None:
            pending += (name for name in own if base.has_run(name) or base.mentions(name))
        self._reached.update(pending)
        while pending:
            name = pending.pop()
            if base is not None and base.has_run(name) and name not in own:
                continue
            for method in self.methods(name):
                if base is not None and method.owner not in self.own and base.has_run(name):
                    continue
                yield method
                new = self._words(method.flow) - self._reached
                self._reached |= new
                pending += new

    def _run(self) -> None:
        for body in self._bodies:
            for attr, terms in body.flow.stores:
                self._store(attr, body, terms)
            for callee, args in body.flow.calls:
                if callee[0] == "get" and _is_own(callee[1]):
                    self._calls.setdefault(callee[2], []).append((body, args))
        while self.rounds.next():
            for body in self._bodies:
                for on, attr, terms in body.flow.writes:
                    if SELF in self.origins.of_terms(on, body):
                        self._store(attr, body, terms)
            for attr in list(self._stores):
                self._stored(attr)
        self.is_doubtful = any(self._hands_itself_on(body) or self._registers_by_alias(body) for body in self._bodies)
        told = frozenset().union(*(base._told for base in self._bases()))
        self.is_doubtful |= not all(map(self._does_nothing, told & self._own_methods.keys()))
        self._add_class_level()

    def _store(self, attr: str, body: _Method, terms: Terms) -> None:
        self._stores.setdefault(attr, []).append((body, terms))
        if self._is_set(attr):
            self._calls.setdefault(attr, []).append((body, terms))

    def _stored(self, attr: str) -> Origins:
        def find() -> Origins:
            return NOTHING.union(*(self.origins.of_terms(terms, body) for body, terms in self._stores[attr]))

        return self.rounds.value(self.attributes, self._asked, attr, find) if attr in self._stores else NOTHING

    def arguments(self, method: str) -> Origins:
        """Returns what the methods of that name are given."""

        def find() -> Origins:
            return NOTHING.union(*(self.origins.of_terms(args, body) for body, args in self._calls[method]))

        found = NOTHING
        if method in self._calls:
            found = self.rounds.value(self._arguments, self._arguments_asked, method, find)
        if self.base is not None and method != "__init__":  # which it calls of its own base
            found |= self.base.arguments(method)
        return found

    def _add_class_level(self) -> None:
        """Class attributes with a tensor, and the fields of a dataclass."""
        for owner in self.own:
            fields = any(d.rpartition(".")[2] in _WITH_FIELDS for d in owner.header.decorators)
            for name in owner.header.names:
                found = NOTHING
                if name.has_value and TENSOR in flat(self.origins.of_value(GlobalRef(owner.path, name))):
                    found = frozenset({TENSOR})
                flow = self.origins.reader.value_flow(owner.path, name) if fields and name.annotated else None
                if flow is not None:
                    body = Body(self.origins, owner.path, "", flow)
                    found |= self.origins.promised(flow.promised, body)
                if found:
                    self.attributes[name.name] = self.attributes.get(name.name, NOTHING) | found

    def _hands_itself_on(self, body: _Method) -> bool:
        """Returns whether the instance is given to a function of the project that does something to it: sets
        attributes, calls methods of it, or gives it to one that does. Methods of its own classes are followed
        anyway."""
        found = self.origins.of_terms(body.flow.hands_on, body)
        functions = (what for _, what in found if isinstance(what, FunctionRef))
        deeds = [self.origins.deeds(each) for each in functions if each.owner not in self.lineage.classes]
        self._told |= frozenset().union(*(done.words for done in deeds))
        return any(
            done.set
            or any(map(self._is_set, done.literals))
            or not all(map(self._does_nothing, done.words & self._defined.keys()))
            for done in deeds
        )

    def _does_nothing(self, method: str) -> bool:
        """Returns whether a method, whoever calls it, leaves the instance as it is and gives no tensor."""
        seen, pending = {method}, [method]
        while pending:
            for body in self.methods(pending.pop()):
                flow = body.flow
                if body.is_unread or flow.stores or flow.writes or flow.registers or flow.hands_on:
                    return False
                new = (flow.words & self._defined.keys()) - seen
                seen |= new
                pending += new
        return TENSOR not in flat(self.returned(method))

    def _registers_by_alias(self, body: _Method) -> bool:
        calls = (callee[1] for callee, _ in filter(registers, body.flow.calls))
        return any(SELF in self.origins.of_terms((on,), body) for on in calls)

    def _may_fail(self, body: _Method) -> bool:
        for name, terms, doubtful in body.flow.registers:
            if name == "*" or doubtful or self._is_taken(name):
                return True
            if not all(self.origins.may_be_registered(term, body) for term in terms):
                return True
        return False

    def _is_taken(self, name: str) -> bool:
        if name in torch_api.module_names() or any(name in each.attributes for each in (self, *self._bases())):
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
        found = self._stored(attr) | self._declared(attr)
        if any(header.is_property for _, header in self._defined.get(attr, ())):
            found |= self.returned(attr)
        if self.base is not None:
            found |= self.base.attribute(attr)
        return found or self._stored("*")

    def _declared(self, attr: str) -> Origins:
        """Returns what the class itself says of an attribute, whatever construction does."""
        if attr not in self._known:
            found: Origins = frozenset({("method", attr)}) if attr in self._defined else NOTHING
            for owner in self.own:
                found |= self.origins.class_level(owner, attr)
            for external in self.lineage.externals if self.base is None else ():
                found |= of_role(external.name, attr)
            self._known[attr] = found | (frozenset({TENSOR}) if self._registers(attr) else NOTHING)
        return self._known[attr]

    def _registers(self, attr: str) -> bool:
        return any(name in (attr, "*") for body in self._bodies for name, _, _ in body.flow.registers)

    def returned(self, name: str) -> Origins:
        """Returns what a method of the instance may return."""
        if name in self._running:
            return NOTHING
        self._running.add(name)
        found = NOTHING.union(*(method.returned() for method in self.methods(name)))
        self._running.discard(name)
        return found


class _Method(Body):
    """A method that runs on the instance under construction."""

    def __init__(self, of: Construction, owner: ClassRef, header: FunctionHeader, flow: Flow | None) -> None:
        self.owner = owner
        super().__init__(of.origins, owner.path, header.qualname, flow or NO_FLOW, frozenset({SELF}), of.rounds)
        self._of = of
        self.name = header.name
        self.is_unread = flow is None

    def argument(self, name: str, promise: Promise) -> Origins:
        found = self._origins.promised(promise, self) | self._of.arguments(self.name)
        if self.name == "__init__" and not found and not is_plain(promise):
            return frozenset({GIVEN})
        return found

    def of_self(self, attr: str) -> Origins:
        self._of.asked_for.add(attr)
        return self._of.attribute(attr)

    def of_method(self, name: str) -> Origins:
        self._of.asked_for.add(name)
        return self._of.returned(name)

    def methods_named(self, name: str) -> tuple[Body, ...]:
        return self._of.methods(name)

    def returned(self) -> Origins:
        if self.is_unread:
            return frozenset({TENSOR})
        promise = self._origins.promised(self.flow.promised, self)
        return self._origins.of_terms(self.flow.returns, self) | promise


def _is_own(term: Term) -> bool:
    """The receiver, ``super()``, or a class by its name."""
    return bool(term[0] == "name" or (term[0] == "call" and term[1] == ("name", "super")))


_WITH_FIELDS = frozenset({"dataclass", "define", "attrs", "s"})
