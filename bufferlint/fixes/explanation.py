"""The obligations of a registration in words: which are met, by what evidence, and which are not, for what reason."""

from __future__ import annotations

from bufferlint.fixes.obligations import examine
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.regrown_tables import is_regrown
from bufferlint.settings import Persistence, Settings


def explained(history: AttributeHistory, settings: Settings) -> str:
    """All obligations of registering an attribute as a buffer, a line each, and a line for each reason."""
    if not history.stores:
        return (
            f"{history.of.name}.{history.name}: construction leaves no plain tensor there, so there is nothing to fix"
        )
    persistent = settings.persistence is Persistence.PERSISTENT
    if settings.persistence is Persistence.AUTO:
        persistent = history.is_state and not is_regrown(history)
    shown = examine(history, persistent, settings)
    reasons = [reason for each in shown for reason in each.reasons]
    verdict = "withheld" if any(reason.raises for reason in reasons) else "unsafe" if reasons else "safe"
    lines = [f"{history.of.name}.{history.name}: registering it as a buffer is {verdict}"]
    for number, each in enumerate(shown, 1):
        lines.append(f"{number}. {each.obligation.name}: {'not shown' if each.reasons else each.obligation.evidence}")
        lines += [f"   {'raises: ' if reason.raises else ''}{reason.text}" for reason in each.reasons]
    return "\n".join(lines)
