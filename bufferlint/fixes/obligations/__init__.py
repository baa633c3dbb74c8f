"""The eight obligations of a safe registration: each shows that it is met, or gives the reason why not.

What an obligation cannot see is a reason. Answers rest on the verified behaviour of torch 2.13 (``register_buffer`` and
``nn.Buffer`` alike unless said).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    """The answers of all obligations."""
    case = Case(history, persistent, settings)
    return tuple(Shown(each, tuple(dict.fromkeys(each.reasons(case)))) for each in OBLIGATIONS)


def withheld(shown: tuple[Shown, ...]) -> str | None:
    """The first reason for which the rewrite would raise or lose something; None when there is none."""
    return next((reason.text for each in shown for reason in each.reasons if reason.raises), None)


def caveats(shown: tuple[Shown, ...]) -> Iterator[str]:
    """Yields what the rewrite may change in a way that the analysis cannot rule out."""
    return (reason.text for each in shown for reason in each.reasons if not reason.raises)
