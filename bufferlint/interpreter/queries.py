"""What the statements of a function tell without being run."""

from __future__ import annotations

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression

REGISTERING = frozenset({"register_buffer", "register_parameter", "register_module", "add_module"})
"""Methods of nn.Module that register under a name."""


def makes_names(loop: st.For) -> bool:
    """Returns whether a loop stores, registers or deletes under names that it makes: ``setattr(self, name, value)``."""
    calls = [s.value for s in st.walk(loop.body) if isinstance(s, st.Evaluate) and isinstance(s.value, ir.Call)]
    for call in calls:
        at = 1 if isinstance(call.func, ir.Name) and call.func.id in ("setattr", "delattr") else 0
        named = at or (isinstance(call.func, ir.Attribute) and call.func.attr in REGISTERING)
        if named and len(call.args) > at and not isinstance(call.args[at].value, ir.Constant):
            return True
    return False


def bound_in(function: st.Function) -> frozenset[str]:
    """The names that a function binds: its parameters, and what its statements assign."""
    targets: list[Expression] = []
    for statement in st.walk(function.body):
        match statement:
            case st.Assign(targets=several):
                targets += several
            case st.Augment(target=target) | st.For(target=target):
                targets.append(target)
            case st.With(items=managers):
                targets += [bound for _, bound in managers if bound is not None]
    names = {each.name for each in function.parameters}
    while targets:
        match targets.pop():
            case ir.Name(id=name):
                names.add(name)
            case ir.Display(items=items):
                targets += items
            case ir.Starred(value=value):
                targets.append(value)
    return frozenset(names)


def yields(body: st.Function) -> bool:
    """Returns whether calling the function gives a generator."""
    return any(
        _has_yield(statement.value)
        for statement in st.walk(body.body)
        if isinstance(statement, st.Evaluate | st.Assign) and statement.value is not None
    )


def _has_yield(expression: Expression) -> bool:
    if isinstance(expression, ir.Opaque) and expression.what == "yield":
        return True
    return any(_has_yield(part) for part in ir.children(expression))
