"""What is known of a function's parameters: from the call, from annotations, from defaults."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter.containers import without_fields
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.magnitudes import is_too_large
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.told_parameters import told_tensors
from bufferlint.interpreter.values import NONE, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.resolution.references import InstanceRef

_GROUP = frozenset({Kind.CONTAINER})
_SOME_CALLABLE = Value(frozenset({Kind.CALLABLE}))


class ArgumentBinder:
    """Binds parameters."""

    def __init__(self, context: Context, layers: Layers, definitions: Definitions) -> None:
        self._context = context
        self._layers = layers
        self._definitions = definitions

    def bind(self, body: st.Function, frame: Frame, args: Arguments, receiver: Value | None) -> None:
        """Give the parameters of a function what is known of them; ``receiver`` is a method's first."""
        plain = [p for p in body.parameters if p.star == ""]
        if receiver is not None and plain:
            frame.receiver = plain[0].name
            frame.names[plain[0].name] = receiver
            plain = plain[1:]
        for at, parameter in enumerate(plain):
            given = args.positional[at] if at < len(args.positional) else args.keywords.get(parameter.name)
            frame.names[parameter.name] = self._parameter(parameter, given, args.open, frame)
            match parameter.default:
                case ir.Constant(value=None) if frame.names[parameter.name].kinds == UNKNOWN.kinds:
                    frame.optional |= {parameter.name}
                case ir.Constant(value=str() as text) if given is None:
                    frame.defaults[parameter.name] = text
        for parameter in body.parameters:
            if parameter.star == "k":
                given = args.keywords.get(parameter.name)
                frame.names[parameter.name] = self._parameter(parameter, given, args.open, frame)
                if isinstance(parameter.default, ir.Constant) and parameter.default.value is None:
                    frame.optional |= {parameter.name}
            elif parameter.star == "*" and not args.open:
                frame.names[parameter.name] = Value(_GROUP, items=args.positional[len(plain) :])
            elif parameter.star:
                promised = self.promised(parameter, frame)
                told = promised.is_tensor or isinstance(promised.reference, InstanceRef)
                known = Value(_GROUP, element=promised if told else None)
                frame.names[parameter.name] = UNKNOWN if parameter.star == "*" and known.element is None else known
        if body.name == "__init__" and any(value == UNKNOWN for value in frame.names.values()):
            self._tell(body, frame)

    def _tell(self, body: st.Function, frame: Frame) -> None:
        """Parameters of which the body asks what tensors alone have are tensors before that, too."""
        for name, (call, or_none) in told_tensors(body).items():
            if frame.names[name] == UNKNOWN:
                text = f"argument '{name}', told by {self._context.words(call, frame.path)}"
                frame.names[name] = Value(
                    frozenset({Kind.TENSOR, Kind.NONE} if or_none else {Kind.TENSOR}),
                    Trait.FROM_CALLER | Trait.SHARED,
                    storage=frame.place(call.func),
                    reason=self._context.reason(call, frame, text),
                )

    def _parameter(self, parameter: st.Parameter, given: Value | None, is_open: bool, frame: Frame) -> Value:
        if given is None and not is_open and parameter.default is not None:
            given = self._layers.evaluator.evaluate(parameter.default, Frame(frame.path, "", {}))
            given = _marked(given, Trait.SHARED)
        if given is not None and not given.may(Kind.UNKNOWN):
            return given
        promised = self.promised(parameter, frame)
        kept = given.traits & Trait.FIXED_DTYPE if given is not None else Trait.NOTHING
        return replace(promised, traits=promised.traits | kept) if kept else promised

    def promised(self, parameter: st.Parameter, frame: Frame) -> Value:
        """Returns what is known of a parameter without knowing any caller."""
        value = self._definitions.annotations(frame).value(parameter.annotation)
        if (value.may(Kind.UNKNOWN) or value == _SOME_CALLABLE) and parameter.default is not None:
            return self._by_default(parameter, frame)
        if value.may(Kind.UNKNOWN):
            return UNKNOWN
        if isinstance(parameter.default, ir.Constant) and parameter.default.value is None:
            value = join([value, NONE])
        if value.may(Kind.TENSOR) and value.may(Kind.NUMBER) and self._is_scalar_by_default(parameter, frame):
            value = replace(value, traits=value.traits | Trait.SCALAR)
        if value.may(Kind.TENSOR, Kind.PARAMETER) and parameter.annotation is not None:
            text = f"argument '{parameter.name}', annotated {self._context.words(parameter.annotation, frame.path)}"
            place = frozenset({(frame.path, parameter.annotation.span.start)})
            value = replace(value, storage=place, reason=self._context.reason(parameter.annotation, frame, text))
        return value

    def _is_scalar_by_default(self, parameter: st.Parameter, frame: Frame) -> bool:
        """Is a number meant, or a tensor without dimensions: ``temperature: Tensor | float = torch.tensor(1.0)``?"""
        if parameter.default is None:
            return False
        value = self._layers.evaluator.evaluate(parameter.default, Frame(frame.path, "", {}))
        return value.is_tensor and Trait.SCALAR in value.traits

    def _by_default(self, parameter: st.Parameter, frame: Frame) -> Value:
        """A default that is a tensor, a function or a distribution says what callers pass as well."""
        assert parameter.default is not None
        value = self._layers.evaluator.evaluate(parameter.default, Frame(frame.path, "", {}))
        if value.is_tensor:
            text = f"default of argument '{parameter.name}'"
            value = value.because(self._context.reason(parameter.default, frame, text))
        if (
            value.only(Kind.TENSOR, Kind.HOLDER)
            or (value.only(Kind.CONTAINER) and value.items)
            or (value.only(Kind.CALLABLE) and value.reference is not None)
        ):
            return _marked(without_fields(value), Trait.FROM_CALLER | Trait.SHARED)
        is_lost = isinstance(value.constant, int | float) and is_too_large(value.constant)
        return replace(UNKNOWN, traits=Trait.HALF_UNSAFE) if is_lost else UNKNOWN


def _marked(value: Value, traits: Trait) -> Value:
    """A value with traits that its tensors have too: one default serves all instances."""
    if value.only(Kind.CONTAINER):
        items = value.items and tuple(_marked(item, traits) for item in value.items)
        return replace(
            value, traits=value.traits | traits, items=items, element=value.element and _marked(value.element, traits)
        )
    return (
        replace(value, traits=value.traits | traits)
        if value.is_tensor or value.may(Kind.HOLDER, Kind.CALLABLE)
        else value
    )
