"""Where torch's names give tensors: what calling them, or reading an attribute of what they give, may be."""

from __future__ import annotations

from bufferlint.ir.flows import Promise
from bufferlint.screening.origins import A_TENSOR, BUFFER, GIVEN, NOTHING, REGISTERED, Origins
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import CallShape, Named, Result, Returned, Role

_TENSOR_CLASSES = frozenset({Named.TENSOR_CLASS, Named.HOLDER_CLASS})
STORED_TENSORS = _TENSOR_CLASSES | {Named.PARAMETER_CLASS, Named.BUFFER_CLASS}
_UNKNOWN = "torch.?"
HANDING_ON = frozenset({"copy.copy", "copy.deepcopy", "typing.cast", "functools.partial", "torch.autograd.Variable"})
PLAIN_TYPES = frozenset({
    "int", "float", "bool", "str", "None", "Optional", "Union", "List", "Tuple", "Sequence", "list", "tuple", "dict",
    "typing.Optional", "typing.Union", "typing.List", "typing.Tuple", "Dict", "Literal", "typing.Literal",
})  # fmt: skip


def is_plain(promise: Promise) -> bool:
    """Returns whether an annotation says that a value is a number, a text or made of such."""
    return bool(promise.names) and promise.names <= PLAIN_TYPES


def is_tensor(returned: Returned | None) -> bool:
    return returned is not None and returned.result is Result.TENSOR


def gives_one_tensor(kind: str, what: object) -> bool:
    """Returns whether calling it gives one tensor, whatever it is given."""
    if kind != "external" or not isinstance(what, str):
        return False
    return is_tensor(torch_api.returned_by(what, CallShape(open=True)))


def attribute_outside(name: str) -> Origins:
    """An attribute of something outside the project: names without end are no names of theirs."""
    if name.partition(".")[0] == "torch":
        return frozenset({("external", name if torch_api.named(name) is not None else _UNKNOWN)})
    return frozenset({("external", name)}) if name in HANDING_ON or name.startswith("einops.") else NOTHING


def of_role(layer: str, attr: str) -> Origins:
    """An attribute of a layer of torch."""
    role = torch_api.role_of(layer, attr)
    if role is Role.PARAMETER:
        return frozenset({REGISTERED})
    return A_TENSOR if role is Role.BUFFER else NOTHING


def torch_call(name: str) -> Origins:
    """Returns what calling a name of torch gives; `GIVEN` when that depends on the arguments."""
    kind = torch_api.named(name)
    if kind is Named.MODULE_CLASS:
        return frozenset({("layer", name)})
    if kind in (Named.PARAMETER_CLASS, Named.BUFFER_CLASS):
        return frozenset({REGISTERED if kind is Named.PARAMETER_CLASS else BUFFER})
    if kind in _TENSOR_CLASSES:
        return A_TENSOR
    if kind in (Named.OTHER_CLASS, Named.NUMBER, Named.OTHER, Named.NAMESPACE):
        return NOTHING
    if kind is None:
        return frozenset({GIVEN})
    return A_TENSOR if torch_api.may_give_tensor(name) else NOTHING
