"""A registration that raises when it runs.

What it does
------------
Reports ``register_buffer`` calls in the construction of an ``nn.Module`` that certainly
raise: before ``super().__init__()``, on a name that already holds something else, with a dot in the name, or of a value
that is neither a tensor nor None.

Why it is bad
-------------
The class cannot be constructed on the path that reaches the registration.

Example
-------
Bad::

    self.mask = None
    self.register_buffer("mask", torch.ones(3))

Good::

    self.register_buffer("mask", torch.ones(3))

Fix
---
None is applied: which of the two was meant is for the author to say.

References
----------
torch 2.13: *cannot assign buffer before Module.__init__() call*, *attribute 'mask' already exists*, *buffer name can't
contain "."*, *cannot assign 'list' object to buffer 'mask'*.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Severity
from bufferlint.fixes.obligations._case import without_braces
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind
from bufferlint.ir.usage import Usage
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF005"
NEEDS = Need.TENSOR
_HELD = frozenset(
    {Kind.NONE, Kind.TENSOR, Kind.NUMBER, Kind.TEXT, Kind.CONTAINER, Kind.ARRAY, Kind.PARAMETER, Kind.MODULE}
)


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for event in module.timeline.construction.events:
        if event.action is not Action.REGISTER_BUFFER or not belongs(event, module):
            continue
        if _frees_names(module.usage_around(event)):
            continue
        error = _error(module, event)
        if error is not None:
            yield Fault(
                event.path,
                event.span,
                f"registering '{event.attr}' raises: {error}",
                event.attr,
                "buffer",
                f"before: {', '.join(sorted(kind.value for kind in event.before.value.kinds))}",
                Severity.ERROR,
                persistent=event.persistent,
                withheld="it can't be said which of the two was meant",
            )


def _frees_names(usage: Usage | None) -> bool:
    """Does code take attributes away behind nn.Module's back?"""
    if usage is None:
        return False
    held = {"_parameters", "_buffers", "_modules", "__dict__"} & usage.reads.keys()
    return bool(held) or any(True for _ in usage.called("delattr", "__delattr__"))


def _error(module: ModuleClass, event: Event) -> str | None:
    if event.super_init_ran == frozenset({False}):
        return "nn.Module.__init__() has not run yet"
    if "." in without_braces(event.attr) or not event.attr:
        return "a buffer's name can't be empty or contain a dot"
    if event.before.value.kinds and event.before.value.kinds <= _HELD:
        return f"the name already holds something ({', '.join(sorted(k.value for k in event.before.value.kinds))})"
    history = module.attribute(event.attr)
    taken = history.taken_here if not history.may_be_unset_property else None
    if taken is not None and event.before.value.only(Kind.ABSENT):
        return taken
    if event.value.kinds and event.value.only(Kind.NUMBER, Kind.TEXT, Kind.CONTAINER, Kind.ARRAY, Kind.HOLDER):
        return f"the value is no tensor ({', '.join(sorted(kind.value for kind in event.value.kinds))})"
    return None
