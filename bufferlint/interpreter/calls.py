"""What calls give: torch, the project's own functions and methods, constructors, a few builtins."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.builtin_calls import BuiltinCalls
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import (
    LASTING,
    NONE,
    NUMBER,
    TEXT,
    UNKNOWN,
    Arguments,
    Kind,
    PartialRef,
    Trait,
    Value,
    join,
)
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import (
    ClassRef,
    External,
    FunctionRef,
    InstanceRef,
    LocalFunction,
    MethodRef,
    SelfRef,
    SuperRef,
)
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named, Role

_MEMBERS = {
    "parameters": Value(frozenset({Kind.CONTAINER}), element=Value(frozenset({Kind.PARAMETER}), Trait.TRAINABLE)),
    "buffers": Value(frozenset({Kind.CONTAINER}), element=Value(frozenset({Kind.BUFFER}), Trait.SHARED)),
}
"""What methods of nn.Module iterate over, on whatever object."""
_LAYERS = (
    "Linear", "Bilinear", "Conv", "LazyConv", "LazyLinear", "Dropout", "AlphaDropout", "Embedding", "BatchNorm",
    "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm", "ReLU", "GELU", "SiLU", "ELU", "Sigmoid", "Tanh", "Softmax",
    "LogSoftmax", "Softplus", "LeakyReLU", "PReLU", "Mish", "Hardtanh", "Hardswish", "AvgPool", "Identity", "Flatten",
    "Unflatten", "Upsample", "ZeroPad", "ReflectionPad", "ReplicationPad", "ConstantPad", "PixelShuffle", "Unfold",
    "Fold", "AdaptiveAvgPool", "ChannelShuffle",
)  # fmt: skip
"""Beginnings of the names of layers that take one tensor and give one."""
_GROWS = frozenset({"append", "extend", "insert", "add", "update"})
_SAME = frozenset({"copy.copy", "typing.cast"})
_AS_GIVEN = frozenset({"math.prod", "math.sumprod"})
"""They multiply whatever they are given: tensors too."""
_REARRANGES = frozenset({"einops.rearrange", "einops.repeat", "einops.reduce", "einops.einsum"})


class Calls(BuiltinCalls):
    """Evaluates calls."""

    # -- what running a function provides ------------------------------------------------------------------------

    def run(self, function: FunctionRef, args: Arguments, receiver: Value | None) -> Value:
        raise AssertionError("provided by Execution")

    def run_local(self, function: LocalFunction, args: Arguments) -> Value:
        raise AssertionError("provided by Execution")

    def registered(self, method: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value | None:
        raise AssertionError("provided by Execution")

    def constructs(self, ref: ClassRef, args: Arguments) -> None:
        raise AssertionError("provided by Execution")

    def module_initialised(self) -> None:
        raise AssertionError("provided by Execution")

    # -- calls ---------------------------------------------------------------------------------------------------

    def call(self, expression: ir.Call, frame: Frame) -> Value:
        func = expression.func
        if isinstance(func, ir.Attribute):
            base = self.evaluate(func.value, frame)
            if base.is_array_like and not isinstance(base.reference, SelfRef):
                args = self.arguments(expression, frame)
                return tensors.call_method(base, func.attr, args, self.reason(expression, frame))
            members = _MEMBERS.get(func.attr)
            if members is not None and not base.only(Kind.CONTAINER, Kind.OTHER, Kind.CALLABLE):
                self.arguments(expression, frame)
                return members
            if isinstance(base.reference, SelfRef | SuperRef):
                return self._own_method(base, func.attr, expression, frame)
            if base.only(Kind.HOLDER) and func.attr in ("sample", "rsample", "log_prob", "entropy"):
                self.arguments(expression, frame)
                reason, place = self.reason(expression, frame), _place(frame, expression)
                return Value(frozenset({Kind.TENSOR}), base.traits & LASTING, storage=place, reason=reason)
            if base.only(Kind.CONTAINER):
                return self._group_method(base, func, expression, frame)
            if base.only(Kind.ARRAY):
                self.arguments(expression, frame)
                return NUMBER if func.attr == "item" else base
            if base.only(Kind.TEXT):
                self.arguments(expression, frame)
                return TEXT if func.attr != "split" else Value(frozenset({Kind.CONTAINER}), element=TEXT)
            callee = self.attribute(base, func.attr, func, frame)
        elif isinstance(func, ir.Name) and func.id == "super" and frame.find("super") is None:
            return self._super(expression, frame)
        else:
            callee = self.evaluate(func, frame)
        return self.apply(callee, self.arguments(expression, frame), expression, frame)

    def arguments(self, expression: ir.Call, frame: Frame) -> Arguments:
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        is_open = False
        for arg in expression.args:
            value = self.evaluate(arg.value, frame)
            if arg.star:
                if arg.star == "*" and value.items is not None and not is_open:
                    positional += value.items
                else:
                    is_open = True
            elif arg.keyword:
                keywords[arg.keyword] = value
            elif not is_open:
                positional.append(value)
        return Arguments(tuple(positional), keywords, is_open, any(map(_names_cpu, expression.args)))

    def apply(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """The value of calling ``callee``; of one that was handed in, the result is no surer than that."""
        result = self._applied(callee, args, expression, frame)
        if Trait.FROM_CALLER in callee.traits and callee.only(Kind.CALLABLE) and result.may(Kind.TENSOR):
            return replace(result, traits=result.traits | Trait.FROM_CALLER)
        return result

    def _applied(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        match callee.reference:
            case External(name=name):
                return self._external(name, args, expression, frame)
            case ClassRef() as ref:
                self.constructs(ref, args)
                return self._made_of(self.instance_of(ref), ref, args)
            case FunctionRef(owner=ClassRef()) as function:
                return self._unbound(function, args)
            case FunctionRef() as function:
                result = self._from(self.run(function, args, None), expression, frame)
                return _made_here(result, function, frame, expression)
            case MethodRef(name=name, after=after):
                return self._method(name, after, args, expression, frame)
            case LocalFunction() as function:
                return self.run_local(function, args)
            case PartialRef(function=function, args=bound):
                joined = Arguments(
                    (*bound.positional, *args.positional), {**bound.keywords, **args.keywords}, bound.open or args.open
                )
                return self.apply(function, joined, expression, frame)
            case InstanceRef(of=External(name=name)) if callee.only(Kind.MODULE):
                return self._layer(name, args, expression, frame)
        if callee.only(Kind.CALLABLE) and callee.items:
            return join(self.apply(alternative, args, expression, frame) for alternative in callee.items)
        return UNKNOWN

    def _made_of(self, made: Value, ref: ClassRef, args: Arguments) -> Value:
        """An instance of a class of the project, once its arguments are known: where an annotation promises a tensor,
        the field holds what it is given, be it a parameter."""
        if made.only(Kind.CONTAINER) and made.items and not args.open:
            names = [name.name for name in ref.header.names if name.annotated]
            given = ((item, args.get(at, name)) for at, (name, item) in enumerate(zip(names, made.items, strict=True)))
            return replace(made, items=tuple(arg if arg and item.is_tensor else item for item, arg in given))
        if any(value.may(Kind.TENSOR, Kind.BUFFER) for value in args.all):
            return made
        is_dataclass = any(decorator.rpartition(".")[2] == "dataclass" for decorator in ref.header.decorators)
        if made.only(Kind.OTHER) or (made.only(Kind.HOLDER) and is_dataclass and args.all and not args.open):
            return replace(made, kinds=frozenset({Kind.OTHER}), reference=InstanceRef(ref, given_tensors=False))
        return made

    def _layer(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """The value of calling a layer of torch."""
        first = args.positional[0] if args.positional else UNKNOWN
        if not name.rpartition(".")[2].startswith(_LAYERS) or not first.is_array_like:
            return UNKNOWN
        known = torch_api.module_attributes(name)
        trains = known is None or known.instance is None or Role.PARAMETER in known.instance.values()
        traits = first.traits & LASTING | (Trait.TRAINABLE if trains else Trait.NOTHING)
        reason, place = self.reason(expression, frame), _place(frame, expression)
        return Value(frozenset({Kind.TENSOR}), traits, storage=place | first.storage, reason=reason)

    def _from(self, value: Value, expression: ir.Call, frame: Frame) -> Value:
        """Names the call when a value comes out of a function that lies elsewhere."""
        if value.reason is None or value.reason.path == frame.path:
            return value
        return value.because(replace(value.reason, via=self.words(expression.func, frame.path) + "()"))

    # -- self and super ------------------------------------------------------------------------------------------

    def _super(self, expression: ir.Call, frame: Frame) -> Value:
        after = frame.owner
        if expression.args:
            first = self.evaluate(expression.args[0].value, frame).reference
            after = first if isinstance(first, ClassRef) else after
        return Value(frozenset({Kind.MODULE}), reference=SuperRef(after))

    def _own_method(self, base: Value, name: str, expression: ir.Call, frame: Frame) -> Value:
        args = self.arguments(expression, frame)
        after = base.reference.after if isinstance(base.reference, SuperRef) else None
        if after is None and self.instance is not None and name in self.instance.slots:
            held = self.instance.slots[name].value
            return self.apply(held, args, expression, frame) if held.only(Kind.CALLABLE, Kind.MODULE) else UNKNOWN
        return self._method(name, after, args, expression, frame)

    def _method(self, name: str, after: ClassRef | None, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        if self.lineage is None:
            return UNKNOWN
        found = self.lineage.find(name, after)
        if isinstance(found, FunctionRef):
            result = self._from(self.run(found, args, self._receiver(found)), expression, frame)
            return _made_here(result, found, frame, expression)
        if name == "__init__":
            self.module_initialised()
            return NONE
        registered = self.registered(name, args, expression, frame)
        if registered is not None:
            return registered
        if name in ("to", "cuda", "cpu", "float", "half", "double", "eval", "train", "requires_grad_"):
            return Value(frozenset({Kind.MODULE}), reference=SelfRef())
        return UNKNOWN

    @staticmethod
    def _receiver(method: FunctionRef) -> Value | None:
        """What the first parameter of a method is bound to when it is reached through the instance."""
        kinds = {decorator.rpartition(".")[2] for decorator in method.header.decorators}
        if "staticmethod" in kinds:
            return None
        if "classmethod" in kinds:
            return Value(frozenset({Kind.CALLABLE}), reference=method.owner)
        return Value(frozenset({Kind.MODULE}), reference=SelfRef())

    def _unbound(self, function: FunctionRef, args: Arguments) -> Value:
        """``Base.method(self, ...)``, or a static or class method reached through its class."""
        receiver = self._receiver(function)
        if receiver is None or not isinstance(receiver.reference, SelfRef):
            return self.run(function, args, receiver)
        if args.positional and isinstance(args.positional[0].reference, SelfRef):
            rest = Arguments(args.positional[1:], args.keywords, args.open)
            return self.run(function, rest, args.positional[0])
        return UNKNOWN

    # -- containers ----------------------------------------------------------------------------------------------

    def _group_method(self, base: Value, func: ir.Attribute, expression: ir.Call, frame: Frame) -> Value:
        args = self.arguments(expression, frame)
        if func.attr in _GROWS:
            added = [a for value in args.all for a in ((value,) if func.attr in ("append", "add") else (UNKNOWN,))]
            members = [*(base.items or ()), *([base.element] if base.element else []), *added]
            self.bind(func.value, Value(frozenset({Kind.CONTAINER}), element=join(members)), frame)
            return NONE
        if func.attr == "clear":
            self.bind(func.value, Value(frozenset({Kind.CONTAINER}), items=()), frame)
            return NONE
        if func.attr in ("pop", "get", "setdefault"):
            members = [*(base.items or ()), *([base.element] if base.element else [])]
            return join([*members, *args.positional[1:], *([NONE] if func.attr == "get" else [])]) or UNKNOWN
        if func.attr in ("values", "copy"):
            return base
        return UNKNOWN

    # -- outside the project -------------------------------------------------------------------------------------

    def _external(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        reason = self.reason(expression, frame)
        if name in self.tensor_factories:
            return Value(frozenset({Kind.TENSOR}), Trait.FROM_CALLER, reason=reason)
        top, _, last = name.partition(".")
        if top == "builtins":
            return self.builtin(last, args)
        if top in ("math", "cmath", "operator"):
            return NUMBER if top == "math" and name not in _AS_GIVEN else UNKNOWN
        if top == "numpy":
            wrapped = any(value.may(Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER) for value in args.all)
            return UNKNOWN if wrapped else Value(frozenset({Kind.ARRAY}))  # np.sqrt(tensor) is a tensor again
        if name == "copy.deepcopy" and args.positional:
            place = frozenset({(frame.path, expression.span.start)})
            return replace(args.positional[0], storage=place, reference=None)
        if name in _SAME and args.positional:
            return args.positional[-1]
        if name in _REARRANGES and args.positional and args.positional[0].is_array_like:
            return replace(args.positional[0], kinds=frozenset({Kind.TENSOR}), reason=reason)
        if name == "functools.partial" and args.positional:
            rest = Arguments(args.positional[1:], args.keywords, args.open)
            return Value(frozenset({Kind.CALLABLE}), reference=PartialRef(args.positional[0], rest))
        if top == "torch":
            return self._torch(name, args, expression, frame)
        if name.endswith(".__init__") and args.positional and isinstance(args.positional[0].reference, SelfRef):
            self.module_initialised()
        return UNKNOWN

    def _torch(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        reason = self.reason(expression, frame)
        reference = InstanceRef(External(name))
        match torch_api.named(name):
            case Named.TENSOR_CLASS:
                return tensors.construct(name, args, reason)
            case Named.PARAMETER_CLASS:
                return Value(
                    frozenset({Kind.PARAMETER}), Trait.TRAINABLE, storage=_place(frame, expression), reason=reason
                )
            case Named.BUFFER_CLASS:
                first = args.get(0, "data") or UNKNOWN
                place = first.storage or _place(frame, expression)
                return Value(
                    frozenset({Kind.BUFFER}), first.traits, storage=place, reference=tensors.BUFFER_CALL, reason=reason
                )
            case Named.MODULE_CLASS:
                return Value(frozenset({Kind.MODULE}), reference=reference)
            case Named.HOLDER_CLASS if name.endswith("Transform") and all(v.only(Kind.NUMBER) for v in args.all):
                return Value(frozenset({Kind.OTHER}), reference=reference)  # it keeps what it is given, as it is
            case Named.HOLDER_CLASS:
                return Value(frozenset({Kind.HOLDER}), reference=reference, reason=reason)
            case Named.OTHER_CLASS:
                device = args.positional[0].constant if name == "torch.device" and args.positional else None
                return Value(frozenset({Kind.OTHER}), constant=device, reference=reference)
        if name.endswith(".__init__") and args.positional and isinstance(args.positional[0].reference, SelfRef):
            if torch_api.is_module_class(name.rpartition(".")[0]):
                self.module_initialised()
            return NONE
        if name.startswith("torch.Tensor.") and args.positional and args.positional[0].is_array_like:
            rest = Arguments(args.positional[1:], args.keywords, args.open)
            return tensors.call_method(args.positional[0], name.rpartition(".")[2], rest, reason)
        if name == "torch.autograd.Variable" and args.positional and args.positional[0].is_array_like:
            trained = getattr(args.keywords.get("requires_grad"), "constant", None) is True
            value = args.positional[0].because(reason)
            return replace(value, traits=value.traits | Trait.TRAINABLE | Trait.LEAF) if trained else value
        return tensors.call_function(name, args, reason)


def _place(frame: Frame, expression: Expression) -> frozenset[tuple[str, int]]:
    return frozenset({(frame.path, expression.span.start)})


def _made_here(value: Value, function: FunctionRef, frame: Frame, expression: Expression) -> Value:
    """A function's result, with memory that the function made told apart from that of its other calls."""
    span = function.header.span

    def place(of: tuple[str, int]) -> tuple[str, int]:
        inside = of[0] == function.path and span.start <= of[1] < span.end
        return (f"{frame.path} {expression.span.start} {of[0]}", of[1]) if inside else of

    return replace(
        value,
        storage=frozenset(map(place, value.storage)),
        items=value.items and tuple(_made_here(item, function, frame, expression) for item in value.items),
        element=value.element and _made_here(value.element, function, frame, expression),
    )


def _names_cpu(argument: ir.Argument) -> bool:
    """Whether it is ``"cpu"``, ``torch.device("cpu")`` or ``pin_memory=True``."""
    value = argument.value
    if isinstance(value, ir.Call) and len(value.args) == 1 and (ir.dotted(value.func) or "").endswith("device"):
        value = value.args[0].value
    if not isinstance(value, ir.Constant):
        return False
    return value.value is True if argument.keyword == "pin_memory" else str(value.value).startswith("cpu")
