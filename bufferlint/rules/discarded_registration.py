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

from bufferlint.facts.expressions import Attribute, Call, Constant
from bufferlint.facts.statements import Assign
from bufferlint.finding import Applicability, Fix, Severity
from bufferlint.rules._registering import belongs
from bufferlint.rules._rule import Fault
from bufferlint.semantics.events import Action, Event
from bufferlint.semantics.module_class import ModuleClass
from bufferlint.settings import Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

CODE = "BUF004"
_RETURN_NONE = frozenset({"register_buffer", "register_parameter", "register_module", "add_module"})


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for event in module.timeline.construction.events:
        method = _registering_method(event)
        if method is None or not belongs(event, module):
            continue
        fix = _drop(event)
        yield Fault(
            event.path,
            event.span,
            f"{method}() returns None: the assignment makes '{event.attr}' None",
            event.attr,
            "None",
            f"None: {method}() returns nothing",
            Severity.ERROR,
            fix=fix,
            withheld=None if fix else "it is stored under another name than it is registered under",
        )


def _registering_method(event: Event) -> str | None:
    statement = event.statement
    if event.action is not Action.ASSIGN or not isinstance(statement, Assign) or not isinstance(statement.value, Call):
        return None
    func = statement.value.func
    registers = isinstance(func, Attribute) and func.attr in _RETURN_NONE
    return func.attr if registers and isinstance(func, Attribute) else None


def _drop(event: Event) -> Fix | None:
    statement = event.statement
    if not isinstance(statement, Assign) or not isinstance(statement.value, Call) or len(statement.targets) != 1:
        return None
    name = statement.value.args[0].value if statement.value.args else None
    if (
        not isinstance(name, Constant)
        or name.value != event.attr
        or statement.outer.start != statement.value.span.start
    ):
        return None
    edit = Edit(Span(statement.span.start, statement.outer.start), "")
    caveat = "the class then computes with the tensor instead of None"
    return Fix(Applicability.UNSAFE, "Drop the assignment", (edit,), caveat, (event.attr,))
