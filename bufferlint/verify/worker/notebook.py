"""Runs of a notebook's code only what a class needs to exist; its training loops and plots are left alone.

Executed, in order: imports, function and class definitions, and assignments to plain names that the class or something
it uses reads (``d_model = 512``). A statement that raises is passed over, as it may want something that a cell left out
here would have made; if the class then is not there, what was passed over is part of the answer.
"""

from __future__ import annotations
import __future__

import ast
import symtable
from collections.abc import Iterator
from functools import partial
from types import ModuleType

from bufferlint.verify.worker.catch import Raised, attempt

SKIPPED = "__bufferlint_skipped__"
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)


def execute(text: str, path: str, class_name: str, module: ModuleType) -> None:
    """Execute in ``module`` what ``class_name`` needs. Raises SyntaxError for text that is not Python."""
    statements = ast.parse(text, path).body
    needed = _needed(statements, class_name)
    flags = 0
    skipped: list[str] = []
    for statement in statements:
        if not _wanted(statement, needed):
            continue
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            flags |= sum(getattr(__future__, alias.name).compiler_flag for alias in statement.names)
        code = compile(ast.Module([statement], []), path, "exec", flags, dont_inherit=True)
        outcome = attempt(partial(exec, code, vars(module)), path)
        if isinstance(outcome, Raised):
            skipped.append(f"line {statement.lineno} raised {outcome.type}: {outcome.message}")
    setattr(module, SKIPPED, skipped)


def _wanted(statement: ast.stmt, needed: set[str]) -> bool:
    if isinstance(statement, _IMPORTS):
        return True
    if isinstance(statement, (*_DEFINITIONS, *_ASSIGNMENTS)):
        return not needed.isdisjoint(_defines(statement))
    if isinstance(statement, ast.Try):  # try: import this / except ImportError: import that
        parts = [*statement.body, *statement.orelse, *statement.finalbody]
        parts += [each for handler in statement.handlers for each in handler.body]
        return all(isinstance(each, ast.Pass) or _wanted(each, needed) for each in parts)
    return False


def _needed(statements: list[ast.stmt], class_name: str) -> set[str]:
    """The class' name and every module-level name that it, or something it reads, reads."""
    reads: dict[str, set[str]] = {}
    for statement in statements:
        if isinstance(statement, (*_DEFINITIONS, *_ASSIGNMENTS)):
            for name in _defines(statement):
                reads.setdefault(name, set()).update(_reads(statement))
    needed: set[str] = set()
    todo = [class_name]
    while todo:
        name = todo.pop()
        if name not in needed:
            needed.add(name)
            todo.extend(reads.get(name, ()))
    return needed


def _defines(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, _DEFINITIONS):
        yield statement.name
        return
    assert isinstance(statement, _ASSIGNMENTS)
    for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
        parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        yield from (part.id for part in parts if isinstance(part, ast.Name))


def _reads(statement: ast.stmt) -> Iterator[str]:
    tables = [symtable.symtable(ast.unparse(statement), "notebook", "exec")]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        top = table.get_type() == "module"
        yield from (
            each.get_name() for each in table.get_symbols() if (each.is_referenced() if top else each.is_global())
        )
