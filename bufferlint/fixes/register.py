"""The fix of rules that register an attribute as a buffer."""

from __future__ import annotations

from dataclasses import dataclass

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.edits import Registration, registered_name
from bufferlint.fixes.obligations import caveats, objections, withheld
from bufferlint.interpreter.events import Event
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.model.regrown_tables import is_regrown
from bufferlint.settings import Persistence, Settings

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Registering:
    """Either ``fix`` or the reason for which it is ``withheld``."""

    persistent: bool
    fix: Fix | None = None
    withheld: str | None = None


def register(history: AttributeHistory, settings: Settings) -> Registering:
    """Register an attribute at the assignments that may be the first to set it."""
    persistent = settings.persistence is Persistence.PERSISTENT
    if settings.persistence is Persistence.AUTO:
        persistent = history.is_state and not is_regrown(history)
    against = objections(history, persistent, settings)
    reason = withheld(against)
    if reason is not None:
        return Registering(persistent, withheld=reason)
    edits = Registration(history.of, settings, persistent).edits(history.first_assignments)
    if isinstance(edits, str):
        return Registering(persistent, withheld=edits)
    found = list(dict.fromkeys(caveats(against)))
    fix = Fix(
        Applicability.UNSAFE if found else Applicability.SAFE,
        f"Register '{history.name}' as a {'' if persistent else 'non-persistent '}buffer{_weight(history, persistent)}",
        edits,
        "; ".join(found) or None,
        tuple(dict.fromkeys(map(registered_name, history.first_assignments))) if persistent else (),
    )
    return Registering(persistent, fix)


def _weight(history: AttributeHistory, persistent: bool) -> str:
    """Returns what the buffer adds to each checkpoint, when that is worth a word (H27)."""
    sizes = [history.of.bytes_stored(event) or 0 for event in history.first_assignments]
    largest = max(sizes, default=0)
    return f" ({largest / _MIB:.0f} MiB in each checkpoint)" if persistent and largest >= _MIB else ""


def belongs(event: Event, module: ModuleClass) -> bool:
    """Returns whether this class is the one to report an event: the one whose code it is, or that alone reaches it."""
    return module.reports(event)


def moves_by_itself(module: ModuleClass, attribute: str) -> bool:
    """Does the class override what ``Module.to()`` calls and deal with the attribute there?"""
    return module.moves_itself and (module.moves_everything or module.timeline.mentions("_apply", attribute))
