"""What a rule is: a page for its readers, and a function from one module class to faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bufferlint.finding import Fix, Severity
from bufferlint.semantics.module_class import ModuleClass
from bufferlint.settings import Settings
from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule has to say of one place; the engine adds the rule's name and the location."""

    path: str
    span: Span
    message: str
    attribute: str
    kind: str
    reason: str
    severity: Severity = Severity.WARNING
    persistent: bool | None = None
    fix: Fix | None = None
    withheld: str | None = None


Check = Callable[[ModuleClass, Settings], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """``name`` is the rule's file name with dashes; ``page`` its docstring, whose first line is ``summary``."""

    code: str
    name: str
    summary: str
    page: str
    check: Check
    on_by_default: bool = True
