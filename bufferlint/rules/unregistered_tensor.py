"""A tensor kept as a plain attribute of a module instead of a buffer.

What it does
------------
Reports assignments in the construction of an ``nn.Module`` that leave a plain tensor on the instance:
``self.mask = torch.triu(...)``. Parameters, registered buffers and attributes that hold something else in the end are
not reported. What a value is, is inferred across functions and files; when that is not certain, nothing is said. What
is declared as a tensor or a number (``Tensor | float``) is reported where code computes with it as it lies. A tensor
that construction stores on another module (``self.head.stride = ...``) is reported at that statement, and so is one
that a function of the same file stores on an instance whose methods read it (``net.mask = ...``). Tensors that other
methods change are reported by ``unregistered-state``. Of a tensor that nothing reads but the code that the class gives
to a DataLoader (``collate_fn=self.sample``) nothing is said: that code runs on the CPU. Nor of one whose memory a
buffer holds as well, while nothing reads the plain one, nor of one that its own code puts on the CPU by name
(``device="cpu"``, ``.cpu()``, ``pin_memory=True``) and no method moves: that is meant to stay there.

Why it is bad
-------------
``Module.to()``, ``cuda()``, ``half()`` and ``double()`` move parameters and buffers only. A plain tensor stays on the
CPU in its old dtype, and the first forward on a device raises *Expected all tensors to be on the same device*. It is
missing from ``state_dict()`` too, so that a changed value is lost by saving and loading.

Example
-------
Bad::

    self.mask = torch.triu(torch.ones(n, n), diagonal=1)

Good::

    self.register_buffer("mask", torch.triu(torch.ones(n, n), diagonal=1))

Fix
---
The assignment becomes a registration; comments, quotes and line breaks stay. An annotation moves to the class body. The
buffer is persistent, as is PyTorch's default, so that ``state_dict()`` gains a key: checkpoints saved before load with
``strict=False``. ``--non-persistent`` keeps the keys as they were.

The fix is unsafe when it may change behaviour in a way that the analysis cannot rule out: the tensor is handed in from
outside, is complex or sparse, may not survive half precision, is a view, is assigned again later, or meets tensors that
a method makes on the CPU. It is withheld when the rewrite would raise or lose something: before ``super().__init__()``,
on a name that is taken, for a tensor that needs a gradient, or when other code deletes the attribute or stores
something else in it.

References
----------
``register_buffer``: torch 1.6 and later for ``persistent``; ``nn.Buffer``: torch 2.5 and later. pytorch#43815.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Severity
from bufferlint.fixes.register import belongs, moves_by_itself, register
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.model.child_writes import child_writes, function_writes
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF001"
NEEDS = Need.TENSOR


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    yield from _of_the_class(module, settings)
    for write in (*child_writes(module), *function_writes(module)):
        use, name = write.use, write.use.attr
        scalar = Trait.SCALAR in use.value.traits
        yield Fault(
            use.path,
            use.span,
            f"'{write.attribute}' is a plain tensor on an instance of {write.child}: Module.to() leaves it on the CPU "
            "and state_dict() omits it",
            write.attribute,
            "tensor",
            module.because(use.value, use.path, use.span),
            Severity.INFO if scalar else Severity.WARNING,
            withheld=f"it is stored from outside of its class: register '{name}' in the constructor of {write.child}, "
            "and what is assigned here fills the buffer",
        )


def _of_the_class(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.stored_here:
        history = module.attribute(name)
        stores = [event for event in history.reported if belongs(event, module)]
        if not stores or history.is_trainable or history.unwrapped or history.is_state or moves_by_itself(module, name):
            continue
        if history.registered_as is not None or module.timeline.is_read_by_a_loader_only(name):
            continue
        made = register(history, settings)
        for event in stores:
            yield Fault(
                event.path,
                event.span,
                _message(module, event),
                name,
                "tensor",
                module.explain(event),
                Severity.INFO if Trait.SCALAR in event.value.traits else Severity.WARNING,
                made.persistent,
                made.fix,
                made.withheld,
            )


def _message(module: ModuleClass, event: Event) -> str:
    if Trait.SCALAR in event.value.traits:
        return f"'{event.attr}' is a plain 0-dim tensor: state_dict() omits it and casts of the module pass it by"
    kind = "may be" if event.value.may(Kind.NUMBER) else "is"
    name = f"'{event.attr}' {kind} a plain tensor:"
    mover = module.moved_by(event.attr)
    if mover is not None:
        return f"{name} the class's own {mover}() moves it, a move of a parent module does not, state_dict() omits it"
    where = "where it was made" if Trait.PINNED in event.value.traits else "on the CPU"
    return f"{name} Module.to() leaves it {where} and state_dict() omits it"
