"""Whether a class that was asked for by name is there, told without importing anything."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from bufferlint.cli.invocation import Invocation
from bufferlint.cli.verified_fixes import home_of


def missing(setup: Invocation, path: str, class_name: str) -> str:
    """Returns why a file certainly has no class of that dotted name; empty where it has, or may get one when it is
    imported."""
    source = setup.workspace.source(path)
    if source is None or "<locals>" in class_name:
        return ""
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError):
        return ""  # the run says where
    first = class_name.partition(".")[0]
    names = set(_names(tree))
    if first in names or _UNKNOWN & names or home_of(path, class_name, setup) is not None:
        return ""
    classes = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    nearest = difflib.get_close_matches(first, classes, 1)
    shown = setup.view.path(path)
    if nearest:
        return f"{shown} defines no class {class_name}; did you mean {nearest[0]}?"
    listed = ", ".join(classes[:8]) or "no class at all"
    return f"{shown} defines no class {class_name}, but {listed}"


_UNKNOWN = frozenset(("*", "globals", "exec", "setattr", "__getattr__", "vars", "locals"))
"""Names in code that may give a module names which do not stand in it."""


def _names(tree: ast.AST) -> Iterator[str]:
    """The names that stand in a module, in code or as text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
