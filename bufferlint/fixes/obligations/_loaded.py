"""What code loads strictly that certainly lacks the key of a new buffer."""

from __future__ import annotations

from bufferlint.fixes.obligations._case import Case
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import Usage


def lacked_key(case: Case, given: ir.Expression | None, path: str, usage: Usage) -> str:
    """Names what is loaded if it certainly has no such key: the dict as written, parameters, another class's state."""
    given = _bound(given, usage)
    if isinstance(given, ir.Name) and given.id in usage.parameters:
        return _given_by_callers(case, given.id, path, usage)
    return _lacking(case, given)


def _lacking(case: Case, given: ir.Expression | None) -> str:
    if given is None:
        return ""
    if names_parameters(given):
        return "parameters alone"
    if isinstance(given, ir.Dict) and None not in given.keys:
        keys = {key.value for key in given.keys if isinstance(key, ir.Constant)}
        return "a dict without the key" if len(keys) == len(given.keys) and case.name not in keys else ""
    if isinstance(given, ir.Call) and isinstance(given.func, ir.Attribute) and given.func.attr == "state_dict":
        made = given.func.value
        if isinstance(made, ir.Call) and isinstance(made.func, ir.Name):
            return f"the state of {made.func.id}" if made.func.id != case.module.ref.header.name else ""
    return ""


def _bound(given: ir.Expression | None, usage: Usage) -> ir.Expression | None:
    """What a local is bound to by the only statement that binds it, where that is a dict as written."""
    if not isinstance(given, ir.Name) or any(is_item_of(target, given.id) for target, _, _ in usage.items):
        return given
    found = [each for each in usage.dicts if _binds(each[1], each[0], given.id)]
    return found[0][0] if len(found) == 1 else given


def is_item_of(target: ir.Subscript, name: str) -> bool:
    return isinstance(target.value, ir.Name) and target.value.id == name


def _binds(statement: st.Statement, value: ir.Expression, name: str) -> bool:
    if not isinstance(statement, st.Assign) or statement.value is not value:
        return False
    return any(isinstance(target, ir.Name) and target.id == name for target in statement.targets)


def _given_by_callers(case: Case, parameter: str, path: str, usage: Usage) -> str:
    """What callers of the function in the same file hand on as written."""
    place = next(
        (p for p in case.module.queries.places(path) if case.module.queries.usage(path, p.header) is usage), None
    )
    body = case.module.queries.function(path, place.header) if place is not None and place.owner is None else None
    if body is None or place is None:
        return ""
    at = [each.name for each in body.parameters].index(parameter)
    for _, other in case.module.usages_beside(place.header.name):
        for site in other.called(place.header.name):
            args = [arg.value for arg in site.call.args if arg.keyword == parameter]
            args += [arg.value for arg in site.call.args[at : at + 1] if arg.keyword is None]
            for value in args:
                lacks = _lacking(case, _bound(value, other))
                if lacks:
                    return lacks
    return ""


def names_parameters(expression: ir.Expression) -> bool:
    """Are parameters alone taken: ``dict(net.named_parameters())``?"""
    if isinstance(expression, ir.Attribute) and expression.attr in ("named_parameters", "parameters", "_parameters"):
        return True
    return any(map(names_parameters, ir.children(expression)))
