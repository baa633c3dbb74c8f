"""Types of attributes in a class body: ``x: Tensor``, for checkers that know nothing of registrations."""

from __future__ import annotations

from bufferlint.interpreter.events import Event
from bufferlint.model.module_class import ModuleClass
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span


def room(module: ModuleClass, event: Event, words: str, *, early: bool) -> int | None:
    """Returns where in the class body an annotation of an event's attribute may stand; ``early`` as for
    `ModuleClass.takes_annotation`."""
    owner = event.owner
    if owner is None or owner.path != event.path or module.makes_fields(owner):
        return None
    return owner.header.insertion if module.takes_annotation(event, words, early=early) else None


def declaration(module: ModuleClass, event: Event, at: int, words: str) -> Edit:
    """A line of the class body that annotates the attribute."""
    owner, text = event.owner, module.text(event.path)
    assert owner is not None
    break_ = line_end_around(text, at)
    before_function = text[at:].lstrip(" \t").startswith(("def ", "async ", "@", "#"))
    blank = break_ if before_function else ""
    head = "" if at == 0 or text[at - 1] in "\r\n" else break_
    return Edit(Span(at, at), f"{head}{owner.header.indent}{event.attr}: {words}{break_}{blank}")


def line_end_around(text: str, offset: int) -> str:
    """The line end in use around an offset."""
    before = text.rfind("\n", 0, offset)
    if before < 0:
        before = text.find("\n", offset)
    if before < 0:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if text[before - 1 : before] == "\r" else "\n"
