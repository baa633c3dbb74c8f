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
    MEETS_FIXED_DTYPE = "used together with a tensor of a fixed dtype, by an operator that takes no two"
    MEETS_FULL_PRECISION = "given to an operator that half precision lacks"
    STORE_ANY = "stored under a name that is not known"
    READ_DICT = "read past nn.Module"
    ASKS_STATE = "the buffers or the state_dict are asked for"
    LOADS_STATE = "a state_dict is loaded"
    CASTS = "the module is cast"
    STARTS_AGAIN = "nn.Module.__init__ runs once more"
    COPIES = "the module is copied without its tensors"


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


ANY = "*"
"""The ``attr`` of an event that may concern every attribute."""


@dataclass(frozen=True, slots=True)
class OutsideUse:
    """Something done to an object that is not the instance whose history is told: ``receiver`` is what is known of it,
    ``value`` what is stored. ``is_own`` marks a method's first parameter."""

    action: Action
    receiver: Value
    attr: str
    value: Value
    path: str
    span: Span
    scope: str
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """Memory that construction hands to what may keep it."""

    storage: frozenset[tuple[str, int]]
    to: str
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Met:
    """An operator that is given memory by a function which does not know whose it is."""

    action: Action
    storage: frozenset[tuple[str, int]]
    path: str
    span: Span


class EventLog:
    """Events in the order of their first occurrence; one that occurs again (a loop, a second call) is merged."""

    def __init__(self) -> None:
        self._events: dict[tuple[Writer, Action], Event] = {}
        self.outside: dict[OutsideUse, None] = {}
        self.handed: dict[Handed, None] = {}
        self.met: dict[Met, None] = {}
        self.noted: list[Note] = []
        """All events as they came, those that occurred again too."""

    def note(self, event: Note) -> None:
        self.noted.append(event)
        if isinstance(event, OutsideUse):
            self.outside[event] = None
            return
        if isinstance(event, Met):
            self.met[event] = None
            return
        if isinstance(event, Handed):
            self.handed[event] = None
            return
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


Note = Event | OutsideUse | Handed | Met
