"""Every access goes through nn.Module: nobody looks for it in ``__dict__``, where no buffer is (H11, H47)."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.interpreter.events import ANY, Action, Event
from bufferlint.ir.usage import Usage, text_of


def _reasons(case: Case) -> Iterator[Reason]:
    yield from _by_name(case)
    yield from _by_a_text(case)
    yield from _own_methods(case)


def _elsewhere(case: Case) -> Iterator[Reason]:
    yield from _with_all(case)
    yield from _outside(case)


def _by_name(case: Case) -> Iterator[Reason]:
    events = (*case.history.events, *case.history.later, *case.history.in_classes_sharing_init)
    for event in events:
        if event.action in (Action.SHADOW, Action.READ_DICT):
            where = case.where(event)
            yield Reason(f"the class looks for it in __dict__, where a buffer is not ({where})", raises=True)


def _by_a_text(case: Case) -> Iterator[Reason]:
    """The class works on all of its ``__dict__`` in a function that has the name as a text."""
    if any(case.name in usage.strings for _, _, usage in case.history.usages_mentioning()):
        for event in _on_the_dict(case):
            usage = case.module.usage_around(event)
            if usage is not None and case.name in usage.strings:
                where = case.where(event)
                yield Reason(f"the class looks for it in __dict__, where a buffer is not ({where})", raises=True)


def _with_all(case: Case) -> Iterator[Reason]:
    """The class works on all of its ``__dict__``."""
    for event in _on_the_dict(case):
        usage = case.module.usage_around(event)
        if usage is None or (case.name not in usage.strings and not _replaces_others(usage, event)):
            yield Reason(f"the class works on its __dict__, where a buffer is not ({case.where(event)})")


def _replaces_others(usage: Usage, event: Event) -> bool:
    """Does a ``__getstate__`` copy all of the ``__dict__``, the buffers in it, and treat single names of its own?"""
    if event.scope.rpartition(".")[2] != "__getstate__" or usage.iterated:
        return False
    keys = [target.index[0] for target, _, _ in usage.items]
    keys += [site.call.args[0].value for site in usage.called("pop", "setdefault") if site.call.args]
    calls = {site.callee for site in usage.calls} - {"copy", "dict", "pop", "setdefault", "__getstate__", "super"}
    return not calls and all(text_of(key) not in (None, "_buffers", "_modules") for key in keys)


def _on_the_dict(case: Case) -> Iterator[Event]:
    return (event for event in case.history.on_all if event.action in (Action.SHADOW, Action.READ_DICT))


def _own_methods(case: Case) -> Iterator[Reason]:
    if any(True for _ in case.history.overriding("__getattr__")):
        yield Reason("the class has its own __getattr__, through which a buffer is read")
    for owner, header, usage in case.history.usages("__setstate__", "__getstate__", "__reduce__", "__deepcopy__"):
        if usage.mentions(case.name):
            yield Reason(f"{owner.header.name}.{header.name} deals with it where a buffer is not")
        elif header.name in ("__setstate__", "__deepcopy__") and not any(
            site.callee == header.name and site.receiver is not None for site in usage.calls
        ):
            yield Reason(f"{owner.header.name}.{header.name} restores the instance in a way of its own")
    for owner, header, usage in case.history.usages("__delattr__"):
        if usage.mentions(case.name):
            yield Reason(f"{owner.header.name}.{header.name} treats it in a way of its own")


def _outside(case: Case) -> Iterator[Reason]:
    for use in case.history.outside:
        if use.action not in (Action.READ_DICT, Action.SHADOW):
            continue
        if use.attr != ANY:
            yield Reason(f"{case.place(use)} looks for it in the __dict__ of what may be the module")
        elif case.module.is_instance(use):
            yield Reason(f"{case.place(use)} works on the module's __dict__, where a buffer is not")


OBLIGATION = Obligation(
    "every access goes through nn.Module",
    "neither the class nor other code reads or writes it through __dict__, vars() or __getattribute__",
    _reasons,
    _elsewhere,
)
