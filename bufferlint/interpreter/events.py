"""What happens to a module's attributes, one event for each statement that does something to one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from bufferlint.interpreter.slots import Slot, Writer
from bufferlint.interpreter.values import Value, join
from bufferlint.ir.statements import Statement
from bufferlint.resolution.references import ClassRef
from bufferlint.text.span import Span


class Action(Enum):
    ASSIGN = "assigned"
    REGISTER_BUFFER = "registered as a buffer"
    REGISTER_OTHER = "registered as a parameter or submodule"
    DELETE = "deleted"
    MUTATE = "changed in place"
    SHADOW = "written past nn.Module"
    READ_ON_CPU = "read by code that needs it on the CPU"
    MEETS_CPU = "used together with a tensor that was made on the CPU"
    SAMPLE = "sampled from"
    MOVE = "moved to a device by hand"
    """The value is not stored by this event; an assignment may store it."""


@dataclass(frozen=True, slots=True)
class Event:
    """``before`` is what the attribute held until then, ``ready`` the answers to "had nn.Module.__init__ run?".

    ``span`` and ``statement`` are where it happens; ``scope`` is the function's qualified name, ``owner`` its class.
    ``persistent`` is told for registrations of buffers only, None when the code computes it.
    """

    attr: str
    action: Action
    value: Value
    before: Slot
    super_init_ran: frozenset[bool]
    path: str
    scope: str
    owner: ClassRef | None
    span: Span
    statement: Statement
    persistent: bool | None = None

    @property
    def writer(self) -> Writer:
        return (self.path, self.span, self.attr)


class EventLog:
    """Events in the order of their first occurrence; one that occurs again (a loop, a second call) is merged."""

    def __init__(self) -> None:
        self._events: dict[tuple[Writer, Action], Event] = {}
        self.noted: list[Event] = []
        """All events as they came, those that occurred again too."""

    def note(self, event: Event) -> None:
        self.noted.append(event)
        key = (event.writer, event.action)
        known = self._events.get(key)
        if known is not None:
            before = Slot(join([known.before.value, event.before.value]), known.before.writers | event.before.writers)
            event = replace(
                known,
                value=join([known.value, event.value]),
                before=before,
                super_init_ran=known.super_init_ran | event.super_init_ran,
            )
        self._events[key] = event

    def events(self) -> tuple[Event, ...]:
        return tuple(self._events.values())
