"""What the source of a function says of its parameters, and which of them a failure is about."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType, ModuleType, TracebackType
from typing import Any

_MOST_NAMED = 20
"""Names of a table, beyond which it is none of choices."""


@dataclass
class Usage:
    """How a function uses one parameter: constants it is compared with, attributes read, classes it must be of.

    ``keys`` are the texts that it is indexed by.
    """

    constants: list[object] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    called: bool = False
    unpacked: int = 0
    indexed: bool = False


@dataclass
class Body:
    """``origins`` leads from a local name (or ``self.name``) to the parameters that its value comes from; ``scope``
    holds the names of the function's module."""

    tree: ast.FunctionDef | ast.AsyncFunctionDef | None
    first_line: int = 0
    origins: dict[str, set[str]] = field(default_factory=dict)
    usages: dict[str, Usage] = field(default_factory=dict)
    scope: dict[str, Any] = field(default_factory=dict)

    def usage(self, parameter: str) -> Usage:
        return self.usages.get(parameter, Usage())


def read(function: Callable[..., Any], parameters: list[str]) -> Body:
    """The body of a function; an empty one when there is no source."""
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(function))
        tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return Body(None)
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return Body(None)
    body = Body(tree, first, scope=getattr(inspect.unwrap(function), "__globals__", {}))
    body.origins = {name: {name} for name in parameters}
    _follow(tree, body)
    _follow(tree, body)
    body.usages = {name: Usage() for name in parameters}
    for node in ast.walk(tree):
        _note(node, body)
    return body


def names_in(tree: ast.AST) -> Iterator[str]:
    """Names and ``self.name`` read in a piece of source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield f"self.{node.attr}"


def blamed(error: BaseException, body: Body, function: Callable[..., Any]) -> list[str]:
    """The parameters on the line of ``function`` that the error came through."""
    at = frame_of(error.__traceback__, function)
    if at is None or body.tree is None:
        return []
    line = at[1] - body.first_line + 1
    found: dict[str, None] = {}
    for node in _statements(body.tree, line):
        for name in names_in(node):
            found.update(dict.fromkeys(sorted(body.origins.get(name, ()))))
    return list(found)


def frame_of(trace: TracebackType | None, function: Callable[..., Any]) -> tuple[FrameType, int] | None:
    """The frame of a function in a traceback, and the line it was at."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    while trace is not None:
        if trace.tb_frame.f_code is code:
            return trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return None


def keys_wanted(error: BaseException) -> list[str]:
    """The text keys of the table in which a key was looked for in vain."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not isinstance(error, KeyError):
        return []
    frame = trace.tb_frame
    tables = [*frame.f_locals.values(), *(frame.f_globals[n] for n in frame.f_code.co_names if n in frame.f_globals)]
    missing = error.args[0] if error.args else None
    found = [each for each in tables if isinstance(each, dict) and missing not in each and 0 < len(each) < 200]
    return [key for each in found for key in each if isinstance(key, str) and not key.startswith("__")][:12]


def _statements(tree: ast.AST, line: int) -> Iterator[ast.AST]:
    """The smallest statement that covers a line; of a compound one only its head."""
    best: ast.stmt | None = None
    for node in (each for each in ast.walk(tree) if isinstance(each, ast.stmt)):
        covers = node.lineno <= line <= (node.end_lineno or node.lineno)
        if covers and (best is None or node.lineno >= best.lineno):
            best = node
    if best is None:
        return
    heads = [getattr(best, name, None) for name in ("test", "iter", "subject")]
    if isinstance(best, ast.If | ast.While | ast.For):
        yield from (head for head in heads if isinstance(head, ast.AST))
    else:
        yield best


def _follow(tree: ast.AST, body: Body) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        else:
            continue
        for target, value in pairs:
            sources = {origin for name in names_in(value) for origin in body.origins.get(name, ())}
            for name in names_in(target):
                if name != "self":
                    body.origins.setdefault(name, set()).update(sources)


def _note(node: ast.AST, body: Body) -> None:
    if isinstance(node, ast.Compare):
        _note_comparison(node, body)
    elif isinstance(node, ast.Attribute) and _usage(node.value, body):
        _usage(node.value, body).attributes.append(node.attr)  # type: ignore[union-attr]
    elif isinstance(node, ast.Call):
        usage = _usage(node.func, body)
        if usage:
            usage.called = True
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "isinstance" and len(node.args) == 2 and _usage(node.args[0], body):
            kinds = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
            _usage(node.args[0], body).classes.extend(map(ast.unparse, kinds))  # type: ignore[union-attr]
        if name in ("len", "enumerate", "zip", "tuple", "list", "iter", "sum", "reversed"):
            for each in node.args:
                if (usage := _usage(each, body)) is not None:
                    usage.indexed = True
    elif (isinstance(node, ast.Subscript) and (usage := _usage(node.value, body))) or (
        isinstance(node, ast.For | ast.comprehension) and (usage := _usage(node.iter, body))
    ):
        usage.indexed = True
        key = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value not in usage.keys:
            usage.keys.append(key.value)
    elif (
        isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and (usage := _usage(node.value, body))
    ):
        usage.unpacked = len(node.targets[0].elts)


def _note_comparison(node: ast.Compare, body: Body) -> None:
    sides = [node.left, *node.comparators]
    for side in sides:
        usage = _usage(side, body)
        if usage is None and isinstance(side, ast.Call) and isinstance(side.func, ast.Attribute):
            usage = _usage(side.func.value, body)  # mode.lower() == "max"
        if usage is None:
            continue
        for other in sides:
            if other is not side:
                usage.constants.extend(_constants(other, body.scope))


def _constants(node: ast.AST, scope: dict[str, Any]) -> Iterator[object]:
    """The values that an expression names: a constant, the items of a display, what a name of the module stands for."""
    if isinstance(node, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for each in node.elts:
            yield from _constants(each, scope)
    elif isinstance(node, ast.Name | ast.Attribute):
        value = _named(node, scope)
        if isinstance(value, set | frozenset):
            value = sorted(value, key=repr)
        items = list(value) if isinstance(value, list | tuple | dict) and len(value) <= _MOST_NAMED else [value]
        yield from (each for each in items if isinstance(each, str | int | float))


def _named(node: ast.AST, scope: dict[str, Any]) -> object:
    """Returns what a name of the module, or an attribute of a module or class that it names, stands for; None for
    others."""
    if isinstance(node, ast.Name):
        return scope.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(owner := _named(node.value, scope), ModuleType | type):
        return vars(owner).get(node.attr)
    return None


def _usage(node: ast.AST, body: Body) -> Usage | None:
    if isinstance(node, ast.Name):
        return body.usages.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        origins = body.origins.get(f"self.{node.attr}", set())
        return body.usages.get(node.attr) if node.attr in origins else None
    return None
