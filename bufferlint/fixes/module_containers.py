"""The fix that makes a plain container of modules or parameters one of torch's: ``nn.ModuleList`` and its like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.container_obligations import reasons
from bufferlint.fixes.container_shape import shape_of
from bufferlint.fixes.obligations._case import Reason
from bufferlint.interpreter.events import Event
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.model.module_groups import ModuleGroup
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_UNREADABLE = "LibCST does not read its statement as Python does"


@dataclass(frozen=True, slots=True)
class Containing:
    """Either ``fix`` or the reason for which it is ``withheld``."""

    fix: Fix | None = None
    withheld: str | None = None


def register_members(group: ModuleGroup) -> Containing:
    """Make the container that an attribute holds register its members."""
    if group.is_partial:
        return Containing(withheld="register the module as an attribute, and bind the arguments where it is called")
    shapes = {"list" if shape == "tuple" else shape for shape in (shape_of(group.of, e) for e in group.stores)}
    if len(shapes) != 1 or None in shapes:
        return Containing(withheld="it cannot be told if it is a list or a dict: make it one of torch's by hand")
    shape = shapes.pop() or ""
    found = list(dict.fromkeys(reasons(group, shape)))
    refused = next((reason.text for reason in found if reason.raises), None)
    if refused is not None:
        return Containing(withheld=refused)
    name = f"torch.nn.{'Parameter' if group.holds_parameters else 'Module'}{'Dict' if shape == 'dict' else 'List'}"
    edits: list[Edit] = []
    for event in group.stores:
        made = list(_edits(group, event, name))
        if not made:
            return Containing(withheld=_why_not(group, event, name))
        edits += made
    return Containing(_fix(group, name, edits, found))


def _fix(group: ModuleGroup, name: str, edits: list[Edit], found: list[Reason]) -> Fix:
    history = group.history
    return Fix(
        Applicability.UNSAFE if found else Applicability.SAFE,
        f"Make '{history.name}' an nn.{name.rpartition('.')[2]}",
        tuple(sorted(set(edits))),
        "; ".join(reason.text for reason in found) or None,
        (f"{history.name}.*",),
    )


def _why_not(group: ModuleGroup, event: Event, name: str) -> str:
    if group.of.anchors(event) is None:
        return _UNREADABLE
    if group.of.import_spelling(event.path, name) is None:
        return f"torch.nn is not imported here, so that nn.{name.rpartition('.')[2]} has no name"
    return "its statement sets more than the one attribute: give it an assignment of its own"


def _edits(group: ModuleGroup, event: Event, name: str) -> Iterator[Edit]:
    """``nn.ModuleList(...)`` around what is assigned; nothing where it cannot be written."""
    statement, anchors = event.statement, group.of.anchors(event)
    spelled = group.of.import_spelling(event.path, name)
    if not isinstance(statement, st.Assign) or anchors is None or spelled is None:
        return
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ir.Attribute) or target.attr != event.attr:
        return
    text, value = group.of.text(event.path), statement.value
    if statement.annotation is not None:
        yield Edit(statement.annotation.span, spelled)
    if _is_empty(value):
        yield Edit(anchors.outer, f"{spelled}()")
        return
    within = list(_inner(value))
    bare = isinstance(value, ir.Display) and value.kind == "tuple" and not _is_enclosed(text, anchors.outer)
    if bare and within:
        return
    for inner in within:
        yield from _around(inner.span, spelled)
    opening, closing = (f"{spelled}((", "))") if bare else (f"{spelled}(", ")")
    yield Edit(Span(anchors.outer.start, anchors.outer.start), opening)
    yield Edit(Span(anchors.outer.end, anchors.outer.end), closing)


def _is_enclosed(text: str, span: Span) -> bool:
    """Does one pair of parentheses hold all of a text?"""
    depth = 0
    for at in range(span.start, span.end):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at == span.end - 1
    return False


def _around(span: Span, spelled: str) -> Iterator[Edit]:
    yield Edit(Span(span.start, span.start), f"{spelled}(")
    yield Edit(Span(span.end, span.end), ")")


def _inner(value: ir.Expression) -> Iterator[ir.Expression]:
    """The lists and tuples that are written as members of a container."""
    members = value.items if isinstance(value, ir.Display) else ()
    members = (value.element,) if isinstance(value, ir.Comprehension) else members
    for member in members:
        if isinstance(member, ir.Display) or (isinstance(member, ir.Comprehension) and member.kind == "list"):
            yield member
            yield from _inner(member)


def _is_empty(value: ir.Expression) -> bool:
    match value:
        case ir.Display(items=()) | ir.Dict(values=()):
            return True
        case ir.Call(func=ir.Name(id="list" | "dict" | "tuple"), args=()):
            return True
    return False
