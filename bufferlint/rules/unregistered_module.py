"""Modules or parameters kept in a plain list, tuple, dict or partial call of a module.

What it does
------------
Reports containers that hold modules or parameters which nothing else registers, left on an ``nn.Module`` by its
construction: ``self.layers = [nn.Linear(2, 2) for _ in range(n)]``, a list that a loop fills, a dict by key,
``[m] * n``, and ``functools.partial`` of a module. Modules that have neither parameters nor buffers nor a mode
(``nn.ReLU``) are passed by, and so are those that are registered under another name too, those that are handed in, and
a single module in a list or tuple of its own (``self.teacher = [Teacher()]``), which hides it on purpose.

Why it is bad
-------------
``nn.Module`` finds submodules and parameters among its attributes, never within a container. What is in one is unknown
to ``parameters()``, so that no optimizer trains it; ``to()`` leaves it on the CPU, ``eval()`` does not reach it, and
``state_dict()`` omits it: a model that is loaded computes with fresh weights, without an error.

Example
-------
Bad::

    self.layers = [nn.Linear(2, 2) for _ in range(n)]

Good::

    self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(n)])

Fix
---
The container becomes an ``nn.ModuleList``, ``nn.ModuleDict``, ``nn.ParameterList`` or ``nn.ParameterDict``. What is
constructed and in which order stays as it was, so that the same seed gives the same weights. ``state_dict()`` gains the
keys of the members: checkpoints saved before load with ``strict=False``, and the state of an optimizer saved before has
fewer parameters.

The fix is safe where code does nothing with the container but index it, go over it, append to it and measure it. It is
unsafe where code hands the container on, goes over all modules or parameters (``self.apply(init)``), or where a member
behaves otherwise in ``eval()``, which reaches it from then on. It is withheld where torch's container would refuse
something: members that are no modules, keys that are no names, a list stored in its place later.

References
----------
torch 2.13: ``nn.ModuleDict`` refuses keys that are no strings, that hold a dot, or that it has as an attribute
(``keys``, ``type``). pytorch#135640, torchfix#31.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.module_containers import register_members
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Value
from bufferlint.model.module_class import ModuleClass
from bufferlint.model.module_groups import ModuleGroup
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF014"
NEEDS = Need.MODULES


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored:
        group = ModuleGroup(module.attribute(name))
        if not group.kept:
            continue
        stores = [event for event in group.stores if belongs(event, module)]
        events = stores or [event for event in group.additions if belongs(event, module)][:1]
        made = register_members(group) if events else None
        for event in events:
            assert made is not None
            yield Fault(
                event.path,
                event.span,
                _message(name, group),
                name,
                "parameters" if group.holds_parameters else "modules",
                _reason(module, group.kept[0], event),
                fix=made.fix if stores else None,
                withheld=made.withheld if stores else "the container is made elsewhere: make it an nn.ModuleList there",
            )


def _message(name: str, group: ModuleGroup) -> str:
    what = "parameters" if group.holds_parameters else "modules"
    how = "a partial call" if group.is_partial else "a plain container"
    return f"'{name}' keeps {what} in {how}: parameters(), Module.to() and state_dict() do not reach them"


def _reason(module: ModuleClass, kept: Value, event: Event) -> str:
    return f"container of {module.because(kept, event.path, event.span)}"
