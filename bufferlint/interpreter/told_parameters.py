"""Parameters without an annotation that the body of a constructor tells to be tensors, by what it asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.torch_model import operations


class Told(NamedTuple):
    """The call that tells, and whether the parameter may be None where it is not made."""

    call: ir.Call
    or_none: bool


def told_tensors(body: st.Function) -> dict[str, Told]:
    """The parameters of which a statement that always runs calls what tensors alone have: always, or unless they are
    None."""
    waiting = {parameter.name for parameter in body.parameters if parameter.star in ("", "k")}
    found: dict[str, Told] = {}
    for statement in _always_run(body.body):
        for call in _calls_of(statement):
            if _asked_of(call) in waiting:
                found.setdefault(_asked_of(call), Told(call, False))
        present = _present_in(statement)
        for inner in _always_run(statement.body) if isinstance(statement, st.If) and present in waiting else ():
            for call in _calls_of(inner):
                if _asked_of(call) == present:
                    found.setdefault(present, Told(call, True))
            if present in {name for each in st.walk((inner,)) for name in _bound_by(each)}:
                break
        inside = st.walk((statement,))
        if any(isinstance(each, st.Return) for each in inside):
            break
        waiting -= {name for each in inside for name in _bound_by(each)}
    return found


def _always_run(block: st.Block) -> Iterator[st.Statement]:
    """The statements of a block that no test and no loop holds."""
    for statement in block:
        yield statement
        if isinstance(statement, st.With):
            yield from _always_run(statement.body)


def _calls_of(statement: st.Statement) -> Iterator[ir.Call]:
    for expression in st.expressions(statement):
        yield from _always_called(expression)


def _present_in(statement: st.Statement) -> str:
    """``x`` of ``if x is not None:``; an empty name for anything else."""
    match statement:
        case st.If(test=ir.Compare(left=ir.Name(id=name), ops=("is not",), comparators=(ir.Constant(value=None),))):
            return name
    return ""


def _always_called(expression: ir.Expression) -> Iterator[ir.Call]:
    """The calls in an expression that are made whenever it is evaluated."""
    match expression:
        case ir.Lambda() | ir.Comprehension() | ir.Opaque():
            return
        case ir.Conditional(test=test):
            yield from _always_called(test)
            return
        case ir.Boolean(left=left):
            yield from _always_called(left)
            return
        case ir.Call():
            yield expression
    for part in ir.children(expression):
        yield from _always_called(part)


def _asked_of(call: ir.Call) -> str:
    """``x`` of ``x.unsqueeze(0)``; an empty name for a call that other objects have too."""
    func = call.func
    if not isinstance(func, ir.Attribute) or not isinstance(func.value, ir.Name):
        return ""
    keywords = {arg.keyword for arg in call.args}
    return func.value.id if operations.tells_argument(func.attr, keywords) else ""


def _bound_by(statement: st.Statement) -> Iterator[str]:
    """The names that a statement binds or changes."""
    match statement:
        case st.Assign(targets=targets) | st.Delete(targets=targets):
            yield from _names(*targets)
        case st.Augment(target=target) | st.For(target=target):
            yield from _names(target)
        case st.With(items=items):
            yield from _names(*(target for _, target in items if target is not None))
        case st.Try(handlers=handlers):
            yield from (name for name, _ in handlers if name)
        case st.Match(cases=cases):
            yield from (capture.name for case in cases for capture in case.captures)
        case st.Define(function=function):
            yield function.name
        case st.Import(bindings=bindings):
            yield from (name for name, _ in bindings)


def _names(*targets: ir.Expression) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ir.Name):
            yield target.id
        elif isinstance(target, ir.Display):
            yield from _names(*target.items)
        elif isinstance(target, ir.Starred):
            yield from _names(target.value)
