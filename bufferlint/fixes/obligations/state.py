"""Nobody enumerates state: a walk over the buffers, or a strict load within the class, would meet one entry more."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.interpreter.events import Action, Event
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import CallSite, Usage, is_name
from bufferlint.text.span import Span

_OWN_CHECKPOINTS = (
    "state_dict", "load_state_dict", "_save_to_state_dict", "_load_from_state_dict", "buffers", "named_buffers",
)  # fmt: skip
_HOOKS = (
    "_register_state_dict_hook", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "_register_load_state_dict_pre_hook", "register_load_state_dict_pre_hook", "register_load_state_dict_post_hook",
)  # fmt: skip
_WALKS = frozenset({"values", "items", "keys", "copy", "pop"})
_COUNTS = frozenset({
    "len", "list", "sorted", "dict", "set", "tuple", "sum", "iter", "next", "zip", "map", "filter", "enumerate", "any",
    "all", "OrderedDict", "max", "min", "_foreach_mul_", "_foreach_lerp_", "isinstance",
})  # fmt: skip
_KEEPS = frozenset({"load_state_dict", "save", "torch_save", "save_file", "deepcopy"})


def _reasons(case: Case) -> Iterator[Reason]:
    yield from _own_checkpoints(case)
    yield from _in_the_class(case)
    yield from _outside(case)


def _own_checkpoints(case: Case) -> Iterator[Reason]:
    if not case.persistent:
        return
    for owner, header, usage in case.history.usages(*_OWN_CHECKPOINTS):
        if usage.mentions(case.name) or not _only_hands_on(usage, header.name):
            where = f"{owner.header.name}.{header.name}"
            yield Reason(f"{where} treats the entries of the state_dict in a way of its own: it gains one")
    for _, _, usage in case.history.usages():
        for site in usage.called(*_HOOKS):
            if site.receiver is not None:
                yield Reason(f"a hook of the class ({site.callee}) sees the entries of the state_dict: it gains one")


def _only_hands_on(usage: Usage, method: str) -> bool:
    """Does an override call what it overrides, and look at no key of what it gives?"""
    calls_super = any(site.callee == method and site.receiver is not None for site in usage.calls)
    walks = any(site.callee in _WALKS for site in usage.calls) or any(
        isinstance(site.statement, st.For) for site in usage.calls
    )
    return calls_super and not walks and not usage.deletes and "startswith" not in usage.reads


def _in_the_class(case: Case) -> Iterator[Reason]:
    construction = {id(event) for event in case.module.timeline.construction.events}
    for event in case.history.on_all:
        if event.action is Action.ASKS_STATE:
            usage = case.module.usage_around(event)
            if usage is None or walks_over(usage, event.span):
                yield Reason(f"{case.where(event)} walks over the buffers or the state_dict, which gain an entry")
        elif event.action is Action.LOADS_STATE and case.persistent and not _is_lenient(event):
            if id(event) in construction:
                yield Reason(
                    f"{case.where(event)} loads a state_dict while the instance is built: one without the key raises"
                )
            elif _takes_parameters(event):
                yield Reason(f"{case.where(event)} loads parameters alone, strictly: the key would be missing")
        elif event.action is Action.COPIES:
            yield Reason(f"{case.where(event)} makes a shallow copy of the module, which shares its buffers")


def _outside(case: Case) -> Iterator[Reason]:
    for use in case.history.outside:
        if use.action is Action.COPIES and _is_stored_on(case, use.path, use.scope):
            yield Reason(
                f"{case.place(use)} makes a shallow copy of what may be the module and sets '{case.name}' there: the "
                "two share their buffers"
            )
        if not case.module.is_instance(use):
            continue
        if use.action is Action.COPIES:
            yield Reason(f"{case.place(use)} makes a shallow copy of the module, which shares its buffers")
        if use.action is Action.ASKS_STATE:
            usage = case.module.usage_at(use.path, use.scope)
            if usage is None or walks_over(usage, use.span):
                yield Reason(f"{case.place(use)} walks over the buffers or the state_dict, which gain an entry")


def _is_stored_on(case: Case, path: str, scope: str) -> bool:
    usage = case.module.usage_at(path, scope)
    return usage is not None and case.name in usage.stores


def walks_over(usage: Usage, span: Span) -> bool:
    """Does code look at each entry of what a call at ``span`` gives: ``buffers()``, ``state_dict()``?"""
    site = next((site for site in usage.calls if site.call.span == span), None)
    if site is None or site.callee != "state_dict":
        return True
    if _is_walked(site.call, site.around, site.statement):
        return True
    name = _bound_name(site)
    if name is None:
        return False
    return any(_walks_name(each.call, each.around, name) for each in usage.calls) or any(
        is_name(iterable, name) for iterable in usage.iterated
    )


def _bound_name(site: CallSite) -> str | None:
    statement = site.statement
    if isinstance(statement, st.Assign) and statement.value is site.call and isinstance(statement.targets[0], ir.Name):
        return statement.targets[0].id
    return None


def _walks_name(call: ir.Call, around: tuple[ir.Expression, ...], name: str) -> bool:
    if any(isinstance(each, ir.Call) and _last(each) in _KEEPS for each in around):
        return False
    if isinstance(call.func, ir.Attribute) and call.func.attr in _WALKS and is_name(call.func.value, name):
        return True
    return _last(call) in _COUNTS and any(is_name(arg.value, name) for arg in call.args)


def _is_walked(call: ir.Call, around: tuple[ir.Expression, ...], statement: st.Statement) -> bool:
    if any(isinstance(each, ir.Call) and _last(each) in _KEEPS for each in around):
        return False
    if isinstance(statement, st.For) and _only_prints(statement):
        return False  # what it shows are the keys that the fix announces
    if isinstance(statement, st.For) and not around and statement.iterable is call:
        return True
    outer = around[0] if around else None
    if isinstance(outer, ir.Attribute):
        return outer.attr in _WALKS
    if isinstance(outer, ir.Call):
        return _last(outer) in _COUNTS
    return isinstance(outer, ir.Comprehension)


def _only_prints(loop: st.For) -> bool:
    """Does each statement of a loop print, and do nothing else?"""
    return all(
        isinstance(each, st.Evaluate) and isinstance(each.value, ir.Call) and _last(each.value) == "print"
        for each in loop.body
    )


def _last(call: ir.Call) -> str:
    return (
        call.func.attr
        if isinstance(call.func, ir.Attribute)
        else call.func.id
        if isinstance(call.func, ir.Name)
        else ""
    )


def _load(event: Event) -> ir.Call | None:
    call = event.statement.value if isinstance(event.statement, st.Evaluate) else None
    return call if isinstance(call, ir.Call) else None


def _is_lenient(event: Event) -> bool:
    """Is ``strict=False`` given?"""
    call = _load(event)
    given = [arg.value for arg in call.args if arg.keyword == "strict"] if call else []
    given = given or ([arg.value for arg in call.args[1:2] if arg.keyword is None] if call else [])
    return any(isinstance(value, ir.Constant) and value.value is False for value in given)


def _takes_parameters(event: Event) -> bool:
    call = _load(event)
    return call is not None and any(_names_parameters(arg.value) for arg in call.args)


def _names_parameters(expression: ir.Expression) -> bool:
    if isinstance(expression, ir.Attribute) and expression.attr in ("named_parameters", "parameters", "_parameters"):
        return True
    return any(map(_names_parameters, ir.children(expression)))


OBLIGATION = Obligation(
    "nobody enumerates state",
    "no code that handles its instances walks over buffers or keys, loads strictly while building, or copies shallowly",
    _reasons,
)
