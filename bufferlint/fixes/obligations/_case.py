"""What an obligation is asked about, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bufferlint.interpreter.events import Event, OutsideUse
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.settings import Settings


@dataclass(frozen=True)
class Case:
    """The registration of one attribute, as it would be written."""

    history: AttributeHistory
    persistent: bool
    settings: Settings

    @property
    def module(self) -> ModuleClass:
        return self.history.of

    @property
    def name(self) -> str:
        return self.history.name

    @cached_property
    def traits(self) -> Trait:
        """All that may be true of a tensor that is stored."""
        traits = Trait.NOTHING
        for event in (*self.history.first_assignments, *self.history.stores):
            traits |= event.value.traits
        return traits

    def where(self, event: Event) -> str:
        return self.module.where(event)

    def place(self, use: OutsideUse) -> str:
        """Returns where something happens outside of the class."""
        return self.module.place(use.path, use.span)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an obligation is not met. Of ``raises`` the rewrite would raise or lose something, else it may."""

    text: str
    raises: bool = False


@dataclass(frozen=True, slots=True)
class Obligation:
    """What must be shown for a fix to be safe; ``evidence`` says what was looked at when there is no reason."""

    name: str
    evidence: str
    reasons: Callable[[Case], Iterator[Reason]]
    """Those that the class and its relatives show."""
    elsewhere: Callable[[Case], Iterator[Reason]] | None = None
    """Those that take a search of the project, or a run of all that the class can do. None of them ``raises``."""


def kinds(of: frozenset[Kind]) -> str:
    """Kinds in the words of a message."""
    return ", ".join(sorted(kind.value for kind in of - {Kind.ABSENT}))


def without_braces(name: str) -> str:
    """A name that an f-string makes, without the parts that are filled in: ``scale_`` of ``scale_{i}``."""
    out, depth = "", 0
    for letter in name:
        depth += letter == "{"
        out += letter if depth == 0 else ""
        depth -= letter == "}"
    return out
