"""Nobody enumerates state: a walk over the buffers, or a strict load within the class, would meet one entry more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.fixes.obligations._loaded import lacked_key, names_parameters
from bufferlint.interpreter.events import Action, Event, OutsideUse
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.usage import CallSite, Usage, is_name
from bufferlint.model.holding_classes import Place
from bufferlint.resolution.references import ClassRef, FunctionRef
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
_PAIRS = frozenset({"zip", "enumerate"})
_OF_BUFFERS = ("_buffers", "buffers", "named_buffers")
_KEEPS = frozenset({"load_state_dict", "save", "torch_save", "save_file", "deepcopy"})


def _reasons(case: Case) -> Iterator[Reason]:
    if not case.persistent:
        return
    yield from _own_checkpoints(case, case.history.usages(*_OWN_CHECKPOINTS))
    for _, _, usage in case.history.usages_calling(*_HOOKS):
        for site in usage.called(*_HOOKS):
            if site.receiver is not None:
                yield Reason(f"a hook of the class ({site.callee}) sees the entries of the state_dict: it gains one")


def _elsewhere(case: Case) -> Iterator[Reason]:
    yield from _own_checkpoints(case, _of_holders(case)) if case.persistent else ()
    yield from _in_the_class(case)
    yield from _outside(case)


def _own_checkpoints(case: Case, methods: Iterable[tuple[ClassRef, FunctionHeader, Usage]]) -> Iterator[Reason]:
    for owner, header, usage in methods:
        if usage.mentions(case.name) or not _only_hands_on(usage, header.name):
            where = f"{owner.header.name}.{header.name}"
            yield Reason(f"{where} treats the entries of the state_dict in a way of its own: it gains one")


def _of_holders(case: Case) -> Iterator[tuple[ClassRef, FunctionHeader, Usage]]:
    for holder in case.history.held_by:
        yield from holder.timeline.usages(*_OWN_CHECKPOINTS)


def _only_hands_on(usage: Usage, method: str) -> bool:
    """Does an override call what it overrides, and look at no key of what it gives?"""
    calls_super = any(site.callee == method and site.receiver is not None for site in usage.calls)
    walks = any(site.callee in _WALKS for site in usage.calls) or any(
        isinstance(site.statement, st.For) for site in usage.calls
    )
    walks |= any(is_name(iterable, *usage.parameters) for iterable in usage.iterated)
    return calls_super and not walks and not usage.deletes and "startswith" not in usage.reads


def _in_the_class(case: Case) -> Iterator[Reason]:
    construction = {id(event) for event in case.module.timeline.construction.events}
    for event in case.history.on_all:
        if event.action is Action.ASKS_STATE:
            usage = case.module.usage_around(event)
            if usage is None or walks_over(usage, event.span) or _hands_to_walker(case, usage, event.path, event.span):
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
    for path, usage in case.history.code_holding(*_OF_BUFFERS):
        for at in _walks_in_loops(usage):
            where = case.module.place(path, at)
            yield Reason(f"{where} walks over the buffers of the modules that it holds, which gain an entry")
    for path, usage in case.history.code_holding("apply"):
        yield from _applied_walks(case, path, usage)
    for path, usage in case.history.code_holding("get_buffer"):
        for site in usage.called("get_buffer"):
            where = case.module.place(path, site.call.span)
            yield Reason(f"{where} asks for buffers by name: it finds one more")
    yield from _in_holders(case)


def _applied_walks(case: Case, path: str, usage: Usage) -> Iterator[Reason]:
    """``self.apply(self._init)`` of a function that goes through the buffers of each module that it is given."""
    applied = {
        arg.value.attr
        for site in usage.called("apply")
        for arg in site.call.args
        if isinstance(arg.value, ir.Attribute) and is_name(arg.value.value, usage.receiver)
    }
    for owner, _, body in case.history.usages(*sorted(applied)) if applied else ():
        for site in body.called("buffers", "named_buffers", "state_dict"):
            if not is_name(site.receiver, body.receiver) and walks_over(body, site.call.span):
                where = case.module.place(owner.path, site.call.span)
                yield Reason(f"{where} walks over the buffers of each module: they gain an entry")


def _in_holders(case: Case) -> Iterator[Reason]:
    """The modules that have one as a child walk over all of their buffers."""
    for holder in case.history.held_by:
        words = ("buffers", "named_buffers", "state_dict")
        for event in holder.timeline.on_all if holder.treats_itself(*words) else ():
            usage = case.module.usage_around(event)
            if event.action is Action.ASKS_STATE and (usage is None or walks_over(usage, event.span)):
                where = case.module.place(event.path, event.span)
                yield Reason(
                    f"{where} walks over the buffers or the state_dict of {holder.name}, which holds the module"
                )


def _walks_in_loops(usage: Usage) -> Iterator[Span]:
    """What loops over ``modules()`` do to the buffers of each: ``m._buffers``, ``m.buffers(recurse=False)``."""
    for read in usage.reads.get("_buffers", ()):
        if isinstance(read.receiver, ir.Name) and read.receiver.id in usage.module_targets:
            yield read.expression.span
    for site in usage.called("buffers", "named_buffers"):
        if isinstance(site.receiver, ir.Name) and site.receiver.id in usage.module_targets:
            yield site.call.span


def _outside(case: Case) -> Iterator[Reason]:
    told = set[tuple[str, Span]]()
    for use in case.history.outside:
        if use.action is Action.COPIES and _is_stored_on(case, use.path, use.scope):
            yield Reason(
                f"{case.place(use)} makes a shallow copy of what may be the module and sets '{case.name}' there: the "
                "two share their buffers"
            )
        if not case.module.is_instance(use) and not case.module.is_container(use):
            continue
        if use.action is Action.COPIES:
            yield Reason(f"{case.place(use)} makes a shallow copy of the module, which shares its buffers")
        usage = case.module.usage_at(use.path, use.scope)
        if use.action is Action.ASKS_STATE:
            if usage is None or walks_over(usage, use.span) or _hands_to_walker(case, usage, use.path, use.span):
                told.add((use.path, use.span))
                yield Reason(f"{case.place(use)} walks over the buffers or the state_dict, which gain an entry")
        elif use.action is Action.LOADS_STATE and case.persistent and usage is not None:
            yield from _loads(case, use, usage)
    for _, path, usage in _naming(case):
        for at in _walks_in_loops(usage):
            yield Reason(f"{case.module.place(path, at)} walks over the buffers of modules, which gain an entry")
        for site in usage.called("stack_module_state"):
            where = case.module.place(path, site.call.span)
            yield Reason(f"{where} stacks the buffers of several modules: it gains one, and shapes must agree")
    yield from _handed_on(case, told)


def _handed_on(case: Case, told: set[tuple[str, Span]]) -> Iterator[Reason]:
    """Functions and objects that instances are handed to walk over their state; some places are ``told`` already."""
    for code in case.module.handed_to:
        for site in code.usage.called("buffers", "named_buffers", "state_dict"):
            at = (code.path, site.call.span)
            if at not in told and code.is_instance(site.receiver) and walks_over(code.usage, site.call.span):
                told.add(at)
                yield Reason(f"{case.module.place(*at)} walks over the state of what it is given, which gains an entry")


def _naming(case: Case) -> Iterator[Place]:
    for name in sorted({module.ref.header.name for module in (case.module, *case.module.subclasses)}):
        yield from case.module.places_naming(name)


def _loads(case: Case, use: OutsideUse, usage: Usage) -> Iterator[Reason]:
    """Code outside loads strictly what certainly lacks the key, or does so wherever an instance is made (H42)."""
    site = next((site for site in usage.calls if site.call.span == use.span), None)
    if site is None or _is_lenient_call(site.call):
        return
    given = site.call.args[0].value if site.call.args else None
    lacks = lacked_key(case, given, use.path, usage)
    if lacks or use.scope.endswith("__init__"):
        what = lacks or "a state_dict"
        yield Reason(f"{case.place(use)} loads {what} into it, strictly: one without the key raises")
    elif _is_builder(case, use):
        yield Reason(f"{case.place(use)} loads a state_dict wherever it makes an instance: one without the key raises")


def _is_builder(case: Case, use: OutsideUse) -> bool:
    """Is it a class method of the class, which makes its instances: ``from_pretrained``?"""
    return any(
        header.qualname == use.scope and {"classmethod", "staticmethod"} & set(header.decorators)
        for owner in case.history.owners
        if owner.path == use.path
        for header in owner.header.methods
    )


def _hands_to_walker(case: Case, usage: Usage, path: str, span: Span) -> bool:
    """Is the state_dict handed to a function of the project that goes through its entries?"""
    site = next((site for site in usage.calls if site.call.span == span), None)
    outer = site.around[0] if site is not None and site.around else None
    if not isinstance(outer, ir.Call) or site is None:
        return False
    found = case.module.named(path, ir.dotted(outer.func) or "?")
    at = next((at for at, arg in enumerate(outer.args) if arg.value is site.call), None)
    body = case.module.queries.function(found.path, found.header) if isinstance(found, FunctionRef) else None
    if body is None or at is None or at >= len(body.parameters) or not isinstance(found, FunctionRef):
        return False
    name, within = body.parameters[at].name, case.module.queries.usage(found.path, found.header)
    return within is not None and (
        any(_walks_name(each.call, each.around, name) for each in within.calls)
        or any(is_name(iterable, name) for iterable in within.iterated)
    )


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
    if around and isinstance(around[0], ir.Call) and _last(around[0]) in _PAIRS:
        return True  # pairs by place, where one more moves the others
    if any(isinstance(each, ir.Call) and _last(each) in _KEEPS for each in around):
        return False
    if isinstance(statement, st.For) and _only_prints(statement):
        return False  # what it shows are the keys that the fix announces
    if isinstance(statement, st.For) and not around and statement.iterable is call:
        return True
    outer = around[0] if around else None
    if any(isinstance(each, ir.Call) and _last(each) == "print" for each in around):
        return False
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
    call = _load(event)
    return call is not None and _is_lenient_call(call)


def _is_lenient_call(call: ir.Call) -> bool:
    """Is ``strict=False`` given?"""
    given = [arg.value for arg in call.args if arg.keyword == "strict"]
    given = given or [arg.value for arg in call.args[1:2] if arg.keyword is None]
    return any(isinstance(value, ir.Constant) and value.value is False for value in given)


def _takes_parameters(event: Event) -> bool:
    call = _load(event)
    return call is not None and any(names_parameters(arg.value) for arg in call.args)


OBLIGATION = Obligation(
    "nobody enumerates state",
    "no code that handles its instances walks over buffers or keys, loads strictly while building, or copies shallowly",
    _reasons,
    _elsewhere,
)
