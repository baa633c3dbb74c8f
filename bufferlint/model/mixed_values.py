"""Does code compute with an attribute that holds a tensor or a number, wherever the tensor lies?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.usage import is_name
from bufferlint.resolution.references import External, FunctionRef
from bufferlint.torch_model import api as torch_api

if TYPE_CHECKING:
    from bufferlint.model.module_class import ModuleClass

_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**", "@", "<", ">", "<=", ">="})
_MOVES = frozenset({
    "to", "cuda", "cpu", "type_as", "device", "get_device", "as_tensor", "tensor", "asarray", "full", "full_like",
    "new_tensor", "new_full", "item", "tolist", "float", "int", "bool",
})  # fmt: skip
"""Functions and methods that put it where it is used, or make something else of it; ``x.device`` asks where it is."""
_DEEPEST = 4
"""Functions that are looked through, one calling the next."""


class _Place(NamedTuple):
    """Where an operand is read; ``around`` are the expressions that it stands in, the innermost first."""

    operand: Expression
    around: tuple[Expression, ...]
    statement: st.Statement
    path: str
    scope: str = ""


def is_computed_with(module: ModuleClass, attr: str) -> bool:
    """Returns whether it is an operand as it lies, and nowhere moved to where the other operand is."""
    uses = [
        _of_operand(module, _Place(read.expression, read.around, read.statement, each.path), 0)
        for each in (module, *module.subclasses)
        for _, _, usage in each.timeline.usages()
        for read in usage.reads.get(attr, ())
        if is_name(read.receiver, usage.receiver)
    ]
    return True in uses and False not in uses


def _of_operand(module: ModuleClass, place: _Place, depth: int) -> bool | None:
    """True for an operand, False for what is moved where it is read or has one element, as its truth or a comparison
    with a literal tells, None for what tells of neither."""
    inner = place.operand
    for outer in place.around:
        match outer:
            case ir.Attribute(attr=attr) if attr in _MOVES:
                return False
            case ir.Binary(op=op) if op in _ARITHMETIC:
                return True
            case ir.Compare(ops=(op,), left=left, comparators=(right,)) if op in _ARITHMETIC:
                return not isinstance(left if right is inner else right, ir.Constant)
            case ir.Unary(op="not"):
                return False
            case ir.Conditional(test=test) if test is inner:
                return False
            case ir.Call(func=func) if func is not inner:
                return _of_argument(module, outer, inner, place, depth)
            case ir.Unary(op="-") | ir.Subscript():
                inner = outer
            case _:
                return None
    match place.statement:
        case st.Augment(value=value) if value is inner:
            return True
        case st.If(test=test) | st.While(test=test) if test is inner:
            return False
    return None


def _of_argument(module: ModuleClass, call: ir.Call, given: Expression, place: _Place, depth: int) -> bool | None:
    last = call.func.attr if isinstance(call.func, ir.Attribute) else ir.dotted(call.func) or ""
    if last in _MOVES:
        return False
    name = ir.dotted(call.func)
    found = module.named(place.path, name, place.scope) if name else None
    if isinstance(found, External) and found.name.startswith("torch."):
        return True if torch_api.may_give_tensor(found.name) else None
    if isinstance(found, FunctionRef):
        return _of_parameter(module, found, call, given, depth) if depth < _DEEPEST else None
    return True if isinstance(call.func, ir.Attribute) and torch_api.is_tensor_method(last) else None


def _of_parameter(module: ModuleClass, of: FunctionRef, call: ir.Call, given: Expression, depth: int) -> bool | None:
    """The same of what a function of the project does with an argument."""
    body = module.queries.function(of.path, of.header)
    at = next((at for at, arg in enumerate(call.args) if arg.value is given), None)
    if body is None or at is None or any(arg.star for arg in call.args):
        return None
    plain = [parameter.name for parameter in body.parameters if not parameter.star]
    name = call.args[at].keyword or (plain[at] if at < len(plain) else "")
    uses = [_of_operand(module, place, depth + 1) for place in _reads(of, body.body, name)]
    return False if False in uses else (True if True in uses else None)


def _reads(of: FunctionRef, block: st.Block, name: str) -> Iterator[_Place]:
    for statement in st.walk(block):
        for expression in st.expressions(statement):
            for operand, around in _inside(expression, (), name):
                yield _Place(operand, around, statement, of.path, of.header.qualname)


def _inside(
    expression: Expression, around: tuple[Expression, ...], name: str
) -> Iterator[tuple[Expression, tuple[Expression, ...]]]:
    if is_name(expression, name):
        yield expression, around
    for part in ir.children(expression):
        yield from _inside(part, (expression, *around), name)
