"""A value computed from ``nn.Buffer(...)`` is stored: it is a plain tensor.

What it does
------------
Reports ``self.x = nn.Buffer(t) * 2``, ``nn.Buffer(t).to(...)`` and the like in the construction of an ``nn.Module``.

Why it is bad
-------------
Only the very object that ``nn.Buffer`` returns registers itself when it is assigned. An operation on it gives a plain
tensor, without a warning: ``to()`` leaves it behind and ``state_dict()`` omits it.

Example
-------
Bad::

    self.scale = nn.Buffer(torch.ones(3)) * 2

Good::

    self.scale = nn.Buffer(torch.ones(3) * 2)

Fix
---
The wrap moves to the outside of the whole value. It is unsafe, since the buffer is saved and moved from then on. It is
withheld when ``nn.Buffer`` stands more than once or with further arguments, when the value is chosen by a condition,
and when it needs a gradient, which the wrap would cut.

References
----------
``nn.Buffer``: torch 2.5 and later.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.edits import wrapped
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Trait
from bufferlint.ir.expressions import Attribute, Binary, Call, Expression, Name, Subscript, children, dotted
from bufferlint.ir.statements import Assign
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

CODE = "BUF006"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored_here:
        for event in module.attribute(name).unwrapped:
            if belongs(event, module):
                fix = _outside(module, event)
                yield Fault(
                    event.path,
                    event.span,
                    f"'{name}' is computed from an nn.Buffer and is none itself: Module.to() leaves it behind",
                    name,
                    "tensor",
                    module.explain(event),
                    persistent=True,
                    fix=fix,
                    withheld=None
                    if fix
                    else "the wrap can't be moved outside: the value is chosen, trained, or made of several",
                )


def _outside(module: ModuleClass, event: Event) -> Fix | None:
    spelled = module.import_spelling(event.path, "torch.nn.Buffer")
    statement, anchors = event.statement, module.anchors(event)
    if spelled is None or anchors is None or not isinstance(statement, Assign) or len(statement.targets) != 1:
        return None
    whole = module.text(event.path)[statement.span.start : statement.span.end]
    if Trait.TRAINABLE in event.value.traits or "#" in whole or not isinstance(statement.value, Binary | Call):
        return None
    calls = [call for call in _calls(statement.value) if (dotted(call.func) or "").rpartition(".")[2] == "Buffer"]
    if len(calls) != 1 or len(calls[0].args) != 1 or calls[0].args[0].keyword or calls[0].args[0].star:
        return None
    call, inner = calls[0], calls[0].args[0].value
    compound = not isinstance(inner, Call | Name | Attribute | Subscript)
    edits = (
        Edit(Span(call.span.start, inner.span.start), "(" if compound else ""),
        Edit(Span(inner.span.end, call.span.end), ")" if compound else ""),
        *wrapped(statement, anchors, spelled),
    )
    if any(a is not b and a.span.overlaps(b.span) for a in edits for b in edits):
        return None
    caveat = "the state_dict gains the key, and the buffer moves with the module"
    return Fix(Applicability.UNSAFE, f"Wrap the whole value in {spelled}", tuple(sorted(edits)), caveat, (event.attr,))


def _calls(expression: Expression) -> Iterator[Call]:
    if isinstance(expression, Call):
        yield expression
    for child in children(expression):
        yield from _calls(child)
