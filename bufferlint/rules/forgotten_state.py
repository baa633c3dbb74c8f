"""A plain number or flag that calls change and rest on: a resumed run continues differently.

What it does
------------
Reports attributes that construction sets to a literal number or flag, that ``forward`` changes, and that no checkpoint
holds: a flag under whose test a call sets a parameter or buffer once (``if not self.initialized:``), and a counter that
calls compare or compute with (``self.steps += 1``). Those that the class saves by hand (``get_extra_state``) are passed
by. Off by default: whether a resumed run has to go on counting is not told by the class.

Why it is bad
-------------
``state_dict()`` holds tensors alone. A model that is loaded has the flag of its construction, so that its next call
sets anew what was trained and loaded; a schedule starts from its first step.

Example
-------
Bad::

    def __init__(self, n=4):
        super().__init__()
        self.loc = nn.Parameter(torch.zeros(n))
        self.initialized = False

    def forward(self, x):
        if not self.initialized:
            self.loc.data.copy_(-x.mean(0))
            self.initialized = True
        return x + self.loc

Good::

    def __init__(self, n=4):
        super().__init__()
        self.loc = nn.Parameter(torch.zeros(n))
        self.register_buffer("initialized", torch.tensor(False))

    def forward(self, x):
        if not self.initialized:
            self.loc.data.copy_(-x.mean(0))
            self.initialized.fill_(True)
        return x + self.loc

Fix
---
The number becomes a persistent buffer without dimensions, and what sets it fills the buffer. ``state_dict()`` gains a
key: checkpoints saved before load with ``strict=False``. It is unsafe: a test of the buffer waits for the device, and
``torch.compile`` and ``torch.export`` see a tensor. It is withheld where code does more with the number than to test
it, to compare it and to set it.

References
----------
torch 2.13: ``bool`` of a tensor without dimensions; ``nn.BatchNorm1d.num_batches_tracked``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.number_buffers import register_number
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action
from bufferlint.model.forgotten_numbers import ForgottenNumbers
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF015"
ON_BY_DEFAULT = False
NEEDS = Need.COUNTER


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    numbers = ForgottenNumbers(module)
    for name in module.stored:
        history = module.attribute(name)
        if not numbers.is_number(history):
            continue
        again = numbers.sets_again(name)
        change = again[0] if again is not None else numbers.counts(name)
        if change is None or numbers.is_set_by_others(history):
            continue
        place = module.place(change.owner.path, change.span)
        what = f"guards what sets '{again[1]}' once ({place} sets it)" if again else f"is counted on by {place}"
        for event in history.events:
            if event.action is Action.ASSIGN and event.writer in history.final.writers and belongs(event, module):
                made = register_number(history, settings)
                yield Fault(
                    event.path,
                    event.span,
                    f"'{name}' {what}, and state_dict() omits it: a model that is loaded starts anew",
                    name,
                    "number",
                    "number: a literal",
                    persistent=True,
                    fix=made.fix,
                    withheld=made.withheld,
                )
