"""Properties that a fix adds to a class, behind the method that sets an attribute; names that are free there."""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from bufferlint.interpreter.events import Event
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.model.module_class import ModuleClass
from bufferlint.resolution.references import ClassRef
from bufferlint.text.edits import Edit
from bufferlint.text.lines import is_blank_or_comment, line_end, next_line
from bufferlint.text.span import Span


def property_behind(module: ModuleClass, event: Event, name: str, body: str) -> Edit | None:
    """A property that gives ``body``, behind the method of an event; None where there is no room for it."""
    owner = event.owner
    around = owner.header.qualified(event.scope) if owner is not None else None
    if owner is None or around is None or name.startswith("__"):
        return None
    return method_behind(module, owner, around, ["@property", f"def {name}(self):", f"\treturn {body}"])


def method_behind(module: ModuleClass, owner: ClassRef, around: FunctionHeader, lines: Sequence[str]) -> Edit | None:
    """A method behind another one; None where there is no room for it. Tabs at the start of ``lines`` indent them."""
    text, indent = module.text(owner.path), owner.header.indent
    if not indent:
        return None
    last = around.span.start + len(text[around.span.start : around.span.end].rstrip())
    at = line_end(text, last)
    if not is_blank_or_comment(text[last:at].lstrip(" \t\f;")):
        return None
    step = "\t" if indent.endswith("\t") else " " * min(len(indent), 4)
    break_, behind_line = line_break(text), next_line(text, last)
    written = break_.join(f"{indent}{line.replace(chr(9), step)}" for line in lines)
    if behind_line == at:  # the last line of the file, without a line end
        return Edit(Span(at, at), f"{break_}{break_}{written}")
    # not at the end of the line, where the fix of its statement may put a closing bracket
    return Edit(Span(behind_line, behind_line), f"{break_}{written}{break_}")


def behind(span: Span, text: str, lines: list[str], indent: str) -> Edit:
    """Lines behind what ends with a span. It is a replacement of the last character: what is inserted at that place
    stands behind it then."""
    added = "".join(f"{line_break(text)}{indent}{line}" for line in lines)
    return Edit(Span(span.end - 1, span.end), text[span.end - 1 : span.end] + added)


def free_locals(module: ModuleClass, event: Event, *wanted: str) -> list[str]:
    """Names for locals that the function of an event does not use yet."""
    usage = module.usage_around(event)
    taken = set(usage.names | usage.parameters) if usage is not None else set[str]()
    found: list[str] = []
    for name in wanted:
        stem = name.strip("_") or "value"
        names = (stem, f"{stem}_member", *(f"{stem}_{n}" for n in range(2, 99)))
        free = next(each for each in names if each not in taken and not keyword.iskeyword(each))
        taken.add(free)
        found.append(free)
    return found


def line_break(text: str) -> str:
    """The line end in use in a text."""
    if "\r\n" in text:
        return "\r\n"
    return "\r" if "\r" in text and "\n" not in text else "\n"
