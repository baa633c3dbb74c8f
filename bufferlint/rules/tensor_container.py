"""A list, tuple or dict of tensors kept as a plain attribute of a module.

What it does
------------
Reports containers of tensors that construction leaves on an ``nn.Module``: ``self.masks = [torch.ones(3)]``. Containers
of modules or parameters are not meant.

Why it is bad
-------------
``Module.to()`` and ``state_dict()`` look at parameters, buffers and submodules only, and never into a container. The
tensors stay on the CPU and are not saved.

Example
-------
Bad::

    self.masks = [torch.ones(3), torch.zeros(3)]

Good::

    self.register_buffer("mask_0", torch.ones(3))
    self.register_buffer("mask_1", torch.zeros(3))

Fix
---
None is applied: torch has no list of buffers, and ``nn.ParameterList`` makes parameters of its members. Register one
buffer for each member and read them with ``getattr(self, f"mask_{i}")``, or stack members of one shape into one buffer.

References
----------
torch 2.13 has no ``BufferList``; ``ParameterList`` turns tensors and ``nn.Buffer`` into parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF003"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored:
        if moves_by_itself(module, name):
            continue
        for event in module.attribute(name).containers:
            if belongs(event, module):
                yield Fault(
                    event.path,
                    event.span,
                    f"'{name}' is a container of tensors that Module.to() leaves behind and state_dict() omits",
                    name,
                    "container",
                    module.explain(event),
                    withheld="torch has no container of buffers: register one buffer for each member",
                )
