"""Walks over what ``buffers()`` and ``state_dict()`` give: code that looks at each entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bufferlint.fixes.obligations._case import Case
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import CallSite, Usage
from bufferlint.resolution.references import FunctionRef
from bufferlint.text.span import Span

WALKS = frozenset({"values", "items", "keys", "copy", "pop"})
_COUNTS = frozenset({
    "len", "list", "sorted", "dict", "set", "tuple", "sum", "iter", "next", "zip", "map", "filter", "enumerate", "any",
    "all", "OrderedDict", "max", "min", "_foreach_mul_", "_foreach_lerp_", "isinstance", "join",
})  # fmt: skip
_PAIRS = frozenset({"zip", "enumerate"})
_KEEPS = frozenset({"load_state_dict", "save", "torch_save", "save_file", "deepcopy"})


@dataclass(slots=True)
class _Bound:
    """What a statement binds to the result of a call."""

    names: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    """Dotted: ``self.start``."""
    is_unpacked: bool = False


def walks_over(usage: Usage, span: Span) -> bool:
    """Does code look at each entry of what a call at ``span`` gives: ``buffers()``, ``state_dict()``?"""
    site = _site_at(usage, span)
    if site is None or site.callee != "state_dict":
        return True
    bound = _bound(site)
    return (
        bound.is_unpacked
        or _is_walked(site.call, site.around, site.statement)
        or _walks_any(usage, bound.names | bound.attributes)
    )


def is_enumerated(case: Case, usage: Usage, path: str, span: Span, scope: str) -> bool:
    """Does code in the function ``scope`` look at each entry, or does what it hands the result to?"""
    return walks_over(usage, span) or _reaches_walker(case, usage, path, span, scope)


def _reaches_walker(case: Case, usage: Usage, path: str, span: Span, scope: str) -> bool:
    """Does the state_dict of a call reach other code of the project that goes through its entries: a function that it
    is handed to, the caller that it is given back to, another method that finds it on the object?"""
    site = _site_at(usage, span)
    if site is None:
        return False
    bound = _bound(site)
    if any(_walks_any(other, {attribute}) for attribute, other in _beside(case, path, bound.attributes)):
        return True
    if isinstance(site.statement, st.Return) and site.statement.value is site.call and scope:
        return _is_walked_by_callers(case, scope.rpartition(".")[2])
    return any(_is_handed(case, each, path, {*bound.names}, site.call) for each in usage.calls)


def _beside(case: Case, path: str, attributes: Iterable[str]) -> Iterator[tuple[str, Usage]]:
    for attribute in sorted(attributes):
        for other in case.module.queries.file_usages(path, attribute.rpartition(".")[2]):
            yield attribute, other


def _is_walked_by_callers(case: Case, name: str) -> bool:
    for _, usage in case.module.usages_beside(name):
        for site in usage.called(name):
            bound = _bound(site)
            if bound.is_unpacked or _is_walked(site.call, site.around, site.statement):
                return True
            if _walks_any(usage, bound.names | bound.attributes):
                return True
    return False


def _is_handed(case: Case, outer: CallSite, path: str, names: set[str], call: ir.Call) -> bool:
    """Does a call hand the state_dict, alone or in a list, to a function that walks over it?"""
    places = [
        at
        for at, arg in enumerate(outer.call.args)
        for part in (arg.value.items if isinstance(arg.value, ir.Display) else (arg.value,))
        if part is call or (isinstance(part, ir.Name) and part.id in names)
    ]
    found = case.module.named(path, ir.dotted(outer.call.func) or "?") if places else None
    body = case.module.queries.function(found.path, found.header) if isinstance(found, FunctionRef) else None
    if body is None or not isinstance(found, FunctionRef):
        return False
    within = case.module.queries.usage(found.path, found.header)
    plain = [parameter.name for parameter in body.parameters if not parameter.star]
    given = {outer.call.args[at].keyword or (plain[at] if at < len(plain) else "") for at in places} - {""}
    return within is not None and _walks_any(within, given)


def _walks_any(usage: Usage, names: set[str]) -> bool:
    """Does code go through what it has under some names?"""
    if not names:
        return False
    return any(_walks_named(each, names) for each in usage.calls) or any(
        _named(iterable) in names for iterable in usage.iterated
    )


def _walks_named(site: CallSite, names: set[str]) -> bool:
    if any(isinstance(each, ir.Call) and _last(each) in _KEEPS for each in site.around):
        return False
    call = site.call
    if isinstance(call.func, ir.Attribute) and call.func.attr in WALKS and _named(call.func.value) in names:
        return True
    return _last(call) in _COUNTS and any(_named(arg.value) in names for arg in call.args)


def _named(expression: ir.Expression) -> str:
    """The dotted name of an expression or of what it is an item of: ``states`` of ``states[0]``."""
    while isinstance(expression, ir.Subscript):
        expression = expression.value
    return ir.dotted(expression) or ""


def _is_walked(call: ir.Call, around: tuple[ir.Expression, ...], statement: st.Statement) -> bool:
    outer = around[0] if around else None
    if isinstance(outer, ir.Call) and _last(outer) in _PAIRS:
        return True  # pairs by place, where one more moves the others
    if any(isinstance(each, ir.Call) and _last(each) in _KEEPS for each in around):
        return False
    if isinstance(statement, st.For) and _only_prints(statement):
        return False  # what it shows are the keys that the fix announces
    if isinstance(statement, st.For) and not around and statement.iterable is call:
        return True
    if any(isinstance(each, ir.Call) and _last(each) == "print" for each in around):
        return False
    match outer:
        case ir.Attribute(attr=attr):
            return attr in WALKS
        case ir.Call():
            return _last(outer) in _COUNTS
        case ir.Dict(keys=keys, values=values):
            return any(key is None and value is call for key, value in zip(keys, values, strict=True))
    return isinstance(outer, ir.Comprehension | ir.Starred)


def _only_prints(loop: st.For) -> bool:
    """Does each statement of a loop print, and do nothing else?"""
    return all(
        isinstance(each, st.Evaluate) and isinstance(each.value, ir.Call) and _last(each.value) == "print"
        for each in loop.body
    )


def _site_at(usage: Usage, span: Span) -> CallSite | None:
    return next((site for site in usage.calls if site.call.span == span), None)


def _bound(site: CallSite) -> _Bound:
    found, statement = _Bound(), site.statement
    if site.around and isinstance(site.around[0], ir.Walrus) and site.around[0].value is site.call:
        found.names.add(ir.dotted(site.around[0].target) or "")
    if isinstance(statement, st.Assign):
        for target in statement.targets:
            _bind(target, statement.value, site.call, found)
    return found


def _bind(target: ir.Expression, value: ir.Expression, call: ir.Call, found: _Bound) -> None:
    match target, value:
        case ir.Display(items=targets), ir.Display(items=values) if len(targets) == len(values):
            for each, part in zip(targets, values, strict=True):
                _bind(each, part, call, found)
        case ir.Display(), _ if value is call:
            found.is_unpacked = True
        case ir.Name(id=name), _ if value is call:
            found.names.add(name)
        case ir.Attribute(), _ if value is call:
            found.attributes.add(ir.dotted(target) or "")


def _last(call: ir.Call) -> str:
    return (
        call.func.attr
        if isinstance(call.func, ir.Attribute)
        else call.func.id
        if isinstance(call.func, ir.Name)
        else ""
    )
