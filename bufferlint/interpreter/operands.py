"""The attributes that operators of torch are given which refuse half precision, or operands of two dtypes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bufferlint.interpreter.context import Context
from bufferlint.interpreter.events import Action, Met
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.slots import Slot
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import UNKNOWN, Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import External
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model import operations
from bufferlint.torch_model.operand_dtypes import needs_full_precision, takes_one_dtype
from bufferlint.torch_model.operations import Operation

_RESHAPES = frozenset({
    "view", "reshape", "unsqueeze", "squeeze", "permute", "transpose", "t", "contiguous", "flatten", "expand", "repeat",
    "clone", "detach", "cuda", "cpu",
})  # fmt: skip
_GIVES_ANOTHER_DTYPE = frozenset({
    "float", "double", "half", "bfloat16", "bool", "long", "int", "to", "type", "type_as", "size", "dim", "numel",
    "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "argmax", "argmin", "eq", "ne", "gt", "lt", "ge",
    "le", "tolist", "item",
})  # fmt: skip
_GIVES_PAIRS = frozenset({
    "sort", "topk", "max", "min", "median", "nanmedian", "mode", "kthvalue", "cummax", "cummin", "unique", "aminmax",
    "unique_consecutive", "nonzero", "frexp", "values", "indices",
})  # fmt: skip
"""Of one of their results the dtype is not that of the operand."""
_PROMOTES = frozenset({
    "add", "sub", "subtract", "rsub", "mul", "multiply", "div", "divide", "true_divide", "floor_divide", "remainder",
    "fmod", "pow", "float_power", "maximum", "minimum", "fmax", "fmin", "where", "atan2", "arctan2", "hypot", "xlogy",
    "logaddexp", "logaddexp2", "addcmul", "addcdiv", "lerp", "copysign", "dist", "outer", "kron", "cross", "matmul",
    "mm", "bmm", "mv", "dot", "clamp", "clip", "clamp_min", "clamp_max", "heaviside", "nextafter", "ldexp",
})  # fmt: skip
_SAME_DTYPE = frozenset({"T", "mT", "data"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "//", "%", "**", "@"})
_OF_ANOTHER_DTYPE = Operation.INTEGER | Operation.COMPLEX | Operation.LIKE
_DTYPE_NAMES = frozenset({
    "float", "float32", "double", "float64", "half", "float16", "bfloat16", "int", "int32", "long", "int64", "int16",
    "int8", "uint8", "bool", "complex64", "complex128", "cfloat",
})  # fmt: skip


class Operands:
    """Notes operands; values are those of the current run."""

    def __init__(self, context: Context, layers: Layers) -> None:
        self._context = context
        self._layers = layers

    def of_call(self, expression: ir.Call, frame: Frame) -> None:
        """Note the attributes that a function or method of torch is given which half precision or a cast breaks."""
        func = expression.func
        last = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
        if not last:
            return
        operands = [arg.value for arg in expression.args if not arg.star]
        callee = self._context.names.dotted(frame.path, ir.dotted(func) or "?", frame.scope)
        if isinstance(callee, External):
            name = torch_api.canonical(callee.name)
            if name.startswith("torch."):
                self.of_operator(name, operands, expression, frame)
        elif isinstance(func, ir.Attribute) and callee is None and not frame.is_self(func.value):
            if torch_api.is_tensor_method(func.attr):
                self.of_operator(func.attr, (func.value, *operands), expression, frame)
            if func.attr == "view" and any(map(_is_dtype_name, operands)):
                self._note_met(Action.MEETS_FIXED_DTYPE, func.value, expression, frame)

    def of_operator(self, name: str, operands: Sequence[Expression], at: Expression, frame: Frame) -> None:
        """Note the attributes that are given to an operator which refuses half precision, or operands of two dtypes."""
        full, one = needs_full_precision(name), takes_one_dtype(name)
        if not (full or one):
            return
        members = [part for each in operands for part in _members(each)]
        for part in members:
            if full:
                self._note_met(Action.MEETS_FULL_PRECISION, part, at, frame)
            if one and any(self.is_fixed(other) for other in members if other is not part):
                self._note_met(Action.MEETS_FIXED_DTYPE, part, at, frame)

    def of_item(self, target: ir.Subscript, stored: Expression, frame: Frame) -> None:
        """Note the attributes that are stored in ``out[indices]``: with tensors for indices both need one dtype."""
        parts = [part for part in target.index if not isinstance(part, ir.Slice)]
        indices = [self._layers.evaluator.evaluate(part, frame) for part in parts]
        filled = self._layers.evaluator.evaluate(target.value, frame)
        if any(index.is_tensor or Trait.INTEGER in index.traits for index in indices) and (
            Trait.FIXED_DTYPE in filled.traits
        ):
            self._note_met(Action.MEETS_FIXED_DTYPE, stored, target, frame)

    def _note_met(self, action: Action, operand: Expression, at: Expression, frame: Frame) -> None:
        if frame.instance is None:
            value = self._value(operand)
            followed = value.storage | value.sources
            if followed and not (Trait.FIXED_DTYPE | Trait.INTEGER) & value.traits and value.may(Kind.TENSOR):
                self._context.run.log.note(Met(action, followed, frame.path, at.span))
            return
        for attr, slot in dict(self._followed(operand, frame)).items():
            if Trait.INTEGER not in slot.value.traits and slot.value.may(Kind.TENSOR):
                self._context.note(attr, action, slot.value, slot, st.Evaluate(at.span, at), at.span, frame)

    def _value(self, expression: Expression) -> Value:
        return self._context.run.values.get(id(expression), UNKNOWN)

    def is_fixed(self, operand: Expression) -> bool:
        """Has it a dtype that no cast of the module changes?"""
        value = self._value(operand)
        if Trait.FIXED_DTYPE in value.traits:
            return Trait.INTEGER not in value.traits
        if value.kinds != UNKNOWN.kinds:
            return False
        match operand:
            case ir.Call(func=ir.Attribute(value=receiver, attr=attr), args=args):
                return self._keeps_dtype(attr, args) and self.is_fixed(receiver)
            case ir.Subscript(value=inner) | ir.Unary(op="-" | "+", operand=inner):
                return self.is_fixed(inner)
            case ir.Attribute(value=inner, attr=attr):
                return attr in _SAME_DTYPE and self.is_fixed(inner)
            case ir.Binary(left=left, op=op, right=right) if op in _ARITHMETIC:
                sides = (self.is_fixed(left), self.is_fixed(right))
                return any(sides) and all(map(self._is_neutral, (left, right), sides))
        return False

    def _keeps_dtype(self, method: str, args: Sequence[ir.Argument]) -> bool:
        """Does a method give a tensor of its receiver's dtype? One that promotes does for numbers and the like."""
        if method in _RESHAPES:
            return True
        if not torch_api.is_tensor_method(method) or method in _GIVES_ANOTHER_DTYPE or method in _GIVES_PAIRS:
            return False
        if operations.of(f"torch.Tensor.{method}") & _OF_ANOTHER_DTYPE:
            return False
        return method not in _PROMOTES or all(self._is_neutral(arg.value, self.is_fixed(arg.value)) for arg in args)

    def _is_neutral(self, operand: Expression, is_fixed: bool) -> bool:
        """Does an operand leave the dtype of a fixed one beside it: a number, integers, another fixed one?"""
        value = self._value(operand)
        return is_fixed or value.only(Kind.NUMBER) or (value.is_array_like and Trait.INTEGER in value.traits)

    def _followed(self, operand: Expression, frame: Frame) -> Iterator[tuple[str, Slot]]:
        """The attributes whose dtype an operand follows: it is one, or computed from one without a cast."""
        value = self._value(operand)
        if frame.instance is None or (Trait.FIXED_DTYPE | Trait.INTEGER) & value.traits:
            return
        slots = frame.instance.slots
        if isinstance(operand, ir.Attribute) and frame.is_self(operand.value) and operand.attr in slots:
            yield operand.attr, slots[operand.attr]
        elif value.may(Kind.TENSOR):
            yield from slots.sharing(value.sources or value.storage)
        for part in _inner(operand):
            yield from self._followed(part, frame)


def _inner(operand: Expression) -> Sequence[Expression]:
    """The parts of an operand whose dtype it follows."""
    match operand:
        case ir.Call(func=ir.Attribute(value=receiver, attr="to"), args=args):
            return (receiver,) if all(map(_is_device, args)) else ()
        case ir.Call(func=ir.Attribute(attr=attr)) if attr in _GIVES_ANOTHER_DTYPE:
            return ()
        case ir.Call(func=ir.Attribute(value=receiver), args=args):
            return (receiver, *(arg.value for arg in args))
        case ir.Call(args=args):
            return tuple(arg.value for arg in args)
        case ir.Attribute(value=value, attr=attr):
            return (value,) if attr in ("T", "mT", "H", "real", "imag", "data") else ()
        case ir.Subscript(value=value):
            return (value,)
        case ir.Binary() | ir.Unary() | ir.Conditional() | ir.Display():
            return ir.children(operand)
    return ()


def _is_device(argument: ir.Argument) -> bool:
    """Returns whether it is an argument of ``to`` that names a device."""
    if isinstance(argument.value, ir.Constant):
        return isinstance(argument.value.value, str | bool)
    written = argument.value.func if isinstance(argument.value, ir.Call) else argument.value
    return argument.keyword in ("device", "non_blocking") or "device" in (ir.dotted(written) or "")


def names_dtype(expression: ir.Call) -> bool:
    """Does ``x.float()`` or ``x.to(torch.float32)`` name the dtype of its result?"""
    func = expression.func
    if not isinstance(func, ir.Attribute):
        return False
    if func.attr in ("float", "double", "half", "bfloat16"):
        return not expression.args
    return func.attr in ("to", "type") and any(_is_dtype_name(arg.value) for arg in expression.args)


def _is_dtype_name(expression: Expression) -> bool:
    name = ir.dotted(expression) or ""
    return name.startswith("torch.") and name.removeprefix("torch.") in _DTYPE_NAMES


def _members(expression: Expression) -> Sequence[Expression]:
    """The expressions in a list or tuple display; another expression is its own."""
    return expression.items if isinstance(expression, ir.Display) else (expression,)
