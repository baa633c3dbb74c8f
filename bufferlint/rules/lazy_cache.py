"""An attribute that construction sets to None and a method fills with a tensor.

What it does
------------
Reports ``self.cache = None`` in the construction of an ``nn.Module`` when another method assigns a tensor to it. Off by
default: many such caches are made anew for each device.

Why it is bad
-------------
The cached tensor is a plain attribute: when the module moves after the first forward, the cache stays behind and the
next forward fails.

Example
-------
Bad::

    def __init__(self):
        super().__init__()
        self.cache = None

    def forward(self, x):
        if self.cache is None:
            self.cache = torch.ones(3)
        return x * self.cache

Good::

    def __init__(self):
        super().__init__()
        self.register_buffer("cache", None, persistent=False)

    def forward(self, x):
        if self.cache is None:
            self.cache = torch.ones(3)
        return x * self.cache

Fix
---
``None`` is registered, never persistently: reloading a filled persistent cache fails with *Unexpected key(s)*. It is
unsafe, since casts of the module reach the cached tensor too.

References
----------
torch 2.13: a tensor assigned to a buffer registered as None moves with the module and stays out of ``state_dict()``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.edits import Registration
from bufferlint.fixes.obligations import examine, withheld
from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.values import Kind
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF012"
ON_BY_DEFAULT = False
NEEDS = Need.NOTHING


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored:
        history = module.attribute(name)
        if not history.final.value.only(Kind.NONE) or moves_by_itself(module, name):
            continue
        fills = [event for event in history.later if event.action is Action.ASSIGN and event.value.is_tensor]
        for event in history.events:
            if fills and event.writer in history.final.writers and belongs(event, module):
                fix, reason = _register_none(history, settings)
                yield Fault(
                    event.path,
                    event.span,
                    f"'{name}' caches a tensor ({module.where(fills[0])}) that Module.to() leaves behind",
                    name,
                    "tensor or None",
                    module.explain(fills[0]),
                    persistent=False,
                    fix=fix,
                    withheld=reason,
                )


def _register_none(history: AttributeHistory, settings: Settings) -> tuple[Fix | None, str | None]:
    reason = withheld(examine(history, False, settings))
    if reason is not None:
        return None, reason
    edits = Registration(history.of, settings, False).edits(history.events)
    if isinstance(edits, str):
        return None, edits
    caveat = "the cached tensor is moved and cast with the module from then on"
    return Fix(Applicability.UNSAFE, f"Register '{history.name}' as a non-persistent buffer", edits, caveat), None
