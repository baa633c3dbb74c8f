"""The value of an operation on tensors: its form from the generated table, its traits from what went in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bufferlint.interpreter.magnitudes import bound_of, combined_bound, is_lost
from bufferlint.interpreter.tensor_properties import (
    constants,
    dtype,
    fixes_dtype,
    from_arrays,
    is_extreme,
    is_integer,
    keeps_dtype,
    layout,
    memory_of_arrays,
    storable,
    tensors_in,
)
from bufferlint.interpreter.values import (
    LASTING,
    NUMBER,
    OTHER,
    UNKNOWN,
    Arguments,
    Kind,
    Reason,
    RecordRef,
    Trait,
    Value,
    join,
)
from bufferlint.resolution.references import External, InstanceRef
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model import operations
from bufferlint.torch_model.api import Storage
from bufferlint.torch_model.operations import Operation
from bufferlint.torch_model.signatures import Argument, CallShape, Result, Returned

_LAYOUT = Trait.EXPANDED | Trait.STRIDED | Trait.VIEW_OF_LARGER | Trait.SHARED
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})


@dataclass(frozen=True, slots=True)
class _Operation:
    """``inputs`` are the operands, a method's receiver first, ``name`` the last part of ``qualified_name``."""

    qualified_name: str
    inputs: tuple[Value, ...]
    args: Arguments
    storage: Storage | None
    reason: Reason

    @property
    def name(self) -> str:
        return self.qualified_name.rpartition(".")[2]

    @property
    def facts(self) -> Operation:
        return operations.of(self.qualified_name)


BUFFER_CALL = InstanceRef(External("torch.nn.Buffer"))
"""What marks the very result of ``nn.Buffer(...)``, until it is stored."""


def call_function(name: str, args: Arguments, reason: Reason) -> Value:
    """The value of calling the function ``name`` (any of torch's spellings)."""
    name = torch_api.canonical(name)
    returned = torch_api.returned_by(name, _shape(args))
    if returned is None:
        return UNKNOWN
    first = args.positional[0] if args.positional else UNKNOWN
    if first.reference == BUFFER_CALL and torch_api.mutates(name, _shape(args)):
        return first
    if first.may(Kind.PARAMETER) and torch_api.mutates(name, _shape(args)):
        return first
    storage = torch_api.storage_of(name, _shape(args))
    return _value(returned, _Operation(name, args.all, args, storage, reason))


def call_method(receiver: Value, name: str, args: Arguments, reason: Reason) -> Value:
    """The value of ``receiver.name(...)`` for a tensor."""
    returned = torch_api.method_returned(name, _shape(args))
    if returned is None:
        return UNKNOWN
    if receiver.reference == BUFFER_CALL and torch_api.method_mutates(name):
        return receiver
    if receiver.only(Kind.PARAMETER) and _gives_itself(name, args):
        return receiver
    if receiver.may(Kind.PARAMETER) and torch_api.method_mutates(name):  # it gives the parameter itself
        return replace(receiver, traits=_required(name, receiver.traits, args))
    storage = Storage.VIEW if torch_api.method_mutates(name) else torch_api.method_storage(name, _shape(args))
    if receiver.reference == BUFFER_CALL and storage is Storage.MAYBE_SAME:
        return UNKNOWN
    return _value(returned, _Operation(f"torch.Tensor.{name}", (receiver, *args.all), args, storage, reason))


def _gives_itself(name: str, args: Arguments) -> bool:
    """Does a method return the very parameter when there is nothing to do, as for float32 on the CPU?"""
    if name in ("contiguous", "cpu", "float"):
        return not args.all
    if name != "to" or args.open:
        return False
    dtypes = [value.reference.name for value in args.all if isinstance(value.reference, External)]
    moved = any(isinstance(value.constant, str) and not value.constant.startswith("cpu") for value in args.all)
    return not moved and all(dtype in ("torch.float32", "torch.float") for dtype in dtypes)


def read_property(receiver: Value, name: str, reason: Reason) -> Value:
    """The value of ``receiver.name`` for a tensor."""
    returned = torch_api.property_of_tensor(name)
    if returned is None:
        return UNKNOWN
    storage = torch_api.property_storage(name)
    return _value(returned, _Operation(f"torch.Tensor.{name}", (receiver,), Arguments((), {}), storage, reason))


def construct(name: str, args: Arguments, reason: Reason) -> Value:
    """The value of calling a tensor class: ``torch.Tensor(3)``, ``torch.LongTensor([1, 2])``."""
    integer = any(part in name for part in ("Long", "Int", "Bool", "Byte", "Short", "Char"))
    first = args.positional[0] if args.positional else None
    shared = first.storage if first is not None and first.may(Kind.TENSOR, Kind.PARAMETER) else frozenset()
    traits = Trait.FIXED_DTYPE | (Trait.INTEGER if integer else Trait.NOTHING)
    if ".sparse." in name:
        traits |= Trait.SPARSE
    if name.startswith("torch.cuda."):
        traits |= Trait.PINNED
    if any(map(is_extreme, constants(args.all))) and not integer:
        traits |= Trait.HALF_UNSAFE
    return Value(frozenset({Kind.TENSOR}), traits, storage=_place(reason) | shared, reason=reason)


def field(group: Value, attr: str) -> Value:
    """Returns what ``torch.max(x, dim=0).values`` gives; UNKNOWN for a group that has no such field."""
    match group.reference:
        case InstanceRef(of=External(name=name)) if group.items is not None:
            return dict(zip(operations.members(name), group.items, strict=False)).get(attr, UNKNOWN)
        case RecordRef(names=names) if group.items is not None:
            return dict(zip(names, group.items, strict=False)).get(attr, UNKNOWN)
    return UNKNOWN


def index(receiver: Value, whole: bool, fancy: bool, reason: Reason) -> Value:
    """The value of ``receiver[...]``: ``whole`` when no element is left out, ``fancy`` when elements are gathered."""
    traits, storage = receiver.traits, receiver.storage
    if fancy:
        traits, storage = traits & ~_LAYOUT, _place(reason)
    elif not whole:
        traits |= Trait.VIEW_OF_LARGER
    if receiver.only(Kind.PARAMETER):
        traits |= Trait.TRAINABLE
    traits &= ~Trait.SCALAR
    return Value(frozenset({Kind.TENSOR}), traits, storage=storage, reason=reason, sources=followed([receiver], traits))


def arithmetic(op: str, operands: Sequence[Value], reason: Reason) -> Value:
    """The tensor that an operator gives when an operand is one."""
    tensors = [operand for operand in operands if operand.is_array_like]
    traits = _inherited(operands)
    if op in _COMPARISONS:
        traits &= ~Trait.TRAINABLE
    if op in _COMPARISONS or (op != "/" and all(map(is_integer, operands))):
        traits |= Trait.INTEGER
    bound = combined_bound(op, operands)
    if any(map(is_extreme, constants(operands))) or is_lost(op, bound, operands):
        traits |= Trait.HALF_UNSAFE
    numbers = sum(operand.only(Kind.NUMBER) for operand in operands)
    if all_hosted(operands):
        traits |= Trait.ON_CPU
    if all(Trait.FIXED_DTYPE in value.traits for value in tensors):
        traits |= Trait.FIXED_DTYPE
    if all(Trait.SCALAR in value.traits for value in tensors) and len(operands) == len(tensors) + numbers:
        traits |= Trait.SCALAR
    place, follows = _place(reason), followed(tensors, traits)
    return Value(frozenset({Kind.TENSOR}), traits, storage=place, reason=reason, bound=bound, sources=follows)


def _value(returned: Returned, operation: _Operation) -> Value:
    if returned.optional:
        return join([_value(replace(returned, optional=False), operation), Value(frozenset({Kind.NONE}))])
    reason = operation.reason
    match returned.result:
        case Result.TENSOR:
            return _tensor(operation)
        case Result.TUPLE:
            items = tuple(
                _value(item, replace(operation, reason=replace(reason, path=f"{reason.path} {at}")))
                for at, item in enumerate(returned.items)
            )
            items = tuple(item.because(reason) if item.reason else item for item in items)
            named = operations.members(operation.qualified_name)
            reference = InstanceRef(External(operation.qualified_name)) if named else None
            return Value(frozenset({Kind.CONTAINER}), items=items, reference=reference, reason=operation.reason)
        case Result.SEQUENCE:
            return Value(frozenset({Kind.CONTAINER}), element=_tensor(operation), reason=operation.reason)
        case Result.NUMBER:
            return NUMBER
        case Result.NONE:
            return Value(frozenset({Kind.NONE}))
    return OTHER


def _tensor(operation: _Operation) -> Value:
    name, facts, args, reason = operation.name, operation.facts, operation.args, operation.reason
    tensors = list(tensors_in(operation.inputs))
    traits, storage = _inherited(tensors), _place(reason)
    if Operation.LIKE in facts:
        traits &= Trait.COMPLEX | Trait.PINNED | Trait.PINNED_TO_CPU
    if operation.storage in (Storage.VIEW, Storage.MAYBE_SAME) and tensors and name != "cpu":
        sources = tensors if name in ("broadcast_tensors", "meshgrid") else tensors[:1]
        storage = storage if operation.storage is Storage.MAYBE_SAME else frozenset()
        for value in sources:
            traits |= value.traits & (_LAYOUT | Trait.SCALAR)
            storage |= value.storage
    asked = operation.inputs if Operation.MANY_OPERANDS in facts else operation.inputs[:1]
    if not facts & (Operation.FACTORY | Operation.LIKE) and any(map(_is_open, asked)):
        traits |= Trait.FROM_CALLER
    traits = layout(name, facts, dtype(name, facts, traits, operation.inputs, args), args)
    traits = storable(name, traits, args)
    fixed = fixes_dtype(name, facts, tensors, args)
    traits = traits | Trait.FIXED_DTYPE if fixed else traits & ~Trait.FIXED_DTYPE
    if Operation.CUTS_GRADIENT in facts or Trait.INTEGER in traits:
        traits &= ~Trait.TRAINABLE
    traits = _placed(name, _required(name, traits, args), args)
    if _is_hosted(operation):
        traits |= Trait.ON_CPU
    if _is_scalar(operation, tensors):
        traits |= Trait.SCALAR
    bound = bound_of(name, operation.inputs, args)
    traits |= from_arrays(name, operation.inputs)
    storage |= memory_of_arrays(name, operation.inputs)
    if is_lost(name, bound, operation.inputs) or any(map(_holds_lost_number, operation.inputs)):
        traits |= Trait.HALF_UNSAFE
    follows = followed(tensors, traits) if keeps_dtype(name, args) else frozenset[tuple[str, int]]()
    return Value(frozenset({Kind.TENSOR}), traits, storage=storage, reason=reason, bound=bound, sources=follows)


def followed(tensors: Sequence[Value], traits: Trait) -> frozenset[tuple[str, int]]:
    """The memory of the tensors whose dtype a result of some traits follows, when it is computed without a cast."""
    floats = [each for each in tensors if not (Trait.INTEGER | Trait.SCALAR) & each.traits]
    own = [
        each for each in floats if Trait.FIXED_DTYPE not in each.traits and not traits & ~each.traits & Trait.COMPLEX
    ]
    if (Trait.FIXED_DTYPE | Trait.INTEGER) & traits or len(own) < len(floats):
        return frozenset()  # beside a tensor of full precision half precision is promoted
    return frozenset[tuple[str, int]]().union(*(each.sources or each.storage for each in own))


def _holds_lost_number(value: Value) -> bool:
    """Is it, or does it hold, a number that half precision may lose?"""
    if value.only(Kind.NUMBER):
        return Trait.HALF_UNSAFE in value.traits
    members = (*(value.items or ()), *((value.element,) if value.element is not None else ()))
    return any(map(_holds_lost_number, members))


def _is_scalar(operation: _Operation, tensors: Sequence[Value]) -> bool:
    """Returns whether the result certainly has no dimensions."""
    if _makes_scalar(operation.name, operation.inputs):
        return True
    if _reduces_all(operation):
        return True
    return bool(tensors) and Operation.GROWS not in operation.facts and all(Trait.SCALAR in v.traits for v in tensors)


def _reduces_all(operation: _Operation) -> bool:
    """Returns whether a reduction is not told a dimension."""
    args, is_method = operation.args, operation.qualified_name.startswith("torch.Tensor.")
    if Operation.REDUCES not in operation.facts or args.open or args.keywords.keys() & {"dim", "axis", "keepdim"}:
        return False
    further = len(args.positional) - (not is_method)
    return further == 0 or (further == 1 and operation.name in ("norm", "vector_norm"))  # the order of the norm


def _is_hosted(operation: _Operation) -> bool:
    """Returns whether the result lies on the CPU for certain, and has dimensions: nothing on a device took part."""
    name, inputs, args = operation.name, operation.inputs, operation.args
    if "device" in args.keywords or args.open or name in ("to", "cuda", "type", "type_as"):
        return False
    if Operation.FACTORY not in operation.facts:
        return all_hosted(inputs)
    if name == "tensor" and any(value.may(Kind.NUMBER) for value in inputs[:1]):
        return False  # without dimensions it may be used on any device
    return not any(value.is_array_like for value in inputs)


def all_hosted(operands: Sequence[Value]) -> bool:
    """Returns whether tensors that were made on the CPU are among the operands, and none that may lie elsewhere. What
    is unknown is no such: on a device, it could not be used together with them."""
    tensors = [value for value in operands if value.is_array_like]
    return bool(tensors) and all(Trait.ON_CPU in value.traits for value in tensors)


def _required(name: str, traits: Trait, args: Arguments) -> Trait:
    """``traits`` as ``requires_grad=`` and ``requires_grad_()`` leave them."""
    asked = args.get(0, "requires_grad") if name == "requires_grad_" else args.keywords.get("requires_grad")
    if asked is None:
        return traits | Trait.TRAINABLE | Trait.LEAF if name == "requires_grad_" else traits
    return traits & ~Trait.TRAINABLE if asked.constant is False else traits | Trait.TRAINABLE | Trait.LEAF


def _placed(name: str, traits: Trait, args: Arguments) -> Trait:
    """``traits`` as ``.cuda()``, ``.to(...)``, ``device=`` and ``pin_memory=`` leave them."""
    if name in ("cpu", "pin_memory") or (args.names_cpu and (name == "to" or "device" in args.keywords)):
        return traits & ~Trait.PINNED | Trait.PINNED_TO_CPU
    if args.names_cpu and "pin_memory" in args.keywords:
        return traits | Trait.PINNED_TO_CPU
    asked = [args.keywords["device"]] if "device" in args.keywords else []
    if name == "to":
        asked += [value for value in args.positional[:1] if not _is_dtype(value)]
    if asked or name == "cuda":
        traits &= ~Trait.PINNED_TO_CPU
    accelerator = any(isinstance(value.constant, str) and value.constant.startswith("cuda") for value in asked)
    on_cpu = any(isinstance(value.constant, str) and value.constant.startswith("cpu") for value in asked)
    if accelerator or name == "cuda":
        return traits | Trait.PINNED
    return traits & ~Trait.PINNED if on_cpu else traits


def _is_dtype(value: Value) -> bool:
    return isinstance(value.reference, External) and value.reference.name.startswith("torch.")


def _makes_scalar(name: str, inputs: Sequence[Value]) -> bool:
    first = inputs[0] if inputs else None
    if first is None:
        return False
    if name in ("tensor", "as_tensor", "scalar_tensor"):
        return first.only(Kind.NUMBER)
    return name in ("zeros", "ones", "empty", "rand", "randn", "full") and first.items == ()


def _inherited(operands: Sequence[Value]) -> Trait:
    traits = Trait.NOTHING
    for operand in operands:
        traits |= operand.traits & LASTING
        if operand.reference == BUFFER_CALL:
            traits |= Trait.UNWRAPPED
        if operand.only(Kind.PARAMETER):
            traits |= Trait.TRAINABLE
    kept = all(Trait.PINNED_TO_CPU in operand.traits for operand in operands if operand.is_array_like)
    return traits if kept else traits & ~Trait.PINNED_TO_CPU


def _is_open(value: Value) -> bool:
    """Returns whether it, or a member of it, may be a tensor of which nothing is known."""
    members = (*(value.items or ()), *((value.element,) if value.element else ()))
    return value.may(Kind.UNKNOWN) or any(map(_is_open, members))


def _place(reason: Reason) -> frozenset[tuple[str, int]]:
    return frozenset({(reason.path, reason.span.start)})


def _shape(args: Arguments) -> CallShape:
    known: list[tuple[int | str, Argument]] = []
    pairs: list[tuple[int | str, Value]] = [*enumerate(args.positional), *args.keywords.items()]
    for key, value in pairs:
        form = _form(value)
        if form is not None:
            known.append((key, form))
    return CallShape(len(args.positional), frozenset(args.keywords), frozenset(known), args.open)


_FORMS = {
    Kind.NUMBER: Argument.NUMBER,
    Kind.NONE: Argument.NONE,
    Kind.TEXT: Argument.STRING,
    Kind.CONTAINER: Argument.SEQUENCE,
    Kind.OTHER: Argument.OTHER,
}


def _form(value: Value) -> Argument | None:
    if value.is_array_like:
        return Argument.TENSOR
    if isinstance(value.constant, bool):
        return Argument.TRUE if value.constant else Argument.FALSE
    return _FORMS.get(next(iter(value.kinds))) if len(value.kinds) == 1 else None
