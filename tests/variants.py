"""The same code written otherwise: line ends, indentation, letters outside ASCII, classes inside something, typing-only
names."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

Variant = Callable[[str], str | None]
"""Gives the other text, or None where it would mean something else."""


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def _lone_cr(text: str) -> str:
    return text.replace("\n", "\r")


def _tabs(text: str) -> str:
    return re.sub(r"^(?: {4})+", lambda match: "\t" * (len(match[0]) // 4), text, flags=re.MULTILINE)


def _beyond_ascii(text: str) -> str:
    """Letters of two, three and four bytes before everything else and on lines between; what a fix may add (properties,
    methods without arguments) stays as it is."""
    headers = re.sub(
        r"(?<!@property\n)^( *(?:class|def) (?!(?:__init__|reset_parameters)\(self\):).*:)$",
        r"\1  # Größe, 掩码, 𝒳",
        text,
        flags=re.MULTILINE,
    )
    return f"# naïve, 遮罩, 🔥\n{headers}"


def _in_a_function(text: str) -> str | None:
    return _wrapped(text, "def scope():")


def _in_a_class(text: str) -> str | None:
    return _wrapped(text, "class Scope:")


def _tabs_in_a_function(text: str) -> str:
    return _tabs(_in_a_function(text) or text)


def _crlf_beyond_ascii(text: str) -> str:
    return _crlf(_beyond_ascii(text))


_FOR_CHECKERS = """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor as T_
    from torch.nn import Buffer as B_
"""


def _type_checking(text: str) -> str | None:
    """Names that exist for type checkers only, shorter than those that a rewrite may use."""
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not imports:
        return None
    lines = text.splitlines(keepends=True)
    lines.insert(imports[-1].end_lineno or imports[-1].lineno, _FOR_CHECKERS)
    return "".join(lines)


VARIANTS: dict[str, Variant] = {
    "crlf-beyond-ascii": _crlf_beyond_ascii,
    "tabs-in-a-function": _tabs_in_a_function,
    "lone-cr": _lone_cr,
    "in-a-class": _in_a_class,
    "type-checking": _type_checking,
}
FEW = ("crlf-beyond-ascii", "tabs-in-a-function", "type-checking")
"""Those that say most."""


def _wrapped(text: str, header: str) -> str | None:
    """Each class that nothing else refers to, below a header; None when there is no such class."""
    lines = text.splitlines(keepends=True)
    alone = list(_alone(text))
    for first, last in reversed(alone):
        inside = [line if line.isspace() else f"    {line}" for line in lines[first:last]]
        lines[first:last] = [f"{header}\n", *inside]
    return "".join(lines) if alone else None


def _alone(text: str) -> Iterator[tuple[int, int]]:
    """First and last line (from 0, half-open) of the top-level classes that are named in their own header only; what
    only a run of the fixture needs (``build``, ``use``) does not count."""
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    runs = [_lines(node) for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in ("build", "use")]
    code = "".join(line for at, line in enumerate(lines) if not any(first <= at < last for first, last in runs))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and len(re.findall(rf"\b{node.name}\b", code)) == 1:
            yield _lines(node)


def _lines(node: ast.ClassDef | ast.FunctionDef) -> tuple[int, int]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first - 1, node.end_lineno or node.lineno
