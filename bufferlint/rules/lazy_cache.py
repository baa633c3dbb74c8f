"""A tensor that a module makes and keeps after construction.

What it does
------------
Reports ``self.cache = None`` in the construction of an ``nn.Module`` when another method assigns a tensor to it. Where
construction sets nothing, the store in the method is reported: one that asks first whether the attribute is there
(``if not hasattr(self, "mask")``, ``if not self.built``), or that ``forward`` relies on without running it
(``quantize()``, ``fit()``). So are methods whose tensor Python keeps (``cached_property``, ``lru_cache``), unless they
are asked for a device. Off by default: many such caches are made anew for each device.

Why it is bad
-------------
The kept tensor is a plain attribute: when the module moves after the first forward, it stays behind and the next
forward fails. ``state_dict()`` omits it, so that what a method computed from data is lost by saving and loading.

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
unsafe, since casts of the module reach the cached tensor too. Where construction says nothing of the attribute, no fix
is applied: register ``None`` there, or call ``register_buffer`` in the method.

References
----------
torch 2.13: a tensor assigned to a buffer registered as None moves with the module and stays out of ``state_dict()``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.edits import Registration
from bufferlint.fixes.obligations import objections, withheld
from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.values import Kind
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.late_tensors import LateTensors
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF012"
ON_BY_DEFAULT = False
NEEDS = Need.NOTHING


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    yield from _filled(module, settings)
    late = LateTensors(module)
    for event in late.stored():
        if event.owner in (None, module.ref) and not moves_by_itself(module, event.attr):
            yield Fault(
                event.path,
                event.span,
                f"'{event.attr}' is a tensor that nothing in construction knows of: Module.to() leaves it behind and "
                "state_dict() omits it",
                event.attr,
                "tensor",
                module.explain(event),
                withheld=f'register it: self.register_buffer("{event.attr}", None, persistent=False) in the '
                "constructor, and ask here if it is None",
            )
    for owner, header, statement, value in late.memoised():
        yield Fault(
            owner.path,
            statement.span,
            f"'{header.name}' keeps the tensor of its first call: Module.to() leaves it behind",
            header.name,
            "tensor",
            module.because(value, owner.path, statement.span),
            withheld="register it as a non-persistent buffer in the constructor, or make it anew at each call",
        )


def _filled(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    """Attributes that construction sets to None."""
    for name in module.stored:
        history = module.attribute(name)
        if not history.final.value.only(Kind.NONE) or moves_by_itself(module, name):
            continue
        declared = module.timeline.declared(name).may(Kind.TENSOR)
        stores = [event for event in history.later if event.action is Action.ASSIGN]
        fills = [e for e in stores if e.value.is_tensor or (declared and e.value.may(Kind.UNKNOWN))]
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
    reason = withheld(objections(history, False, settings))
    if reason is not None:
        return None, reason
    edits = Registration(history.of, settings, False).edits(history.events)
    if isinstance(edits, str):
        return None, edits
    caveat = "the cached tensor is moved and cast with the module from then on"
    return Fix(Applicability.UNSAFE, f"Register '{history.name}' as a non-persistent buffer", edits, caveat), None
