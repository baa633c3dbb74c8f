"""Reads results and parameters of functions out of annotations, in the spelling that the table uses.

A result is spelled T tensor, N number, 0 None, O other, S sequence of tensors, (..) tuple of results, * unknown; a
trailing ? says that it may be None instead. A parameter is ``name:accepted`` with ``=`` after it when it has a default;
``accepted`` holds t tensor, n number, b bool, 1 True only, 0 False only, - None, s string, q sequence, o other, or *.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

Definition = ast.FunctionDef

_LEAVES = {
    "N": "int float bool complex Number _int _float _bool _complex SymInt SymFloat SymBool",
    "O": "str bytes dtype _dtype device _device layout _layout memory_format _qscheme Size Generator ndarray Stream "
    "Event _Node",
    "T": "Tensor Self",
    "0": "None NoReturn",
}
_RESULTS = {name: code for code, names in _LEAVES.items() for name in names.split()}
_LISTS = frozenset({"list", "List", "Sequence", "tuple", "Tuple", "set", "Set"})
_ACCEPTED_LEAVES = {
    "t": "Tensor",
    "n": "int _int float _float SymInt",
    "nb": "Number _complex",
    "b": "bool _bool",
    "s": "str",
    "-": "None",
    "q": "list List tuple Tuple Sequence _size Size",
    "o": "dtype _dtype device _device layout _layout memory_format Generator EllipsisType _qscheme",
    "os": "DeviceLikeType",
}
_ACCEPTED = {name: code for code, names in _ACCEPTED_LEAVES.items() for name in names.split()}


def result_code(node: ast.expr | None, named_tuples: dict[str, str]) -> str:
    """The result that a return annotation states; ``named_tuples`` gives that of each ``torch.return_types`` class."""
    match node:
        case None:
            return "*"
        case ast.Constant(value=str(text)):
            return result_code(ast.parse(text, mode="eval").body, named_tuples)
        case ast.Constant(value=None):
            return "0"
        case ast.Attribute(value=ast.Attribute(attr="return_types"), attr=name):
            return named_tuples.get(name, "*")
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _RESULTS.get(name, "*")
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _either([result_code(left, named_tuples), result_code(right, named_tuples)])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _generic_result(name, inner, named_tuples)
    return "*"


def _generic_result(name: str, inner: ast.expr, named_tuples: dict[str, str]) -> str:
    arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name in ("Optional", "Union"):
        codes = [result_code(argument, named_tuples) for argument in arguments]
        return _either([*codes, "0"] if name == "Optional" else codes)
    if name.lstrip("_") in ("Literal", "TypeIs", "TypeGuard"):
        return "N" if name != "Literal" or isinstance(getattr(inner, "value", None), (bool, int)) else "*"
    if name not in _LISTS:
        return "*"
    items = [result_code(argument, named_tuples) for argument in arguments if not _is_ellipsis(argument)]
    if name in ("tuple", "Tuple") and len(items) == len(arguments):
        return "*" if "*" in items else f"({''.join(items)})"
    return {"T": "S", "N": "O", "O": "O"}.get(items[0], "*")


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _either(codes: Iterable[str]) -> str:
    """The result that is one of several: the same for all, one of them or None, or certainly no tensor."""
    plain = {code.rstrip("?") for code in codes}
    optional = "?" if "0" in plain or any(code.endswith("?") for code in codes) else ""
    plain -= {"0"}
    if len(plain) == 1:
        only = plain.pop()
        return only if only == "*" else only + optional
    if not plain:
        return "0"
    return "O" + optional if plain <= {"N", "O"} else "*"


def accepted_code(node: ast.expr | None) -> str:
    """What a parameter's annotation lets in; ``*`` when it does not say."""
    match node:
        case None:
            return "*"
        case ast.Constant(value=None):
            return "-"
        case ast.Constant(value=str(text)):
            return accepted_code(ast.parse(text, mode="eval").body)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([accepted_code(left), accepted_code(right)])
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _ACCEPTED.get(name, "*")
        case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Constant(value=bool(flag))):
            return "1" if flag else "0"
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _union([accepted_code(inner), "-"])
        case ast.Subscript(value=ast.Name(id=name)):
            return _ACCEPTED.get(name, "*")
    return "*"


def _union(codes: list[str]) -> str:
    return "*" if "*" in codes else "".join(sorted(set("".join(codes))))


def overload(definition: Definition, named_tuples: dict[str, str], *, method: bool = False) -> str:
    """One definition as ``parameters;result``; a method's self is left out."""
    arguments = definition.args
    annotations, returns = _annotations(definition)
    required = len(arguments.posonlyargs + arguments.args) - len(arguments.defaults)
    parts: list[str] = []
    for place, argument in enumerate(arguments.posonlyargs + arguments.args):
        parts.append(f"{argument.arg}:{accepted_code(annotations.get(argument.arg))}" + "=" * (place >= required))
    if arguments.vararg:
        parts.append("*" + arguments.vararg.arg)
    elif arguments.kwonlyargs:
        parts.append("*")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parts.append(f"{argument.arg}:{accepted_code(argument.annotation)}" + "=" * (default is not None))
    if arguments.kwarg:
        parts.append("**")
    return ",".join(parts[1:] if method else parts) + ";" + result_code(returns, named_tuples)


def _annotations(definition: Definition) -> tuple[dict[str, ast.expr], ast.expr | None]:
    """The annotations of the positional parameters and of the result, from a type comment where there is one."""
    arguments = definition.args.posonlyargs + definition.args.args
    written = {argument.arg: argument.annotation for argument in arguments if argument.annotation}
    if definition.returns is not None or not definition.type_comment:
        return written, definition.returns
    comment = ast.parse(definition.type_comment, mode="func_type")
    types = comment.argtypes if len(comment.argtypes) == len(arguments) else []
    return {argument.arg: node for argument, node in zip(arguments, types, strict=False)}, comment.returns


@functools.cache
def parsed(path: Path) -> ast.Module:
    """A file of torch as a syntax tree with type comments."""
    return ast.parse(path.read_text(encoding="utf-8"), type_comments=True)


def functions_of(body: Iterable[ast.stmt]) -> dict[str, list[Definition]]:
    """The functions of a module or class body by name, in the order of definition, those under ``if`` included."""
    found: dict[str, list[Definition]] = {}
    for definition in _definitions(body):
        found.setdefault(definition.name, []).append(definition)
    return found


def _definitions(body: Iterable[ast.stmt]) -> Iterator[Definition]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield statement
        elif isinstance(statement, ast.If):
            yield from _definitions(statement.body + statement.orelse)


def class_body(module: ast.Module, name: str) -> list[ast.stmt]:
    """The body of a class at the top of a module; KeyError when there is none."""
    for statement in module.body:
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return statement.body
    raise KeyError(name)


def named_tuples(return_types: ast.Module) -> dict[str, str]:
    """The results of the classes in ``torch/return_types.pyi``: ``class max(tuple[Tensor, Tensor])``."""
    return {
        statement.name: result_code(statement.bases[0], {})
        for statement in return_types.body
        if isinstance(statement, ast.ClassDef) and statement.bases
    }
