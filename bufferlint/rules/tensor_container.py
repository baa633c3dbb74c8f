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

    self.register_buffer("masks_0", torch.ones(3))
    self.register_buffer("masks_1", torch.zeros(3))

    @property
    def masks(self):
        return [self.masks_0, self.masks_1]

Fix
---
Torch has no list of buffers, and ``nn.ParameterList`` makes parameters of its members. One buffer is registered for
each member, and a property of the old name gives the container back, as in the example; members of which nobody knows
the number are registered in a loop. ``state_dict()`` gains a key for each: checkpoints saved before load with
``strict=False``. ``--non-persistent`` keeps the keys as they were.

It is unsafe: each read makes a new container, so that code which changes the container changes a copy. It is withheld
where code of the class does that (``self.masks[0] = ...``, ``append`` outside of construction, a second assignment),
where a member is no tensor, and where its shape cannot be told from the assignment. Members of one shape of which each
use is an index may be stacked into one buffer instead.

References
----------
torch 2.13 has no ``BufferList``; ``ParameterList`` turns tensors and ``nn.Buffer`` into parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.fixes.tensor_containers import Members, register_members
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF003"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored_here:
        if moves_by_itself(module, name):
            continue
        history = module.attribute(name)
        events = [event for event in history.containers if belongs(event, module)]
        made = register_members(history, settings) if events else Members()
        for event in events:
            yield Fault(
                event.path,
                event.span,
                f"'{name}' is a container of tensors that Module.to() leaves behind and state_dict() omits",
                name,
                "container",
                module.explain(event),
                fix=made.fix,
                withheld=made.withheld,
            )
