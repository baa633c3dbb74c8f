"""A persistent buffer whose elements share memory: loading a checkpoint into it fails.

What it does
------------
Reports ``register_buffer`` of a tensor that ``expand`` repeats along its first dimension: ``t.expand(3, 4)``.

Why it is bad
-------------
``load_state_dict`` copies into the buffer in place and raises *more than one element of the written-to tensor refers to
a single memory location*. DistributedDataParallel raises the same when it broadcasts buffers, persistent or not.

Example
-------
Bad::

    self.register_buffer("grid", torch.arange(4).expand(3, 4))

Good::

    self.register_buffer("grid", torch.arange(4).expand(3, 4).clone())

Fix
---
``.clone()`` is put behind the value. It is unsafe: the buffer takes more memory than before.

References
----------
torch 2.13; pytorch#43815, pytorch#29807.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.ir.expressions import Attribute, Call, Constant, Display, Expression, Name, Subscript, Unary
from bufferlint.ir.statements import Evaluate
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

CODE = "BUF013"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for event in module.timeline.construction.events:
        if not _registers(event) or Trait.EXPANDED not in event.value.traits or not belongs(event, module):
            continue
        if not _repeats(_registered_value(event)):
            continue
        fix = _clone(event)
        yield Fault(
            event.path,
            event.span,
            f"elements of the buffer '{event.attr}' share memory: load_state_dict() and DDP can't write into it",
            event.attr,
            "buffer",
            module.explain(event),
            persistent=event.persistent,
            fix=fix,
            withheld=None if fix else "add .clone() behind the value by hand",
        )


def _registers(event: Event) -> bool:
    if event.action is Action.REGISTER_BUFFER:
        return event.value.may(Kind.TENSOR)
    return event.action is Action.ASSIGN and event.value.only(Kind.BUFFER) and event.before.value.only(Kind.ABSENT)


def _clone(event: Event) -> Fix | None:
    value = _registered_value(event)
    if not isinstance(value, Name | Attribute | Call | Subscript):
        return None
    edit = Edit(Span(value.span.end, value.span.end), ".clone()")
    return Fix(Applicability.UNSAFE, "Copy the tensor", (edit,), "the buffer takes more memory")


def _registered_value(event: Event) -> Expression | None:
    """The tensor as the registration writes it."""
    call = event.statement.value if isinstance(event.statement, Evaluate) else None
    if event.action is not Action.REGISTER_BUFFER or not isinstance(call, Call) or len(call.args) < 2:
        return None
    return next((a.value for a in call.args if a.keyword == "tensor"), call.args[1].value)


def _repeats(value: Expression | None) -> bool:
    """Returns whether it is an ``expand`` whose first size is neither 1 nor kept: the one case that is certain."""
    if not isinstance(value, Call) or not isinstance(value.func, Attribute) or value.func.attr != "expand":
        return False
    sizes = [a.value for a in value.args]
    if not sizes or value.args[0].star:
        return False
    first = sizes[0].items[0] if isinstance(sizes[0], Display) and sizes[0].items else sizes[0]
    return not isinstance(first, Unary) and not (isinstance(first, Constant) and first.value in (1, -1))
