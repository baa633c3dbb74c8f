"""The state of an abstract run: local names, and the attributes of the instance under construction."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain

from bufferlint.interpreter.values import ABSENT, Value, join
from bufferlint.ir.expressions import Lambda
from bufferlint.ir.statements import Function
from bufferlint.resolution.references import ClassRef
from bufferlint.text.span import Span

Writer = tuple[str, Span, str]
"""An event that wrote an attribute: path, span of the statement, name of the attribute."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What an attribute holds, and the events that may have put it there (none: it may never have been set)."""

    value: Value
    writers: frozenset[Writer]


UNSET = Slot(ABSENT, frozenset())


@dataclass(slots=True)
class Instance:
    """Attributes of the instance under construction. ``ready`` holds the possible answers to "has
    ``nn.Module.__init__`` run?"."""

    slots: dict[str, Slot]
    super_init_ran: frozenset[bool]

    def copy(self) -> Instance:
        return Instance(dict(self.slots), self.super_init_ran)


@dataclass(slots=True)
class Closure:
    """A nested function or lambda with the frame that it sees."""

    body: Function | Lambda
    frame: Frame


@dataclass(slots=True)
class Frame:
    """A running function. ``scope`` is its qualified name, ``owner`` the class whose method it is, ``receiver`` the
    name of its first parameter. ``exits`` gathers the instance as it is at each ``return``, ``jumps`` at each ``break``
    and ``continue``; ``loops`` counts those that are running."""

    path: str
    scope: str
    names: dict[str, Value]
    owner: ClassRef | None = None
    parent: Frame | None = None
    receiver: str | None = None
    returns: list[Value] = field(default_factory=list)
    exits: list[Instance] = field(default_factory=list)
    jumps: list[tuple[dict[str, Value], Instance]] = field(default_factory=list)
    loops: int = 0

    def find(self, name: str) -> Value | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        return None


def join_names(states: list[dict[str, Value]]) -> dict[str, Value]:
    """A name that some path leaves unset keeps the value of the others: reading it unset would raise."""
    if len(states) == 1:
        return states[0]
    names = dict.fromkeys(chain.from_iterable(states))
    return {name: join([state[name] for state in states if name in state]) for name in names}


def join_instances(states: list[Instance]) -> Instance:
    if len(states) == 1:
        return states[0]
    every = [state.slots for state in states]
    slots: dict[str, Slot] = {}
    for name in dict.fromkeys(chain.from_iterable(every)):
        each = [some.get(name, UNSET) for some in every]
        first = each[0]
        for slot in each:
            if slot is not first:
                writers = frozenset[Writer]().union(*[s.writers for s in each])
                slots[name] = Slot(join([s.value for s in each]), writers)
                break
        else:
            slots[name] = first
    return Instance(slots, frozenset[bool]().union(*(state.super_init_ran for state in states)))
