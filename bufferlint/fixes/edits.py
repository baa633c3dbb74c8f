"""Text edits that several rules make: registering an attribute as a buffer."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from bufferlint.fixes.declarations import declaration, line_end_around, room
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Kind
from bufferlint.ir.anchors import Anchors
from bufferlint.ir.expressions import Attribute, Call, Display, Expression, Name
from bufferlint.ir.statements import Assign, Evaluate
from bufferlint.model.module_class import ModuleClass
from bufferlint.settings import Settings, Style
from bufferlint.text.edits import Edit
from bufferlint.text.lines import behind_comma, line_end, with_own_line
from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Registration:
    """How the registrations of one attribute are to be written."""

    module: ModuleClass
    settings: Settings
    persistent: bool

    @property
    def style(self) -> Style:
        return self.settings.style

    @property
    def evaluates_annotations(self) -> bool:
        """Tells whether a class body evaluates its annotations in a Python that the code is to run with (before PEP
        649)."""
        return (self.settings.target_version or (0, 0)) < (3, 14)

    def edits(self, events: tuple[Event, ...]) -> tuple[Edit, ...] | str:
        """The edits that turn assignments into registrations, or why they cannot be written."""
        out: list[Edit] = []
        if len({event.path for event in events}) > 1:
            return "it is set in several files: change them together, by hand"
        for event in events:
            made = _Writer(self, event, first=event is events[0]).edits()
            if isinstance(made, str):
                return made
            out += made
        return tuple(sorted(set(out)))


def registered_name(event: Event) -> str:
    """The attribute's name as Python reads it: mangled and normalised, which a string is not (H6, H41)."""
    name, owner = unicodedata.normalize("NFKC", event.attr), event.owner
    if name.startswith("__") and not name.endswith("__") and owner is not None:
        stripped = owner.header.name.lstrip("_")
        return f"_{stripped}{name}" if stripped else name
    return name


@dataclass(frozen=True, slots=True)
class _Writer:
    plan: Registration
    event: Event
    first: bool
    """Whether no other event of the attribute is written before it."""

    @property
    def text(self) -> str:
        return self.plan.module.text(self.event.path)

    @property
    def at(self) -> Anchors:
        anchors = self.plan.module.anchors(self.event)
        assert anchors is not None, self.event
        return anchors

    def edits(self) -> list[Edit] | str:
        statement = self.event.statement
        if self.plan.module.anchors(self.event) is None:
            return "LibCST does not read its statement as Python does"
        if isinstance(statement, Evaluate) and isinstance(statement.value, Call):
            return self._setattr(statement.value)
        if not isinstance(statement, Assign):
            return "it is set by a call or a loop, not by an assignment"
        if False in self.event.super_init_ran:
            return self._behind_super(statement)
        target = next((t for t in statement.targets if self._is_mine(t)), None)
        if target is not None and len(statement.targets) == 1:
            return self._single(statement, target)
        if target is not None:
            return self._chained(statement, target)
        return self._unpacked(statement)

    def _is_mine(self, target: Expression) -> TypeGuard[Attribute]:
        return isinstance(target, Attribute) and target.attr == self.event.attr

    # -- self.x = value ------------------------------------------------------------------------------------------

    def _single(self, statement: Assign, target: Attribute) -> list[Edit] | str:
        value, outer = statement.value, self.at.outer
        parenthesised = outer.start < value.span.start
        opening = self._opening(target)
        if opening is None:
            return "torch.nn is not imported here, so that nn.Buffer has no name"
        keep = outer.start + 1 if parenthesised else outer.start
        if opening.startswith("="):
            start, head = outer.start, opening[1:]
        else:
            start, head = statement.span.start, opening
            if parenthesised and self.text[keep : keep + 1].isspace():
                head = head.rstrip()
        persistence = "" if self.plan.persistent else ", persistent=False"
        edits = [Edit(Span(start, keep), head)]
        declared, behind = self._declared(statement, target)
        closing = "" if parenthesised else persistence + ")"
        if behind and self.at.alone:
            line = self._line_behind(statement.span.end, f"{self.at.indent}{behind}")
            if line.span.start > outer.end:
                edits.append(line)
            else:
                closing += line.replacement
        elif behind:
            closing += f"; {behind}"
        if closing:
            edits.append(Edit(Span(outer.end, outer.end), closing))
        if parenthesised and persistence:
            several = self.text[outer.start : value.span.start].count("(") > 1
            end = outer.end - 1 if several else value.span.end
            edits.append(Edit(Span(end, end), persistence))
        return [*edits, *declared]

    def _opening(self, target: Attribute) -> str | None:
        """Returns what stands before the value; it begins with ``=`` when the assignment stays and its value is
        wrapped."""
        module = self.plan.module
        if self.plan.style is Style.NN_BUFFER and not self._may_be_none():
            spelled = module.import_spelling(self.event.path, "torch.nn.Buffer")
            return f"={spelled}(" if spelled else None
        receiver = self.text[target.value.span.start : target.value.span.end]
        return f'{receiver}.register_buffer("{self._registered_name()}", '

    def _may_be_none(self) -> bool:
        """``nn.Buffer(None)`` is an empty tensor, where ``register_buffer`` keeps the None (torch 2.13)."""
        return self.event.value.may(Kind.NONE)

    def _registered_name(self) -> str:
        return registered_name(self.event)

    # -- setattr(self, "x", value) -------------------------------------------------------------------------------

    def _setattr(self, call: Call) -> list[Edit] | str:
        """``self.register_buffer("x", value)``, or ``setattr(self, "x", nn.Buffer(value))``."""
        plain = isinstance(call.func, Name) and len(call.args) == 3 and not any(a.keyword or a.star for a in call.args)
        if not plain or False in self.event.super_init_ran:
            return "it is set by a call, not by an assignment"
        receiver, value = call.args[0].value.span, call.args[2].value.span
        rest = self.text[value.end : call.span.end - 1]
        comma = behind_comma(self.text, receiver.end)
        if comma is None or "#" in rest:
            return "the call that sets it can't be rewritten without moving its comments"
        if self.plan.style is Style.NN_BUFFER:
            spelled = self.plan.module.import_spelling(self.event.path, "torch.nn.Buffer")
            if spelled is None:
                return "torch.nn is not imported here, so that nn.Buffer has no name"
            persistence = "" if self.plan.persistent else ", persistent=False"
            return [
                Edit(Span(value.start, value.start), f"{spelled}("),
                Edit(Span(value.end, value.end), persistence + ")"),
            ]
        edits = [
            Edit(call.func.span, f"{self.text[receiver.start : receiver.end]}.register_buffer"),
            Edit(with_own_line(self.text, Span(receiver.start, comma)), ""),
        ]
        if not self.plan.persistent:
            behind = value.end + rest.index(",") + 1 if "," in rest else call.span.end - 1
            edits.append(Edit(Span(behind, behind), " persistent=False" if "," in rest else ", persistent=False"))
        return edits

    # -- x = self.x = value --------------------------------------------------------------------------------------

    def _chained(self, statement: Assign, target: Attribute) -> list[Edit] | str:
        others = [t for t in statement.targets if t is not target]
        local = next((t for t in others if isinstance(t, Name)), None)
        if local is None or not all(isinstance(t, Name) for t in others):
            return "one statement stores the same tensor under two attributes: give one of them a copy"
        if not self.at.alone:
            return "several targets share a line with other statements"
        following = [t.span.start for t in statement.targets if t.span.start > target.span.start]
        cut = Edit(Span(target.span.start, min([*following, self.at.outer.start])), "")
        added = self._register_local(statement, target, local.id, statement.span.end)
        return added if isinstance(added, str) else [cut, *added]

    # -- self.x, y = values --------------------------------------------------------------------------------------

    def _unpacked(self, statement: Assign) -> list[Edit] | str:
        """``x, y = values`` and then a registration of ``x``."""
        whole = statement.targets[0]
        mine = list(filter(self._is_mine, _members(whole)))
        if not mine or len(statement.targets) != 1:
            return "it is set as part of a chain of tuples"
        if len(mine) > 1:
            return "its statement sets it twice"
        target = mine[0]
        if not self.at.alone:
            return "its statement shares a line with others"
        if self._lists_locals():
            return "its function looks at its own locals, to which the rewrite would add one"
        local = self._free_name()
        added = self._register_local(statement, target, local, statement.span.end)
        return added if isinstance(added, str) else [Edit(target.span, local), *added]

    # -- self.x = value, before super().__init__() ---------------------------------------------------------------

    def _behind_super(self, statement: Assign) -> list[Edit] | str:
        """``x = value`` where it stands, and a registration behind ``super().__init__()``: values keep their order."""
        behind = self.plan.module.super_call_behind(self.event)
        target = statement.targets[0]
        if behind is None or len(statement.targets) != 1 or not self._is_mine(target) or not self.at.alone:
            return (
                "it is assigned before super().__init__() has run, where registering raises: move the assignment "
                "behind it"
            )
        if self._lists_locals():
            return "its function looks at its own locals, to which the rewrite would add one"
        local = self._free_name()
        added = self._register_local(statement, target, local, behind.end)
        if isinstance(added, str):
            return added
        return [Edit(Span(statement.span.start, self.at.outer.start), f"{local} = "), *added]

    # -- locals --------------------------------------------------------------------------------------------------

    def _lists_locals(self) -> bool:
        """Does the function call ``locals()`` or run code that may?"""
        usage = self.plan.module.usage_around(self.event)
        if usage is None:
            return False
        if self.plan.module.reads_frames(usage, self.event.path):
            return True
        sites = usage.called("locals", "vars", "dir", "exec", "eval")
        return any(site.receiver is None and (not site.call.args or site.callee in ("exec", "eval")) for site in sites)

    def _free_name(self) -> str:
        """A name for a local that the function does not use yet."""
        attr, stored = self.event.attr, self.plan.module.stored
        stem = attr.strip("_") or "value"
        if any(other != attr and other.strip("_") == stem for other in stored):
            stem = attr
        usage = self.plan.module.usage_around(self.event)
        taken = usage.names | usage.parameters if usage is not None else frozenset[str]()
        for name in (stem, f"{stem}_buffer", f"{stem}_tensor", *(f"{stem}_{n}" for n in range(2, 99))):
            if name not in taken and not keyword.iskeyword(name):
                return name
        return f"{stem}_registered"

    def _register_local(self, statement: Assign, target: Attribute, local: str, end: int) -> list[Edit] | str:
        """A line behind the one that ``end`` lies in, which registers a local name."""
        opening = self._opening(target)
        if opening is None:
            return "torch.nn is not imported here, so that nn.Buffer has no name"
        if opening.startswith("="):
            opening = f"{self.text[target.span.start : target.span.end]} = {opening[1:]}"
        closing = ")" if self.plan.persistent else ", persistent=False)"
        declared, behind = self._declared(statement, target)
        lines = [f"{self.at.indent}{opening}{local}{closing}", *([f"{self.at.indent}{behind}"] if behind else [])]
        return [self._line_behind(end, *lines), *declared]

    def _line_behind(self, end: int, *lines: str) -> Edit:
        """Lines behind the one that ``end`` lies in."""
        at = line_end(self.text, end)
        break_ = line_end_around(self.text, end)
        return Edit(Span(at, at), "".join(f"{break_}{line}" for line in lines))

    # -- types ---------------------------------------------------------------------------------------------------

    def _declared(self, statement: Assign, target: Attribute) -> tuple[list[Edit], str]:
        """The attribute's type once nothing is assigned, else type checkers take it for ``Tensor | Module`` (H37).

        Edits of the class body, or a statement ``self.x: T`` to stand behind the registration where the class body may
        not say it. Neither in code without types, and where the assignment stays.
        """
        if self.plan.style is Style.NN_BUFFER and not self._may_be_none():
            return [], ""
        if statement.annotation is not None:
            words = self.text[statement.annotation.span.start : statement.annotation.span.end]
        else:
            words = self.plan.module.tensor_type(self.event) or ""
        if not words or self._is_declared():
            return [], ""
        at = room(self.plan.module, self.event, words, early=self.plan.evaluates_annotations)
        if at is not None:
            return [declaration(self.plan.module, self.event, at, words)], ""
        once = self.first or statement.annotation is not None
        return [], f"{self.text[target.span.start : target.span.end]}: {words}" if once else ""

    def _is_declared(self) -> bool:
        owner = self.event.owner
        return owner is not None and owner.header.binds(self.event.attr)


def _members(target: Expression) -> Iterator[Expression]:
    """The targets inside a tuple target, starred ones left out."""
    for item in target.items if isinstance(target, Display) else ():
        yield from _members(item) if isinstance(item, Display) else (item,)


def wrapped(statement: Assign, anchors: Anchors, function: str) -> tuple[Edit, ...]:
    """The edits that pass an assignment's value through a function: ``self.x = function(value)``."""
    outer = anchors.outer
    if outer.start < statement.value.span.start:
        return (Edit(Span(outer.start, outer.start), function),)
    return (Edit(Span(outer.start, outer.start), f"{function}("), Edit(Span(outer.end, outer.end), ")"))
