"""A buffer or tensor attribute is put on an accelerator by name while the module is constructed.

What it does
------------
Reports ``.cuda()``, ``.to("cuda")`` and ``device="cuda"`` in the value of a buffer or plain tensor that the
construction of an ``nn.Module`` stores. A device that the caller names (``device=device``) is not meant.
Off by default: code that asks ``torch.cuda.is_available()`` first is not told apart yet.

Why it is bad
-------------
The module cannot be constructed on a machine without that accelerator, nor on another device of it. A buffer needs no
device: ``Module.to()`` moves it together with the parameters.

Example
-------
Bad::

    self.register_buffer("mask", torch.ones(3).cuda())

Good::

    self.register_buffer("mask", torch.ones(3))

Fix
---
None is applied yet: drop the device and move the module instead.

References
----------
``Module.to()`` moves parameters and buffers, persistent or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF009"
ON_BY_DEFAULT = False
NEEDS = Need.BUFFER


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for event in module.timeline.construction.events:
        stored = event.action in (Action.ASSIGN, Action.REGISTER_BUFFER)
        if not stored or Trait.PINNED not in event.value.traits or not belongs(event, module):
            continue
        if event.value.may(Kind.TENSOR, Kind.BUFFER):
            yield Fault(
                event.path,
                event.span,
                f"'{event.attr}' is put on an accelerator by name: the module can't be constructed without one",
                event.attr,
                "tensor",
                module.explain(event),
                withheld="drop the device from the value and move the module with to()",
            )
