"""Ancestors of a class in method resolution order, and whether it is an ``nn.Module``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from bufferlint.ir.definitions import ClassName, FunctionHeader
from bufferlint.ir.expressions import Argument, Attribute, Boolean, Call, Conditional, Constant, Name, dotted
from bufferlint.ir.reader import Reader
from bufferlint.ir.statements import Assign
from bufferlint.ir.usage import Usage, is_name, usage_of
from bufferlint.resolution import frameworks
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, GlobalRef, Reference
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named, Role

Question = tuple[str, str, ClassRef | None]
"""The kind of a question about a class, a name, and the class to look behind."""
_UNKNOWN = External("?")
_REGISTERED = frozenset({Named.MODULE_CLASS, Named.PARAMETER_CLASS, Named.BUFFER_CLASS})
_MOST_ANCESTORS = 300_000
"""Of the classes of a file, each counted with all of its own: a chain of 770 has as many, and Python keeps them all."""
_MOST_OPEN = 100
"""Classes of a cycle up to which the way around it is followed."""
_MODULE_DUNDERS = frozenset({
    "__init__", "__call__", "__getstate__", "__setstate__", "__getattr__", "__setattr__", "__delattr__", "__repr__",
    "__dir__",
})  # fmt: skip
"""What nn.Module defines of the methods that Python calls by itself (torch.nn.Module, 2.13). Its ``__init__`` calls
none of the classes behind it (one that sets ``call_super_init`` would: what those store is missed)."""


Definition = tuple[ClassRef, FunctionHeader | ClassName]


@dataclass(frozen=True)
class Lineage:
    """``ancestors`` in method resolution order, the class itself first; `External` for those outside the project."""

    ancestors: tuple[ClassRef | External, ...]
    is_module: bool | None
    """None: not known, since an ancestor could not be found."""
    is_exempt: bool
    """It has a state mechanism of its own, which registration would bypass."""
    calls_init_itself: bool = False
    """``nn.Module.__init__`` has run before the class's own ``__init__``: a metaclass sees to it."""
    definers: Mapping[str, Sequence[Definition]] = field(default_factory=dict, compare=False, repr=False)
    """The classes, of this lineage and others, that define a name as a method or give it a value, and how."""
    literal: Callable[[Definition], object] = field(default=lambda _: None, compare=False, repr=False)
    """Tells the literal that a class gives a name, with its type; None where it is something else."""

    @cached_property
    def classes(self) -> tuple[ClassRef, ...]:
        return tuple(a for a in self.ancestors if isinstance(a, ClassRef))

    @cached_property
    def keys(self) -> frozenset[tuple[str, int]]:
        return frozenset(self._places)

    @cached_property
    def externals(self) -> tuple[External, ...]:
        return tuple(a for a in self.ancestors if isinstance(a, External))

    def without_first(self) -> Lineage:
        """Returns what a class inherits."""
        return replace(self, ancestors=self.ancestors[1:])

    @property
    def unread(self) -> tuple[str, ...]:
        """Ancestors whose bodies nobody here knows."""
        return tuple(
            e.name
            for e in self.externals
            if torch_api.named(e.name) is None
            and (frameworks.is_module_base(e.name) is None or frameworks.is_finished_module(e.name))
        )

    def find(self, method: str, after: ClassRef | None = None) -> FunctionRef | External | None:
        """Returns who defines a method, looking behind ``after``: External when an ancestor outside the project comes
        first."""
        ancestors = self.ancestors
        if after is not None:
            if after.key not in self._places:
                return None
            ancestors = ancestors[self._places[after.key] + 1 :]
        for ancestor in ancestors:
            if isinstance(ancestor, External):
                if self._defines(ancestor, method):
                    return ancestor
                continue
            header = ancestor.header.method(method)
            if header:
                return FunctionRef(ancestor.path, header, ancestor)
        return None

    @cached_property
    def _places(self) -> dict[tuple[str, int], int]:
        """Tells where the classes of the project stand among the ancestors."""
        return {each.key: place for place, each in enumerate(self.ancestors) if isinstance(each, ClassRef)}

    @cached_property
    def _answers(self) -> dict[Question, object]:
        return {}

    @cached_property
    def _sames(self) -> dict[Question, object]:
        return {}

    def answer(self, question: Question) -> object:
        """Returns what the class has under a name; kept, since every run on an instance asks again.

        ``method``: see `find`. ``definition``: the first class that defines the name as a method or gives it a value,
        and how. ``setter``: the setter of a property. ``registered``: a base of torch that registers the name, and its
        role there. ``inherits``: whether the class is another one or inherits from it. ``class``: the class itself.
        ``spelled``: the methods whose names begin and end with two texts, which a NUL character parts.
        """
        if question not in self._answers:
            self._answers[question] = self._answer(*question)
        return self._answers[question]

    def sameness(self, question: Question) -> object:
        """Returns what has to be the same of another class's answer, so that code which asks does the same: of a name
        that is given a literal, the literal, whichever class gives it."""
        if question[0] != "definition":
            return self.answer(question)
        if question not in self._sames:
            answer = self.answer(question)
            literal = self.literal(cast("Definition", answer)) if answer else None
            self._sames[question] = answer if literal is None else literal
        return self._sames[question]

    def _answer(self, kind: str, name: str, after: ClassRef | None) -> object:
        match kind:
            case "method":
                return self.find(name, after)
            case "definition":
                return self._definition(name)
            case "setter":
                return self._setter(name)
            case "class":
                return next(iter(self.classes), None)
            case "inherits":
                return after is not None and after.key in self._places
            case "spelled":
                return self._spelled(*name.split("\0"))
        return self._registered(name)

    def _spelled(self, beginning: str, end: str) -> tuple[str, ...]:
        names = {method.name for owner in self.classes for method in owner.header.methods if not method.is_property}
        shortest = len(beginning) + len(end)
        fit = (each for each in names if len(each) > shortest and each.startswith(beginning) and each.endswith(end))
        return tuple(sorted(fit))

    def _definition(self, name: str) -> Definition | None:
        definers = self.definers.get(name, ())
        if len(definers) < len(self._places):
            return min(
                (each for each in definers if each[0].key in self._places),
                key=lambda each: self._places[each[0].key],
                default=None,
            )
        found = (defined(owner, name) for owner in self.classes)
        return next((each for each in found if each is not None), None)

    def _setter(self, name: str) -> FunctionRef | None:
        if self.answer(("definition", name, None)) is None:
            return None
        for owner in self.classes:
            method = owner.header.setter(name)
            if method is not None:
                return FunctionRef(owner.path, method, owner)
        return None

    def _registered(self, name: str) -> tuple[str, Role] | None:
        for external in self.externals:
            role = torch_api.role_of(external.name, name)
            if role in (Role.PARAMETER, Role.BUFFER):
                return external.name, role
        return None

    @staticmethod
    def _defines(external: External, method: str) -> bool:
        if torch_api.is_module_class(external.name):
            if method in _MODULE_DUNDERS or method in torch_api.module_names():
                return True
            known = torch_api.module_attributes(external.name)
            return known is not None and method in known.class_level
        return frameworks.is_module_base(external.name) is not False and external.name not in ("object",)


def defined(owner: ClassRef, name: str) -> Definition | None:
    """Returns what the body of a class binds a name to: a method, or a value."""
    method = owner.header.method(name)
    if method is not None:
        return owner, method
    valued = owner.header.valued(name)
    return (owner, valued) if valued is not None else None


def _may_be_spare(found: Reference | None) -> bool:
    """Returns whether a base may only stand in where another one is missing: an empty class does."""
    return not isinstance(found, ClassRef) or not (set(found.header.bases) - {"object"} or found.header.methods)


class Hierarchy:
    """Answers for all classes of the project; ``module_bases`` are dotted names the user calls modules."""

    def __init__(self, reader: Reader, names: Names, module_bases: tuple[str, ...]) -> None:
        self._reader = reader
        self._names = names
        self._module_bases = frozenset(module_bases)
        self._lineages: dict[tuple[str, int], Lineage] = {}
        self._open: set[tuple[str, int]] = set()
        """Classes whose lineage is being found: one that is met again inherits from itself."""
        self._has_cycles = False
        self._bases: dict[tuple[str, int], tuple[ClassRef | External, ...]] = {}
        self._definers: dict[str, list[Definition]] = {}
        self._literals: dict[tuple[str, Span], object] = {}
        self._indexed: set[tuple[str, int]] = set()
        self._sizes: Counter[str] = Counter()
        """The ancestors of the classes of each file, counted for each class."""
        self._left_out: set[tuple[str, int]] = set()
        self._works: dict[tuple[str, int], tuple[bool, bool]] = {}

    def lineage(self, ref: ClassRef) -> Lineage:
        known = self._lineages.get(ref.key)
        return known if known is not None else self._found_lineage(ref)

    def _found_lineage(self, ref: ClassRef) -> Lineage:
        """The lineage of a class, once those of its bases are found: theirs come first, however long the chain is."""
        opened = [ref.key]
        self._open.add(ref.key)
        try:
            for each in self._unlinked(ref, opened):
                self._lineages[each.key] = self._lineage(each)
                self._open.discard(each.key)
        finally:  # the steps of a class may end amid the reading
            self._open.difference_update(opened)
        return self._lineages[ref.key]

    def _unlinked(self, ref: ClassRef, opened: list[tuple[str, int]]) -> Iterator[ClassRef]:
        """Yields a class behind those that it inherits from and whose lineage is not known, noting what it opens."""
        pending = [(ref, iter(self.bases(ref)))]
        while pending:
            of, bases = pending[-1]
            for base in bases:
                if not isinstance(base, ClassRef) or base.key in self._lineages:
                    continue
                self._has_cycles = self._has_cycles or base.key in self._open
                if base.key not in self._open:
                    self._open.add(base.key)
                    opened.append(base.key)
                    pending.append((base, iter(self.bases(base))))
                    break
            else:
                yield of
                pending.pop()

    def _literal(self, definition: Definition) -> object:
        owner, name = definition
        if isinstance(name, FunctionHeader):
            return None
        key = (owner.path, name.span)
        if key not in self._literals:
            statement = self._reader.statement(owner.path, name)
            self._literals[key] = None
            match statement:
                case Assign(targets=(Name(),), value=Constant(value=value)):
                    self._literals[key] = ("literal", type(value), value)
        return self._literals[key]

    def asked_alone(self, lineage: Lineage) -> Lineage | None:
        """Returns the lineage of the first ancestor that is a module of the project, which is judged by itself."""
        above = (self.lineage(ancestor) for ancestor in lineage.classes[1:])
        return next((each for each in above if each.is_module and not each.is_exempt), None)

    def inherited(self, ref: ClassRef, method: str) -> FunctionRef | External | None:
        """The method that ``Class.method`` means when the class itself has none: of another class of the project, or
        an ``__init__`` outside. None also for class methods: which class those are given is not told."""
        found = self.lineage(ref).find(method)
        if isinstance(found, External):
            return External(f"{found.name}.{method}") if method == "__init__" else None
        return found if found is not None and "classmethod" not in found.header.decorators else None

    def named(self, ref: ClassRef, name: str) -> Reference | None:
        """Returns what a dotted name means where a class is defined."""
        return self._names.dotted(ref.path, name, ref.header.scope)

    def bases(self, ref: ClassRef) -> tuple[ClassRef | External, ...]:
        """Direct bases; one that cannot be resolved is ``External("?")``."""
        if ref.key not in self._bases:
            self._bases[ref.key] = tuple(self._base(ref, name) for name in ref.header.bases)
        return self._bases[ref.key]

    def _base(self, ref: ClassRef, name: str | None) -> ClassRef | External:
        if name is None:
            return _UNKNOWN
        found = self._names.dotted(ref.path, name, ref.header.scope)
        if isinstance(found, GlobalRef):
            found = self._names.aliased(found) or self._chosen(found)
        if "." not in name and not self._is_known(found) and _may_be_spare(found):
            found = self._alternative(ref.path, name) or found
        if isinstance(found, ClassRef | External):
            return found
        return (
            External(name)
            if found is None and name in ("object", "dict", "list", "tuple", "type", "Exception")
            else _UNKNOWN
        )

    def _is_known(self, of: Reference | None) -> bool:
        """Returns whether it is a class outside the project that is certainly a module."""
        return isinstance(of, External) and self._external_is_module(of.name) is True

    def _alternative(self, path: str, name: str) -> ClassRef | External | None:
        """The module class among those that a file gives one name to: by an import that may fail and an assignment
        instead of it, by the branches of an ``if``."""
        outline = self._names.outline(path)
        bindings = [each for each in outline.bindings if each.name == name and not each.scope] if outline else []
        names = [each for each in outline.globals_ if each.name == name] if outline else []
        if len(bindings) + len(names) < 1:
            return None
        found = [self._names.target(path, each.target) for each in bindings]
        for each in names:
            of = GlobalRef(path, each)
            found.append(self._names.aliased(of) or self._chosen(of))
        for one in found:
            if isinstance(one, External) and self._is_known(one):
                return one
        return None

    def _chosen(self, of: GlobalRef) -> ClassRef | External | None:
        """The module class among those that code at module level chooses from: ``nn.Module if nn else object``, or that
        a call imports by name: ``soft_import("torch.nn.Module")``."""
        from bufferlint.ir.statements import Assign

        statement = self._reader.statement(of.path, of.name)
        if not isinstance(statement, Assign):
            return None
        match statement.value:
            case Conditional(body=body, orelse=orelse):
                names = [dotted(body), dotted(orelse)]
            case Boolean(left=left, right=right):
                names = [dotted(left), dotted(right)]
            case Call(func=Name(id="getattr"), args=(of_module, Argument(value=Constant(value=str() as last)), *_)):
                names = [f"{dotted(of_module.value)}.{last}"] if dotted(of_module.value) else []
            case Attribute(value=Call(args=(Argument(value=Constant(value=str() as module)),)), attr=last):
                return External(f"{module}.{last}") if self._external_is_module(f"{module}.{last}") else None
            case Call(args=(Argument(value=Constant(value=str() as name), keyword=None, star=""),)):
                return External(name) if self._external_is_module(name) else None
            case _:
                return None
        found = [self._names.dotted(of.path, name) for name in names if name]
        external = [each for each in found if isinstance(each, External) and self._external_is_module(each.name)]
        return external[0] if external else None

    def _lineage(self, ref: ClassRef) -> Lineage:
        bases = [self._lineages.get(base.key) for base in self.bases(ref) if isinstance(base, ClassRef)]
        size = 1 + sum(len(base.ancestors) for base in bases if base is not None)
        if self._is_left_out(ref, size):
            return Lineage((ref, _UNKNOWN), None, True, False, self._definers, self._literal)
        order = self._linearise(ref, ())
        externals = [a for a in order if isinstance(a, External)]
        verdicts = [self._external_is_module(external.name) for external in externals]
        is_module: bool | None = False
        ready = any(frameworks.calls_init_itself(external.name) for external in externals)
        if any(verdicts):
            is_module = True
        elif any(verdict is None for verdict in verdicts) or ref.header.metaclass == "?":
            classes = [a for a in order if isinstance(a, ClassRef)]
            is_module = self._works_as_module(classes) or None
            ready = ready or (is_module is True and not self._calls_init(classes))
        new = (ref,) if None not in bases else (each for each in order if isinstance(each, ClassRef))
        exempt = any(frameworks.is_exempt(external.name) for external in externals)
        exempt = exempt or any(base is not None and base.is_exempt for base in bases)
        for each in new:
            self._index(each)
            exempt = exempt or any(method.name == "add_state" for method in each.header.methods)
        return Lineage(order, is_module, exempt, ready, self._definers, self._literal)

    def _is_left_out(self, ref: ClassRef, size: int) -> bool:
        """Are the ancestors of the classes of a file too many to look at, or those of a base?"""
        inherits = any(isinstance(base, ClassRef) and base.key in self._left_out for base in self.bases(ref))
        if not inherits and self._sizes[ref.path] + size <= _MOST_ANCESTORS:
            self._sizes[ref.path] += size
            return False
        self._left_out.add(ref.key)
        if not inherits:
            cause = f"its classes inherit from more than {_MOST_ANCESTORS:,} classes in all"
            self._reader.leave_out(ref.path, ref.header, cause)
        return True

    def _index(self, owner: ClassRef) -> None:
        """Note what a class defines."""
        if owner.key in self._indexed:
            return
        self._indexed.add(owner.key)
        names = [method.name for method in owner.header.methods]
        names += [name.name for name in owner.header.names if name.has_value]
        for name in dict.fromkeys(names):
            found = defined(owner, name)
            if found is not None:
                self._definers.setdefault(name, []).append(found)

    def _works_as_module(self, classes: Iterable[ClassRef]) -> bool:
        """Returns whether classes with a base that nobody here can read do what only an ``nn.Module`` can: they define
        ``forward`` as a method, and store layers or parameters of torch on the instance or register on it."""
        forward = next((c.header.method("forward") for c in classes if c.header.method("forward")), None)
        if forward is None or "staticmethod" in forward.decorators:
            return False
        return any(self._worked(ref)[0] for ref in classes)

    def _registers(self, ref: ClassRef) -> bool:
        """Does a method store a layer or parameter of torch on the instance, or register on it?"""
        for usage in self._usages(ref):
            registrations = usage.called("register_buffer", "register_parameter")
            if any(is_name(site.receiver, usage.receiver) for site in registrations):
                return True
            for store in (each for stores in usage.stores.values() for each in stores):
                name = dotted(store.value.func) if isinstance(store.value, Call) else None
                called = self._names.dotted(ref.path, name, ref.header.scope) if name else None
                made = torch_api.named(called.name) if isinstance(called, External) else None
                if made in _REGISTERED and is_name(store.receiver, usage.receiver):
                    return True
        return False

    def _calls_init(self, classes: Iterable[ClassRef]) -> bool:
        """Does a method call a constructor: ``super().__init__()``, ``Base.__init__(self)``?"""
        return any(self._worked(ref)[1] for ref in classes)

    def _worked(self, ref: ClassRef) -> tuple[bool, bool]:
        """Returns whether the methods of a class register on the instance, and whether they call a constructor."""
        if ref.key not in self._works:
            calls = any(True for usage in self._usages(ref) for _ in usage.called("__init__"))
            self._works[ref.key] = self._registers(ref), calls
        return self._works[ref.key]

    def _usages(self, ref: ClassRef) -> Iterator[Usage]:
        """Yields what the methods of a class do."""
        for header in ref.header.methods:
            body = self._reader.function(ref.path, header)
            if body is not None:
                yield usage_of(body)

    def _external_is_module(self, name: str) -> bool | None:
        if name in self._module_bases:
            return True
        if name.partition(".")[0] == "torch":
            return torch_api.is_module_class(name)
        return frameworks.is_module_base(name)

    def _linearise(self, ref: ClassRef, path: tuple[ClassRef, ...]) -> tuple[ClassRef | External, ...]:
        """C3, falling back to depth first where Python itself would refuse; a cycle ends at its second visit."""
        if ref in path:
            return ()
        bases = [base for base in self.bases(ref) if base not in path]
        lists: list[Sequence[ClassRef | External]] = [
            self._ancestors(base, (*path, ref)) if isinstance(base, ClassRef) else (base,) for base in bases
        ]
        if len(lists) == 1:
            return tuple(dict.fromkeys((ref, *lists[0]))) if self._has_cycles else (ref, *lists[0])
        return tuple(dict.fromkeys((ref, *_merged([part for part in (*lists, bases) if part]))))

    def _ancestors(self, base: ClassRef, path: tuple[ClassRef, ...]) -> tuple[ClassRef | External, ...]:
        if base.key not in self._open:
            return self.lineage(base).ancestors
        return self._linearise(base, path) if len(self._open) < _MOST_OPEN else (base,)


def _merged(lists: Sequence[Sequence[ClassRef | External]]) -> Iterator[ClassRef | External]:
    """Merge linearisations as C3 does: the first head that stands in no tail comes next, in time that grows with the
    lists; where none does, and Python would refuse, the first head."""
    tails = Counter(item for part in lists for item in part[1:])
    places = [0] * len(lists)
    headed: dict[ClassRef | External, list[int]] = {}
    for number, part in enumerate(lists):
        headed.setdefault(part[0], []).append(number)
    live = dict.fromkeys(range(len(lists)))
    done = set[ClassRef | External]()
    while live:
        heads = (lists[number][places[number]] for number in live)
        chosen = next((head for head in heads if not tails[head]), None)
        if chosen is None:
            first = next(iter(live))
            chosen = lists[first][places[first]]
        yield chosen
        done.add(chosen)
        for number in headed.pop(chosen):
            part = lists[number]
            for place in range(places[number] + 1, len(part)):
                tails[part[place]] -= 1
                if part[place] not in done:
                    places[number] = place
                    headed.setdefault(part[place], []).append(number)
                    break
            else:
                del live[number]
