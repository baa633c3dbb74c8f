"""A plain tensor attribute that methods change after construction: its state is lost.

What it does
------------
Reports tensors that construction stores as plain attributes of an ``nn.Module`` and that another method reassigns,
augments (``+=``) or changes in place: counters, running averages, histories, caches. A tensor that is only moved
(``self.x = self.x.to(device)``) is a constant and is reported by ``unregistered-tensor``.

Why it is bad
-------------
``state_dict()`` omits the tensor, so that saving and loading starts it anew. ``Module.to()`` leaves it behind. Under
``torch.export`` an assigned attribute computes wrong results (its first value is baked in), and one changed in place
makes ``run_decompositions`` raise *Constant is mutated in the forward method*.

Example
-------
Bad::

    def __init__(self):
        super().__init__()
        self.steps = torch.zeros(1)

    def forward(self, x):
        self.steps += 1
        return x * self.steps

Good::

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros(1))

    def forward(self, x):
        self.steps += 1
        return x * self.steps

Fix
---
The first assignment becomes a registration, persistent unless ``--non-persistent`` is asked for. The fix is unsafe when
the attribute is assigned again, since its shape may change and a checkpoint then does not load into a fresh instance.
It is withheld as for ``unregistered-tensor``.

References
----------
torch 2.13: *The tensor attribute was assigned during export. Such attributes must be registered as buffers*.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.register import belongs, moves_by_itself, register
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF002"
NEEDS = Need.TENSOR


def _changed(history: AttributeHistory) -> str:
    """Returns what changes the tensor: a line other than those that are reported, else the method that runs one
    again."""
    module, reported = history.of, {(event.path, event.span) for event in history.stores}
    others = [event for event in history.changes if (event.path, event.span) not in reported]
    if others:
        return f"{module.where(others[0])} changes"
    builder = history.changes[0].scope.rpartition(".")[2]
    callers = (
        header.name
        for _, header, usage in module.timeline.usages()
        if header.name not in ("__init__", builder) and any(True for _ in usage.called(builder))
    )
    return f"{next(callers, builder)}() sets again"


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored_here:
        history = module.attribute(name)
        stores = [event for event in history.reported if belongs(event, module)]
        if (
            not stores
            or history.is_trainable
            or history.unwrapped
            or not history.is_state
            or moves_by_itself(module, name)
        ):
            continue
        made = register(history, settings)
        mover = module.moved_by(name)
        left = f"only its own {mover}() moves it" if mover else "Module.to() leaves it behind"
        message = f"'{name}' is a plain tensor that {_changed(history)}: state_dict() omits it, {left}"
        for event in stores:
            yield Fault(
                event.path,
                event.span,
                message,
                name,
                "tensor",
                module.explain(event),
                persistent=made.persistent,
                fix=made.fix,
                withheld=made.withheld,
            )
