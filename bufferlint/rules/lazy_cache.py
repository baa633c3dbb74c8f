"""A tensor that a module makes and keeps after construction.

What it does
------------
Reports ``self.cache = None`` in the construction of an ``nn.Module`` when another method makes a tensor for it once
(``if self.cache is None:``), or one that no call of the module runs computes it (``fit(data)``), and the calls after
that use it, without a look at its device. One of data that a method drops again is of some calls only and passed by; so
is one that code moves, or makes anew for another device. Methods whose tensor Python keeps (``cached_property``,
``lru_cache``) are reported too, unless they are asked for a device.

Selected by name, the rule reports every attribute that is None until a method fills it, and stores of tensors of which
construction knows nothing: behind ``if not hasattr(self, "mask")`` or a flag, or such as ``forward`` relies on without
running the method (``quantize()``). Many of these are made anew for each call or each device.

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
``None`` is registered, not persistently: reloading a filled persistent cache fails with *Unexpected key(s)*. It is
unsafe, since casts of the module reach the cached tensor too. Where the values come from data, they belong in
checkpoints, and no fix is applied: register a tensor of its shape, with a flag that says if it is filled. Nor is one
where construction says nothing of the attribute: register ``None`` there, or call ``register_buffer`` in the method.

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
from bufferlint.model.filled_caches import FilledCache
from bufferlint.model.late_tensors import LateTensors
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault, is_named
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF012"
NAME = "lazy-cache"
NEEDS = Need.CACHE
NEEDS_WHEN_NAMED = Need.LATE

_DATA = (
    "its values come from data, so that they belong in checkpoints, and a persistent None refuses to load them: "
    "register a tensor of its shape in the constructor, with a flag that says if it is filled"
)


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    every = is_named(CODE, NAME, settings)
    yield from _filled(module, settings, every)
    late = LateTensors(module)
    for event in late.stored() if every else ():
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


def _filled(module: ModuleClass, settings: Settings, every: bool) -> Iterator[Fault]:
    """Attributes that construction sets to None; ``every`` one that is filled, or those that are left behind."""
    for name in module.stored:
        history = module.attribute(name)
        if not history.final.value.only(Kind.NONE) or moves_by_itself(module, name):
            continue
        emptied = [e for e in history.events if e.writer in history.final.writers and belongs(e, module)]
        if not emptied:
            continue
        declared = module.timeline.declared(name).may(Kind.TENSOR)
        stores = [event for event in history.later_where_named if event.action is Action.ASSIGN]
        fills = [e for e in stores if e.value.is_tensor or (declared and e.value.may(Kind.UNKNOWN))]
        cache = FilledCache(history, tuple(fills))
        if not fills or not (every or cache.is_left_behind):
            continue
        for event in emptied:
            fix, reason = (None, _DATA) if cache.belongs_in_checkpoints else _register_none(history, settings)
            yield Fault(
                event.path,
                event.span,
                f"'{name}' caches a tensor ({module.where(fills[0])}) that Module.to() leaves behind",
                name,
                "tensor or None",
                module.explain(fills[0]),
                persistent=cache.belongs_in_checkpoints,
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
