"""The state of an abstract run: local names, and the attributes of the instance under construction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from bufferlint.interpreter.slots import UNSET, LineageView, Recording, Slot, Slots, Writer
from bufferlint.interpreter.values import UNKNOWN, Kind, Trait, Value, join
from bufferlint.ir.expressions import Attribute, Compare, Constant, Expression, Lambda, Name, dotted
from bufferlint.ir.statements import Function
from bufferlint.resolution.hierarchy import Lineage
from bufferlint.resolution.references import ClassRef, SelfClassRef, SelfRef


class Instance:
    """The instance whose methods run, shared by their frames.

    ``super_init_ran`` holds the possible answers to "has ``nn.Module.__init__`` run?", ``without_gradient`` counts the
    ``with torch.no_grad()`` blocks that run, ``in_inference_mode`` those of ``torch.inference_mode()``, ``recordings``
    are the runs that note what they look at. A `copy` is a snapshot of what paths change; `become` goes back to one.
    """

    __slots__ = ("in_inference_mode", "lineage", "recordings", "slots", "super_init_ran", "without_gradient")

    def __init__(self, slots: dict[str, Slot], super_init_ran: frozenset[bool], lineage: Lineage | None = None) -> None:
        self.recordings: list[Recording] = []
        self.slots = Slots(slots, self.recordings)
        self.super_init_ran = super_init_ran
        self.lineage = LineageView(lineage, self.recordings) if lineage is not None else None
        self.without_gradient = 0
        self.in_inference_mode = 0

    def copy(self) -> Snapshot:
        return Snapshot(dict(self.slots), self.super_init_ran)

    def become(self, snapshot: Snapshot) -> None:
        self.slots = Slots(snapshot.slots, self.recordings)
        self.super_init_ran = snapshot.super_init_ran


class Snapshot(NamedTuple):
    """What an `Instance` holds on one path."""

    slots: dict[str, Slot]
    super_init_ran: frozenset[bool]


@dataclass(slots=True)
class Closure:
    """A nested function or lambda with the frame that it sees."""

    body: Function | Lambda
    frame: Frame


@dataclass(slots=True)
class Frame:
    """A running function. ``scope`` is its qualified name, ``owner`` the class whose method it is, ``receiver`` the
    name of its first parameter, ``instance`` the object that it may change: none for a function that is not handed one.
    ``exits`` gathers the instance as it is at each ``return``, the last of ``jumps`` the state at each ``break`` and
    ``continue`` of the innermost loop."""

    path: str
    scope: str
    names: dict[str, Value]
    owner: ClassRef | None = None
    parent: Frame | None = None
    receiver: str | None = None
    returns: list[Value] = field(default_factory=list)
    yielded: list[Value] = field(default_factory=list)
    exits: list[Snapshot] = field(default_factory=list)
    jumps: list[list[State]] = field(default_factory=list)
    instance: Instance | None = None
    defaults: dict[str, str] = field(default_factory=dict)
    """The strings that parameters of which no more is known have by default."""
    optional: frozenset[str] = frozenset()
    """Parameters that are None by default, of which no more is known."""
    shared_names: frozenset[str] = frozenset()
    """Names that a ``global`` statement makes the module's."""

    @property
    def lineage(self) -> LineageView | None:
        return self.instance.lineage if self.instance is not None else None

    def find(self, name: str) -> Value | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        return None

    def is_self(self, expression: Expression) -> bool:
        """Returns whether an expression is the name of the instance."""
        if not isinstance(expression, Name):
            return False
        value = self.find(expression.id)
        return value is not None and isinstance(value.reference, SelfRef)

    def keep_field(self, target: Attribute, value: Value) -> None:
        """Keep the tensor that is stored on an object other than the instance, under the path that names it: no name
        holds a dot."""
        path = dotted(target)
        if path is not None and value.may(Kind.TENSOR):
            self.names[path] = replace(value, traits=value.traits | Trait.SHARED)
        elif path is not None:
            self.names.pop(path, None)

    def field(self, expression: Attribute) -> Value | None:
        """Returns what was stored under a path on an object other than the instance."""
        path = dotted(expression)
        return self.names.get(path) if path is not None else None

    def forget_fields(self, name: str) -> None:
        """A name is bound anew: what was stored on the object that it named is of another one."""
        for path in [path for path in self.names if path.startswith(f"{name}.")]:
            del self.names[path]

    def tested_for_none(self, test: Expression) -> tuple[str, bool] | None:
        """The parameter that a test asks to be None, and the outcome that says so; of one that is None by default."""
        match test:
            case Compare(left=Name(id=name), ops=("is" | "is not" as op,), comparators=(Constant(value=None),)):
                known = self.names.get(name)
                if name in self.optional and known is not None and known.kinds == UNKNOWN.kinds:
                    return name, op == "is"
        return None

    def place(self, expression: Expression) -> frozenset[tuple[str, int]]:
        """The memory that is made where an expression stands."""
        return frozenset({(self.path, expression.span.start)})

    def settled(self, value: Value) -> Value:
        """Returns the value with the class that it stands for, where that is the class of the instance."""
        return settled(value, self.instance)

    def module_initialised(self) -> None:
        """``nn.Module.__init__`` has run."""
        if self.instance is not None:
            self.instance.super_init_ran = frozenset({True})

    def state(self) -> State:
        """A snapshot of the names and of the instance."""
        return dict(self.names), self.instance.copy() if self.instance is not None else None

    def restore(self, state: State) -> None:
        names, instance = state
        self.names = dict(names)
        if self.instance is not None and instance is not None:
            self.instance.become(instance)


def settled(value: Value, instance: Instance | None) -> Value:
    """Returns a value with the class that it stands for, where that is the class of the instance."""
    if not isinstance(value.reference, SelfClassRef):
        return value
    lineage = instance.lineage if instance is not None else None
    itself = lineage.itself if lineage is not None else None
    return replace(value, reference=itself) if itself is not None else UNKNOWN


State = tuple[dict[str, Value], Snapshot | None]
"""What differs from path to path of a function: its names, and what the instance holds."""


def join_states(states: list[State]) -> State:
    instances = [instance for _, instance in states if instance is not None]
    return join_names([names for names, _ in states]), join_instances(instances) if instances else None


def join_names(states: list[dict[str, Value]]) -> dict[str, Value]:
    """A name that some path leaves unset keeps the value of the others: reading it unset would raise."""
    if len(states) == 1:
        return states[0]
    names = dict.fromkeys(chain.from_iterable(states))
    return {name: join([state[name] for state in states if name in state]) for name in names}


def join_instances(states: list[Snapshot]) -> Snapshot:
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
    return Snapshot(slots, frozenset[bool]().union(*(state.super_init_ran for state in states)))


def in_place_of_none(value: Value | None, given: Value | None) -> Value | None:
    """Returns what callers pass for a parameter that a tensor takes the place of where it is None: a tensor as well."""
    if value is None or given is None or given.kinds != UNKNOWN.kinds:
        return None
    if not value.is_tensor or Trait.SCALAR in value.traits:
        return None
    told = value.traits | Trait.FROM_CALLER | Trait.SHARED
    return replace(value, traits=told & ~Trait.ON_CPU, storage=frozenset())
