"""What the statements of a function tell without being run."""

from __future__ import annotations

from bufferlint.interpreter.assignments import REGISTERING
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression


def makes_names(loop: st.For) -> bool:
    """Returns whether a loop stores, registers or deletes under names that it makes: ``setattr(self, name, value)``."""
    calls = [s.value for s in st.walk(loop.body) if isinstance(s, st.Evaluate) and isinstance(s.value, ir.Call)]
    for call in calls:
        at = 1 if isinstance(call.func, ir.Name) and call.func.id in ("setattr", "delattr") else 0
        named = at or (isinstance(call.func, ir.Attribute) and call.func.attr in REGISTERING)
        if named and len(call.args) > at and not isinstance(call.args[at].value, ir.Constant):
            return True
    return False


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
