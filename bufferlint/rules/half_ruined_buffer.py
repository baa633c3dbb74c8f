"""A float buffer whose values half precision ruins: frequencies, positions, tiny and huge numbers.

What it does
------------
Reports float tensors that construction registers as buffers, by ``register_buffer`` or ``nn.Buffer``, and whose values
``half()`` or ``bfloat16()`` would ruin, as far as the code tells: tables of frequencies, positions past the whole
numbers that the dtype holds, magnitudes past its largest or below its smallest number. Off by default: whether the
module is ever cast is not told by its class.

Why it is bad
-------------
``Module.half()`` and ``bfloat16()`` cast float buffers too. A position of 2049 becomes 2048 in half precision, 257
becomes 256 in bfloat16, ``1e-8`` becomes 0 and ``-1e9`` minus infinity. Nothing raises; a model with rotary embeddings
that was cast computes other angles than the one that was trained.

Example
-------
Bad::

    def __init__(self):
        super().__init__()
        self.register_buffer("inv_freq", 1.0 / 10000 ** (torch.arange(0, 64, 2).float() / 64))

Good::

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.arange(0, 64, 2))

    def forward(self, x):
        return x * 10000 ** (-self.steps.float() / 64)

Fix
---
None: compute the table in float32 where it is used, keep it as integers, or give the class an ``_apply`` that leaves it
in float32.

References
----------
torch 2.13: ``torch.tensor(257.).bfloat16()`` is 256. facebookresearch/llama-recipes#6, InternLM/InternLM#239.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Severity
from bufferlint.fixes.register import belongs, moves_by_itself
from bufferlint.interpreter.values import Trait
from bufferlint.model.attribute_history import registers_buffer
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF017"
ON_BY_DEFAULT = False
NEEDS = Need.BUFFER


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name, slot in module.timeline.construction.final.items():
        if Trait.HALF_UNSAFE not in slot.value.traits or Trait.INTEGER in slot.value.traits:
            continue
        if moves_by_itself(module, name):
            continue
        for event in filter(registers_buffer, module.attribute(name).events):
            if event.writer in slot.writers and belongs(event, module):
                yield Fault(
                    event.path,
                    event.span,
                    f"'{name}' holds values that half() and bfloat16() of the module ruin without an error",
                    name,
                    "buffer",
                    module.explain(event),
                    severity=Severity.INFO,
                    persistent=event.persistent,
                    withheld="compute it in float32 where it is used, or give the class an _apply that leaves it alone",
                )
