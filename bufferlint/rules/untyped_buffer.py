"""A buffer that its class does not declare: type checkers take it for a tensor or a module.

What it does
------------
Reports attributes that construction registers as buffers and that methods read, while no class body and no assignment
annotates them. Only in classes with annotations: code without types has no use for more. Off by default: nothing is
wrong at run time.

Why it is bad
-------------
``nn.Module.__getattr__`` returns ``Tensor | Module`` to type checkers, so that ``self.mask[:n]`` and ``x + self.mask``
are errors for mypy and pyright, or each use has a cast.

Example
-------
Bad::

    class Model(nn.Module):
        def __init__(self, n: int = 3) -> None:
            super().__init__()
            self.register_buffer("mask", torch.ones(n))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.mask

Good::

    class Model(nn.Module):
        mask: torch.Tensor

        def __init__(self, n: int = 3) -> None:
            super().__init__()
            self.register_buffer("mask", torch.ones(n))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * self.mask

Fix
---
``mask: Tensor`` at the top of the class, spelled as the file spells it. Nothing changes at run time. It is withheld
where the file has no name for ``torch.Tensor``, in dataclasses, whose annotations are fields, and where the attribute
may be None.

References
----------
pytorch#185023.
"""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix, Severity
from bufferlint.fixes.declarations import declaration, room
from bufferlint.fixes.register import belongs
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings

CODE = "BUF018"
ON_BY_DEFAULT = False
NEEDS = Need.BUFFER


def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
    for name, slot in module.timeline.construction.final.items():
        history = module.attribute(name)
        registered = [e for e in history.events if e.action is Action.REGISTER_BUFFER and belongs(e, module)]
        if not registered or not slot.value.only(Kind.BUFFER, Kind.NONE, Kind.ABSENT) or not name.isidentifier():
            continue
        event = registered[0]
        if _is_declared(module, name) or not _is_typed(module, event) or not any(True for _ in history.reads()):
            continue
        fix, reason = _declare(module, event, settings)
        yield Fault(
            event.path,
            event.span,
            f"'{name}' is a buffer that the class body does not declare: checkers take it for a Tensor or a Module",
            name,
            "buffer",
            module.explain(event),
            severity=Severity.INFO,
            persistent=event.persistent,
            fix=fix,
            withheld=reason,
        )


def _is_declared(module: ModuleClass, name: str) -> bool:
    if any(owner.header.binds(name) for owner in module.lineage.classes):
        return True
    return any(name in usage.annotated for _, _, usage in module.timeline.usages())


def _is_typed(module: ModuleClass, event: Event) -> bool:
    """Does a method of the class that registers it have annotations?"""
    owner = event.owner
    for header in owner.header.methods if owner is not None else ():
        body = module.queries.function(event.path, header)
        if body is not None and (body.returns is not None or any(each.annotation for each in body.parameters)):
            return True
    return False


def _declare(module: ModuleClass, event: Event, settings: Settings) -> tuple[Fix | None, str | None]:
    if event.value.may(Kind.NONE) or not module.attribute(event.attr).final.value.only(Kind.BUFFER):
        return None, "it may be None or unset: declare what it is by hand"
    words = module.import_spelling(event.path, "torch.Tensor")
    if words is None:
        return None, "the file has no name for torch.Tensor: import it"
    at = room(module, event, words, early=(settings.target_version or (0, 0)) < (3, 14))
    if at is None:
        return None, "the class body cannot declare it: its annotations mean something else, or come before the import"
    edit = declaration(module, event, at, words)
    return Fix(Applicability.SAFE, f"Declare '{event.attr}' as a tensor", (edit,)), None
