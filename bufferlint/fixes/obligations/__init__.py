"""The eight obligations of a safe registration: each shows that it is met, or gives the reason why not.

What an obligation cannot see is a reason. Answers rest on the verified behaviour of torch 2.13 (``register_buffer`` and
``nn.Buffer`` alike unless said).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from bufferlint.fixes.obligations import (
    access,
    casts,
    context,
    free_name,
    own_tensor,
    spelling,
    state,
    writes,
)
from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.ir.budget import OverBudget
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.settings import Settings

OBLIGATIONS: tuple[Obligation, ...] = (
    free_name.OBLIGATION,
    writes.OBLIGATION,
    access.OBLIGATION,
    state.OBLIGATION,
    casts.OBLIGATION,
    own_tensor.OBLIGATION,
    spelling.OBLIGATION,
    context.OBLIGATION,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer of one obligation."""

    obligation: Obligation
    reasons: tuple[Reason, ...]


def examine(history: AttributeHistory, persistent: bool, settings: Settings) -> tuple[Shown, ...]:
    """The answers of all obligations, with every reason that there is."""
    case = Case(history, persistent, settings)
    return tuple(
        Shown(each, (*_distinct(each.reasons, case), *_distinct(each.elsewhere, case))) for each in OBLIGATIONS
    )


def objections(history: AttributeHistory, persistent: bool, settings: Settings) -> tuple[Reason, ...]:
    """Returns what stands against a safe fix: all that the class shows by itself, or else the first thing that the
    rest of the project does.

    Searching the project costs far more than the class does, and one reason is enough to make a fix unsafe.
    """
    case = Case(history, persistent, settings)
    try:
        with history.of.queries.reader.budget.of_fix():
            found = [reason for each in OBLIGATIONS for reason in _distinct(each.reasons, case)]
            if not found:
                further = (reason for each in OBLIGATIONS if each.elsewhere for reason in each.elsewhere(case))
                found += islice(further, 1)
    except OverBudget:
        text = "examining it takes too many steps: what other code does was not all seen"
        return (Reason(text, raises=True),)
    return tuple(found)


def _distinct(reasons: Callable[[Case], Iterator[Reason]] | None, case: Case) -> Iterable[Reason]:
    return dict.fromkeys(reasons(case)) if reasons is not None else ()


def withheld(reasons: Iterable[Reason]) -> str | None:
    """The first reason for which the rewrite would raise or lose something; None when there is none."""
    return next((reason.text for reason in reasons if reason.raises), None)


def caveats(reasons: Iterable[Reason]) -> Iterator[str]:
    """Yields what the rewrite may change in a way that the analysis cannot rule out."""
    return (reason.text for reason in reasons if not reason.raises)
