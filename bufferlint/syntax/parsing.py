"""A piece of a file, read by Python's own parser."""

from __future__ import annotations

import ast
import warnings

_CARRIER = "if 1:\n"


def parsed(code: str) -> list[ast.stmt] | None:
    """The statements of a piece of code; None when Python does not take it for any."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def function_in(code: str, name: str) -> tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | None]:
    """The function of that name in a piece of code, and what had to be put before the code to parse it."""
    indented = code[:1] in " \t\f"
    carrier = _CARRIER if indented else ""
    body = parsed(carrier + code)
    if indented and body and isinstance(body[0], ast.If):
        body = body[0].body
    for node in body or ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return carrier, node
    return carrier, None
