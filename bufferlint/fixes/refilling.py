"""The fix that fills buffers which no checkpoint holds in ``reset_parameters``, from the values of construction."""

from __future__ import annotations

import builtins

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.made import Made
from bufferlint.fixes.properties import method_behind
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.literals import names_in
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import text_of
from bufferlint.model.module_class import ModuleClass

_CAVEAT = "whoever builds the module on the meta device has to call reset_parameters(), as FSDP does"
_BY_HAND = "register it persistently, or fill it in reset_parameters()"


def refill(module: ModuleClass, events: list[Event]) -> Made:
    """One method for all the buffers that the class registers so."""
    if not module.inherits_plain_base or module.overrides("reset_parameters"):
        return Made(withheld=f"{_BY_HAND} by hand")
    lines = [_line(module, event) for event in events]
    known = [line for line in lines if line is not None]
    event = events[0]
    around = module.header.qualified(event.scope)
    if len(known) < len(lines) or around is None or event.owner != module.ref:
        return Made(withheld=f"{_BY_HAND}: its value is made of what the instance does not keep")
    written = ["def reset_parameters(self):", *(f"\t{line}" for line in known)]
    edit = method_behind(module, module.ref, around, written)
    if edit is None:
        return Made(withheld=f"{_BY_HAND} by hand")
    return Made(Fix(Applicability.UNSAFE, "Fill the buffers again in reset_parameters()", (edit,), _CAVEAT))


def _line(module: ModuleClass, event: Event) -> str | None:
    """``self.x.copy_(value)``, if the value is one that a method can make."""
    statement = event.statement
    call = statement.value if isinstance(statement, st.Evaluate) else None
    if not isinstance(call, ir.Call) or len(call.args) < 2 or text_of(call.args[0].value) != event.attr:
        return None
    value = call.args[1]
    if value.keyword not in (None, "tensor") or value.star:
        return None
    plain = all(
        name == "self" or module.named(event.path, name) is not None or hasattr(builtins, name)
        for name in names_in(value.value)
    )
    text = module.text(event.path)[value.value.span.start : value.value.span.end]
    if "\n" in text or "#" in text or not plain:
        return None
    return f"self.{event.attr}.copy_({text})"
