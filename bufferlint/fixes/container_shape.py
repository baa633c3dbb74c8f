"""The container that an assigned expression is: a list, a tuple or a dict, as far as the code says so."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.interpreter.events import Event
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.model.module_class import ModuleClass


def shape_of(module: ModuleClass, event: Event) -> str | None:
    """``list``, ``tuple`` or ``dict``, as the assigned expression says; None when it does not."""
    statement = event.statement
    return _shape(module, event, statement.value) if isinstance(statement, st.Assign) else None


def _shape(module: ModuleClass, event: Event, value: ir.Expression) -> str | None:
    match value:
        case ir.Display(kind=kind) | ir.Comprehension(kind="list" | "dict" as kind):
            return kind if kind != "set" else None
        case ir.Dict():
            return "dict"
        case ir.Call(func=ir.Name(id="list" | "tuple" | "dict" as name)):
            return name
        case ir.Call(func=ir.Name(id="sorted")):
            return "list"
        case ir.Binary(left=left, op="+" | "*", right=right):
            return _shape(module, event, left) or _shape(module, event, right)
        case ir.Conditional(body=body, orelse=orelse):
            sides = {_shape(module, event, side) for side in (body, orelse)}
            return sides.pop() if len(sides) == 1 else None
        case ir.Name(id=name):
            around = module.method_around(event)
            bound = {_shape(module, event, each) for each in _bound(around[0].body, name)} if around else {None}
            return bound.pop() if len(bound) == 1 else None
    return None


def _bound(block: st.Block, name: str) -> Iterator[ir.Expression]:
    """The values that assignments of a function give a local name."""
    for statement in st.walk(block):
        if isinstance(statement, st.Assign) and any(_is(target, name) for target in statement.targets):
            yield ir.Constant(statement.span, None) if _is(statement.value, name) else statement.value


def _is(expression: ir.Expression, name: str) -> bool:
    return isinstance(expression, ir.Name) and expression.id == name
