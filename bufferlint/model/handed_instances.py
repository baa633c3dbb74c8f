"""Code that is handed instances of a class: functions that take one, objects that keep one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bufferlint.ir import expressions as ir
from bufferlint.ir.statements import Assign
from bufferlint.ir.usage import CallSite, Usage, is_name
from bufferlint.resolution.references import ClassRef, FunctionRef, Reference

if TYPE_CHECKING:
    from bufferlint.model.module_class import ModuleClass

_DEEPEST = 3
"""Calls that hand an instance on are followed as far as this."""
_GIVE_ITSELF = frozenset({
    "to", "cuda", "cpu", "train", "eval", "float", "double", "half", "bfloat16", "requires_grad_", "share_memory",
    "apply", "type",
})  # fmt: skip
_WRAP = frozenset({
    "Sequential", "ModuleList", "DataParallel", "DistributedDataParallel", "DDP", "compile", "deepcopy", "list",
    "script",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class HandedCode:
    """Code of a file that has instances under some names; with None for ``names`` an object that keeps them runs it."""

    path: str
    usage: Usage
    names: frozenset[str] | None
    scope: str
    attributes: frozenset[str] = frozenset()
    """The attributes of its object that hold an instance."""

    def is_instance(self, receiver: ir.Expression | None) -> bool:
        """May an expression be the instance, or what it is wrapped in: ``model``, ``model.module``?"""
        if self.names is None or _root(receiver) in self.names or _reads_one(receiver, self.attributes):
            return True
        return isinstance(receiver, ir.Call) and _is_instance(receiver, self.names, set())


def code_handed_instances(module: ModuleClass) -> tuple[HandedCode, ...]:
    """The functions and methods that instances of a class, or of what holds them, are handed to."""
    search = _Search(module, {each.ref.header.name for each in (module, *module.subclasses, *module.held_by)})
    for name in sorted(search.classes):
        for place, path, usage in module.places_naming(name):
            if place is None or place.owner is None or place.owner.key not in module.family:
                names = _bound_to_instances(usage, frozenset(), search.classes)
                scope = place.header.qualname if place is not None else ""
                start = place.header.span.start if place is not None else -1
                if names:
                    search.found[path, start, names] = HandedCode(path, usage, names, scope)
                if place is not None and place.owner is not None:
                    search.hold(place.owner, _attributes_bound(usage, names, search.classes))
                search.follow(path, scope, usage, names, _DEEPEST)
    return tuple(search.found.values())


class _Search:
    """Follows instances from call to call; each piece of code is entered once for the names that it has them under."""

    def __init__(self, module: ModuleClass, classes: set[str]) -> None:
        self.module = module
        self.classes = classes
        self.found: dict[tuple[str, int, frozenset[str] | None], HandedCode] = {}

    def follow(self, path: str, scope: str, usage: Usage, names: frozenset[str], depth: int) -> None:
        """Add the code that a piece of code hands instances to."""
        for site in usage.calls:
            given = [at for at, arg in enumerate(site.call.args) if _is_instance(arg.value, names, self.classes)]
            called: Reference | None = None
            if site.callee == "apply" and site.call.args and _is_instance(site.receiver, names, self.classes):
                applied, given = site.call.args[0].value, [0]
                called = self.module.named(path, ir.dotted(applied) or "?", scope)
                if isinstance(applied, ir.Lambda):
                    key, own = (path, applied.span.start, None), frozenset(applied.parameters)
                    self.found[key] = HandedCode(path, usage, own, scope)
            elif given:
                called = self._called(site, path, scope, usage)
                if not isinstance(called, ClassRef | FunctionRef):
                    self._run_by_another(site, path, scope, names, depth)
            if isinstance(called, ClassRef):
                self._keep(called, depth)
            elif isinstance(called, FunctionRef):
                self._enter(called, _parameters(site, called, given, self.module), depth)

    def _called(self, site: CallSite, path: str, scope: str, usage: Usage) -> Reference | None:
        """Returns what a call calls: a function, a class, or a method of an object that the same code makes."""
        called = self.module.named(path, ir.dotted(site.call.func) or "?", scope)
        if isinstance(called, ClassRef | FunctionRef):
            return called
        made = _maker(site.receiver, usage)
        owner = self.module.named(path, ir.dotted(made.func) or "?", scope) if made is not None else None
        method = owner.header.method(site.callee) if isinstance(owner, ClassRef) else None
        return FunctionRef(owner.path, method, owner) if method is not None and isinstance(owner, ClassRef) else None

    def _run_by_another(self, site: CallSite, path: str, scope: str, names: frozenset[str], depth: int) -> None:
        """A function is handed on with what it is run with: ``submit(f, net)``, ``Thread(target=f, args=...)``."""
        given: list[ir.Expression] = []
        for arg in site.call.args:
            given += arg.value.items if isinstance(arg.value, ir.Display) else (arg.value,)
        for at, each in enumerate(given):
            run = self.module.named(path, ir.dotted(each) or "?", scope)
            body = self.module.queries.function(run.path, run.header) if isinstance(run, FunctionRef) else None
            if body is not None and isinstance(run, FunctionRef):
                plain = [parameter.name for parameter in body.parameters if not parameter.star]
                pairs = zip(plain, given[at + 1 :], strict=False)
                self._enter(run, frozenset(name for name, v in pairs if _is_instance(v, names, self.classes)), depth)

    def hold(self, owner: ClassRef, attributes: frozenset[str]) -> None:
        """The methods of a class have instances in some attributes of their object."""
        for header, usage in self.module.queries.methods(owner) if attributes else ():
            key = (owner.path, header.span.start, attributes)
            self.found[key] = HandedCode(owner.path, usage, frozenset(), header.qualname, attributes)

    def _keep(self, ref: ClassRef, depth: int) -> None:
        """An object keeps an instance: all methods of its class may use it."""
        for header, usage in self.module.queries.methods(ref) if ref.key not in self.module.family else ():
            key = (ref.path, header.span.start, None)
            if key not in self.found:
                self.found[key] = HandedCode(ref.path, usage, None, header.qualname)
                if depth > 1:
                    self.follow(ref.path, header.qualname, usage, usage.parameters, depth - 1)

    def _enter(self, called: FunctionRef, names: frozenset[str], depth: int) -> None:
        """A function is given an instance under some names."""
        usage = self.module.queries.usage(called.path, called.header)
        key = (called.path, called.header.span.start, names)
        if usage is not None and names and key not in self.found:
            names = _bound_to_instances(usage, names, self.classes)
            self.found[key] = HandedCode(called.path, usage, names, called.header.qualname)
            if depth > 1:
                self.follow(called.path, called.header.qualname, usage, names, depth - 1)


def _maker(receiver: ir.Expression | None, usage: Usage) -> ir.Call | None:
    """The call that made an object: ``EMA(...)`` of ``ema`` in ``ema.update(model)``."""
    if isinstance(receiver, ir.Call):
        return receiver
    for site in usage.calls:
        if isinstance(receiver, ir.Name) and receiver.id in _targets(site):
            return site.call
    return None


def _parameters(site: CallSite, called: FunctionRef, given: list[int], module: ModuleClass) -> frozenset[str]:
    """The parameters of a function that a call hands instances to."""
    body = module.queries.function(called.path, called.header)
    if body is None:
        return frozenset()
    plain = [parameter.name for parameter in body.parameters if not parameter.star]
    bound = called.owner is not None and "staticmethod" not in called.header.decorators
    places = plain[1:] if bound else plain
    names = set[str]()
    for at in given:
        keyword = site.call.args[at].keyword
        if keyword is not None:
            names.add(keyword)
        elif at < len(places):
            names.add(places[at])
    return frozenset(names)


def _bound_to_instances(usage: Usage, names: frozenset[str], classes: set[str]) -> frozenset[str]:
    """The names that code binds to instances, besides those that it is given."""
    found = set(names)
    for site in usage.calls:
        if _is_instance(site.call, found, classes):
            found |= _targets(site)
    return frozenset(found)


def _attributes_bound(usage: Usage, names: frozenset[str], classes: set[str]) -> frozenset[str]:
    """The attributes of its object in which a method stores an instance."""
    return frozenset(
        attr
        for attr, stores in usage.stores.items()
        for store in stores
        if is_name(store.receiver, usage.receiver) and _makes_or_holds(store.value, names, classes)
    )


def _makes_or_holds(value: ir.Expression | None, names: frozenset[str], classes: set[str]) -> bool:
    """Is it an instance; a class by itself is none?"""
    return not (isinstance(value, ir.Name) and value.id not in names) and _is_instance(value, names, classes)


def _targets(site: CallSite) -> set[str]:
    """The names that a statement binds to what a call gives, alone or beside others: ``a, b = Net(), Net()``."""
    statement = site.statement
    if not isinstance(statement, Assign):
        return set()
    return {name for target in statement.targets for name in _bound_to(target, statement.value, site.call)}


def _bound_to(target: ir.Expression, value: ir.Expression, call: ir.Call) -> set[str]:
    if isinstance(target, ir.Display) and isinstance(value, ir.Display) and len(target.items) == len(value.items):
        pairs = zip(target.items, value.items, strict=True)
        return {name for each, part in pairs for name in _bound_to(each, part, call)}
    return {target.id} if isinstance(target, ir.Name) and value is call else set()


def _is_instance(expression: ir.Expression | None, names: frozenset[str] | set[str], classes: set[str]) -> bool:
    """Is it an instance, or does it hold one: ``Net().to(device)``, ``nn.Sequential(net)``, ``[net]``?"""
    match expression:
        case ir.Name(id=name):
            return name in names or name in classes  # of the class itself an instance is made
        case ir.Attribute():
            return _root(expression) in names
        case ir.Display(items=items):
            return any(_is_instance(item, names, classes) for item in items)
        case ir.Call(func=func, args=args):
            last = (ir.dotted(func) or "").rpartition(".")[2]
            if last in classes:
                return True
            if isinstance(func, ir.Attribute) and func.attr in _GIVE_ITSELF:
                return _is_instance(func.value, names, classes)
            return last in _WRAP and any(_is_instance(arg.value, names, classes) for arg in args)
    return False


def _reads_one(expression: ir.Expression | None, attributes: frozenset[str]) -> bool:
    """Is it, or is it reached by way of, an attribute of one of some names?"""
    while isinstance(expression, ir.Attribute | ir.Subscript):
        if isinstance(expression, ir.Attribute) and expression.attr in attributes:
            return True
        expression = expression.value
    return False


def _root(expression: ir.Expression | None) -> str:
    while isinstance(expression, ir.Attribute | ir.Subscript):
        expression = expression.value
    return expression.id if isinstance(expression, ir.Name) else ""
