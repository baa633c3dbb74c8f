"""What code does to modules as wholes, to other objects, and to the operators that it hands attributes to."""

from __future__ import annotations

from collections.abc import Sequence

from bufferlint.interpreter.context import Context
from bufferlint.interpreter.events import ANY, Action, Handed, OutsideUse
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.literals import constant
from bufferlint.interpreter.module_casts import CASTING_METHODS, called_method, casts_parameter, names_cast
from bufferlint.interpreter.operands import Operands
from bufferlint.interpreter.slots import UNSET
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import UNKNOWN, Arguments, Kind, PartialRef, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.usage import dict_holder, is_name
from bufferlint.resolution.references import ClassRef, External, FunctionRef, LocalFunction, SelfRef, SuperRef
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named

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
_KEEPING = frozenset({
    "functools.partial", "collections.deque", "builtins.iter", "itertools.cycle", "itertools.repeat", "weakref.ref",
    "weakref.proxy", "weakref.WeakSet",
})  # fmt: skip
_PAST_GETATTR = frozenset({"inspect.getattr_static", "builtins.object.__getattribute__"})
_GROWS = frozenset({"append", "appendleft", "add", "insert", "extend", "setdefault", "put", "register", "update"})


class Observations:
    """Notes what is done to objects and with attributes; values are those of the current run."""

    def __init__(self, context: Context, layers: Layers) -> None:
        self._context = context
        self._layers = layers
        self.operands = Operands(context, layers)

    # -- objects -------------------------------------------------------------------------------------------------

    def outside(
        self, action: Action, receiver: Expression | Value, attr: str, value: Value, at: Expression, frame: Frame
    ) -> None:
        """Note what is done to an object other than the instance; to the instance it is an event."""
        own = isinstance(receiver, ir.Name) and receiver.id == frame.receiver
        held = receiver if isinstance(receiver, Value) else self._layers.evaluator.evaluate(receiver, frame)
        held = frame.settled(held)
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
        elif func.attr in _GROWS and isinstance(func.value, ir.Name) and frame.find(func.value.id) is None:
            given = [self._layers.evaluator.evaluate(arg.value, frame) for arg in expression.args if not arg.star]
            self.hand_over(given, f"'{func.value.id}'", expression.span, frame, lasts=True)
        elif func.attr == "__setattr__" and len(expression.args) in (2, 3):
            self._set_past_setattr(func, expression, frame)
        elif func.attr == "setattr" and len(expression.args) > 1:
            plain = (arg.value for arg in expression.args if not arg.star and not arg.keyword)
            values = tuple(self._layers.evaluator.evaluate(value, frame) for value in plain)
            self.set_outside("setattr", Arguments(values, {}), expression, frame)

    def _set_past_setattr(self, func: ir.Attribute, expression: ir.Call, frame: Frame) -> None:
        """``net.__setattr__("x", value)``, or ``nn.Module.__setattr__(net, "x", value)``, of another object."""
        values = [self._layers.evaluator.evaluate(arg.value, frame) for arg in expression.args if not arg.star]
        if (
            len(values) == 2
            and not (isinstance(func.value, ir.Name) and frame.is_self(func.value))
            and not _is_super(func.value)
        ):
            values = [self._layers.evaluator.evaluate(func.value, frame), *values]
        if len(values) == 3 and not isinstance(values[0].reference, SelfRef | SuperRef):
            self.set_outside("setattr", Arguments(tuple(values), {}), expression, frame)

    def _of_all_buffers(self, func: ir.Attribute, expression: ir.Call, frame: Frame) -> None:
        action = _OF_ALL_BUFFERS.get(func.attr)
        if (
            action is not None
            and _is_simple(func.value)
            and (action is not Action.CASTS or self._casts(expression, frame))
        ):
            self.outside(action, func.value, ANY, constant(func.attr), expression, frame)
        own = isinstance(func.value, ir.Name) and frame.is_self(func.value)
        is_other = _is_simple(func.value) and not _is_super(func.value)
        if func.attr == "_apply" and is_other and not frame.scope.endswith("._apply"):
            self.outside(Action.CASTS, func.value, ANY, constant(func.attr), expression, frame)
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
        looks_in_dict = name == "builtins.getattr" and dict_holder(expression) is not None
        if looks_in_dict or (name == "builtins.vars" and len(expression.args) == 1):
            self.of_dict(Action.READ_DICT, expression.args[0].value, ANY, expression, frame)
        if name in _PAST_GETATTR and len(args.positional) > 1:
            attr = args.positional[1].constant
            named = attr if isinstance(attr, str) else ANY
            self.of_dict(Action.READ_DICT, expression.args[0].value, named, expression, frame)
        if name == "inspect.getmembers_static" and args.positional:
            self.of_dict(Action.READ_DICT, expression.args[0].value, ANY, expression, frame)
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

    def hand_over(self, values: Sequence[Value], to: str, span: Span, frame: Frame, lasts: bool = False) -> None:
        """Note memory that something else may keep: what ``lasts`` keeps it whoever runs the code."""
        storage = frozenset[tuple[str, int]]().union(*map(deep_storage, values))
        if storage and (lasts or frame.instance is not None):
            self._context.run.log.note(Handed(storage, to, frame.path, span))

    def after_call(self, expression: ir.Call, frame: Frame) -> None:
        """Note what concerns all buffers of a module that a call gives: ``nn.Sequential(Net()).half()``."""
        made = called_method(expression)
        if made is None or _is_simple(made.value):
            return
        held = self._context.run.values.get(id(made.value), UNKNOWN)
        action = _OF_ALL_BUFFERS.get(made.attr) if held.only(Kind.MODULE) else None
        if action is not None and (action is not Action.CASTS or self._casts(expression, frame)):
            self.outside(action, held, ANY, constant(made.attr), expression, frame)


def _is_simple(receiver: Expression) -> bool:
    """Is it a name, an attribute, or a call of a name: ``Net().half()``?"""
    return isinstance(receiver, ir.Name | ir.Attribute) or (
        isinstance(receiver, ir.Call) and isinstance(receiver.func, ir.Name)
    )


def _is_super(receiver: Expression) -> bool:
    return isinstance(receiver, ir.Call) and is_name(receiver.func, "super")


def _keeps_arguments(callee: Value) -> bool:
    """Is it a constructor, or ``functools.partial``? Modules of torch register what they are given."""
    if isinstance(callee.reference, External):
        name = callee.reference.name
        return name in _KEEPING or torch_api.named(name) is Named.HOLDER_CLASS
    return isinstance(callee.reference, ClassRef)


def deep_storage(value: Value) -> frozenset[tuple[str, int]]:
    """The memory of a value and of what it holds: members, bound arguments."""
    found = value.storage
    members = (*(value.items or ()), *((value.element,) if value.element is not None else ()))
    if isinstance(value.reference, PartialRef):
        members = (*members, value.reference.function, *value.reference.args.all)
    return found.union(*map(deep_storage, members))
