"""The value of an operation on tensors: its form from the generated table, its traits from what went in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bufferlint.interpreter.tensor_properties import FACTORIES, constants, dtype, is_extreme, is_integer, layout
from bufferlint.interpreter.values import LASTING, NUMBER, OTHER, UNKNOWN, Arguments, Kind, Reason, Trait, Value, join
from bufferlint.resolution.references import External, InstanceRef
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Storage
from bufferlint.torch_model.signatures import Argument, CallShape, Result, Returned

_LAYOUT = Trait.EXPANDED | Trait.STRIDED | Trait.VIEW_OF_LARGER | Trait.SHARED
_CUTS_GRADIENT = frozenset({"detach", "detach_", "data", "tensor", "grad"})
_SEVERAL = frozenset({
    "matmul", "mm", "bmm", "mv", "einsum", "cat", "concat", "stack", "where", "dot", "outer", "kron", "tensordot",
    "maximum", "minimum", "cross", "cdist", "addmm", "lerp", "hstack", "vstack", "block_diag", "conv1d", "conv2d",
})  # fmt: skip
"""Functions of which every argument may be a tensor that requires a gradient."""
_SHAPE_ONLY = frozenset({
    "zeros_like", "ones_like", "empty_like", "rand_like", "randn_like", "randint_like", "full_like", "new_zeros",
    "new_ones", "new_full", "new_empty", "new_tensor",
})  # fmt: skip
"""Functions that take no more from a tensor than its shape, dtype and device."""
_GROWING = frozenset({
    "repeat", "tile", "expand", "stack", "cat", "unsqueeze", "view", "reshape", "expand_as", "broadcast_to",
    "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "outer", "unsqueeze_",
    "atleast_1d", "atleast_2d", "hstack", "vstack", "concat", "meshgrid",
    "repeat_interleave", "flatten", "ravel", "diag", "expand_copy",
})  # fmt: skip
"""Functions that may give dimensions to what has none."""
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})


@dataclass(frozen=True, slots=True)
class _Operation:
    """``inputs`` are the operands, a method's receiver first."""

    name: str
    inputs: tuple[Value, ...]
    args: Arguments
    storage: Storage | None
    reason: Reason
    in_fft: bool = False


BUFFER_CALL = InstanceRef(External("torch.nn.Buffer"))
"""What marks the very result of ``nn.Buffer(...)``, until it is stored."""

_FIELDS = {
    "values": 0, "indices": 1, "eigenvalues": 0, "eigenvectors": 1, "sign": 0, "logabsdet": 1, "Q": 0, "R": 1,
    "U": 0, "S": 1, "V": 2, "Vh": 2, "P": 0, "L": 1, "mantissa": 0, "exponent": 1,
}  # fmt: skip
"""Where ``torch.return_types`` keep what: ``torch.max(x, dim=0).values`` is the first (torch 2.13)."""


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
    last = name.rpartition(".")[2]
    return _value(returned, _Operation(last, args.all, args, storage, reason, ".fft." in name))


def call_method(receiver: Value, name: str, args: Arguments, reason: Reason) -> Value:
    """The value of ``receiver.name(...)`` for a tensor."""
    returned = torch_api.method_returned(name, _shape(args))
    if returned is None:
        return UNKNOWN
    if receiver.reference == BUFFER_CALL and torch_api.method_mutates(name):
        return receiver
    if receiver.may(Kind.PARAMETER) and torch_api.method_mutates(name):  # it gives the parameter itself
        return replace(receiver, traits=_required(name, receiver.traits, args))
    storage = Storage.VIEW if torch_api.method_mutates(name) else torch_api.method_storage(name, _shape(args))
    if receiver.reference == BUFFER_CALL and storage is Storage.MAYBE_SAME:
        return UNKNOWN
    return _value(returned, _Operation(name, (receiver, *args.all), args, storage, reason))


def read_property(receiver: Value, name: str, reason: Reason) -> Value:
    """The value of ``receiver.name`` for a tensor."""
    returned = torch_api.property_of_tensor(name)
    if returned is None:
        return UNKNOWN
    storage = torch_api.property_storage(name)
    return _value(returned, _Operation(name, (receiver,), Arguments((), {}), storage, reason))


def construct(name: str, args: Arguments, reason: Reason) -> Value:
    """The value of calling a tensor class: ``torch.Tensor(3)``, ``torch.LongTensor([1, 2])``."""
    integer = any(part in name for part in ("Long", "Int", "Bool", "Byte", "Short", "Char"))
    first = args.positional[0] if args.positional else None
    shared = first.storage if first is not None and first.may(Kind.TENSOR, Kind.PARAMETER) else frozenset()
    traits = Trait.INTEGER if integer else Trait.NOTHING
    if ".sparse." in name:
        traits |= Trait.SPARSE
    if any(map(is_extreme, constants(args.all))) and not integer:
        traits |= Trait.HALF_UNSAFE
    return Value(frozenset({Kind.TENSOR}), traits, storage=_place(reason) | shared, reason=reason)


def field(group: Value, attr: str) -> Value:
    """What ``torch.max(x, dim=0).values`` gives; UNKNOWN for a group that has no such field."""
    at, items = _FIELDS.get(attr), group.items or ()
    return items[at] if at is not None and at < len(items) else UNKNOWN


def index(receiver: Value, whole: bool, fancy: bool, reason: Reason) -> Value:
    """The value of ``receiver[...]``: ``whole`` when no element is left out, ``fancy`` when elements are gathered."""
    traits, storage = receiver.traits, receiver.storage
    if fancy:
        traits, storage = traits & ~_LAYOUT, _place(reason)
    elif not whole:
        traits |= Trait.VIEW_OF_LARGER
    if receiver.only(Kind.PARAMETER):
        traits |= Trait.TRAINABLE
    return Value(frozenset({Kind.TENSOR}), traits & ~Trait.SCALAR, storage=storage, reason=reason)


def arithmetic(op: str, operands: Sequence[Value], reason: Reason) -> Value:
    """The tensor that an operator gives when an operand is one."""
    tensors = [operand for operand in operands if operand.is_array_like]
    traits = _inherited(operands)
    if op in _COMPARISONS:
        traits &= ~Trait.TRAINABLE
    if op in _COMPARISONS or (op != "/" and all(map(is_integer, operands))):
        traits |= Trait.INTEGER
    if any(map(is_extreme, constants(operands))):
        traits |= Trait.HALF_UNSAFE
    numbers = sum(operand.only(Kind.NUMBER) for operand in operands)
    if all_hosted(operands):
        traits |= Trait.ON_CPU
    if all(Trait.SCALAR in value.traits for value in tensors) and len(operands) == len(tensors) + numbers:
        traits |= Trait.SCALAR
    return Value(frozenset({Kind.TENSOR}), traits, storage=_place(reason), reason=reason)


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
            return Value(frozenset({Kind.CONTAINER}), items=items, reason=operation.reason)
        case Result.SEQUENCE:
            return Value(frozenset({Kind.CONTAINER}), element=_tensor(operation), reason=operation.reason)
        case Result.NUMBER:
            return NUMBER
        case Result.NONE:
            return Value(frozenset({Kind.NONE}))
    return OTHER


def _tensor(operation: _Operation) -> Value:
    name, args, reason = operation.name, operation.args, operation.reason
    tensors = list(_tensors(operation.inputs))
    traits, storage = _inherited(tensors), _place(reason)
    if name in _SHAPE_ONLY:
        traits &= Trait.COMPLEX | Trait.PINNED | Trait.PINNED_TO_CPU
    if operation.storage in (Storage.VIEW, Storage.MAYBE_SAME) and tensors and name != "cpu":
        sources = tensors if name in ("broadcast_tensors", "meshgrid") else tensors[:1]
        storage = storage if operation.storage is Storage.MAYBE_SAME else frozenset()
        for value in sources:
            traits |= value.traits & (_LAYOUT | Trait.SCALAR)
            storage |= value.storage
    asked = operation.inputs if name in _SEVERAL else operation.inputs[:1]
    if name not in FACTORIES and name not in _SHAPE_ONLY and any(map(_is_open, asked)):
        traits |= Trait.FROM_CALLER
    traits = layout(name, dtype(name, traits, tensors, args, operation.in_fft), args)
    if name in _CUTS_GRADIENT or Trait.INTEGER in traits:
        traits &= ~Trait.TRAINABLE
    traits = _placed(name, _required(name, traits, args), args)
    if _is_hosted(name, operation.inputs, args):
        traits |= Trait.ON_CPU
    if _makes_scalar(name, operation.inputs) or (
        tensors and name not in _GROWING and all(Trait.SCALAR in value.traits for value in tensors)
    ):
        traits |= Trait.SCALAR
    return Value(frozenset({Kind.TENSOR}), traits, storage=storage, reason=reason)


def _is_hosted(name: str, inputs: Sequence[Value], args: Arguments) -> bool:
    """Whether the result lies on the CPU for certain, and has dimensions: nothing on a device took part."""
    if "device" in args.keywords or args.open or name in ("to", "cuda", "type", "type_as"):
        return False
    if name not in FACTORIES:
        return all_hosted(inputs)
    if name == "tensor" and any(value.may(Kind.NUMBER) for value in inputs[:1]):
        return False  # without dimensions it may be used on any device
    return not any(value.is_array_like for value in inputs)


def all_hosted(operands: Sequence[Value]) -> bool:
    """Whether tensors that were made on the CPU are among the operands, and none that may lie elsewhere. What is
    unknown is no such: on a device, it could not be used together with them."""
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


def _tensors(values: Sequence[Value]) -> Iterator[Value]:
    for value in values:
        if value.may(Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER):
            yield value
        elif value.only(Kind.CONTAINER):
            yield from _tensors(value.items or ((value.element,) if value.element else ()))


def _is_open(value: Value) -> bool:
    """Whether it, or a member of it, may be a tensor of which nothing is known."""
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
