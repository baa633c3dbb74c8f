"""What torch's names mean: results of functions and methods, classes, storage. Knows names only, never loads torch.

The facts come from ``torch_table``, generated from torch's own type stubs, annotations and operator schemas. Qualified
names may be any spelling under which torch exports a thing (``torch.functional.einsum``, ``torch.nn.modules.Linear``);
``None`` is the answer "unknown" throughout.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from bufferlint.torch_model import table
from bufferlint.torch_model.signatures import Argument, CallShape, Result, Returned, choose, decode

__all__ = [
    "Argument",
    "CallShape",
    "ModuleAttributes",
    "Named",
    "Result",
    "Returned",
    "Role",
    "Storage",
    "canonical",
    "has_tensor",
    "is_module_class",
    "is_tensor_method",
    "may_give_tensor",
    "method_mutates",
    "method_returned",
    "method_storage",
    "module_attributes",
    "module_names",
    "mutates",
    "named",
    "property_of_tensor",
    "property_storage",
    "registered_names",
    "returned_by",
    "role_of",
    "storage_of",
]


class Named(Enum):
    """What kind of thing a name of torch stands for."""

    FUNCTION = "function"
    NAMESPACE = "namespace"
    """A Python module: ``torch.nn.functional``."""
    TENSOR_CLASS = "tensor class"
    """``torch.Tensor``, ``torch.FloatTensor`` ...: calling it gives a tensor."""
    PARAMETER_CLASS = "parameter class"
    BUFFER_CLASS = "buffer class"
    MODULE_CLASS = "module class"
    """``torch.nn.Module`` or a subclass."""
    HOLDER_CLASS = "holder class"
    """No nn.Module, but its instances hold tensors: distributions, ``PackedSequence``."""
    OTHER_CLASS = "other class"
    """Neither a tensor nor an nn.Module: ``torch.device``, ``torch.Generator``, datasets, optimizers."""
    NUMBER = "number"
    """``torch.pi``, ``torch.inf``."""
    OTHER = "other"
    """A constant that is no tensor: ``torch.float32``, ``torch.strided``."""


class Storage(Enum):
    """Whose memory a returned tensor lies in."""

    FRESH = "fresh"
    """Its own: nobody else holds it."""
    VIEW = "view"
    """That of an argument (or of self)."""
    MAYBE_SAME = "maybe-same"
    """Possibly that of an argument, or the very argument: ``contiguous``, ``to``, ``as_tensor``."""


class Role(Enum):
    """What an instance attribute of a torch module class is, right after construction."""

    PARAMETER = "parameter"
    BUFFER = "buffer"
    MODULE = "module"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class ModuleAttributes:
    """The names that a module class adds to those of nn.Module.

    ``class_level`` are methods, properties and class attributes, its own and inherited ones; ``instance`` is what its
    ``__init__`` sets (a parameter or buffer set to None counts as one), None when that is not known.
    """

    class_level: frozenset[str]
    instance: Mapping[str, Role] | None


def canonical(qualified_name: str) -> str:
    """The shortest public name of the same thing; the name itself when torch has no such alias."""
    return _aliases().get(qualified_name, qualified_name)


def named(qualified_name: str) -> Named | None:
    """Returns what a name stands for; None when it is not one of torch's known names."""
    return _kinds().get(canonical(qualified_name))


def returned_by(qualified_name: str, call: CallShape) -> Returned | None:
    """Returns what a function of torch returns, or calling a class that is no module, parameter, buffer or holder.

    None when it is unknown, or when overloads with different results fit the call.
    """
    name = canonical(qualified_name)
    kind = _kinds().get(name)
    if kind in (Named.TENSOR_CLASS, Named.OTHER_CLASS):
        return Returned(Result.TENSOR if kind is Named.TENSOR_CLASS else Result.OTHER)
    overloads = _overloaded_functions().get(name)
    return choose(overloads, call) if overloads else decode(_functions().get(name, "*"))


@functools.cache
def may_give_tensor(qualified_name: str) -> bool:
    """Returns whether some call of a function is known to return a tensor, or something with tensors in it."""
    name = canonical(qualified_name)
    overloads = _overloaded_functions().get(name)
    codes = [text.rpartition(";")[2] for text in overloads] if overloads else [_functions().get(name, "*")]
    return any(has_tensor(returned) for returned in map(decode, codes) if returned is not None)


def has_tensor(returned: Returned) -> bool:
    return returned.result in (Result.TENSOR, Result.SEQUENCE) or any(map(has_tensor, returned.items))


def method_returned(name: str, call: CallShape) -> Returned | None:
    """Returns what a method of Tensor returns."""
    overloads = _overloaded_methods().get(name)
    return choose(overloads, call) if overloads else decode(_methods().get(name, "*"))


def property_of_tensor(name: str) -> Returned | None:
    """Returns what reading an attribute of a Tensor gives; None for methods and for unknown names."""
    return decode(_properties().get(name, "*"))


def is_tensor_method(name: str) -> bool:
    """Returns whether Tensor has a method of this name with a known result."""
    return name in _methods() or name in _overloaded_methods()


def is_tensor_attribute(name: str) -> bool:
    """Returns whether Tensor has a method or an attribute of this name."""
    return is_tensor_method(name) or property_of_tensor(name) is not None or name in _UNDOCUMENTED or name[:1] == "_"


def storage_of(qualified_name: str, call: CallShape) -> Storage | None:
    """Returns where the tensors lie that a function or a tensor class returns; None when unknown or when it returns
    none."""
    name = canonical(qualified_name)
    if _kinds().get(name) is Named.TENSOR_CLASS:
        sized = call.positional > 0 and not call.open and len(call.known) == call.positional
        copies = sized and all(argument in (Argument.NUMBER, Argument.SEQUENCE) for _, argument in call.known)
        return Storage.FRESH if copies else Storage.MAYBE_SAME
    return _storage_in(_function_storage().get(name), call)


def method_storage(name: str, call: CallShape) -> Storage | None:
    """Returns where the tensors that a method of Tensor returns lie."""
    return _storage_in(_method_storage().get(name), call)


def property_storage(name: str) -> Storage | None:
    """Returns where the tensor lies that reading an attribute of a Tensor gives: ``.T``, ``.data``, ``.real``."""
    return _property_storage().get(name)


def mutates(qualified_name: str, call: CallShape) -> bool:
    """Returns whether a function changes its first argument in place: ``torch.nn.init.ones_``, any with
    ``inplace=True``."""
    name = canonical(qualified_name)
    if _kinds().get(name) is not Named.FUNCTION:
        return False
    return _ends_as_in_place(name) or ("inplace", Argument.TRUE) in call.known


def method_mutates(name: str) -> bool:
    """Returns whether a method of Tensor changes self in place: its values, shape, storage or requires_grad."""
    return is_tensor_method(name) and (_ends_as_in_place(name) or name in _IN_PLACE_OPERATORS)


def is_module_class(qualified_name: str) -> bool | None:
    """Returns whether a class of torch is nn.Module or inherits from it; None when the name is not a known class."""
    kind = named(qualified_name)
    return kind is Named.MODULE_CLASS if kind in _CLASSES else None


@functools.cache
def module_names() -> frozenset[str]:
    """The names that nn.Module itself defines: methods, properties and the attributes that its ``__init__`` sets."""
    return frozenset(_records(table.MODULE_NAMES)["all"])


@functools.cache
def module_attributes(qualified_name: str) -> ModuleAttributes | None:
    """Returns what a module class of torch adds to the names of nn.Module; None when the class is not known."""
    words = _module_attributes().get(canonical(qualified_name))
    if words is None:
        return None
    class_level, *registered = (part.split() for part in " ".join(words).split("|"))
    roles = {name: role for names, role in zip(registered, Role, strict=False) for name in names}
    return ModuleAttributes(frozenset(class_level), MappingProxyType(roles) if registered else None)


def role_of(qualified_name: str, attr: str) -> Role | None:
    """Returns what an instance of a module class of torch keeps under a name; None when that is not known."""
    known = module_attributes(qualified_name)
    return known.instance.get(attr) if known is not None and known.instance is not None else None


@functools.cache
def registered_names() -> frozenset[str]:
    """The names that module classes of torch give to parameters and buffers."""
    known = (module_attributes(name) for name in _module_attributes())
    return frozenset(
        name
        for attributes in known
        if attributes is not None and attributes.instance is not None
        for name, role in attributes.instance.items()
        if role in (Role.PARAMETER, Role.BUFFER)
    )


_UNDOCUMENTED = frozenset({
    "as_subclass", "const_data_ptr", "index", "ipu", "is_xla", "module_load", "mtia", "name",
    "register_post_accumulate_grad_hook", "reinforce", "volatile",
})  # fmt: skip
"""Attributes of Tensor that the table says nothing of."""
_CLASSES = frozenset(kind for kind in Named if kind.value.endswith("class"))
_IN_PLACE_OPERATORS = frozenset({
    "__setitem__", "__iadd__", "__iand__", "__idiv__", "__ifloordiv__", "__ilshift__", "__imod__", "__imul__",
    "__ior__", "__ipow__", "__irshift__", "__isub__", "__itruediv__", "__ixor__",
})  # fmt: skip


def _ends_as_in_place(name: str) -> bool:
    """Torch's naming law: one underscore at the end marks what works in place."""
    return name.endswith("_") and not name.endswith("__")


def _storage_in(usual: Storage | None, call: CallShape) -> Storage | None:
    """Returns where the result lies in this call, given where it usually does."""
    if usual is Storage.MAYBE_SAME and ("copy", Argument.TRUE) in call.known:
        return Storage.FRESH
    if usual is Storage.FRESH and (call.open or call.keywords & {"out", "inplace"}):
        return Storage.MAYBE_SAME
    return usual


def _records(text: str) -> dict[str, list[str]]:
    """The words of each record of a table."""
    lines = text.replace("\n ", " ").splitlines()
    return {key: value.split() for key, _, value in (line.partition(" = ") for line in lines)}


def _qualified(text: str) -> Iterator[tuple[str, str]]:
    """Group and qualified name, for each name of a table whose keys are ``group namespace``."""
    for key, names in _records(text).items():
        group, _, namespace = key.rpartition(" ")
        for name in names:
            yield group, f"{namespace}.{name}"


def _inverted(text: str) -> dict[str, str]:
    """The group of each name of a table."""
    return {name: group for group, names in _records(text).items() for name in names}


@functools.cache
def _aliases() -> dict[str, str]:
    return {f"{alias}.{name.rpartition('.')[2]}": name for alias, name in _qualified(table.ALIASES)}


@functools.cache
def _kinds() -> dict[str, Named]:
    kinds = {name: Named[group] for group, name in _qualified(table.CLASSES_AND_CONSTANTS)}
    kinds.update(dict.fromkeys((*_functions(), *_overloaded_functions()), Named.FUNCTION))
    kinds.update(dict.fromkeys(_records(table.NAMESPACES)["all"], Named.NAMESPACE))
    return kinds


@functools.cache
def _functions() -> dict[str, str]:
    return {name: code for code, name in _qualified(table.FUNCTIONS)}


@functools.cache
def _overloaded_functions() -> dict[str, list[str]]:
    return _records(table.OVERLOADED_FUNCTIONS)


@functools.cache
def _methods() -> dict[str, str]:
    return _inverted(table.METHODS)


@functools.cache
def _overloaded_methods() -> dict[str, list[str]]:
    return _records(table.OVERLOADED_METHODS)


@functools.cache
def _properties() -> dict[str, str]:
    return _inverted(table.PROPERTIES)


@functools.cache
def _function_storage() -> dict[str, Storage]:
    return {name: Storage(kind) for kind, name in _qualified(table.FUNCTION_STORAGE)}


@functools.cache
def _method_storage() -> dict[str, Storage]:
    return {name: Storage(kind) for name, kind in _inverted(table.METHOD_STORAGE).items()}


@functools.cache
def _property_storage() -> dict[str, Storage]:
    return {name: Storage(kind) for name, kind in _inverted(table.PROPERTY_STORAGE).items()}


@functools.cache
def _module_attributes() -> dict[str, list[str]]:
    return _records(table.MODULE_ATTRIBUTES)
