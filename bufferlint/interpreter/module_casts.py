"""Calls that cast a module: ``half()``, ``to(dtype)``, ``type("torch.DoubleTensor")``, ``apply`` of what casts."""

from __future__ import annotations

from collections.abc import Callable

from bufferlint.interpreter.values import Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.usage import CallSite, Usage, is_name, usage_of
from bufferlint.resolution.references import External

CASTING_METHODS = frozenset({"half", "bfloat16", "double", "float", "to", "type"})
_CASTING_NAMES = frozenset({
    "half", "float16", "bfloat16", "double", "float64", "float", "float32", "dtype", "torch_dtype", "HalfTensor",
    "DoubleTensor", "FloatTensor", "BFloat16Tensor",
})  # fmt: skip


def names_cast(call: ir.Call, value: Callable[[Expression], Value] | None = None) -> bool:
    """Does ``x.half()``, ``x.to(torch.float16)`` or ``x.type("torch.HalfTensor")`` cast? ``value`` tells more of the
    arguments; a device is no cast."""
    func = called_method(call)
    name = func.attr if func is not None else ""
    if name not in CASTING_METHODS:
        return False
    if name not in ("to", "type"):
        return not call.args
    given = [arg for arg in call.args if arg.keyword in (None, "dtype", "dst_type", "tensor", "other")]
    if any(arg.keyword in ("dtype", "dst_type") for arg in given):
        return True
    if any((ir.dotted(arg.value) or "").rpartition(".")[2] in _CASTING_NAMES for arg in given):
        return True
    if name == "type" and any(isinstance(arg.value, ir.Constant) for arg in given):
        return True
    return value is not None and any(_is_dtype_or_tensor(value(arg.value)) for arg in given)


def _is_dtype_or_tensor(value: Value) -> bool:
    name = value.reference.name if isinstance(value.reference, External) else ""
    return value.is_tensor or name.rpartition(".")[2] in _CASTING_NAMES


def called_method(call: ir.Call) -> ir.Attribute | None:
    """The method that is called, as if written ``x.name(...)`` where it is ``getattr(x, "name")(...)``."""
    return as_attribute(call.func)


def as_attribute(expression: Expression) -> ir.Attribute | None:
    """``x.name``, of ``getattr(x, "name")`` too."""
    if isinstance(expression, ir.Attribute):
        return expression
    if not isinstance(expression, ir.Call) or not is_name(expression.func, "getattr") or len(expression.args) != 2:
        return None
    name = expression.args[1].value
    if isinstance(name, ir.Constant) and isinstance(name.value, str):
        return ir.Attribute(expression.span, expression.args[0].value, name.value)
    return None


def casts_parameter(body: st.Function | ir.Lambda) -> bool:
    """Does a function cast what it is given first: ``lambda m: m.half()``?"""
    if isinstance(body, ir.Lambda):
        return bool(body.parameters) and _casts_name(body.body, body.parameters[0])
    first = body.parameters[0].name if body.parameters else ""
    return any(is_name(site.receiver, first) and names_cast(site.call) for site in usage_of(body).calls)


def _casts_name(expression: Expression, name: str) -> bool:
    if isinstance(expression, ir.Call) and names_cast(expression):
        func = called_method(expression)
        if func is not None and is_name(func.value, name):
            return True
    return any(_casts_name(part, name) for part in ir.children(expression))


def casts_in_loops(usage: Usage) -> list[CallSite]:
    """The casts of each module that a loop goes through."""
    return [site for site in usage.calls if names_cast(site.call) and is_name(site.receiver, *usage.module_targets)]
