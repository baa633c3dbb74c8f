"""Ancestors of a class in method resolution order, and whether it is an ``nn.Module``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bufferlint.semantics import frameworks, torch_api
from bufferlint.semantics.names import Names
from bufferlint.semantics.references import ClassRef, External, FunctionRef, GlobalRef

_UNKNOWN = External("?")


@dataclass(frozen=True)
class Lineage:
    """``ancestors`` in method resolution order, the class itself first; `External` for those outside the project."""

    ancestors: tuple[ClassRef | External, ...]
    is_module: bool | None
    """None: not known, since an ancestor could not be found."""
    is_exempt: bool
    """It has a state mechanism of its own, which registration would bypass."""

    @cached_property
    def classes(self) -> tuple[ClassRef, ...]:
        return tuple(a for a in self.ancestors if isinstance(a, ClassRef))

    @cached_property
    def externals(self) -> tuple[External, ...]:
        return tuple(a for a in self.ancestors if isinstance(a, External))

    @property
    def unread(self) -> tuple[str, ...]:
        """Ancestors whose bodies nobody here knows."""
        return tuple(
            e.name
            for e in self.externals
            if torch_api.named(e.name) is None and frameworks.is_module_base(e.name) is None
        )

    def find(self, method: str, after: ClassRef | None = None) -> FunctionRef | External | None:
        """Who defines a method, looking behind ``after``: External when an ancestor outside the project comes first."""
        ancestors = self.ancestors
        if after is not None:
            if after not in ancestors:
                return None
            ancestors = ancestors[ancestors.index(after) + 1 :]
        for ancestor in ancestors:
            if isinstance(ancestor, External):
                if self._defines(ancestor, method):
                    return ancestor
                continue
            header = ancestor.header.method(method)
            if header:
                return FunctionRef(ancestor.path, header, ancestor)
        return None

    @staticmethod
    def _defines(external: External, method: str) -> bool:
        if torch_api.is_module_class(external.name):
            if method in torch_api.module_names():
                return True
            known = torch_api.module_attributes(external.name)
            return known is not None and method in known.class_level
        return frameworks.is_module_base(external.name) is not False and external.name not in ("object",)


class Hierarchy:
    """Answers for all classes of the project; ``module_bases`` are dotted names the user calls modules."""

    def __init__(self, names: Names, module_bases: tuple[str, ...]) -> None:
        self._names = names
        self._module_bases = frozenset(module_bases)
        self._lineages: dict[tuple[str, int], Lineage] = {}
        self._bases: dict[tuple[str, int], tuple[ClassRef | External, ...]] = {}

    def lineage(self, ref: ClassRef) -> Lineage:
        if ref.key not in self._lineages:
            self._lineages[ref.key] = self._lineage(ref)
        return self._lineages[ref.key]

    def bases(self, ref: ClassRef) -> tuple[ClassRef | External, ...]:
        """Direct bases; one that cannot be resolved is ``External("?")``."""
        if ref.key not in self._bases:
            self._bases[ref.key] = tuple(self._base(ref, name) for name in ref.header.bases)
        return self._bases[ref.key]

    def _base(self, ref: ClassRef, name: str | None) -> ClassRef | External:
        if name is None:
            return _UNKNOWN
        found = self._names.dotted(ref.path, name, ref.header.scope)
        if isinstance(found, GlobalRef):
            found = self._names.aliased(found)
        if isinstance(found, ClassRef | External):
            return found
        return (
            External(name)
            if found is None and name in ("object", "dict", "list", "tuple", "type", "Exception")
            else _UNKNOWN
        )

    def _lineage(self, ref: ClassRef) -> Lineage:
        order = self._linearise(ref, ())
        verdicts = [self._external_is_module(a.name) for a in order if isinstance(a, External)]
        is_module: bool | None = False
        if any(verdicts):
            is_module = True
        elif any(verdict is None for verdict in verdicts) or ref.header.metaclass == "?":
            is_module = None
        exempt = any(frameworks.is_exempt(a.name) for a in order if isinstance(a, External)) or any(
            "add_state" in {m.name for m in a.header.methods} for a in order if isinstance(a, ClassRef)
        )
        return Lineage(order, is_module, is_exempt=exempt)

    def _external_is_module(self, name: str) -> bool | None:
        if name in self._module_bases:
            return True
        if name.partition(".")[0] == "torch":
            return torch_api.is_module_class(name)
        return frameworks.is_module_base(name)

    def _linearise(self, ref: ClassRef, path: tuple[ClassRef, ...]) -> tuple[ClassRef | External, ...]:
        """C3, falling back to depth first where Python itself would refuse; a cycle ends at its second visit."""
        if ref in path:
            return ()
        bases = [base for base in self.bases(ref) if base not in path]
        lists: list[list[ClassRef | External]] = [
            list(self._linearise(base, (*path, ref))) if isinstance(base, ClassRef) else [base] for base in bases
        ]
        lists.append(list(bases))
        order: list[ClassRef | External] = [ref]
        while any(lists):
            lists = [part for part in lists if part]
            heads = [part[0] for part in lists]
            chosen = next((h for h in heads if not any(h in part[1:] for part in lists)), heads[0])
            order.append(chosen)
            lists = [[item for item in part if item != chosen] for part in lists]
        return tuple(dict.fromkeys(order))
