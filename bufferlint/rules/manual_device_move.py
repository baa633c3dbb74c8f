"""A registered buffer is moved to a device by hand.

What it does
------------
Reports ``self.mask = self.mask.to(x.device)``, ``self.mask.to(x.device)`` and ``self.mask.cuda()`` in methods of an
``nn.Module`` when ``mask`` is a registered buffer. Off by
default: select it once a class has been fixed, to find the moves that became redundant.

Why it is bad
-------------
``Module.to()`` moves the buffer together with the parameters: the line does nothing, costs time in each forward, and
hides that the module was never moved. ``.cuda()`` fails on a machine without CUDA.

Example
-------
Bad::

    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.ones(3))

    def forward(self, x):
        return x * self.mask.to(x.device)

Good::

    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.ones(3))

    def forward(self, x):
        return x * self.mask

Fix
---
The move is removed. It is unsafe: callers may hand in tensors on another device than the module's, which worked before.

References
----------
``Module.to()`` moves parameters and buffers, persistent or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix, Severity
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind
from bufferlint.ir.expressions import Attribute, Call
from bufferlint.ir.statements import Assign, Evaluate
from bufferlint.model.attribute_history import AttributeHistory, is_move
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

CODE = "BUF008"
ON_BY_DEFAULT = False
NEEDS = Need.MOVED


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name in module.registered:
        history = module.attribute(name)
        for event in history.later:
            if event.action is Action.MOVE and event.value.kinds == {Kind.BUFFER} and event.owner == module.ref:
                fix = _remove(history, event)
                yield Fault(
                    event.path,
                    event.span,
                    f"the buffer '{name}' is moved by hand: Module.to() moves it with the module",
                    name,
                    "buffer",
                    "buffer: registered in construction",
                    Severity.INFO,
                    fix=fix,
                    withheld=None if fix else "the move can't be taken out of its statement by itself",
                )


def _remove(history: AttributeHistory, event: Event) -> Fix | None:
    call = event.statement.value if isinstance(event.statement, Evaluate) else None
    if not isinstance(call, Call) or not isinstance(call.func, Attribute):
        return None
    stored = [e for e in history.later if is_move(e) and e.span.contains(event.span) and e.path == event.path]
    edit = Edit(Span(call.func.value.span.end, call.span.end), "")
    if "#" in history.of.text(event.path)[call.func.value.span.end : call.span.end]:
        return None
    if stored and isinstance(stored[0].statement, Assign) and stored[0].statement.value == call:
        if len(stored[0].statement.targets) != 1:
            return None
        removed = history.of.without_statement(stored[0])
        if removed is None:
            return None
        edit = removed
    caveat = "tensors handed in on another device than the module's would no longer meet the buffer there"
    return Fix(Applicability.UNSAFE, "Remove the move", (edit,), caveat)
