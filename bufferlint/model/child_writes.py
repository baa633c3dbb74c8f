"""Tensors that the construction of a module stores on other modules: ``self.head.stride = torch.tensor(...)``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import ANY, Action, OutsideUse
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.resolution.references import ClassRef, External, InstanceRef
from bufferlint.torch_model import api as torch_api

if TYPE_CHECKING:
    from bufferlint.model.module_class import ModuleClass


@dataclass(frozen=True, slots=True)
class ChildWrite:
    """``attribute`` is a path from the module, as far as the code names it; ``child`` the class that is written on."""

    use: OutsideUse
    attribute: str
    child: str


def child_writes(module: ModuleClass) -> Iterator[ChildWrite]:
    """The stores of plain tensors on objects that are certainly modules and do not know the name as a buffer."""
    for use in module.timeline.construction.outside:
        if not _is_plain_store(use):
            continue
        held = use.receiver.reference
        child = held.of if isinstance(held, InstanceRef) else None
        if isinstance(child, ClassRef) and _takes_plain(module, child, use.attr):
            yield ChildWrite(use, _path(module, use), child.header.name)
        elif isinstance(child, External) and _is_foreign(child.name, use.attr):
            yield ChildWrite(use, _path(module, use), child.name.rpartition(".")[2])


def function_writes(module: ModuleClass) -> Iterator[ChildWrite]:
    """The stores of plain tensors on instances of the class by functions of its file, outside of all classes."""
    for use in module.uses_by_functions():
        held = use.receiver.reference
        of = held.of if isinstance(held, InstanceRef) else None
        read = module.timeline.readers(use.attr)
        if _is_plain_store(use) and of == module.ref and read and _takes_plain(module, module.ref, use.attr):
            yield ChildWrite(use, use.attr, module.header.name)


def _is_plain_store(use: OutsideUse) -> bool:
    """Does it store a plain tensor, known for one by its code, on an object that is certainly a module?"""
    stored = use.action is Action.ASSIGN and use.attr != ANY and use.value.is_tensor and use.value.reason is not None
    if not stored or (Trait.PINNED_TO_CPU | Trait.TRAINABLE) & use.value.traits:
        return False
    return use.receiver.only(Kind.MODULE)


def _takes_plain(module: ModuleClass, child: ClassRef, attr: str) -> bool:
    """Does an instance of a class of the project keep a tensor under that name as a plain attribute, and only there?"""
    slot = module.built(child).get(attr)
    if slot is not None and slot.value.may(Kind.BUFFER, Kind.PARAMETER, Kind.MODULE, Kind.TENSOR):
        return False  # it registers it, or is reported itself
    other = module.find(child)
    if other is None or other.overrides("__setattr__") or other.overrides(attr):
        return False
    if any(attr in usage.strings for _, _, usage in other.timeline.usages()):
        return False  # it registers it later, or asks for it by name
    return not other.moves_itself or not (other.moves_everything or other.timeline.mentions("_apply", attr))


def _is_foreign(module: str, attr: str) -> bool:
    """Returns whether it is no attribute that a module of torch has itself."""
    known = torch_api.module_attributes(module)
    taken = attr in torch_api.module_names() | torch_api.registered_names() or torch_api.role_of(module, attr)
    return not taken and torch_api.is_module_class(module) is True and (known is None or attr not in known.class_level)


def _path(module: ModuleClass, use: OutsideUse) -> str:
    """``head.stride`` for ``self.head.stride``, and for ``last.stride`` if only that is of its class. A name that
    the module has too is told from its own."""
    written = "".join(module.code(use.path, use.span).split())
    if written.startswith("self."):
        return written.removeprefix("self.")
    final = module.timeline.construction.final
    if use.attr not in final:
        return use.attr
    same = [attr for attr, slot in final.items() if slot.value.reference == use.receiver.reference]
    return f"{same[0]}.{use.attr}" if len(same) == 1 else written
