"""Decorators that turn the annotated names of a class into fields, and those that keep what a function gives."""

from __future__ import annotations

from enum import Enum

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External


class FieldMaker(Enum):
    """A library whose decorator writes ``__init__``."""

    DATACLASSES = ("__post_init__",)
    ATTRS = ("__attrs_pre_init__", "__attrs_post_init__")

    @property
    def calls(self) -> tuple[str, ...]:
        """The methods that the constructor calls, in order."""
        return tuple(self.value)


_DATACLASS = frozenset({
    "dataclass", "dataclasses.dataclass", "pydantic.dataclasses.dataclass", "flax.struct.dataclass", "chex.dataclass",
})  # fmt: skip
_ATTRS_NAMES = frozenset({"s", "attrs", "attributes", "dataclass", "define", "frozen", "mutable"})
_ATTRS_ALONE = frozenset({"define", "frozen", "mutable", "attributes"})
"""Names of attrs that classes are decorated with where their import is out of sight."""


def field_maker(decorator: str) -> FieldMaker | None:
    """Whose decorator a dotted name is; None when it makes no fields."""
    package, _, name = decorator.rpartition(".")
    if package in ("attr", "attrs") and name in _ATTRS_NAMES:
        return FieldMaker.ATTRS
    if not package and name in _ATTRS_ALONE:
        return FieldMaker.ATTRS
    return FieldMaker.DATACLASSES if decorator in _DATACLASS or name == "dataclass" else None


def makes_fields(names: Names, ref: ClassRef) -> FieldMaker | None:
    """The library that gives a class its constructor."""
    for decorator in ref.header.decorators:
        found = names.dotted(ref.path, decorator, ref.header.scope)
        maker = field_maker(found.name if isinstance(found, External) else decorator)
        if maker is not None:
            return maker
    return None


def is_memoised(header: FunctionHeader) -> bool:
    """Returns whether Python keeps the result of a function: ``cached_property``, ``lru_cache``."""
    return any(name.rpartition(".")[2] in _MEMOISING for name in header.decorators)


_MEMOISING = frozenset({"cached_property", "lazy_property", "lru_cache", "cache"})
