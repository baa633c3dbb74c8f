"""The name is free: nothing else claims it before the registration, which raises "attribute already exists" then."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason, kinds, without_braces
from bufferlint.fixes.obligations.class_attributes import (
    by_other_code,
    by_those_who_make_it,
    sets_unknown,
    stores_in,
)
from bufferlint.interpreter.events import ANY, Action
from bufferlint.interpreter.values import Kind
from bufferlint.ir.expressions import Lambda, dotted
from bufferlint.ir.usage import Usage, is_name, text_of
from bufferlint.resolution.references import ClassRef, External
from bufferlint.settings import Style

_FITS = frozenset({Kind.TENSOR, Kind.NONE, Kind.BUFFER, Kind.ABSENT})


def _reasons(case: Case) -> Iterator[Reason]:
    yield from _before(case)
    yield from _unknown_names(case)
    yield from _by_torch(case)
    yield from _started_again(case)
    yield from _on_the_class(case)
    yield from by_those_who_make_it(case)
    yield from _own_registration(case)


def _elsewhere(case: Case) -> Iterator[Reason]:
    yield from by_other_code(case)
    yield from _on_the_class_from_outside(case)


def _before(case: Case) -> Iterator[Reason]:
    """Yields what the attribute may hold when it is registered."""
    history, module = case.history, case.module
    for event in history.first_assignments:
        if not event.before.value.only(Kind.ABSENT, Kind.TENSOR, Kind.NONE, Kind.BUFFER):
            held = kinds(event.before.value.kinds)
            yield Reason(f"the name may already hold something else ({held}) at {case.where(event)}", raises=True)
        if event.path != module.path:
            yield Reason(f"it is first set in another file ({case.where(event)})", raises=True)
    if history.before_in_classes_sharing_init - {Kind.ABSENT, Kind.BUFFER}:
        text = 'a subclass sets the name before this class does: registering then raises "attribute already exists"'
        yield Reason(text, raises=True)
    if history.taken_by:
        text = f"{history.taken_by}: registering raises \"attribute '{history.name}' already exists\""
        yield Reason(text, raises=True)
    if "." in without_braces(history.name) or not history.name:
        yield Reason("a buffer's name can't be empty or contain a dot", raises=True)
    for owner in history.owners:
        if owner.header.binds("call_super_init"):
            yield Reason(f"{owner.header.name} sets call_super_init: a class behind nn.Module may set the name first")


def _unknown_names(case: Case) -> Iterator[Reason]:
    """Stores in construction under names that are not known (H39)."""
    for owner, header, usage in case.history.usages_calling("setattr"):
        for site in usage.called("setattr"):
            on_self = site.call.args and is_name(site.call.args[0].value, usage.receiver)
            if on_self and any(isinstance(each, Lambda) for each in site.around) and sets_unknown(site.call.args):
                where = case.module.place(owner.path, site.call.span)
                yield Reason(f"{where} stores under names that are not known here ({header.name})")
    for module in (case.module, *case.history.classes_sharing_init):
        for event in module.timeline.construction.of(ANY):
            whole = event.action is Action.SHADOW
            if event.action is Action.STORE_ANY or whole:
                yield Reason(
                    f"{case.where(event)} stores under names that are not known here, '{case.name}' may be among them: "
                    "registering it then raises"
                )


def _started_again(case: Case) -> Iterator[Reason]:
    """``nn.Module.__init__`` runs again after the registration, and forgets it; a plain tensor stays."""
    for module in (case.module, *case.history.classes_sharing_init):
        events = module.timeline.construction.events
        if not any(event.action is Action.STARTS_AGAIN for event in module.timeline.construction.of(ANY)):
            continue
        writers = {event.writer for event in case.history.first_assignments}
        first = next((at for at, event in enumerate(events) if event.writer in writers), None)
        for event in events[first:] if first is not None else ():
            if event.action is Action.STARTS_AGAIN:
                yield Reason(f"{case.where(event)} runs nn.Module.__init__ again, which forgets buffers", raises=True)


def _by_torch(case: Case) -> Iterator[Reason]:
    """A base of torch sets an attribute of that name when it is built."""
    for module in (case.module, *case.history.classes_sharing_init):
        setter = module.base_that_sets(case.name)
        if setter is not None:
            yield Reason(f"{setter} sets an attribute of that name: registering then raises", raises=True)


def _on_the_class(case: Case) -> Iterator[Reason]:
    """Stores on the class by its own code, outside of its body's plain assignments."""
    module, name = case.module, case.name
    for each, header, usage in case.history.usages("__new__", "__init_subclass__"):
        yield from stores_in(case, usage, f"{each.header.name}.{header.name}")
    for each, header, usage in case.history.usages_mentioning():
        stores = (s for s in usage.stores.get(name, ()) if _is_class(dotted(s.receiver), usage, s.receiver))
        if any(True for _ in stores):
            yield Reason(f"{each.header.name}.{header.name} sets a class attribute of that name")
    for each in case.history.owners:
        body = module.queries.class_usage(each)
        if any(is_name(site.call.func, "exec", "eval") for site in body.calls):
            yield Reason(f"the body of {each.header.name} runs code that is not read here (exec): it may set the name")
        if any(_is_locals(item.value) and text_of(item.index[0]) in (None, name) for item, _, _ in body.items):
            yield Reason(f"the body of {each.header.name} sets names through locals()")
        if name in body.bound and not case.history.taken_by:
            yield Reason(f"the body of {each.header.name} binds the name: registering then raises", raises=True)


def _on_the_class_from_outside(case: Case) -> Iterator[Reason]:
    for use in case.history.outside:
        held = use.receiver.reference
        of_torch = isinstance(held, External) and not held.name.startswith("builtins.")
        on_class = of_torch or isinstance(held, ClassRef) or use.receiver.may(Kind.CALLABLE)
        if use.action is Action.ASSIGN and on_class and not use.is_own:
            what = "a class attribute of that name" if use.attr != ANY else "class attributes by names not known here"
            yield Reason(f"{case.place(use)} sets {what}: registering then raises")


def _is_class(written: str | None, usage: Usage, receiver: object) -> bool:
    """Returns whether it is ``cls``, ``type(self)`` or ``self.__class__``."""
    from bufferlint.ir.expressions import Call

    if written is not None:
        return written == "cls" or written.endswith(".__class__")
    return isinstance(receiver, Call) and is_name(receiver.func, "type")


def _is_locals(expression: object) -> bool:
    from bufferlint.ir.expressions import Call

    return isinstance(expression, Call) and is_name(expression.func, "locals", "vars") and not expression.args


def _own_registration(case: Case) -> Iterator[Reason]:
    for each in case.history.overriding("__setattr__"):
        if case.settings.style is Style.REGISTER_BUFFER:
            text = f"{each.name} has its own __setattr__, which register_buffer would go around"
            yield Reason(text, raises=True)
        elif each.timeline.mentions("__setattr__", case.name):
            yield Reason(f"the __setattr__ of {each.name} treats it in a way of its own", raises=True)
    for each in case.history.overriding("register_buffer"):
        yield Reason(f"{each.name} has its own register_buffer", raises=True)
    for each in case.history.overriding("__getattribute__"):
        yield Reason(f"{each.name} has its own __getattribute__: registering may raise, since hasattr asks it")
    if case.module.overrides("__setattr__"):
        yield Reason("the class has its own __setattr__, through which a buffer is set")


OBLIGATION = Obligation(
    "the name is free",
    "no class of the hierarchy, decorator, metaclass or earlier statement claims it",
    _reasons,
    _elsewhere,
)
