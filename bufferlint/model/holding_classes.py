"""Modules that hold an instance of a class as a child: what they do to all of themselves, they do to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bufferlint.ir import expressions as ir
from bufferlint.ir.statements import Assign
from bufferlint.ir.usage import CallSite, Usage
from bufferlint.resolution.references import ClassRef, FunctionRef

if TYPE_CHECKING:
    from bufferlint.model.module_class import ModuleClass

_MOST = 12
"""Holders of holders are followed as long as there are no more."""


def holding_classes(module: ModuleClass) -> tuple[ModuleClass, ...]:
    """The modules of the project whose code builds an instance, or whose constructor is given one, and those that hold
    these."""
    found: dict[tuple[str, int], ModuleClass] = {}
    pending = [module]
    while pending and len(found) < _MOST:
        for each in _directly(pending.pop()):
            if each.ref.key not in found and each.ref.key not in module.family:
                found[each.ref.key] = each
                pending.append(each)
    return tuple(found.values())


def _directly(module: ModuleClass) -> Iterator[ModuleClass]:
    name = module.ref.header.name
    for place, path, usage in module.places_naming(name):
        owner = place.owner if place is not None else None
        if owner is not None and any(True for _ in usage.called(name)):
            yield from _module(module, owner)
        for site in usage.calls:
            if site.callee != name and any(_is_instance(arg.value, name, usage) for arg in site.call.args):
                scope = place.header.qualname if place is not None else ""
                made = module.named(path, ir.dotted(site.call.func) or "?", scope)
                if isinstance(made, ClassRef):
                    yield from _module(module, made)


def _module(module: ModuleClass, ref: ClassRef) -> Iterator[ModuleClass]:
    found = module.find(ref)
    if found is not None:
        yield from (found, *found.subclasses)


def _is_instance(expression: ir.Expression, name: str, usage: Usage) -> bool:
    """Is it, or does it hold, what a call of a class gives?"""
    if isinstance(expression, ir.Name):
        return any(_binds(site, expression.id) for site in usage.called(name))
    return _makes(expression, name)


def _makes(expression: ir.Expression, name: str) -> bool:
    func = expression.func if isinstance(expression, ir.Call) else None
    if func is not None and (ir.dotted(func) or "").rpartition(".")[2] == name:
        return True
    return any(_makes(part, name) for part in ir.children(expression))


def _binds(site: CallSite, name: str) -> bool:
    """Is the result of a call stored under a name?"""
    statement = site.statement
    if not isinstance(statement, Assign) or statement.value is not site.call:
        return False
    return any(isinstance(target, ir.Name) and target.id == name for target in statement.targets)


Place = tuple[FunctionRef | None, str, Usage]
"""A function, its file, and what it does; None for the statements outside of functions."""
