"""What to do next where forward runs on no input: words for what the code of forward reads of its arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import torch

_USUAL = "shapes and types as in --input 2x6x3 4x10:int64:0..100"
_EXAMPLE = "torch.randn(2, 8)"
_MOST = 6


def for_inputs(text: str, class_name: str) -> str:
    """Returns how to give the inputs of a class: those that forward reads as a dictionary or an object are Python."""
    forward = _forward(text, class_name)
    written = "" if forward is None else " ".join(_arguments(forward))
    if not written:
        return f"check the inputs in the recipe: {_USUAL}"
    return f"forward reads an argument as a dictionary or an object, which is given as Python: {written}"


def _arguments(forward: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """An ``--input`` for each argument; nothing where all of them may be tensors."""
    names = [each.arg for each in forward.args.args[1:]]
    keys = {name: _unique(_keys(forward, name)) for name in names}
    fields = {name: _unique(_fields(forward, name)) for name in names}
    if not any(keys.values()) and not any(fields.values()):
        return
    for name in names[: len(names) - len(forward.args.defaults)] or names[:1]:
        if keys[name]:
            items = ", ".join(f'"{key}": {_EXAMPLE}' for key in keys[name])
            yield f"--input 'py:{{{items}}}'"
        elif fields[name]:
            items = ", ".join(f"{field}={_EXAMPLE}" for field in fields[name])
            yield f"--input 'py:types.SimpleNamespace({items})'"
        else:
            yield "--input 2x8"


def _keys(forward: ast.AST, name: str) -> Iterator[str]:
    """The texts that an argument is indexed by."""
    for node in ast.walk(forward):
        subscript = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if subscript and _is_name(node.value, name) and isinstance(node.slice.value, str):  # type: ignore[attr-defined]
            yield node.slice.value  # type: ignore[attr-defined]
        called = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop")
        )
        if called and _is_name(node.func.value, name) and node.args:  # type: ignore[attr-defined]
            key = node.args[0]  # type: ignore[attr-defined]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def _fields(forward: ast.AST, name: str) -> Iterator[str]:
    """The attributes of an argument that no tensor and no dictionary has."""
    for node in ast.walk(forward):
        if isinstance(node, ast.Attribute) and _is_name(node.value, name) and not _is_usual(node.attr):
            yield node.attr


def _is_usual(attribute: str) -> bool:
    return hasattr(torch.Tensor, attribute) or hasattr(dict, attribute)


def _unique(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(names))[:_MOST]


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _forward(text: str, class_name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    for part in class_name.split("."):
        found = next((node for node in body if isinstance(node, ast.ClassDef) and node.name == part), None)
        if found is None:
            return None
        body = found.body
    methods = (node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return next((method for method in methods if method.name == "forward"), None)
