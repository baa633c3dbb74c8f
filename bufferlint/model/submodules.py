"""Where the submodules of a model hang, as far as its construction tells: the dotted paths to those of a class."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.interpreter.values import Kind
from bufferlint.model.module_class import ModuleClass
from bufferlint.resolution.references import ClassRef, InstanceRef

_DEEPEST = 8


def paths_to(root: ModuleClass, wanted: ClassRef, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted paths, each with a dot at its end, under which a model holds instances of a class; that of the model
    itself is empty."""
    if any(owner.key == wanted.key for owner in root.lineage.classes):
        yield prefix
    if depth == _DEEPEST:
        return
    for name, slot in root.timeline.construction.final.items():
        made = slot.value.reference
        if slot.value.only(Kind.MODULE) and isinstance(made, InstanceRef) and isinstance(made.of, ClassRef):
            child = root.find(made.of)
            if child is not None:
                yield from paths_to(child, wanted, f"{prefix}{name}.", depth + 1)
