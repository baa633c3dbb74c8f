"""Nobody enumerates state: a walk over the buffers, or a strict load within the class, would meet one entry more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.fixes.obligations._loaded import lacked_key, loaded_at
from bufferlint.fixes.obligations._walks import WALKS, is_enumerated, walks_over
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
_OF_BUFFERS = ("_buffers", "buffers", "named_buffers")


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
    walks = any(site.callee in WALKS for site in usage.calls) or any(
        isinstance(site.statement, st.For) for site in usage.calls
    )
    walks |= any(is_name(iterable, *usage.parameters) for iterable in usage.iterated)
    return calls_super and not walks and not usage.deletes and "startswith" not in usage.reads


def _in_the_class(case: Case) -> Iterator[Reason]:
    construction = {id(event) for event in case.module.timeline.construction.events}
    for event in case.history.on_all:
        if event.action is Action.ASKS_STATE:
            usage = case.module.usage_around(event)
            if usage is None or is_enumerated(case, usage, event.path, event.span, event.scope):
                yield Reason(f"{case.where(event)} walks over the buffers or the state_dict, which gain an entry")
        elif event.action is Action.LOADS_STATE and case.persistent and not _is_lenient(event):
            if id(event) in construction:
                yield Reason(
                    f"{case.where(event)} loads a state_dict while the instance is built: one without the key raises"
                )
            elif _takes_parameters(case, event):
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
    given = [arg.value for site in usage.called("apply") for arg in site.call.args]
    methods = {each.attr for each in given if isinstance(each, ir.Attribute) and is_name(each.value, usage.receiver)}
    applied = [(each.path, body) for each, _, body in case.history.usages(*sorted(methods))] if methods else []
    for each in given:
        found = case.module.named(path, ir.dotted(each) or "?")
        body = case.module.queries.usage(found.path, found.header) if isinstance(found, FunctionRef) else None
        if body is not None and isinstance(found, FunctionRef):
            applied.append((found.path, body))
        elif isinstance(each, ir.Lambda):
            applied.append((path, usage))
    for file, body in applied:
        for site in body.called("buffers", "named_buffers", "state_dict"):
            if (body is usage or not _is_own(site, body)) and walks_over(body, site.call.span):
                where = case.module.place(file, site.call.span)
                yield Reason(f"{where} walks over the buffers of each module: they gain an entry")


def _is_own(site: CallSite, method: Usage) -> bool:
    """Does a method ask the instance itself?"""
    return method.receiver == "self" and is_name(site.receiver, method.receiver)


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
    """Yields what loops over ``modules()`` do to the buffers of each: ``m._buffers``, ``m.buffers(recurse=False)``."""
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
            if usage is None or is_enumerated(case, usage, use.path, use.span, use.scope):
                told.add((use.path, use.span))
                yield Reason(f"{case.place(use)} walks over the buffers or the state_dict, which gain an entry")
        elif use.action is Action.LOADS_STATE and case.persistent and usage is not None:
            found = tuple(_loads(case, use, usage))
            told.update((use.path, use.span) for _ in found)
            yield from found
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
            if at in told or not code.is_instance(site.receiver):
                continue
            if is_enumerated(case, code.usage, *at, code.scope):
                told.add(at)
                yield Reason(f"{case.module.place(*at)} walks over the state of what it is given, which gains an entry")
        for site in code.usage.called("load_state_dict") if case.persistent else ():
            at = (code.path, site.call.span)
            if at not in told and code.is_instance(site.receiver) and not _is_lenient_call(site.call):
                lacks = lacked_key(case, loaded_at(site), code.path, code.usage)
                if lacks:
                    told.add(at)
                    yield _raises(case.module.place(*at), lacks)


def _naming(case: Case) -> Iterator[Place]:
    for name in sorted({module.ref.header.name for module in (case.module, *case.module.subclasses)}):
        yield from case.module.places_naming(name)


def _loads(case: Case, use: OutsideUse, usage: Usage) -> Iterator[Reason]:
    """Code outside loads strictly what certainly lacks the key, or does so wherever an instance is made (H42)."""
    site = next((site for site in usage.calls if site.call.span == use.span), None)
    if site is None or _is_lenient_call(site.call):
        return
    lacks = lacked_key(case, loaded_at(site), use.path, usage)
    if lacks or use.scope.endswith("__init__"):
        what = lacks or "a state_dict"
        yield _raises(case.place(use), what)
    elif _is_builder(case, use):
        yield Reason(f"{case.place(use)} loads a state_dict wherever it makes an instance: one without the key raises")


def _raises(place: str, what: str) -> Reason:
    return Reason(f"{place} loads {what} into it, strictly: one without the key raises")


def _is_builder(case: Case, use: OutsideUse) -> bool:
    """Is it a class method of the class, which makes its instances: ``from_pretrained``?"""
    return any(
        header.qualname == use.scope and {"classmethod", "staticmethod"} & set(header.decorators)
        for owner in case.history.owners
        if owner.path == use.path
        for header in owner.header.methods
    )


def _is_stored_on(case: Case, path: str, scope: str) -> bool:
    usage = case.module.usage_at(path, scope)
    return usage is not None and case.name in usage.stores


def _load(event: Event) -> ir.Call | None:
    call = event.statement.value if isinstance(event.statement, st.Evaluate | st.Assign) else None
    return call if isinstance(call, ir.Call) else None


def _is_lenient(event: Event) -> bool:
    call = _load(event)
    return call is not None and _is_lenient_call(call)


def _is_lenient_call(call: ir.Call) -> bool:
    """Is ``strict=False`` given?"""
    given = [arg.value for arg in call.args if arg.keyword == "strict"]
    given = given or [arg.value for arg in call.args[1:2] if arg.keyword is None]
    return any(isinstance(value, ir.Constant) and value.value is False for value in given)


def _takes_parameters(case: Case, event: Event) -> bool:
    usage = case.module.usage_around(event)
    sites = usage.called("load_state_dict") if usage is not None else ()
    site = next((site for site in sites if site.call is _load(event)), None)
    return usage is not None and site is not None and bool(lacked_key(case, loaded_at(site), event.path, usage))


OBLIGATION = Obligation(
    "nobody enumerates state",
    "no code that handles its instances walks over buffers or keys, loads strictly while building, or copies shallowly",
    _reasons,
    _elsewhere,
)
