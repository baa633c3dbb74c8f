"""Is a tensor that methods assign again a table, which arguments of the module tell, or state, which they do not?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.usage import Read, Usage, is_name

if TYPE_CHECKING:
    from bufferlint.model.attribute_history import AttributeHistory

_RANDOM = ("rand", "multinomial", "bernoulli", "normal", "uniform", "shuffle", "dropout")
_SHAPES = frozenset({"shape", "dtype", "device", "ndim"})
_SHAPE_CALLS = frozenset({"size", "dim", "numel", "new_zeros", "new_ones", "new_empty"})
_OF_SHAPES = frozenset({"zeros_like", "ones_like", "empty_like", "len"})
_LIKE = frozenset({"to", "type_as", "expand_as", "view_as", "reshape_as"})
_MAY_BE_DATA = (Kind.TENSOR, Kind.BUFFER, Kind.PARAMETER, Kind.UNKNOWN, Kind.CONTAINER, Kind.HOLDER)


def is_regrown(history: AttributeHistory) -> bool:
    """Do all changes make it anew, from no tensor that a caller hands over, no state, and nothing random?"""
    return all(_is_made_anew(history, event) for event in history.changes)


def _is_made_anew(history: AttributeHistory, event: Event) -> bool:
    value, statement = event.value, event.statement
    told = Trait.FROM_CALLER | Trait.TRAINABLE
    if event.action is not Action.ASSIGN or not isinstance(statement, st.Assign):
        return False
    if not value.only(Kind.TENSOR, Kind.NONE) or told & value.traits:
        return False
    found = history.of.method_around(event)
    if found is None:
        return False
    body, usage = found
    parts = list(parts_of(statement.value, body.body))
    return not any(map(_is_random, parts)) and all(_is_constant(history, attr) for attr in _own(parts, usage))


def parts_of(value: Expression, block: st.Block, *, values_only: bool = False) -> Iterator[Expression]:
    """An expression and those that give the locals in it their values, with all that is in them; ``values_only`` leaves
    out what tells a shape, a dtype or a device alone."""
    assigned: dict[str, list[Expression]] = {}
    for each in st.walk(block):
        if isinstance(each, st.Assign):
            for name in (target.id for target in each.targets if isinstance(target, ir.Name)):
                assigned.setdefault(name, []).append(each.value)
    pending, named = [value], set[str]()
    while pending:
        part = pending.pop()
        yield part
        pending += _with_values(part) if values_only else ir.children(part)
        if isinstance(part, ir.Name) and part.id not in named:
            named.add(part.id)
            pending += assigned.get(part.id, ())


def _with_values(part: Expression) -> Iterable[Expression]:
    """The parts of an expression whose values it is made of: none of ``x.shape``, ``x.size(0)``, ``len(x)`` and
    ``torch.zeros_like(x)``, and only the first of ``y.to(x)``."""
    if isinstance(part, ir.Attribute) and part.attr in _SHAPES:
        return ()
    if not isinstance(part, ir.Call):
        return ir.children(part)
    if (ir.dotted(part.func) or "").rpartition(".")[2] in _OF_SHAPES:
        return ()
    method = part.func.attr if isinstance(part.func, ir.Attribute) else ""
    if method in _SHAPE_CALLS:
        return ()
    return (part.func,) if method in _LIKE else ir.children(part)


def _own(parts: list[Expression], usage: Usage) -> frozenset[str]:
    reads = (part for part in parts if isinstance(part, ir.Attribute) and is_name(part.value, usage.receiver))
    return frozenset(read.attr for read in reads)


def _is_constant(history: AttributeHistory, attr: str, seen: frozenset[str] = frozenset()) -> bool:
    """Does an attribute of the instance, or what a method of its own reads, hold nothing that a call changes?"""
    module = history.of
    if attr == history.name:
        return False
    slot = module.timeline.construction.final.get(attr)
    if slot is not None:
        changes = slot.value.may(Kind.PARAMETER) or module.attribute(attr).is_state
        return not (slot.value.may(*_MAY_BE_DATA) and changes)
    usages = [usage for _, _, usage in module.timeline.usages(attr)]
    if any(site.callee.startswith(_RANDOM) for usage in usages for site in usage.calls):
        return False
    read = {name for usage in usages for name, places in usage.reads.items() if _is_own(places, usage)}
    return bool(usages) and all(_is_constant(history, name, seen | {attr}) for name in read - seen - {attr})


def _is_own(places: list[Read], usage: Usage) -> bool:
    return any(is_name(place.receiver, usage.receiver) for place in places)


def _is_random(part: Expression) -> bool:
    if not isinstance(part, ir.Call):
        return False
    return (part.func.attr if isinstance(part.func, ir.Attribute) else ir.dotted(part.func) or "").startswith(_RANDOM)
