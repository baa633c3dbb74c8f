"""A plain tensor attribute that requires a gradient: no optimizer sees it.

What it does
------------
Reports ``requires_grad=True`` and ``requires_grad_()`` on tensors that construction stores as plain attributes of an
``nn.Module``.

Why it is bad
-------------
``parameters()`` does not list the tensor, so that an optimizer built from it never trains it; ``to()`` leaves it on the
CPU and ``state_dict()`` omits it. Registering it as a buffer would keep it out of ``parameters()`` all the same.

Example
-------
Bad::

    self.scale = torch.ones(3, requires_grad=True)

Good::

    self.scale = nn.Parameter(torch.ones(3))

Fix
---
Shown, never applied: making it a parameter changes what is trained. Wrap the value in ``nn.Parameter``, or drop
``requires_grad`` and register a buffer.

References
----------
After ``Module.to(dtype)`` a registered leaf that requires a gradient becomes a non-leaf (torch 2.13).
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.edits import wrapped
from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.interpreter.events import Event
from bufferlint.ir.expressions import Attribute, Expression, children, dotted
from bufferlint.ir.statements import Assign
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF007"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored_here:
        history = module.attribute(name)
        if not history.is_trainable or moves_by_itself(module, name) or _is_trained(module, name):
            continue
        for event in history.stores:
            if event.writer in history.final.writers and belongs(event, module):
                fix = _suggestion(module, event)
                yield Fault(
                    event.path,
                    event.span,
                    f"'{name}' requires a gradient, but parameters() does not list a plain tensor: nothing trains it",
                    name,
                    "tensor",
                    module.explain(event),
                    fix=fix,
                    withheld=None if fix else "wrap the value in torch.nn.Parameter by hand",
                )


def _suggestion(module: ModuleClass, event: Event) -> Fix | None:
    spelled = module.import_spelling(event.path, "torch.nn.Parameter")
    anchors = module.anchors(event)
    if spelled is None or anchors is None or not isinstance(event.statement, Assign):
        return None
    if len(event.statement.targets) != 1 or not isinstance(event.statement.targets[0], Attribute):
        return None
    edits = wrapped(event.statement, anchors, spelled)
    return Fix(Applicability.DISPLAY, f"Make '{event.attr}' a parameter", edits, "it would be trained from then on")


def _is_trained(module: ModuleClass, name: str) -> bool:
    """Returns whether the class names the tensor among its parameters, or gives it to an optimizer, by itself."""
    if module.overrides("parameters") is not None:
        return True
    return any(
        "optim" in (dotted(site.call.func) or "") and any(name in _attributes(arg.value) for arg in site.call.args)
        for usage in module.queries.file_usages(module.path, name)
        for site in usage.calls
    )


def _attributes(expression: Expression) -> Iterator[str]:
    """The attributes that are read in an expression."""
    if isinstance(expression, Attribute):
        yield expression.attr
    for part in children(expression):
        yield from _attributes(part)
