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


def hands_through(decorator: st.Function) -> bool:
    """Returns whether a decorator gives back the function that it is given, or one that gives what that one gives."""
    inner = _functions_in(decorator)
    if inner:
        names = frozenset(parameter.name for parameter in decorator.parameters)
        return all(_gives_what(each, names) for each in inner)
    returned = [each.value for each in st.walk(decorator.body) if isinstance(each, st.Return)]
    first = decorator.parameters[0].name if decorator.parameters else ""
    return bool(returned) and all(isinstance(value, ir.Name) and value.id == first for value in returned)


def _gives_what(function: st.Function, given: frozenset[str]) -> bool:
    """Returns whether a nested function gives what a call of one of some names gives."""
    inner = _functions_in(function)
    if inner:
        return all(_gives_what(each, given | {p.name for p in function.parameters}) for each in inner)
    results = set[str]()
    for each in st.walk(function.body):
        if isinstance(each, st.Assign) and _calls(each.value, given):
            results |= {target.id for target in each.targets if isinstance(target, ir.Name)}
    returned = [each.value for each in st.walk(function.body) if isinstance(each, st.Return)]
    return bool(returned) and all(
        _calls(value, given) or (isinstance(value, ir.Name) and value.id in results) for value in returned
    )


def _functions_in(function: st.Function) -> list[st.Function]:
    return [each.function for each in st.walk(function.body) if isinstance(each, st.Define)]


def _calls(value: Expression | None, names: frozenset[str]) -> bool:
    return isinstance(value, ir.Call) and isinstance(value.func, ir.Name) and value.func.id in names


def is_abstract(body: st.Function) -> bool:
    """Returns whether a method is for subclasses to write: no instance has one that does nothing."""
    names = {(ir.dotted(each) or "").rpartition(".")[2] for each in body.decorators}
    does_nothing = all(isinstance(each, st.Evaluate) and isinstance(each.value, ir.Constant) for each in body.body)
    return "abstractmethod" in names and does_nothing


def yields(body: st.Function) -> bool:
    """Returns whether calling the function gives a generator."""
    return any(
        _has_yield(statement.value)
        for statement in st.walk(body.body)
        if isinstance(statement, st.Evaluate | st.Assign) and statement.value is not None
    )


def _has_yield(expression: Expression) -> bool:
    if isinstance(expression, ir.Opaque) and expression.what in ("yield", "yield from"):
        return True
    return any(_has_yield(part) for part in ir.children(expression))
