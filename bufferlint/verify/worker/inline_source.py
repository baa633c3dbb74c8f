"""The source of the arguments of a call that a test makes, with the test's names replaced by what they stand for."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, ModuleType

from bufferlint.verify.contract import is_literal

_FOLLOWED = 4
"""How many assignments are followed from a name to what it was given."""


class Unfollowed(ValueError):
    """The source does not tell what the argument is."""


def call(frame: FrameType | None, called: object, made_by: type | None = None) -> ast.Call | None:
    """The call of ``called`` in the line that a frame is at, or of what a call of ``made_by`` there gives; None where
    the line has none, or several."""
    function = None if frame is None else _tree(frame.f_code)
    if frame is None or function is None:
        return None
    line = frame.f_lineno
    calls = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    found = [each for each in calls if _is(each.func, frame, called, made_by)]
    return found[0] if len(found) == 1 else None


def argument(called: ast.Call, place: int | str) -> ast.expr | None:
    """The expression of an argument, by its position or its name."""
    if isinstance(place, str):
        return next((each.value for each in called.keywords if each.arg == place), None)
    if any(isinstance(each, ast.Starred) for each in called.args[: place + 1]) or place >= len(called.args):
        return None
    return called.args[place]


def written(node: ast.expr, frame: FrameType, name_of: Callable[[object], str]) -> str:
    """The expression as Python that holds outside of the test. Raises `Unfollowed`.

    ``name_of`` gives the dotted name of a class or a function, or raises ValueError.
    """
    return ast.unparse(_Replaced(frame, name_of).visit(ast.parse(ast.unparse(node), mode="eval").body))


class _Replaced(ast.NodeTransformer):
    """Puts what the names of a frame stand for in their place."""

    def __init__(self, frame: FrameType, name_of: Callable[[object], str], depth: int = 0) -> None:
        self._frame, self._name_of, self._depth = frame, name_of, depth
        self._bound: set[str] = set()

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._within(node, {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)})

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._within(node, _stored(node))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._within(node, _stored(node))

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._within(node, _stored(node))

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._within(node, _stored(node))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        result: ast.AST = self.visit(node.value)
        return result

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._bound:
            return node
        frame = self._frame
        if node.id not in frame.f_locals and node.id not in frame.f_globals:
            return node  # a builtin
        value = frame.f_locals.get(node.id, frame.f_globals.get(node.id))
        if isinstance(value, ModuleType):
            return _parsed(value.__name__)
        if is_literal(value):
            return _parsed(repr(value))
        try:
            return _parsed(self._name_of(value))
        except ValueError:
            return self._assigned(node.id)

    def _within(self, node: ast.AST, names: set[str]) -> ast.AST:
        before = set(self._bound)
        self._bound |= names
        self.generic_visit(node)
        self._bound = before
        return node

    def _assigned(self, name: str) -> ast.AST:
        """Returns what the only assignment of a name in the test gives it."""
        function = _tree(self._frame.f_code)
        given = [
            node.value
            for node in ast.walk(function or ast.Module([], []))
            if isinstance(node, ast.Assign) and any(name in _names(target) for target in node.targets)
        ]
        stores = [each for each in ast.walk(function or ast.Module([], [])) if _stores(each, name)]
        if len(given) != 1 or len(stores) != 1 or self._depth >= _FOLLOWED:
            raise Unfollowed(f"{name}, which the test does not build in one place")
        other = _Replaced(self._frame, self._name_of, self._depth + 1)
        result: ast.AST = other.visit(ast.parse(ast.unparse(given[0]), mode="eval").body)
        return result


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id


def _stores(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


def _stored(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _is(node: ast.expr, frame: FrameType, called: object, made_by: type | None) -> bool:
    if isinstance(node, ast.Call):
        return made_by is not None and _is(node.func, frame, made_by, None)
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    value = frame.f_locals.get(node.id, frame.f_globals.get(node.id))
    for part in parts:  # as it is stored: a property is not run
        value = inspect.getattr_static(value, part, None)
    return value is called


@functools.lru_cache(maxsize=256)
def _tree(code: CodeType) -> ast.AST | None:
    """The syntax of a function; of a file for code at its top."""
    lines = linecache.getlines(code.co_filename)
    try:
        file = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return None
    if code.co_name == "<module>":
        return file
    found = [
        node
        for node in ast.walk(file)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name == code.co_name
        and code.co_firstlineno in (node.lineno, *(each.lineno for each in node.decorator_list))
    ]
    return found[0] if len(found) == 1 else None
