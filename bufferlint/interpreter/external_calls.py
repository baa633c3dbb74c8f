"""What calls of names outside the project give: torch, NumPy, builtins, a few functions of the standard library."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.builtin_calls import BuiltinCalls
from bufferlint.interpreter.containers import collection, record_class
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.literals import element, of_math
from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.tensor_properties import array_traits
from bufferlint.interpreter.values import (
    LASTING,
    NONE,
    OTHER,
    UNKNOWN,
    Arguments,
    Kind,
    PartialRef,
    Trait,
    Value,
    join,
)
from bufferlint.ir import expressions as ir
from bufferlint.resolution.references import External, InstanceRef, SelfRef
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model import operations
from bufferlint.torch_model.api import Named, Role

_SAME = frozenset({"copy.copy", "typing.cast"})
_GIVE_THE_FUNCTION = frozenset({
    "torch.jit.script", "torch.compile", "torch.jit.ignore", "torch.jit.unused", "torch.jit.export",
    "functools.lru_cache", "functools.cache",
})  # fmt: skip
"""Functions that give back what does the same as the function that they are given."""
_AS_GIVEN = frozenset({"math.prod", "math.sumprod"})
"""They multiply whatever they are given: tensors too."""
_OPERATORS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "matmul": "@", "pow": "**"}
"""Functions of the module ``operator`` that do what an operator does."""
_COLLECTIONS = frozenset({"OrderedDict", "defaultdict", "deque", "ChainMap"})
_RECORDS = frozenset({"types.SimpleNamespace", "argparse.Namespace", "argparse.ArgumentParser", "pathlib.Path"})
"""Their instances are no modules."""
_REARRANGES = frozenset({"einops.rearrange", "einops.repeat", "einops.reduce", "einops.einsum"})


def _are_numbers(args: Arguments) -> bool:
    return not args.open and all(value.only(Kind.NUMBER) for value in args.all)


def _members(name: str, args: Arguments) -> Value | None:
    """The module that each member of a container of modules is."""
    first = args.positional[0] if args.positional else None
    if name.endswith(".ModuleList") and first is not None and first.only(Kind.CONTAINER):
        found = element(first)
    elif name.endswith(".Sequential") and (args.positional or args.unpacked):
        found = join([*args.positional, *args.unpacked])
    else:
        return None
    return found if found.only(Kind.MODULE) else None


def _given(args: Arguments) -> tuple[tuple[object, Value], ...] | None:
    """The arguments by position and by keyword; None when some are unpacked."""
    return None if args.open else (*enumerate(args.positional), *args.keywords.items())


class ExternalCalls:
    """Calls what lies outside the project."""

    def __init__(self, context: Context, builtins: BuiltinCalls) -> None:
        self._context = context
        self._builtins = builtins

    def call(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """The value of calling what a name outside the project stands for."""
        reason = self._context.reason(expression, frame)
        if name in self._context.tensor_factories:
            return Value(frozenset({Kind.TENSOR}), Trait.FROM_CALLER, reason=reason)
        top, _, last = name.partition(".")
        if top == "builtins":
            return self._builtins.call(last, args, frame)
        if top == "operator" and last in _OPERATORS and any(value.is_array_like for value in args.all):
            return tensors.arithmetic(_OPERATORS[last], args.positional, reason)
        if top in ("math", "cmath", "operator"):
            return of_math(last, args) if top == "math" and name not in _AS_GIVEN else UNKNOWN
        if top == "numpy":
            wrapped = any(value.may(Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER) for value in args.all)
            plain = all(value.only(Kind.TENSOR, Kind.BUFFER, Kind.NUMBER) for value in args.all)
            if wrapped and plain and operations.is_ufunc(name):
                return tensors.arithmetic("/", args.positional, reason)
            traits = array_traits(last, args)  # np.sqrt(tensor) is a tensor again
            return UNKNOWN if wrapped else Value(frozenset({Kind.ARRAY}), traits, storage=frame.place(expression))
        if name == "copy.deepcopy" and args.positional:
            place = frozenset({(frame.path, expression.span.start)})
            copied = args.positional[0]
            kept = None if copied.is_array_like else copied.reference
            return replace(copied, traits=copied.traits & ~Trait.SHARED, storage=place, reference=kept)
        if name in _GIVE_THE_FUNCTION and args.positional and args.positional[0].only(Kind.CALLABLE):
            return args.positional[0]
        if name in _SAME and args.positional:
            return args.positional[-1]
        if name in _REARRANGES and args.positional:
            first = args.positional[0] if args.positional[0].is_array_like else element(args.positional[0])
            if first.is_array_like:
                return replace(first, kinds=frozenset({Kind.TENSOR}), reason=reason)
        if name == "itertools.chain" and args.positional:
            return Value(
                frozenset({Kind.CONTAINER}), element=join(element(each) for each in args.positional if each.items != ())
            )
        if top == "collections" and last in _COLLECTIONS:
            return collection(last, args)
        if name == "collections.namedtuple":
            return record_class(args)
        if name == "functools.partial" and args.positional:
            rest = Arguments(args.positional[1:], args.keywords, args.open)
            held = any(value.is_tensor and Trait.SCALAR not in value.traits for value in rest.all)
            partial = Value(frozenset({Kind.CALLABLE}), reference=PartialRef(args.positional[0], rest))
            return replace(partial, kinds=frozenset({Kind.HOLDER}), reason=reason) if held else partial
        if name in _RECORDS and not any(value.may(Kind.TENSOR) for value in args.all):
            return OTHER
        if top == "torch":
            return self._torch(name, args, expression, frame)
        if name.endswith(".__init__") and args.positional and isinstance(args.positional[0].reference, SelfRef):
            self._context.module_initialised(expression, frame)
        return UNKNOWN

    def _torch(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        reason = self._context.reason(expression, frame)
        reference = InstanceRef(External(name))
        match torch_api.named(name):
            case Named.TENSOR_CLASS if name.endswith(".Variable") and args.positional:
                trained = getattr(args.keywords.get("requires_grad"), "constant", None) is True
                first = args.positional[0]
                value = first.because(reason) if first.is_array_like else tensors.construct(name, args, reason)
                return replace(value, traits=value.traits | Trait.TRAINABLE | Trait.LEAF) if trained else value
            case Named.TENSOR_CLASS:
                return tensors.construct(name, args, reason)
            case Named.PARAMETER_CLASS:
                return Value(
                    frozenset({Kind.PARAMETER}), Trait.TRAINABLE, storage=frame.place(expression), reason=reason
                )
            case Named.BUFFER_CLASS:
                first = args.get(0, "data") or UNKNOWN
                place = first.storage or frame.place(expression)
                return Value(
                    frozenset({Kind.BUFFER}), first.traits, storage=place, reference=tensors.BUFFER_CALL, reason=reason
                )
            case Named.MODULE_CLASS:
                element, place = _members(name, args), frame.place(expression)
                listed = element is not None and name.endswith(".Sequential") and not args.open
                items = args.positional if listed else None
                module = Value(frozenset({Kind.MODULE}), element=element, storage=place, reference=reference)
                return replace(module, items=items, element=None if items else element, reason=reason)
            case Named.HOLDER_CLASS if name.endswith("Transform") and all(v.only(Kind.NUMBER) for v in args.all):
                return Value(frozenset({Kind.OTHER}), reference=reference)  # it keeps what it is given, as it is
            case Named.HOLDER_CLASS if name.startswith("torch.distributions.") and args.all and _are_numbers(args):
                given = _given(args)
                return Value(frozenset({Kind.HOLDER}), Trait.SCALAR, reference=reference, reason=reason, fields=given)
            case Named.HOLDER_CLASS:
                return Value(frozenset({Kind.HOLDER}), reference=reference, reason=reason, fields=_given(args))
            case Named.OTHER_CLASS:
                device = args.positional[0].constant if name == "torch.device" and args.positional else None
                return Value(frozenset({Kind.OTHER}), constant=device, reference=reference)
        if name.endswith(".__init__") and args.positional and isinstance(args.positional[0].reference, SelfRef):
            if torch_api.is_module_class(name.rpartition(".")[0]):
                self._context.module_initialised(expression, frame)
            return NONE
        if name.startswith("torch.Tensor.") and args.positional and args.positional[0].is_array_like:
            rest = Arguments(args.positional[1:], args.keywords, args.open)
            return tensors.call_method(args.positional[0], name.rpartition(".")[2], rest, reason)
        return tensors.call_function(name, args, reason)

    def layer(self, name: str, args: Arguments, expression: ir.Call, frame: Frame) -> Value:
        """The value of calling a layer of torch."""
        first = args.positional[0] if args.positional else UNKNOWN
        if not operations.maps_tensor(name) or not first.is_array_like:
            return UNKNOWN
        known = torch_api.module_attributes(name)
        trains = known is None or known.instance is None or Role.PARAMETER in known.instance.values()
        traits = first.traits & LASTING | (Trait.TRAINABLE if trains else Trait.NOTHING)
        reason, place = self._context.reason(expression, frame), frame.place(expression)
        return Value(frozenset({Kind.TENSOR}), traits, storage=place | first.storage, reason=reason)
