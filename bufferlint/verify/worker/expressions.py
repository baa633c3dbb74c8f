"""What a recipe's Python expressions stand for."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bufferlint.verify.contract import SPREAD, Expression, Recipe
from bufferlint.verify.worker import contents


def evaluated(value: Any, module: str) -> Any:
    """The value with each expression in it replaced by what it gives, made anew at each call.

    A name is looked up in ``module``, which has been imported, then in builtins, then among what can be imported.
    Raises what the expression raises.
    """
    if isinstance(value, Expression):
        return eval(compile(value.source, "<recipe>", "eval"), _names(value.source, module))
    if isinstance(value, dict):
        return {key: evaluated(item, module) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(evaluated(item, module) for item in value)
    return value


def spread(recipe: Recipe, cls: type) -> Recipe:
    """The recipe with the fields of an object, or a mapping, that the constructor takes in the object's place. Raises
    what the expression raises."""
    init = dict(recipe.init)
    whole = init.pop(SPREAD, None)
    if not isinstance(whole, Expression):
        return recipe
    value = evaluated(whole, cls.__module__)
    parameters = inspect.signature(cls).parameters
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    is_mapping = isinstance(value, Mapping)
    held = list(value) if is_mapping else list(contents.attributes_of(value))
    names = dict.fromkeys([*parameters, *(held if takes_any else ())])
    given = [name for name in names if (name in value if is_mapping else hasattr(value, name))]
    read = {name: f"({whole.source})[{name!r}]" if is_mapping else f"({whole.source}).{name}" for name in given}
    return replace(recipe, init=tuple({**{name: Expression(text) for name, text in read.items()}, **init}.items()))


def _names(source: str, module: str) -> dict[str, Any]:
    known = vars(sys.modules[module])
    found: dict[str, Any] = {}
    for dotted in _dotted(ast.parse(source, mode="eval")):
        first, *rest = dotted.split(".")
        if first in known and not rest:
            found[first] = known[first]
        elif not hasattr(builtins, first):
            found.setdefault(first, known[first] if _reaches(known.get(first), rest) else _imported(first, rest))
    return {name: value for name, value in found.items() if value is not None}


def _reaches(value: object, attributes: list[str]) -> bool:
    for name in attributes:
        value = getattr(value, name, None)
    return value is not None


def _imported(first: str, rest: list[str]) -> object:
    """The module named so, with the submodules imported that the dotted name goes through."""
    try:
        top = value = importlib.import_module(first)
    except ModuleNotFoundError:
        return None  # a name that the expression binds itself, or one that raises NameError
    path = first
    for name in rest:
        path = f"{path}.{name}"
        if not hasattr(value, name):
            importlib.import_module(path)
        value = getattr(value, name)
        if not isinstance(value, type(sys)):
            break
    return top


def _dotted(tree: ast.AST) -> Iterator[str]:
    """Every name in an expression, with the attributes that follow it."""
    if isinstance(tree, ast.Attribute):
        parts: list[str] = []
        node: ast.AST = tree
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            yield ".".join([node.id, *parts])
            return
    if isinstance(tree, ast.Name):
        yield tree.id
    for child in ast.iter_child_nodes(tree):
        yield from _dotted(child)
