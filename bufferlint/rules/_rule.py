"""What a rule is: a page for its readers, and a function from one module class to faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bufferlint.finding import Fix, Severity
from bufferlint.ir.comments import Suppression
from bufferlint.model.module_class import ModuleClass
from bufferlint.screening.needs import Need
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


@dataclass(frozen=True, slots=True)
class Unused:
    """A suppression of which ``idle`` selectors silence nothing; one without selectors silences nothing at all."""

    path: str
    text: str
    suppression: Suppression
    idle: tuple[str, ...]
    unknown: tuple[str, ...]
    """Those among the idle ones that are no rule's."""


Check = Callable[[ModuleClass, Settings], Iterator[Fault]]
Review = Callable[[Unused], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """``name`` is the rule's file name with dashes; ``page`` its docstring, whose first line is ``summary``.

    A rule looks at module classes (``check``) or at suppressions once the others have run (``review``).
    It speaks only of classes that have what it ``needs``; one that needs nothing is asked of every class. A rule that
    says more where it is selected by name may need ``needs_when_named`` then.
    """

    code: str
    name: str
    summary: str
    page: str
    check: Check | None
    on_by_default: bool = True
    review: Review | None = None
    needs: Need = Need.NOTHING
    needs_when_named: Need | None = None

    def needed(self, settings: Settings) -> Need:
        """Returns what a class must have for the rule to say anything of it under some settings."""
        if self.needs_when_named is None or not self.is_named(settings):
            return self.needs
        return self.needs_when_named

    def is_named(self, settings: Settings) -> bool:
        """Do the settings select the rule themselves, more than that it is on by default?"""
        return is_named(self.code, self.name, settings)

    def answers_to(self, selector: str) -> bool:
        """Returns whether a selector means this rule: its code, the beginning of it, its name, or ``ALL``."""
        return answers_to(self.code, self.name, selector)

    def answers_to_any(self, selectors: Iterable[str]) -> bool:
        return any(map(self.answers_to, selectors))


def answers_to(code: str, name: str, selector: str) -> bool:
    """Returns whether a selector means the rule of a code and a name."""
    return selector == "ALL" or code.startswith(selector.upper()) or name == selector.lower()


def is_named(code: str, name: str, settings: Settings) -> bool:
    """Do the settings select a rule themselves, more than that it is on by default?"""
    return any(answers_to(code, name, selector) for selector in (*settings.select, *settings.extend_select))
