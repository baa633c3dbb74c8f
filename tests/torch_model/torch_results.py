"""What torch's functions, methods and tensor properties return, gathered from stubs, annotations and schemas."""

from __future__ import annotations

import ast
import functools
import inspect
import types
from collections.abc import Callable
from pathlib import Path

import torch
from torch._jit_internal import boolean_dispatched

from tests.torch_model.torch_annotations import (
    Definition,
    class_body,
    functions_of,
    named_tuples,
    overload,
    parsed,
    result_code,
)
from tests.torch_model.torch_schemas import operator_of, schema_result

_ROOT = Path(torch.__file__).parent
_TUPLES = named_tuples(parsed(_ROOT / "return_types.pyi"))

Results = dict[str, list[str]]
"""Overloads by name, each as ``parameters;result``."""


_AT_LEAST = ["tensors:t;T", "tensors:q;S", "first:*,second:*,*rest;S"]
_REVIEWED_FUNCTIONS: Results = {
    "torch.atleast_1d": _AT_LEAST,
    "torch.atleast_2d": _AT_LEAST,
    "torch.atleast_3d": _AT_LEAST,
    "torch.broadcast_shapes": ["*shapes;O"],
    "torch.nn.functional.logsigmoid": ["input:t;T"],
    "torch.set_printoptions": ["**;0"],
    **{
        f"torch.sparse.{name}": ["**;T"]
        for name in ("addmm", "log_softmax", "mm", "sampled_addmm", "softmax", "spdiags")
    },
}
_REVIEWED_METHODS = {
    "T": "__eq__ __ipow__ __itruediv__ __ne__ __pos__ __reversed__ cdouble cfloat share_memory_ to_sparse_coo",
    "N": "__len__ is_shared",
    "O": "__array__ dim_order register_hook storage storage_type tolist untyped_storage",
}
"""Results that no source states, taken from torch's documentation and confirmed by calls in the tests."""


@functools.cache
def _stub(name: str) -> dict[str, list[Definition]]:
    return functions_of(parsed(_ROOT / name).body)


def function_overloads(qualified_name: str, value: object) -> list[str]:
    """The overloads of a function, or nothing when no source knows its result."""
    if qualified_name in _REVIEWED_FUNCTIONS:
        return _REVIEWED_FUNCTIONS[qualified_name]
    definitions = _python_definitions(qualified_name, value)
    if definitions is None:
        overloads = _dispatched(value)
    else:
        overloads = [overload(definition, _TUPLES) for definition in definitions]
    return _checked(overloads, operator_of(qualified_name, value))


def _checked(overloads: list[str], operator: str) -> list[str]:
    """The overloads, or the schema's result where they state none; nothing where the two contradict each other."""
    stated = _results(overloads)
    schema = schema_result(operator)
    if stated <= {"*"}:
        return [f"**;{schema}"] if schema != "*" else []
    if len(stated) == 1 and schema != "*" and not _compatible(next(iter(stated)), schema):
        return []
    return list(dict.fromkeys(overloads))


def _results(overloads: list[str]) -> set[str]:
    return {text.rpartition(";")[2] for text in overloads}


def _compatible(stated: str, schema: str) -> bool:
    """Whether two sources can both be right: a schema knows no list of unknown length that is a tuple, nor None."""
    plain = stated.replace("?", "")
    return plain == schema or (plain == "S" and schema.strip("(T)") == "") or {plain, schema} <= {"N", "O"}


def _python_definitions(qualified_name: str, value: object) -> list[Definition] | None:
    """The definitions that state a function's signature; None for functions dispatched on a flag."""
    namespace, _, name = qualified_name.rpartition(".")
    if value in boolean_dispatched:
        return None
    if namespace == "torch.nn.functional" and name in _stub("nn/functional.pyi"):
        return _stub("nn/functional.pyi")[name]
    if isinstance(value, types.FunctionType):
        return _source_definitions(value)
    if namespace == "torch":
        return _stub("_C/_VariableFunctions.pyi").get(name) or _stub("_C/__init__.pyi").get(name, [])
    return []


def _source_definitions(function: types.FunctionType) -> list[Definition]:
    """A Python function's own definition, or its ``@overload`` declarations when it has no annotation itself."""
    code = inspect.unwrap(function).__code__
    if Path(code.co_filename).suffix != ".py":
        return []
    candidates = functions_of(parsed(Path(code.co_filename)).body).get(code.co_name, [])
    own = [definition for definition in candidates if code.co_firstlineno in _lines(definition)]
    if any(definition.returns or definition.type_comment for definition in own):
        return own
    return [definition for definition in candidates if _is_overload(definition)]


def _lines(definition: Definition) -> range:
    first = min([definition.lineno, *(decorator.lineno for decorator in definition.decorator_list)])
    return range(first, definition.lineno + 1)


def _is_overload(definition: Definition) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "overload" for node in definition.decorator_list)


def _dispatched(value: object) -> list[str]:
    """The overloads of a function that hands over to one of two others, as a boolean argument says."""
    assert isinstance(value, types.FunctionType)
    if value not in boolean_dispatched:
        return [overload(definition, _TUPLES) for definition in _source_definitions(value)]
    entry = boolean_dispatched[value]
    flag = str(entry["arg_name"])
    chosen = [_with_flag(text, flag, "1") for text in _dispatched(entry["if_true"])]
    return chosen + [_with_flag(text, flag, "0=") for text in _dispatched(entry["if_false"])]


def _with_flag(text: str, flag: str, accepted: str) -> str:
    """An overload that takes only one value of a flag."""
    parameters, _, result = text.rpartition(";")
    parts = [f"{flag}:{accepted}" if part.partition(":")[0] == flag else part for part in parameters.split(",")]
    return f"{','.join(parts)};{result}"


def method_overloads() -> Results:
    """The overloads of every method of Tensor whose result is known; self is left out."""
    stub = functions_of(class_body(parsed(_ROOT / "_C/__init__.pyi"), "TensorBase"))
    own = functions_of(class_body(parsed(_ROOT / "_tensor.py"), "Tensor"))
    reviewed = {name: [f"**;{code}"] for code, names in _REVIEWED_METHODS.items() for name in names.split()}
    found = {name: _method(name, stub.get(name, []) + own.get(name, [])) for name in tensor_methods()}
    return {name: overloads for name, overloads in (found | reviewed).items() if overloads}


def _method(name: str, definitions: list[Definition]) -> list[str]:
    overloads = [overload(definition, _TUPLES, method=True) for definition in definitions if definition.returns]
    function: Callable[..., object] | None = getattr(torch, name, None)
    if not overloads and isinstance(function, types.FunctionType):
        overloads = [text.partition(",")[2] for text in function_overloads(f"torch.{name}", function)]
    return _checked(overloads, name)


def tensor_methods() -> list[str]:
    """The names of Tensor's methods, those that it has from ``object`` left out."""
    inherited = set(vars(object)) - {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
    return [name for name in sorted(set(dir(torch.Tensor)) - inherited) if callable(getattr(torch.Tensor, name))]


def property_results() -> dict[str, str]:
    """The result of each attribute of Tensor that is no method and whose type is stated."""
    body = class_body(parsed(_ROOT / "_C/__init__.pyi"), "TensorBase")
    stated = {
        statement.target.id: result_code(statement.annotation, _TUPLES)
        for statement in body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }
    known = set(dir(torch.Tensor)) - set(tensor_methods())
    return {name: code for name, code in sorted(stated.items()) if code != "*" and name in known}
