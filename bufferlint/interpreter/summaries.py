"""Summaries of functions that are handed the instance: what one run looked at, and what it left there.

A run looks at its arguments, at slots of the instance, and at what the class has under a name. A run that would see the
same leads to the same result, the same writes and the same events. So a function is interpreted once for each distinct
set of answers, however many classes inherit it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bufferlint.interpreter.events import Note
from bufferlint.interpreter.slots import Recording, Slot
from bufferlint.interpreter.state import Instance
from bufferlint.interpreter.values import Value
from bufferlint.ir.budget import Budget
from bufferlint.resolution.hierarchy import Question

_MOST = 12
"""Summaries kept of one function with the same arguments: classes differ in more ways than it pays to look through."""
_IN_A_STEP = 4
"""Things of a summary that are compared or done again in a step."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A run that has ended: what it looked at, then what it did."""

    read: tuple[tuple[str, Slot | None], ...]
    asked: tuple[tuple[Question, object], ...]
    events: tuple[Note, ...]
    ran: frozenset[str]
    written: tuple[tuple[str, Slot], ...]
    super_init_ran: frozenset[bool]
    result: Value

    @property
    def size(self) -> int:
        """The number of things that it looked at and did."""
        return len(self.read) + len(self.asked) + len(self.events) + len(self.written)

    def holds(self, instance: Instance) -> bool:
        """Returns whether a run on the instance would see what this one saw."""
        slots, view = instance.slots, instance.lineage
        return all(_is_same(dict.get(slots, attr), slot) for attr, slot in self.read) and all(
            view is not None and view.would_answer(question, answer) for question, answer in self.asked
        )


class Summaries:
    """The summaries of a project's functions, by function and arguments."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._known: dict[object, list[Summary]] = {}

    def find(self, question: object, instance: Instance) -> Summary | None:
        """A summary that holds for the instance; what it rests on counts for the runs that go on."""
        for summary in self._known.get(question, ()):
            self._budget.spend(1 + summary.size // _IN_A_STEP)
            if summary.holds(instance):
                if instance.recordings:
                    read = {attr: dict.get(instance.slots, attr) for attr, _ in summary.read}
                    instance.recordings[-1].join(Recording({}, read, dict(summary.asked)))
                return summary
        return None

    def keep(self, question: object, summary: Summary) -> None:
        self._budget.spend(summary.size // _IN_A_STEP)
        known = self._known.setdefault(question, [])
        known.insert(0, summary)
        del known[_MOST:]


def summarised(recording: Recording, instance: Instance, events: list[Note], ran: list[str], result: Value) -> Summary:
    """The summary of a run that was recorded from its beginning to now."""
    begun = recording.begun
    return Summary(
        tuple(recording.read.items()),
        tuple(recording.asked.items()),
        tuple({id(event): event for event in events}.values()),  # a replay notes the very events again
        frozenset(ran),
        tuple([(attr, slot) for attr, slot in dict.items(instance.slots) if begun.get(attr) is not slot]),
        instance.super_init_ran,
        result,
    )


def _is_same(now: Slot | None, then: Slot | None) -> bool:
    """Returns whether two slots hold the same, for the same reason: messages quote it."""
    if now is then:
        return True
    return now is not None and then is not None and now == then and now.value.reason == then.value.reason
