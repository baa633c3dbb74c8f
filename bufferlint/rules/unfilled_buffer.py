"""A buffer that no checkpoint holds and nothing fills once a model was built on the meta device.

What it does
------------
Reports buffers that construction registers with ``persistent=False`` and a value, where code of the project gives
modules that were built on the meta device memory without values (``to_empty``, ``init_empty_weights`` with buffers,
``from_pretrained`` of a class of transformers), and no method that gives parameters their first values
(``reset_parameters``, ``_init_weights``) names the buffer. Buffers that are only asked for their device or dtype are
passed by. Off by default: what fills a buffer may lie in another project.

Why it is bad
-------------
A module on the meta device has no values. ``to_empty()`` gives its tensors memory as it comes, and a checkpoint fills
those that it holds. A buffer that is not saved keeps what the memory held: the model computes garbage without a word.

Example
-------
Bad::

    class Model(nn.Module):
        def __init__(self, n=8):
            super().__init__()
            self.register_buffer("steps", torch.arange(8.0), persistent=False)

        def forward(self, x):
            return x + self.steps

    def load(state):
        with torch.device("meta"):
            model = Model(8)
        model.to_empty(device="cpu")
        model.load_state_dict(state)
        return model

Good::

    class Model(nn.Module):
        def __init__(self, n=8):
            super().__init__()
            self.register_buffer("steps", torch.arange(8.0), persistent=False)

        def reset_parameters(self):
            self.steps.copy_(torch.arange(8.0))

        def forward(self, x):
            return x + self.steps

    def load(state):
        with torch.device("meta"):
            model = Model(8)
        model.to_empty(device="cpu")
        model.load_state_dict(state)
        return model

Fix
---
``reset_parameters`` fills the buffers with the values of construction. It is unsafe: whoever builds the module has to
call it, as FSDP does. It is withheld where the value is made of what the instance does not keep, and where the class
has such a method: fill the buffer there, or register it persistently.

References
----------
torch 2.13: ``Module.to_empty``. huggingface/transformers#48892, huggingface/pytorch-image-models#2661.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.refilling import refill
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF016"
ON_BY_DEFAULT = False
NEEDS = Need.UNSAVED

_LOOKS = frozenset({"device", "dtype"})


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    events = [each for name in module.registered for each in _unsaved(module, name)]
    if not events or module.is_emptied is None:
        return
    events = [each for each in events if not module.is_filled_again(each.attr) and _is_read(module, each.attr)]
    made = refill(module, events) if events else None
    for event in events:
        assert made is not None
        yield Fault(
            event.path,
            event.span,
            f"'{event.attr}' is in no checkpoint, and {module.is_emptied} leaves it without values: nothing fills it",
            event.attr,
            "buffer",
            module.explain(event),
            persistent=False,
            fix=made.fix,
            withheld=made.withheld,
        )


def _unsaved(module: ModuleClass, name: str) -> Iterator[Event]:
    history = module.attribute(name)
    for event in history.events:
        unsaved = event.action is Action.REGISTER_BUFFER and event.persistent is False
        mine = unsaved and event.writer in history.final.writers and belongs(event, module)
        if mine and not event.value.may(Kind.NONE) and not _is_empty(event) and not history.later_stores:
            yield event


def _is_empty(event: Event) -> bool:
    """Is its value without values from the start: ``torch.empty(...)``?"""
    call = event.statement.value if isinstance(event.statement, st.Evaluate) else None
    value = call.args[1].value if isinstance(call, ir.Call) and len(call.args) > 1 else None
    return isinstance(value, ir.Call) and (ir.dotted(value.func) or "").rpartition(".")[2].startswith("empty")


def _is_read(module: ModuleClass, name: str) -> bool:
    """Does code use more of it than its device and dtype?"""
    reads = [read for _, _, read in module.attribute(name).reads()]
    looks = [
        read.around and isinstance(read.around[0], ir.Attribute) and read.around[0].attr in _LOOKS for read in reads
    ]
    return bool(reads) and not all(looks)
