"""The result of ``register_buffer`` is assigned to the attribute: the buffer becomes None.

What it does
------------
Reports ``self.x = self.register_buffer("x", ...)`` and the like: ``register_buffer``, ``register_parameter`` and
``register_module`` return None.

Why it is bad
-------------
The assignment stores None in the buffer that was just registered. The tensor is gone, silently: it is missing from
``state_dict()`` and ``buffers()``, and the first use fails on None.

Example
-------
Bad::

    self.mask = self.register_buffer("mask", torch.ones(3))

Good::

    self.register_buffer("mask", torch.ones(3))

Fix
---
The assignment is dropped and the call stays. It is unsafe, since the class then computes with the tensor instead of
None, and its ``state_dict()`` gains the key. It is withheld when the two names differ.

References
----------
torch 2.13: ``register_buffer`` returns None; assigning None to a registered buffer keeps the name and empties it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix, Severity
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind
from bufferlint.ir.statements import Assign
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

CODE = "BUF004"
NEEDS = Need.TENSOR
_REGISTERS = (Action.REGISTER_BUFFER, Action.REGISTER_OTHER)


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    events = module.timeline.construction.events
    registrations = {(e.path, e.span): e for e in events if e.action in _REGISTERS}
    for event in events if registrations else ():
        statement = event.statement
        if event.action is not Action.ASSIGN or not isinstance(statement, Assign) or not belongs(event, module):
            continue
        registration = registrations.get((event.path, statement.value.span))
        if registration is None or registration.value.only(Kind.NONE):
            continue
        fix = _drop(module, event, registration)
        yield Fault(
            event.path,
            event.span,
            f"the registration returns None: the assignment makes '{event.attr}' None",
            event.attr,
            "None",
            "None: nn.Module's registering methods return nothing",
            Severity.ERROR,
            persistent=registration.persistent,
            fix=fix,
            withheld=None if fix else "it is not a plain assignment to the name that is registered",
        )


def _drop(module: ModuleClass, event: Event, registration: Event) -> Fix | None:
    statement = event.statement
    mangled = event.attr.startswith("__") and not event.attr.endswith("__")
    if not isinstance(statement, Assign) or len(statement.targets) != 1 or statement.annotation is not None or mangled:
        return None
    anchors = module.anchors(event)
    if anchors is None or registration.attr != event.attr or anchors.outer.start != statement.value.span.start:
        return None
    edit = Edit(Span(statement.span.start, anchors.outer.start), "")
    caveat = "the class then computes with the tensor instead of None"
    buffer = registration.action is Action.REGISTER_BUFFER and registration.persistent is True
    return Fix(Applicability.UNSAFE, "Drop the assignment", (edit,), caveat, (event.attr,) if buffer else ())
