"""Shapes of code that flows are told by: annotations, texts, what a constructor does first."""

from __future__ import annotations

import ast
import re
from typing import TypeGuard

from bufferlint.ir.flows import Promise, Term, Terms

_DOTTED = re.compile(r"[A-Za-z_][\w.]*")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Text(ast.Constant):
    """A constant that is a text."""

    value: str


def items(terms: Terms) -> Terms:
    return frozenset({("item", term) for term in terms})


def made(terms: Terms) -> Terms:
    return frozenset({term if term[0] == "made" else ("made", term) for term in terms})


def is_identifier(node: ast.expr | None) -> TypeGuard[Text]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_IDENTIFIER.match(node.value))


def gets(term: Term) -> set[str]:
    """The attributes that a term reads."""
    found: set[str] = set()
    while len(term) > 1 and term[0] not in ("name", "tuple"):
        if term[0] == "get":
            found.add(term[2])
        term = term[1]
    return found


def names_of_inner_functions(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The names that functions within a function mention: they may be read whenever those run."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if inner is not node and isinstance(inner, (*_FUNCTIONS, ast.Lambda)):
            found.update(each.id for each in ast.walk(inner) if isinstance(each, ast.Name))
    return frozenset(found)


def names_in(annotation: ast.expr | None) -> frozenset[str]:
    """The dotted names in an annotation, those in quotes included; what a callable takes and gives is left out."""
    if annotation is None:
        return frozenset()
    if isinstance(annotation, ast.Name):
        return frozenset({annotation.id})
    code = ast.unparse(annotation)
    if "Callable[" in code:
        code = ast.unparse(_WithoutCallables().visit(ast.parse(code)))
    return frozenset(_DOTTED.findall(code))


class _WithoutCallables(ast.NodeTransformer):
    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        value = node.value
        name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
        return value if name == "Callable" else self.generic_visit(node)


def promise(annotation: ast.expr | None) -> Promise:
    match annotation:
        case ast.Subscript(
            value=ast.Name(id="tuple" | "Tuple") | ast.Attribute(attr="Tuple"), slice=ast.Tuple(elts=parts)
        ):
            if not any(isinstance(part, ast.Constant) and part.value is ... for part in parts):
                return Promise(names_in(annotation), parts=tuple(map(names_in, parts)))
    return Promise(names_in(annotation))


def is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)


def is_early(body: list[ast.stmt], receiver: str) -> bool:
    """Returns whether the receiver is used before a statement of the body calls the ``__init__`` of a base, or none
    does."""
    for statement in body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        func = call.func if isinstance(call, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr == "__init__":
            return False
        if any(isinstance(node, ast.Name) and node.id == receiver for node in ast.walk(statement)):
            return True
    return True
