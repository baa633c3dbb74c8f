"""The fix that registers each member of a container of tensors, and gives the container back in a property."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.container_shape import shape_of
from bufferlint.fixes.properties import behind, free_locals, line_break, property_behind
from bufferlint.fixes.property_obligations import assigned, is_attribute, is_store, refusals
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.anchors import Anchors
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.settings import Persistence, Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_CAVEAT = "the property makes a new {shape} each time: code that changes the {shape} changes a copy"
_NO_SCRIPT = "; TorchScript does not compile a property that goes over names"
_BY_HAND = "torch has no container of buffers, register one buffer for each member"
_SEVERAL = "its statements cannot be rewritten one by one"


@dataclass(frozen=True, slots=True)
class Members:
    """Either ``fix`` or the reason for which it is ``withheld``."""

    fix: Fix | None = None
    withheld: str | None = None


def register_members(history: AttributeHistory, settings: Settings) -> Members:
    """Register the members of the container that an attribute holds when construction ends."""
    refused = next(_refusals(history), None)
    if refused is not None:
        return Members(withheld=f"{_BY_HAND}: {refused}")
    persistent = settings.persistence is not Persistence.NON_PERSISTENT
    edits = list(_Writer(history, persistent).edits())
    if not edits:
        return Members(withheld=f"{_BY_HAND}: {_SEVERAL}")
    shape = _shape(history) or "list"
    name, count = history.name, _known_count(history)
    keys = [f"{name}_{number}" for number in range(count)] if count is not None else [f"{name}_*"]
    fix = Fix(
        Applicability.UNSAFE,
        f"Register the members of '{name}' as buffers",
        tuple(sorted(set(edits))),
        _CAVEAT.format(shape=shape) + ("" if _is_written_out(history) else _NO_SCRIPT),
        tuple(keys) if persistent else (),
    )
    return Members(fix)


def _shape(history: AttributeHistory) -> str | None:
    shapes = {shape_of(history.of, e) for e in assigned(history) if is_store(e)}
    return shapes.pop() if len(shapes) == 1 else None


def _known_count(history: AttributeHistory) -> int | None:
    """The number of members that a display writes out."""
    events = assigned(history)
    value = events[0].statement.value if len(events) == 1 and isinstance(events[0].statement, st.Assign) else None
    if isinstance(value, ir.Display) and not any(isinstance(item, ir.Starred) for item in value.items):
        return len(value.items)
    if isinstance(value, ir.Dict) and None not in value.keys:
        return len(value.values)
    return None


def _is_written_out(history: AttributeHistory) -> bool:
    count = _known_count(history)
    return count is not None and count <= _FEW and (_shape(history) != "dict" or _keys(history) is not None)


def _keys(history: AttributeHistory) -> tuple[ir.Constant, ...] | None:
    """The keys of a dict that is written out, if all are literals and few; None otherwise."""
    events = assigned(history)
    value = events[0].statement.value if len(events) == 1 and isinstance(events[0].statement, st.Assign) else None
    if not isinstance(value, ir.Dict) or not 0 < len(value.keys) <= _FEW:
        return None
    keys = tuple(key for key in value.keys if isinstance(key, ir.Constant))
    distinct = len({(type(key.value), key.value) for key in keys}) == len(value.keys)
    return keys if distinct else None


def _refusals(history: AttributeHistory) -> Iterator[str]:
    """Yields why the members cannot be registered by a rewrite."""
    if len({event.scope for event in assigned(history)}) > 1 or _shape(history) is None:
        yield _SEVERAL
    held = history.final.value
    if not held.only(Kind.CONTAINER) or not all(member.only(Kind.TENSOR, Kind.NONE) for member in _members(held)):
        yield "not all of its members are known to be tensors, which is all that a buffer takes"
    if any(map(_repeats, assigned(history))):
        yield "its members are one and the same tensor, which several buffers would save several times"
    if any(member.traits & (Trait.TRAINABLE | Trait.LEAF) for member in _members(held)):
        yield "a member requires a gradient: a buffer is not trained"
    yield from refusals(history)


def _repeats(event: Event) -> bool:
    """Is it ``[tensor] * n``?"""
    value = event.statement.value if isinstance(event.statement, st.Assign) else None
    if not isinstance(value, ir.Binary) or value.op != "*":
        return False
    shown = [side for side in (value.left, value.right) if isinstance(side, ir.Display)]
    return any(not isinstance(item, ir.Constant) for display in shown for item in display.items)


def _members(value: Value) -> tuple[Value, ...]:
    if value.fields is not None:
        return tuple(member for _, member in value.fields)
    return value.items if value.items is not None else ((value.element,) if value.element is not None else ())


@dataclass(frozen=True, slots=True)
class _Writer:
    history: AttributeHistory
    persistent: bool

    @property
    def _closing(self) -> str:
        return ")" if self.persistent else ", persistent=False)"

    def edits(self) -> Iterator[Edit]:
        """The edits; none when the statements cannot be rewritten."""
        events = assigned(self.history)
        stores, fills = [e for e in events if is_store(e)], [e for e in events if not is_store(e)]
        made: list[Edit] | None
        if len(stores) == 1 and not fills:
            made = self._whole(stores[0])
        elif len(stores) == 1 and _is_empty(stores[0]) and _shape(self.history) == "list":
            made = self._one_by_one(stores[0], fills)
        else:
            made = None
        behind = property_behind(self.history.of, stores[0], self.history.name, self._body()) if made else None
        if made and behind is not None:
            yield from (*made, behind)

    def _body(self) -> str:
        name, shape, count = self.history.name, _shape(self.history), _known_count(self.history)
        if count is not None and count <= _FEW and shape in ("list", "tuple"):
            listed = ", ".join(f"self.{name}_{number}" for number in range(count))
            return f"[{listed}]" if shape == "list" else f"({listed}{',' if count == 1 else ''})"
        keys = _keys(self.history)
        if keys is not None:
            text = self.history.of.text(assigned(self.history)[0].path)
            pairs = (f"{text[key.span.start : key.span.end]}: self.{name}_{number}" for number, key in enumerate(keys))
            return f"{{{', '.join(pairs)}}}"
        each = f'getattr(self, f"{name}_{{index}}") for index in range(self._{name}_count)'
        if shape == "dict":
            each = f'key: getattr(self, f"{name}_{{index}}") for index, key in enumerate(self._{name}_keys)'
            return f"{{{each}}}"
        return f"[{each}]" if shape == "list" else f"tuple({each})"

    def _whole(self, event: Event) -> list[Edit] | None:
        """``self.x = [...]`` as registrations of its members."""
        at, text = self.history.of.anchors(event), self.history.of.text(event.path)
        statement = event.statement
        if at is None or not at.alone or not isinstance(statement, st.Assign):
            return None
        name, receiver = self.history.name, self._receiver(event, text)
        if self._is_listed(statement.value, text):
            return self._each(statement, at, text, receiver)
        value, is_dict = statement.value, _shape(self.history) == "dict"
        local, index, member = free_locals(self.history.of, event, name, "index", "member")
        local = value.id if isinstance(value, ir.Name) else local
        step = "\t" if at.indent.endswith("\t") else "    "
        lines = [
            f"for {index}, {member} in enumerate({local}{'.values()' if is_dict else ''}):",
            f'{step}{receiver}.register_buffer(f"{name}_{{{index}}}", {member}{self._closing}',
            f"{receiver}._{name}_keys = tuple({local}.keys())"
            if is_dict
            else f"{receiver}._{name}_count = len({local})",
        ]
        if isinstance(value, ir.Name):
            return [Edit(Span(statement.span.start, at.outer.end), f"{line_break(text)}{at.indent}".join(lines))]
        opening = Edit(Span(statement.span.start, at.outer.start), f"{local} = ")
        return [opening, behind(at.outer, text, lines, at.indent)]

    def _is_listed(self, value: ir.Expression, text: str) -> bool:
        count = _known_count(self.history)
        written = isinstance(value, ir.Display) or _keys(self.history) is not None
        short = written and count is not None and 0 < count <= _FEW
        return short and "#" not in text[value.span.start : value.span.end]

    def _each(self, statement: st.Assign, at: Anchors, text: str, receiver: str) -> list[Edit] | None:
        """One registration for each member that a display writes out."""
        value = statement.value
        items = value.items if isinstance(value, ir.Display) else value.values if isinstance(value, ir.Dict) else ()
        name, break_ = self.history.name, line_break(text)
        lines = [
            f'{receiver}.register_buffer("{name}_{number}", {text[item.span.start : item.span.end]}{self._closing}'
            for number, item in enumerate(items)
        ]
        whole = Span(statement.span.start, at.outer.end)
        return [Edit(whole, f"{break_}{at.indent}".join(lines))]

    def _one_by_one(self, store: Event, fills: list[Event]) -> list[Edit] | None:
        """``self.x = []`` and ``self.x.append(...)`` as a count and registrations."""
        module, name = self.history.of, self.history.name
        text = module.text(store.path)
        at, receiver = module.anchors(store), self._receiver(store, text)
        around = module.method_around(store)
        if at is None or around is None or not isinstance(store.statement, st.Assign):
            return None
        calls = [s for s in around[1].called("append") if is_attribute(s.receiver, name)]
        places = {site.receiver.span for site in calls if site.receiver is not None}
        if {event.span for event in fills} != places or not calls:
            return None
        reads = [read for read in around[1].reads.get(name, ()) if read.expression.span not in places]
        if reads:
            return None
        edits = [Edit(Span(store.statement.span.start, at.outer.end), f"{receiver}._{name}_count = 0")]
        for site in calls:
            alone = isinstance(site.statement, st.Evaluate) and site.statement.value is site.call
            indent = _indent(text, site.call.span)
            if not alone or indent is None or len(site.call.args) != 1 or site.call.args[0].star:
                return None
            value = site.call.args[0].value.span
            edits.append(
                Edit(
                    Span(site.call.span.start, value.start),
                    f'{receiver}.register_buffer(f"{name}_{{{receiver}._{name}_count}}", ',
                )
            )
            tail = text[value.end : site.call.span.end]
            if "#" in tail or tail.count(")") != 1:
                return None
            added = f"{self._closing}{line_break(text)}{indent}{receiver}._{name}_count += 1"
            edits.append(Edit(Span(value.end, site.call.span.end), added))
        return edits

    def _receiver(self, event: Event, text: str) -> str:
        statement = event.statement
        target = statement.targets[0] if isinstance(statement, st.Assign) else None
        if isinstance(target, ir.Attribute):
            return text[target.value.span.start : target.value.span.end]
        return "self"


_FEW = 8
"""Members that are written out one by one."""


def _is_empty(event: Event) -> bool:
    value = event.statement.value if isinstance(event.statement, st.Assign) else None
    return (isinstance(value, ir.Display) and not value.items) or (
        isinstance(value, ir.Call) and isinstance(value.func, ir.Name) and not value.args
    )


def _indent(text: str, span: Span) -> str | None:
    line = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    before = text[line : span.start]
    return before if not before.strip() else None
