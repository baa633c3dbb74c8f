"""What an import statement binds."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """Local names and what they stand for; the name is ``*`` for ``from m import *``."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
        return
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            yield "*", module
        else:
            joint = "" if module.endswith(".") or not module else "."
            yield alias.asname or alias.name, f"{module}{joint}{alias.name}"
