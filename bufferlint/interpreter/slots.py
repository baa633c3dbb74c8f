"""Attributes of the instance, and what its class has under a name: each look is a dependency of the run that looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast, overload

from bufferlint.interpreter.values import ABSENT, Value
from bufferlint.ir.definitions import ClassName, FunctionHeader
from bufferlint.resolution.hierarchy import Lineage, Question
from bufferlint.resolution.references import ClassRef, External, FunctionRef
from bufferlint.text.span import Span
from bufferlint.torch_model.api import Role

if TYPE_CHECKING:  # names of the standard library's stubs
    from _collections_abc import dict_items, dict_values

Default = TypeVar("Default")
Writer = tuple[str, Span, str]
"""An event that wrote an attribute: path, span of the statement, name of the attribute."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What an attribute holds, and the events that may have put it there (none: it may never have been set)."""

    value: Value
    writers: frozenset[Writer]


UNSET = Slot(ABSENT, frozenset())


@dataclass(slots=True)
class Recording:
    """A run that goes on. ``begun`` are the slots as they were when it began, ``read`` those that it looked at while
    they still were as they had been, ``asked`` its questions about the class with their answers."""

    begun: dict[str, Slot]
    read: dict[str, Slot | None] = field(default_factory=dict)
    asked: dict[Question, object] = field(default_factory=dict)
    is_repeatable: bool = True

    def join(self, inner: Recording) -> None:
        """Take in what a function looked at that this one called."""
        for attr, slot in inner.read.items():
            if self.begun.get(attr) is slot:
                self.read[attr] = slot
        self.asked.update(inner.asked)
        self.is_repeatable = self.is_repeatable and inner.is_repeatable


class Slots(dict[str, Slot]):
    """The slots of an instance; each look at one is a dependency of the run that looks."""

    def __init__(self, slots: dict[str, Slot], recordings: list[Recording]) -> None:
        super().__init__(slots)
        self._recordings = recordings

    def _note(self, attr: str, slot: Slot | None) -> None:
        if self._recordings and self._recordings[-1].begun.get(attr) is slot:
            self._recordings[-1].read[attr] = slot

    def _note_all(self) -> None:
        if self._recordings:
            self._recordings[-1].is_repeatable = False

    @overload
    def get(self, key: str, default: None = None, /) -> Slot | None: ...
    @overload
    def get(self, key: str, default: Slot, /) -> Slot: ...
    @overload
    def get(self, key: str, default: Default, /) -> Slot | Default: ...
    def get(self, key: str, default: object = None, /) -> object:
        slot = dict.get(self, key)
        self._note(key, slot)
        return default if slot is None else slot

    def __getitem__(self, key: str) -> Slot:
        slot = dict.__getitem__(self, key)
        self._note(key, slot)
        return slot

    def __contains__(self, key: object) -> bool:
        found = dict.__contains__(self, key)
        if isinstance(key, str):
            self._note(key, dict.get(self, key))
        return found

    def sharing(self, storage: frozenset[tuple[str, int]]) -> list[tuple[str, Slot]]:
        """The attributes that may hold some memory."""
        return [(attr, slot) for attr, slot in self.items() if storage & slot.value.storage] if storage else []

    def items(self) -> dict_items[str, Slot]:
        self._note_all()
        return dict.items(self)

    def values(self) -> dict_values[str, Slot]:
        self._note_all()
        return dict.values(self)


class LineageView:
    """What a class has under a name."""

    def __init__(self, lineage: Lineage, recordings: list[Recording]) -> None:
        self._lineage = lineage
        self._recordings = recordings

    def find(self, method: str, after: ClassRef | None = None) -> FunctionRef | External | None:
        """Returns who defines a method, looking behind ``after``: External when an ancestor outside the project comes
        first."""
        return cast("FunctionRef | External | None", self._ask(("method", method, after)))

    def definition(self, name: str) -> tuple[ClassRef, FunctionHeader | ClassName] | None:
        """The first definition of an attribute at class level: a method, or a name that is given a value."""
        return cast("tuple[ClassRef, FunctionHeader | ClassName] | None", self._ask(("definition", name, None)))

    def setter(self, name: str) -> FunctionRef | None:
        """The setter of a property."""
        return cast("FunctionRef | None", self._ask(("setter", name, None)))

    def registered_by_base(self, name: str) -> tuple[str, Role] | None:
        """The class of torch that registers a parameter or buffer of that name, and which of them it is."""
        return cast("tuple[str, Role] | None", self._ask(("registered", name, None)))

    def inherits(self, ref: ClassRef) -> bool:
        """Returns whether the class is another one or inherits from it."""
        return bool(self._ask(("inherits", ref.header.name, ref)))

    def methods_spelled(self, beginning: str, end: str) -> tuple[str, ...]:
        """The names of methods that begin and end with two texts."""
        return cast("tuple[str, ...]", self._ask(("spelled", f"{beginning}\0{end}", None)))

    @property
    def itself(self) -> ClassRef | None:
        """The class of the instance."""
        return cast("ClassRef | None", self._ask(("class", "", None)))

    def _ask(self, question: Question) -> object:
        answer = self._lineage.answer(question)
        if self._recordings:
            self._recordings[-1].asked[question] = self._lineage.sameness(question)
        return answer

    def would_answer(self, question: Question, answer: object) -> bool:
        """Returns whether a question would be answered so; nothing comes to depend on it."""
        return self._lineage.sameness(question) == answer
