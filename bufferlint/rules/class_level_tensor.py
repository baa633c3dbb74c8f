"""A tensor as a class attribute of a module: shared by all instances and never moved.

What it does
------------
Reports tensors assigned in the body of an ``nn.Module`` class: ``table = torch.arange(10)``. Those that only the
construction of instances reads, to register a buffer for example, are left alone.

Why it is bad
-------------
One tensor serves all instances. ``Module.to()`` never moves it, so that a forward on a device fails; ``state_dict()``
omits it; a change in place in one instance shows in all others.

Example
-------
Bad::

    class Model(nn.Module):
        table = torch.arange(10)

Good::

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("table", torch.arange(10))

Fix
---
A buffer is registered in ``__init__``, behind ``super().__init__()``, and the class attribute is removed, since
``register_buffer`` raises on a name that the class already has. ``state_dict()`` gains a key: checkpoints saved before
load with ``strict=False``. ``--non-persistent`` keeps the keys as they were.

It is unsafe: each instance has a tensor of its own then, and what reads it through the class raises. It is withheld
where code does that (``Model.table``, a class method, the class body), where instances set or change it, and where
another class of the hierarchy has it too.

References
----------
torch 2.13: *attribute 'table' already exists*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bufferlint.finding import Severity
from bufferlint.fixes.class_level import register_in_init
from bufferlint.fixes.register import moves_by_itself
from bufferlint.interpreter.values import Trait
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF010"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    bound = Counter(each.name for each in module.header.names)
    bound.update(method.name for method in module.header.methods)
    for name, value in module.class_level_tensors:
        if bound[name.name] > 1 or moves_by_itself(module, name.name):
            continue
        if all(each.timeline.serves_construction(name.name) for each in (module, *module.subclasses)):
            continue
        made = register_in_init(module, name, value, settings)
        yield Fault(
            module.path,
            name.span,
            f"'{name.name}' is a tensor of the class: all instances share it and Module.to() never moves it",
            name.name,
            "tensor",
            module.because(value, module.path, name.span),
            severity=Severity.INFO if Trait.SCALAR in value.traits else Severity.WARNING,
            fix=made.fix,
            withheld=made.withheld,
        )
