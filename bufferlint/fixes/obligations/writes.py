"""Every write fits: what code stores under the name, in the class or anywhere else, is a tensor or None."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason, kinds
from bufferlint.interpreter.events import ANY, Action, Event, OutsideUse
from bufferlint.interpreter.literals import names_in
from bufferlint.interpreter.values import Kind
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Lambda
from bufferlint.ir.statements import Evaluate
from bufferlint.ir.usage import Usage, text_of
from bufferlint.model.attribute_history import registers_buffer
from bufferlint.resolution.references import ClassRef, External

_FITS = frozenset({Kind.TENSOR, Kind.NONE, Kind.BUFFER, Kind.ABSENT})
_OTHER_ROLES = frozenset({Kind.PARAMETER, Kind.MODULE})
_NO_STORE = (Action.READ_ON_CPU, Action.MEETS_CPU)

_CONVERTIBLE = {Kind.NUMBER: "a number", Kind.CONTAINER: "a list of numbers", Kind.ARRAY: "a NumPy array"}
"""Kinds of what ``torch.as_tensor`` makes a tensor of."""


def _reasons(case: Case) -> Iterator[Reason]:
    yield from _first(case)
    yield from _in_the_class(case)
    yield from _in_general(case)
    yield from _by_lambdas(case)
    yield from _by_whom(case)


def _elsewhere(case: Case) -> Iterator[Reason]:
    for event in case.history.on_all:
        if event.action is Action.STORE_ANY and not (event.value.kinds and event.value.kinds <= _FITS):
            yield Reason(f"{case.where(event)} stores values under names that are not known here: a buffer may refuse")
    yield from _outside(case)
    yield from _by_handed_names(case)


def _first(case: Case) -> Iterator[Reason]:
    for event in case.history.first_assignments:
        other = next((text for kind, text in _CONVERTIBLE.items() if event.value.may(kind)), None)
        if other is not None and event.value.only(Kind.TENSOR, Kind.NONE, *_CONVERTIBLE):
            yield Reason(
                f"what {case.where(event)} stores may be {other}, which a buffer refuses: make a tensor of it first "
                "(torch.as_tensor)",
                raises=True,
            )
        elif not event.value.only(Kind.TENSOR, Kind.NONE) or not event.value.kinds:
            yield Reason(f"what {case.where(event)} stores is not certainly a tensor", raises=True)
        if isinstance(event.statement, Evaluate):
            yield from _beside(case, event)


def _beside(case: Case, event: Event) -> Iterator[Reason]:
    """The other attributes that one call of ``setattr`` stores, in turns of a loop or calls of its function: a rewrite
    of the call registers them all."""
    modules = (case.module, *case.history.classes_sharing_init)
    others = [
        other
        for module in modules
        for other in module.timeline.construction.at(event.path, event.span)
        if other.attr != event.attr
    ]
    case.module.queries.reader.budget.spend(len(others) // 4)
    unfit = next((other for other in others if not other.value.only(Kind.TENSOR, Kind.NONE)), None)
    if unfit is not None:
        text = f"{case.where(event)} stores '{unfit.attr}' too, which is not certainly a tensor"
        yield Reason(text, raises=True)
    elif others:
        names = ", ".join(f"'{name}'" for name in sorted({other.attr for other in others}))
        yield Reason(f"{case.where(event)} stores {names} too: the rewrite registers them all")


def _in_the_class(case: Case) -> Iterator[Reason]:
    """Yields what happens to it once it is set, in this class and in those that share its code."""
    history = case.history
    own = {event.writer for event in history.first_assignments}
    after = [e for e in history.following(own) if e.action not in _NO_STORE]
    for event in (*after, *history.in_classes_sharing_init, *history.later):
        if event.action is Action.DELETE:
            text = f"it is deleted at {case.where(event)}: what is assigned next would be a plain tensor again"
            yield Reason(text, raises=True)
        if event.action is Action.REGISTER_OTHER or event.value.may(*_OTHER_ROLES):
            if event.writer not in own and event.action in (Action.ASSIGN, Action.REGISTER_OTHER):
                yield Reason(f"it becomes a parameter or a submodule at {case.where(event)}", raises=True)
        elif event.action is Action.ASSIGN and event.value.kinds - _FITS - {Kind.UNKNOWN}:
            held = kinds(event.value.kinds - _FITS)
            text = f"{case.where(event)} assigns something else to it ({held}), which a buffer refuses"
            yield Reason(text, raises=True)
    registered = next((e for e in history.in_classes_sharing_init if registers_buffer(e)), None)
    if registered is not None:
        yield Reason(
            f"{case.where(registered)} registers a buffer of that name, which raises today and would not any more"
        )


def _by_lambdas(case: Case) -> Iterator[Reason]:
    """``self.tune = lambda v: setattr(self, "x", v)``: whoever calls it may store anything."""
    for owner, _, usage in case.history.usages_calling("setattr", "__setattr__"):
        for site in usage.called("setattr", "__setattr__"):
            names = [arg.value for arg in site.call.args[:2]]
            if any(text_of(each) == case.name for each in names) and any(isinstance(e, Lambda) for e in site.around):
                where = case.module.place(owner.path, site.call.span)
                yield Reason(f"a lambda ({where}) assigns what it is handed, which may be no tensor")


def _in_general(case: Case) -> Iterator[Reason]:
    """Writes that are not certain, or change what a checkpoint holds."""
    history = case.history
    later = [event for event in history.changes if event.action is Action.ASSIGN]
    unknown = next((e for e in (*later, *history.in_classes_sharing_init) if e.value.may(Kind.UNKNOWN)), None)
    if unknown is not None:
        text = f"{case.where(unknown)} assigns a value to it that may be no tensor, which a buffer refuses"
        yield Reason(text)
    elif history.unclear:
        where = case.where(history.unclear[0])
        yield Reason(f"{where} stores what may be no tensor: it stays plain, or a buffer refuses it")
    elif later:
        text = f"{case.where(later[0])} assigns it again: a checkpoint may hold another shape than a fresh instance"
        yield Reason(text)
    emptied = next((e for e in history.later if e.action is Action.ASSIGN and e.value.may(Kind.NONE)), None)
    if emptied is not None:
        yield Reason(f"{case.where(emptied)} may set it to None, which torch.export refuses of a buffer in forward")


def _outside(case: Case) -> Iterator[Reason]:
    """Yields what other code stores under the name on what may be the module (H40)."""
    for use in case.history.outside:
        held = use.receiver.reference
        if isinstance(held, ClassRef) or (isinstance(held, External) and not held.name.startswith("builtins.")):
            continue  # on the class, which the first obligation is about
        if use.attr == ANY:
            stores = use.action in (Action.ASSIGN, Action.DELETE) and not _fits(use)
            if stores and case.module.is_instance(use) and _may_be_stored(case, use):
                yield _unknown_name(case, case.place(use))
        elif use.action is Action.DELETE:
            yield Reason(f"{case.place(use)} deletes it: what is assigned next would be a plain tensor again")
        elif use.action is Action.ASSIGN and not _fits(use):
            what = "may assign" if use.value.may(Kind.UNKNOWN) or not use.value.kinds else "assigns"
            yield Reason(
                f"{case.place(use)} {what} something else than a tensor to it from outside the class, which a buffer "
                "refuses"
            )


def _by_handed_names(case: Case) -> Iterator[Reason]:
    """A function that is handed an instance sets what it is told to: ``setattr(model, name, value)``."""
    for code in case.module.handed_to:
        for site in code.usage.called("setattr") if code.names is not None else ():
            given = [arg.value for arg in site.call.args]
            if len(given) == 3 and code.is_instance(given[0]) and _may_be_name(case.name, given[1], code.usage):
                yield _unknown_name(case, case.module.place(code.path, site.call.span))


def _may_be_stored(case: Case, use: OutsideUse) -> bool:
    """May a ``setattr`` store under the name?"""
    usage = case.module.usage_at(use.path, use.scope)
    sites = usage.called("setattr") if usage is not None else ()
    site = next((site for site in sites if site.call.span == use.span), None)
    if usage is None or site is None or len(site.call.args) < 2:
        return True
    return _may_be_name(case.name, site.call.args[1].value, usage)


def _unknown_name(case: Case, place: str) -> Reason:
    return Reason(
        f"{place} sets attributes of it by names that are not known here: '{case.name}' may be among them, and a "
        "buffer takes tensors only"
    )


def _may_be_name(name: str, written: ir.Expression, usage: Usage) -> bool:
    """May an expression give a name, as far as the code around says? That of a submodule is not."""
    if text_of(written) is not None:
        return False  # what is told by its name is seen otherwise
    start: object = written.left if isinstance(written, ir.Binary) and written.op == "+" else None
    if isinstance(written, ir.FormattedString) and written.parts:
        start = written.parts[0]
    text = start if isinstance(start, str) else text_of(start) if isinstance(start, ir.Constant) else None
    return (text is None or name.startswith(text)) and not _names_submodule(written, usage)


def _names_submodule(written: ir.Expression, usage: Usage) -> bool:
    """Is it made of the variable of a loop over ``named_children()`` or the like?"""
    names = names_in(written)
    for site in usage.calls:
        statement = site.statement
        if isinstance(statement, st.Assign) and any(names & names_in(target) for target in statement.targets):
            names |= names_in(statement.value)
    return not names.isdisjoint(usage.module_targets)


def _fits(use: OutsideUse) -> bool:
    return bool(use.value.kinds) and use.value.kinds <= _FITS


def _by_whom(case: Case) -> Iterator[Reason]:
    module = case.module
    first = case.history.first_assignments
    if any(event.owner is not None and event.owner not in module.lineage.classes for event in first):
        yield Reason("it is set by a function outside the class")
    if any(event.owner is not None and not module.is_module(event.owner) for event in first):
        yield Reason("the class that sets it is no nn.Module by itself")
    if any(map(module.is_in_property, first)):
        yield Reason("TorchScript compiles properties, in which it takes an assignment and no registration")
    if "{" in case.name:
        yield Reason("its name is made at run time: it may hold a dot, and what other code does with it is not seen")


OBLIGATION = Obligation(
    "every write fits",
    "whatever is stored under the name, in the class or elsewhere in the project, is a tensor or None",
    _reasons,
    _elsewhere,
)
