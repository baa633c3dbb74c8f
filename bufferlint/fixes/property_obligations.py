"""Obligations of a fix that makes an attribute a property: nothing sets it but what is rewritten."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.interpreter.events import Action, Event
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.model.attribute_history import AttributeHistory

_CHANGES = frozenset({
    "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "setdefault", "popitem",
})  # fmt: skip
"""Methods that change a container."""
_OWN_WAYS = ("__getattr__", "__setattr__", "__getattribute__", "register_buffer")


def assigned(history: AttributeHistory) -> tuple[Event, ...]:
    """The events of construction that bind the attribute, or fill what it holds."""
    return tuple(event for event in history.events if event.action is Action.ASSIGN)


def is_store(event: Event) -> bool:
    """Is it ``self.x = value``, and not an item of what the attribute holds?"""
    statement = event.statement
    if not isinstance(statement, st.Assign) or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    return isinstance(target, ir.Attribute) and target.attr == event.attr


def is_attribute(expression: ir.Expression | None, name: str) -> bool:
    return isinstance(expression, ir.Attribute) and expression.attr == name


def refusals(history: AttributeHistory) -> Iterator[str]:
    """Yields why a property cannot take the place of the attribute."""
    module, name = history.of, history.name
    events = assigned(history)
    if any(event.owner != module.ref or event.path != module.path for event in events):
        yield "it is set by code of another class: change it there"
    if any(False in event.super_init_ran for event in events):
        yield "it is assigned before super().__init__() has run, where registering raises"
    if history.taken_by or module.header.binds(name):
        yield "the class body has a name of its own for it, which a property would replace"
    taken = {*module.stored, *module.registered, *(method.name for method in module.header.methods)}
    if any(other.startswith((f"{name}_", f"_{name}_")) for other in taken):
        yield f"attributes whose names begin with '{name}_' are there already"
    if any(module.overrides(each) for each in _OWN_WAYS):
        yield "the class reads, sets or registers attributes in a way of its own"
    yield from _changes(history)


def _changes(history: AttributeHistory) -> Iterator[str]:
    """Yields code that changes what the attribute holds, or binds it anew, once it is built."""
    module, name = history.of, history.name
    scope = {event.scope for event in assigned(history)}
    for event in (*history.later, *history.in_classes_sharing_init):
        if event.action in (Action.ASSIGN, Action.DELETE, Action.MUTATE, Action.SHADOW):
            yield f"{module.where(event)} changes it, which a property would not keep"
    own = {event.writer for event in history.events}
    for below in module.subclasses:
        if any(e.writer not in own and e.action is Action.ASSIGN for e in below.timeline.construction.of(name)):
            yield f"{below.name} sets it anew, which a property refuses"
    for use in history.outside:
        if use.action in (Action.ASSIGN, Action.DELETE) and use.attr == name:
            yield f"{module.place(use.path, use.span)} may set it from outside, which a property refuses"
    for owner, header, usage in history.usages():
        inner = header.qualname in scope
        changing = [s.call.span for s in usage.called(*_CHANGES) if not inner and is_attribute(s.receiver, name)]
        items = [target.span for target, _, _ in usage.items if not inner and is_attribute(target.value, name)]
        stores = [s.target.span for stores in usage.stores.values() for s in stores if is_attribute(s.receiver, name)]
        for place in (*changing, *items, *stores):
            yield f"{module.place(owner.path, place)} changes it, which a property would not keep"
