"""What code does to modules as wholes, to other objects, and to the operators that it hands attributes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bufferlint.interpreter.context import Context
from bufferlint.interpreter.events import ANY, Action, Handed, Met, OutsideUse
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.module_casts import CASTING_METHODS, called_method, casts_parameter, names_cast
from bufferlint.interpreter.slots import UNSET, Slot
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import UNKNOWN, Arguments, Kind, PartialRef, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.usage import dict_holder, is_name
from bufferlint.resolution.references import ClassRef, External, FunctionRef, LocalFunction, SelfRef, SuperRef
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named
from bufferlint.torch_model.operand_dtypes import needs_full_precision, takes_one_dtype

_NO_MODULE = (
    Kind.TENSOR,
    Kind.NUMBER,
    Kind.TEXT,
    Kind.CONTAINER,
    Kind.ARRAY,
    Kind.NONE,
    Kind.PARAMETER,
    Kind.BUFFER,
    Kind.HOLDER,
)
"""Kinds of objects that are certainly no module."""
_OF_ALL_BUFFERS = {
    **dict.fromkeys(("buffers", "named_buffers", "state_dict"), Action.ASKS_STATE),
    **dict.fromkeys(("load_state_dict",), Action.LOADS_STATE),
    **dict.fromkeys(CASTING_METHODS, Action.CASTS),
}
_PAST_GETATTR = frozenset({"inspect.getattr_static", "builtins.object.__getattribute__"})
_RESHAPES = frozenset({
    "view", "reshape", "unsqueeze", "squeeze", "permute", "transpose", "t", "contiguous", "flatten", "expand", "repeat",
    "clone", "detach", "cuda", "cpu",
})  # fmt: skip
_GIVES_ANOTHER_DTYPE = frozenset({
    "float", "double", "half", "bfloat16", "bool", "long", "int", "to", "type", "type_as", "size", "dim", "numel",
    "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "argmax", "argmin", "eq", "ne", "gt", "lt", "ge",
    "le", "tolist", "item",
})  # fmt: skip
_DTYPE_NAMES = frozenset({
    "float", "float32", "double", "float64", "half", "float16", "bfloat16", "int", "int32", "long", "int64", "int16",
    "int8", "uint8", "bool", "complex64", "complex128", "cfloat",
})  # fmt: skip


class Observations:
    """Notes what is done to objects and with attributes; values are those of the current run."""

    def __init__(self, context: Context, layers: Layers) -> None:
        self._context = context
        self._layers = layers

    # -- objects -------------------------------------------------------------------------------------------------

    def outside(
        self, action: Action, receiver: Expression | Value, attr: str, value: Value, at: Expression, frame: Frame
    ) -> None:
        """Note what is done to an object other than the instance; to the instance it is an event."""
        own = isinstance(receiver, ir.Name) and receiver.id == frame.receiver
        held = receiver if isinstance(receiver, Value) else self._layers.evaluator.evaluate(receiver, frame)
        if held.kinds and held.only(*_NO_MODULE):
            return
        statement = st.Evaluate(at.span, at)
        if isinstance(held.reference, SelfRef | SuperRef):
            self._context.note(attr, action, value, UNSET, statement, at.span, frame)
            return
        use = OutsideUse(action, held, attr, value, frame.path, at.span, frame.scope, own)
        self._context.run.log.note(use)
        if action is Action.ASSIGN:
            self.hand_over([value], f"another object's '{attr}'", at.span, frame)

    def of_dict(self, action: Action, holder: Expression, attr: str, at: Expression, frame: Frame) -> None:
        """``holder.__dict__`` is read or written."""
        if frame.is_self(holder):
            self._context.note(attr, action, UNKNOWN, UNSET, st.Evaluate(at.span, at), at.span, frame)
        else:
            self.outside(action, holder, attr, UNKNOWN, at, frame)

    def of_expression(self, expression: Expression, frame: Frame) -> bool:
        """Note reads past nn.Module; True for one that names its key, which is no more to be evaluated."""
        match expression:
            case ir.Subscript(value=inner) if (holder := dict_holder(inner)) is not None:
                self.of_dict(Action.READ_DICT, holder, self.key(expression, frame), expression, frame)
                return True
            case ir.Attribute(attr="__dict__", value=holder):
                self.of_dict(Action.READ_DICT, holder, ANY, expression, frame)
            case ir.Attribute(attr="_buffers", value=holder):
                self.of_dict(Action.ASKS_STATE, holder, ANY, expression, frame)
        return False

    def key(self, subscript: ir.Subscript, frame: Frame) -> str:
        """The one name that a subscript of a ``__dict__`` asks for."""
        names = [self._layers.evaluator.evaluate(part, frame).constant for part in subscript.index]
        return names[0] if len(names) == 1 and isinstance(names[0], str) else ANY

    def before_call(self, expression: ir.Call, frame: Frame) -> None:
        """Note calls of methods that concern all buffers, or go past nn.Module."""
        func = called_method(expression)
        if func is None:
            return
        self._of_all_buffers(func, expression, frame)
        holder = dict_holder(func.value)
        looks_past = func.attr == "__getattribute__" and len(expression.args) == 1
        if looks_past and (isinstance(func.value, ir.Name) or _is_super(func.value)):
            name = self._layers.evaluator.evaluate(expression.args[0].value, frame).constant
            named = name if isinstance(name, str) else ANY
            self.of_dict(Action.READ_DICT, func.value, named, expression, frame)
        elif func.attr in ("update", "setdefault", "pop") and holder is not None:
            first = expression.args[0].value if expression.args else None
            given = self._layers.evaluator.evaluate(first, frame).constant if first is not None else None
            names = [arg.keyword for arg in expression.args if arg.keyword]
            for name in names or [given if isinstance(given, str) else ANY]:
                self.of_dict(Action.SHADOW, holder, name, expression, frame)
        elif func.attr == "setattr" and len(expression.args) > 1 and isinstance(func.value, ir.Name):
            plain = (arg.value for arg in expression.args if not arg.star and not arg.keyword)
            values = tuple(self._layers.evaluator.evaluate(value, frame) for value in plain)
            self.set_outside("setattr", Arguments(values, {}), expression, frame)

    def _of_all_buffers(self, func: ir.Attribute, expression: ir.Call, frame: Frame) -> None:
        action = _OF_ALL_BUFFERS.get(func.attr)
        if (
            action is not None
            and _is_simple(func.value)
            and (action is not Action.CASTS or self._casts(expression, frame))
        ):
            self.outside(action, func.value, ANY, UNKNOWN, expression, frame)
        own = isinstance(func.value, ir.Name) and frame.is_self(func.value)
        if own and func.attr == "_apply" and not frame.scope.endswith("._apply"):
            self.outside(Action.CASTS, func.value, ANY, UNKNOWN, expression, frame)
        if own and (func.attr == "apply" or func.attr.endswith("_hook")):
            given = [self._layers.evaluator.evaluate(arg.value, frame) for arg in expression.args if not arg.star]
            if any(body is not None and casts_parameter(body) for body in map(self._body_of, given)):
                self.outside(Action.CASTS, func.value, ANY, UNKNOWN, expression, frame)

    def _casts(self, expression: ir.Call, frame: Frame) -> bool:
        return names_cast(expression, lambda given: self._layers.evaluator.evaluate(given, frame))

    def _body_of(self, function: Value) -> st.Function | ir.Lambda | None:
        """The code of a function of the project."""
        match function.reference:
            case LocalFunction(number=number):
                return self._context.closures[number].body
            case FunctionRef(path=path, header=header):
                return self._context.reader.function(path, header)
        return None

    def of_applied(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> None:
        """Note functions that run code, look past nn.Module, copy, patch, or keep what they are given."""
        name = callee.reference.name if isinstance(callee.reference, External) else ""
        if name in ("builtins.exec", "builtins.eval") and frame.instance is not None:
            at = st.Evaluate(expression.span, expression)
            self._context.note(ANY, Action.STORE_ANY, UNKNOWN, UNSET, at, expression.span, frame)
        if name == "builtins.vars" and len(expression.args) == 1:
            self.of_dict(Action.READ_DICT, expression.args[0].value, ANY, expression, frame)
        if name in _PAST_GETATTR and len(args.positional) > 1:
            attr = args.positional[1].constant
            named = attr if isinstance(attr, str) else ANY
            self.of_dict(Action.READ_DICT, expression.args[0].value, named, expression, frame)
        if name in ("copy.copy", "copy.replace") and args.positional:
            self.outside(Action.COPIES, args.positional[0], ANY, UNKNOWN, expression, frame)
        if name.endswith(".AveragedModel") and args.positional and "use_buffers" in args.keywords:
            self.outside(Action.ASKS_STATE, args.positional[0], ANY, UNKNOWN, expression, frame)
        if name.endswith("patch.object") and len(args.positional) > 1:
            self.set_outside(name, args, expression, frame)
        if frame.instance is not None and _keeps_arguments(callee):
            self.hand_over(args.all, self._context.words(expression.func, frame.path), expression.span, frame)

    def set_outside(self, function: str, args: Arguments, expression: ir.Call, frame: Frame) -> None:
        """``setattr(other, name, value)``."""
        name = args.positional[1].constant if len(args.positional) > 1 else None
        value = args.positional[2] if len(args.positional) > 2 else args.keywords.get("new", UNKNOWN)
        action = Action.DELETE if function.endswith("delattr") else Action.ASSIGN
        attr = name if isinstance(name, str) else ANY
        self.outside(action, args.positional[0], attr, value, expression, frame)

    def hand_over(self, values: Sequence[Value], to: str, span: Span, frame: Frame) -> None:
        """Note memory that something else may keep."""
        storage = frozenset[tuple[str, int]]().union(*map(deep_storage, values))
        if storage and frame.instance is not None:
            self._context.run.log.note(Handed(storage, to, frame.path, span))

    # -- operators -----------------------------------------------------------------------------------------------

    def after_call(self, expression: ir.Call, frame: Frame) -> None:
        """Note the attributes that a function or method of torch is given which half precision or a cast breaks."""
        func = expression.func
        made = called_method(expression)
        if made is not None and not _is_simple(made.value) and self._value(made.value).only(Kind.MODULE):
            action = _OF_ALL_BUFFERS.get(made.attr)  # nn.Sequential(Net()).half()
            if action is not None and (action is not Action.CASTS or self._casts(expression, frame)):
                self.outside(action, self._value(made.value), ANY, UNKNOWN, expression, frame)
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

    def _note_met(self, action: Action, operand: Expression, at: Expression, frame: Frame) -> None:
        if frame.instance is None:
            value = self._value(operand)
            if value.storage and not (Trait.FIXED_DTYPE | Trait.INTEGER) & value.traits and value.may(Kind.TENSOR):
                self._context.run.log.note(Met(action, value.storage, frame.path, at.span))
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
        inner = operand.func if isinstance(operand, ir.Call) else operand
        reshaped = isinstance(operand, ir.Call) and isinstance(inner, ir.Attribute) and inner.attr in _RESHAPES
        if isinstance(inner, ir.Subscript) or (reshaped and isinstance(inner, ir.Attribute)):
            return self.is_fixed(inner.value)
        return False

    def _followed(self, operand: Expression, frame: Frame) -> Iterator[tuple[str, Slot]]:
        """The attributes whose dtype an operand follows: it is one, or computed from one without a cast."""
        value = self._value(operand)
        if frame.instance is None or (Trait.FIXED_DTYPE | Trait.INTEGER) & value.traits:
            return
        slots = frame.instance.slots
        if isinstance(operand, ir.Attribute) and frame.is_self(operand.value):
            if operand.attr in slots:
                yield operand.attr, slots[operand.attr]
        elif isinstance(operand, ir.Name) and value.storage and value.may(Kind.TENSOR):
            yield from slots.sharing(value.storage)
        for part in _inner(operand):
            yield from self._followed(part, frame)


def _is_simple(receiver: Expression) -> bool:
    """Is it a name, an attribute, or a call of a name: ``Net().half()``?"""
    return isinstance(receiver, ir.Name | ir.Attribute) or (
        isinstance(receiver, ir.Call) and isinstance(receiver.func, ir.Name)
    )


def _is_super(receiver: Expression) -> bool:
    return isinstance(receiver, ir.Call) and is_name(receiver.func, "super")


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


def _keeps_arguments(callee: Value) -> bool:
    """Is it a constructor, or ``functools.partial``? Modules of torch register what they are given."""
    if isinstance(callee.reference, External):
        name = callee.reference.name
        return name == "functools.partial" or torch_api.named(name) is Named.HOLDER_CLASS
    return isinstance(callee.reference, ClassRef)


def names_dtype(expression: ir.Call) -> bool:
    """Does ``x.float()`` or ``x.to(torch.float32)`` name the dtype of its result?"""
    func = expression.func
    if not isinstance(func, ir.Attribute):
        return False
    if func.attr in ("float", "double", "half", "bfloat16"):
        return not expression.args
    return func.attr == "to" and any(_is_dtype_name(arg.value) for arg in expression.args)


def _is_dtype_name(expression: Expression) -> bool:
    name = ir.dotted(expression) or ""
    return name.startswith("torch.") and name.removeprefix("torch.") in _DTYPE_NAMES


def _members(expression: Expression) -> Sequence[Expression]:
    """The expressions in a list or tuple display; another expression is its own."""
    return expression.items if isinstance(expression, ir.Display) else (expression,)


def deep_storage(value: Value) -> frozenset[tuple[str, int]]:
    """The memory of a value and of what it holds: members, bound arguments."""
    found = value.storage
    members = (*(value.items or ()), *((value.element,) if value.element is not None else ()))
    if isinstance(value.reference, PartialRef):
        members = (*members, value.reference.function, *value.reference.args.all)
    return found.union(*map(deep_storage, members))
