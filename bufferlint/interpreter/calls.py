"""What calls give: torch, the project's own functions and methods, constructors, a few builtins."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.assignments import Assignments
from bufferlint.interpreter.attributes import Attributes
from bufferlint.interpreter.containers import Containers, as_default, record
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.external_calls import ExternalCalls
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.literals import element
from bufferlint.interpreter.module_places import hand_modules, may_register
from bufferlint.interpreter.observations import Observations
from bufferlint.interpreter.operands import names_dtype
from bufferlint.interpreter.queries import REGISTERING
from bufferlint.interpreter.spelled_names import methods_spelled, named_by_default
from bufferlint.interpreter.state import Frame, State, join_states
from bufferlint.interpreter.uses import Uses
from bufferlint.interpreter.values import (
    LASTING,
    NONE,
    NUMBER,
    TEXT,
    TRUTH,
    UNKNOWN,
    Arguments,
    Kind,
    PartialRef,
    RecordRef,
    Trait,
    Value,
    join,
)
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.decorators import makes_fields
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
from bufferlint.torch_model import operations

_MEMBERS = {
    "parameters": Value(frozenset({Kind.CONTAINER}), element=Value(frozenset({Kind.PARAMETER}), Trait.TRAINABLE)),
    "buffers": Value(frozenset({Kind.CONTAINER}), element=Value(frozenset({Kind.BUFFER}), Trait.SHARED)),
}
"""What methods of nn.Module iterate over, on whatever object."""
_MAPPING = frozenset({"builtins.map", "builtins.filter", "functools.reduce", "builtins.dict.fromkeys"})
_TAKES = frozenset({"get", "pop", "setdefault"})
_WALKS = frozenset({"modules", "named_modules"})
_GIVE_THE_MODULE = frozenset({
    "to", "cuda", "cpu", "float", "half", "double", "bfloat16", "eval", "train", "requires_grad_", "share_memory",
})  # fmt: skip
"""Methods of nn.Module that give the module back."""


class Calls:
    """Evaluates calls."""

    def __init__(
        self,
        context: Context,
        layers: Layers,
        definitions: Definitions,
        attributes: Attributes,
        assignments: Assignments,
        uses: Uses,
        external: ExternalCalls,
        observations: Observations,
        containers: Containers,
    ) -> None:
        self._context = context
        self._layers = layers
        self._definitions = definitions
        self._attributes = attributes
        self._assignments = assignments
        self._uses = uses
        self._external = external
        self._observations = observations
        self._containers = containers

    def call(self, expression: ir.Call, frame: Frame) -> Value:
        """The value of a call, with its effects."""
        func = expression.func
        self._observations.before_call(expression, frame)
        result = self._called(expression, frame)
        named = names_dtype(expression) or self._observations.operands.is_fixed(expression)
        if result.kinds == UNKNOWN.kinds and named:
            result = replace(result, traits=result.traits | Trait.FIXED_DTYPE)
        if isinstance(func, ir.Attribute) and func.attr == "requires_grad_":
            switch = (
                self._layers.evaluator.evaluate(expression.args[0].value, frame).constant if expression.args else True
            )
            self._assignments.switch_gradient(func.value, switch is not False, frame)
        self._uses.of_call(expression, frame)
        self._observations.after_call(expression, frame)
        self._observations.operands.of_call(expression, frame)
        return result

    def _called(self, expression: ir.Call, frame: Frame) -> Value:
        func = expression.func
        if isinstance(func, ir.Attribute):
            base = self._layers.evaluator.evaluate(func.value, frame)
            if not base.kinds:  # an expression that never gives a value
                self.arguments(expression, frame)
                return base
            if base.is_array_like and not isinstance(base.reference, SelfRef):
                args = self.arguments(expression, frame)
                return tensors.call_method(base, func.attr, args, self._context.reason(expression, frame))
            members = _MEMBERS.get(func.attr)
            if members is not None and not base.only(Kind.CONTAINER, Kind.OTHER, Kind.CALLABLE):
                self.arguments(expression, frame)
                return members
            if func.attr in _WALKS and isinstance(base.reference, InstanceRef) and base.may(Kind.MODULE):
                self.arguments(expression, frame)
                return _walked(base.reference, func.attr)
            if isinstance(base.reference, SelfRef | SuperRef):
                return self._own_method(base, func.attr, expression, frame)
            if base.only(Kind.MODULE) and func.attr in _GIVE_THE_MODULE:
                self.arguments(expression, frame)
                return base
            if base.only(Kind.HOLDER) and func.attr in ("sample", "rsample", "log_prob", "entropy"):
                if func.attr.endswith("sample"):
                    self._note_sampled(func.value, expression, frame)
                self.arguments(expression, frame)
                reason, place = self._context.reason(expression, frame), frame.place(expression)
                return Value(frozenset({Kind.TENSOR}), base.traits & LASTING, storage=place, reason=reason)
            if base.only(Kind.CONTAINER):
                return self._containers.call(base, func, self.arguments(expression, frame), frame)
            if base.only(Kind.ARRAY):
                self.arguments(expression, frame)
                return NUMBER if func.attr == "item" else base
            if base.only(Kind.TEXT):
                self.arguments(expression, frame)
                return TEXT if func.attr != "split" else Value(frozenset({Kind.CONTAINER}), element=TEXT)
            if base.kinds == UNKNOWN.kinds and func.attr in _TAKES and len(expression.args) == 2:
                given = self.arguments(expression, frame)
                default = as_default(given.positional[1]) if given.positional[1:] else None
                return default if default is not None else UNKNOWN
            if base in (UNKNOWN, TRUTH):
                args = self.arguments(expression, frame)
                if _is_cast_to_integer(func.attr, args) or operations.tells_tensor(func.attr, args.keywords.keys()):
                    kept = Trait.NOTHING if _is_cast_to_integer(func.attr, args) else Trait.SHARED
                    receiver = Value(frozenset({Kind.TENSOR}), Trait.FROM_CALLER | kept)
                    return tensors.call_method(receiver, func.attr, args, self._context.reason(expression, frame))
                return self.apply(self._attributes.read(base, func.attr, func, frame), args, expression, frame)
            callee = self._attributes.read(base, func.attr, func, frame)
        elif isinstance(func, ir.Name) and func.id == "super" and frame.find("super") is None:
            return self._super(expression, frame)
        else:
            callee = self._layers.evaluator.evaluate(func, frame)
        return self.apply(callee, self.arguments(expression, frame), expression, frame)

    def _note_sampled(self, distribution: Expression, expression: ir.Call, frame: Frame) -> None:
        at = st.Evaluate(expression.span, expression)
        self._uses.note_in_place(distribution, Action.SAMPLE, at, frame)

    def run_for_effects(self, function: LocalFunction) -> None:
        """Run a lambda that somebody is handed, for what it does to objects."""
        self._layers.functions.run_local(function, Arguments((), {}, open=True), None)

    def arguments(self, expression: ir.Call, frame: Frame) -> Arguments:
        positional: list[Value] = []
        keywords: dict[str, Value] = {}
        unpacked: list[Value] = []
        is_open = False
        for arg in expression.args:
            value = self._layers.evaluator.evaluate(arg.value, frame)
            if value.may(Kind.HOLDER) and Trait.SCALAR in value.traits:
                self._note_sampled(arg.value, expression, frame)  # whoever is handed it may draw from it
            if arg.star:
                if arg.star == "*" and value.items is not None and not is_open:
                    positional += value.items
                elif arg.star == "**" and value.fields is not None:
                    keywords.update((str(key), member) for key, member in value.fields)
                else:
                    is_open = True
                    unpacked += [element(value)] if arg.star == "*" else []
                    hand_modules(self._context, [value], expression.func, frame)
            elif arg.keyword:
                keywords[arg.keyword] = value
            elif not is_open:
                positional.append(value)
        on_cpu = any(map(_names_cpu, expression.args))
        return Arguments(tuple(positional), keywords, is_open, on_cpu, tuple(unpacked))

    def apply(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """The value of calling ``callee``; of one that was handed in, the result is no surer than that."""
        callee = frame.settled(callee)
        self._observations.of_applied(callee, args, expression, frame)
        if may_register(callee):
            hand_modules(self._context, args.all, expression.func, frame)
        if self._assignments.by_builtin(callee, args, expression, frame):
            return NONE
        if callee.reference == External("builtins.getattr"):
            methods = methods_spelled(args, expression, frame)
            if methods is not None:
                return methods
            args = named_by_default(args, expression, frame)
        result = self._applied(callee, args, expression, frame)
        if Trait.FROM_CALLER in callee.traits and callee.only(Kind.CALLABLE) and result.may(Kind.TENSOR):
            return replace(result, traits=result.traits | Trait.FROM_CALLER)
        return result

    def _applied(self, callee: Value, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        match callee.reference:
            case External(name=name) if args.positional and isinstance(args.positional[0].reference, SelfRef):
                self._on_instance(name, args, expression, frame)
                return self._external.call(name, args, expression, frame)
            case External(name=name) if name in _MAPPING and len(args.positional) > 1 and not args.open:
                return self._mapped(name, args, expression, frame)
            case External(name=name):
                return self._external.call(name, args, expression, frame)
            case ClassRef() as ref:
                self._layers.functions.note_construction(ref, args)
                made = self._made_of(self._definitions.instance_of(ref), ref, args)
                reason = self._context.reason(expression, frame) if made.only(Kind.TENSOR, Kind.MODULE) else None
                return replace(made, reason=reason, storage=frame.place(expression)) if reason else made
            case FunctionRef(owner=ClassRef()) as function:
                result = self._from(self._unbound(function, args, frame), expression, frame)
                return _made_here(result, function, frame, expression)
            case FunctionRef() as function:
                result = self._from(self._layers.functions.run(function, args, None, frame.instance), expression, frame)
                return _made_here(result, function, frame, expression)
            case MethodRef(name=name, after=after):
                return self._method(name, after, args, expression, frame)
            case LocalFunction() as function:
                return self._layers.functions.run_local(function, args, frame.instance)
            case PartialRef(function=function, args=bound):
                joined = Arguments(
                    (*bound.positional, *args.positional), {**bound.keywords, **args.keywords}, bound.open or args.open
                )
                return self.apply(function, joined, expression, frame)
            case RecordRef(names=names) if callee.only(Kind.CALLABLE):
                return record(names, args)
            case InstanceRef(of=External(name=name)) if callee.only(Kind.MODULE):
                return self._external.layer(name, args, expression, frame)
            case InstanceRef(of=ClassRef() as ref) if self._context.run.follows and not callee.may(Kind.UNKNOWN):
                method = "forward" if callee.may(Kind.MODULE) else "__call__"
                found = self._context.hierarchy.lineage(ref).find(method)
                if isinstance(found, FunctionRef):
                    return self._layers.functions.run(found, args, callee, None)
        if callee.only(Kind.CALLABLE) and callee.items:
            return self._any_of(callee.items, args, expression, frame)
        return UNKNOWN

    def _any_of(self, callees: tuple[Value, ...], args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """The value of calling one of several functions: each starts from what was before the call."""
        before, results, ends = frame.state(), list[Value](), list[State]()
        for callee in callees:
            frame.restore(before)
            results.append(self.apply(callee, args, expression, frame))
            ends.append(frame.state())
        _, instance = join_states(ends)
        frame.restore((before[0], instance))
        return join(results)

    def _mapped(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """``map(f, xs)``, ``filter(f, xs)``, ``functools.reduce(f, xs)``, ``dict.fromkeys(keys, value)``."""
        function, given = args.positional[0], args.positional[1]
        if name == "builtins.dict.fromkeys":
            return Value(frozenset({Kind.CONTAINER}), element=given)
        if name == "builtins.filter":
            return Value(frozenset({Kind.CONTAINER}), element=element(given))
        if name == "functools.reduce":
            return self.apply(function, Arguments((element(given), element(given)), {}), expression, frame)
        each = Arguments(tuple(map(element, args.positional[1:])), {})
        return Value(frozenset({Kind.CONTAINER}), element=self.apply(function, each, expression, frame))

    def _on_instance(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> None:
        """``Base.__init__(self, ...)`` and ``nn.Module.register_buffer(self, ...)``, of a base outside the project."""
        rest = Arguments(args.positional[1:], args.keywords, args.open)
        if name.endswith(".__init__"):
            self._assignments.initialised_by(name.removesuffix(".__init__"), rest, expression, frame)
        elif name.rpartition(".")[2] in REGISTERING and name.startswith("torch.nn."):
            self._assignments.registered(name.rpartition(".")[2], rest, expression, frame)

    def _made_of(self, made: Value, ref: ClassRef, args: Arguments) -> Value:
        """An instance of a class of the project, once its arguments are known: where an annotation promises a tensor,
        the field holds what it is given, be it a parameter."""
        if made.only(Kind.CONTAINER) and made.items and not args.open:
            names = [name.name for name in ref.header.names if name.annotated]
            given = ((item, args.get(at, name)) for at, (name, item) in enumerate(zip(names, made.items, strict=True)))
            return replace(made, items=tuple(arg if arg and item.is_tensor else item for item, arg in given))
        if any(value.may(Kind.TENSOR, Kind.BUFFER) for value in args.all):
            return made
        has_fields = makes_fields(self._context.names, ref) is not None
        if made.only(Kind.OTHER) or (made.only(Kind.HOLDER) and has_fields and args.all and not args.open):
            return replace(made, kinds=frozenset({Kind.OTHER}), reference=InstanceRef(ref, given_tensors=False))
        return made

    def _from(self, value: Value, expression: ir.Call, frame: Frame) -> Value:
        """Names the call when a value comes out of a function that lies elsewhere."""
        if value.reason is None or value.reason.path == frame.path:
            return value
        return value.because(replace(value.reason, via=self._context.words(expression.func, frame.path) + "()"))

    def _super(self, expression: ir.Call, frame: Frame) -> Value:
        after = frame.owner
        if expression.args:
            first = self._layers.evaluator.evaluate(expression.args[0].value, frame).reference
            after = first if isinstance(first, ClassRef) else after
        return Value(frozenset({Kind.MODULE}), reference=SuperRef(after))

    def _own_method(self, base: Value, name: str, expression: ir.Call, frame: Frame) -> Value:
        args = self.arguments(expression, frame)
        after = base.reference.after if isinstance(base.reference, SuperRef) else None
        if after is None and frame.instance is not None and name in frame.instance.slots:
            held = frame.instance.slots[name].value
            return self.apply(held, args, expression, frame) if held.only(Kind.CALLABLE, Kind.MODULE) else UNKNOWN
        return self._method(name, after, args, expression, frame)

    def _method(self, name: str, after: ClassRef | None, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        if frame.lineage is None:
            return UNKNOWN
        found = frame.lineage.find(name, after)
        if isinstance(found, FunctionRef):
            result = self._layers.functions.run(found, args, self._receiver(found), frame.instance)
            return _made_here(self._from(result, expression, frame), found, frame, expression)
        if name == "__init__":
            hand_modules(self._context, args.all, expression.func, frame)
            if isinstance(found, External):
                self._assignments.initialised_by(found.name, args, expression, frame)
            if isinstance(found, External):
                self._context.module_initialised(expression, frame)
            frame.module_initialised()
            return NONE
        registered = self._assignments.registered(name, args, expression, frame)
        if registered is not None:
            return registered
        hand_modules(self._context, args.all, expression.func, frame)
        if name in _GIVE_THE_MODULE:
            return Value(frozenset({Kind.MODULE}), reference=SelfRef())
        factory = self._attributes.class_named(name, frame) if after is None else None
        return self.apply(factory, args, expression, frame) if factory is not None else UNKNOWN

    @staticmethod
    def _receiver(method: FunctionRef) -> Value | None:
        """Returns what the first parameter of a method is bound to when it is reached through the instance."""
        kinds = {decorator.rpartition(".")[2] for decorator in method.header.decorators}
        if "staticmethod" in kinds:
            return None
        if "classmethod" in kinds:
            return Value(frozenset({Kind.CALLABLE}), reference=method.owner)
        return Value(frozenset({Kind.MODULE}), reference=SelfRef())

    def _unbound(self, function: FunctionRef, args: Arguments, frame: Frame) -> Value:
        """``Base.method(self, ...)``, or a static or class method reached through its class."""
        receiver = self._receiver(function)
        if receiver is None or not isinstance(receiver.reference, SelfRef):
            return self._layers.functions.run(function, args, receiver, frame.instance)
        if not args.positional:
            return UNKNOWN
        first, rest = args.positional[0], Arguments(args.positional[1:], args.keywords, args.open)
        match first.reference:
            case SelfRef():
                return self._layers.functions.run(function, rest, first, frame.instance)
            case InstanceRef(of=ClassRef()) if self._context.run.follows:
                return self._layers.functions.run(function, rest, first, None)
        return UNKNOWN


def _is_cast_to_integer(method: str, args: Arguments) -> bool:
    """``codes.to(torch.int8)``: only a tensor can be, since ``nn.Module.to`` refuses integer dtypes."""
    if method not in ("to", "type") or args.open:
        return False
    named = (value.reference for value in args.all)
    return any(isinstance(each, External) and operations.is_integer_dtype(each.name) for each in named)


def _walked(module: InstanceRef, method: str) -> Value:
    """``net.modules()``: the module itself is among what it goes through, of which no more is known."""
    each = Value(UNKNOWN.kinds, reference=module)
    named = Value(frozenset({Kind.CONTAINER}), items=(TEXT, each))
    return Value(frozenset({Kind.CONTAINER}), element=named if method == "named_modules" else each)


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
        fields=value.fields
        and tuple((key, _made_here(member, function, frame, expression)) for key, member in value.fields),
    )


def _names_cpu(argument: ir.Argument) -> bool:
    """Returns whether it is ``"cpu"``, ``torch.device("cpu")`` or ``pin_memory=True``."""
    value = argument.value
    if isinstance(value, ir.Call) and len(value.args) == 1 and (ir.dotted(value.func) or "").endswith("device"):
        value = value.args[0].value
    if not isinstance(value, ir.Constant):
        return False
    return value.value is True if argument.keyword == "pin_memory" else str(value.value).startswith("cpu")
