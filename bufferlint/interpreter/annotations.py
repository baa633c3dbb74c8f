"""What a type annotation promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bufferlint.interpreter.values import NONE, NUMBER, OTHER, TEXT, UNKNOWN, Kind, Trait, Value, join
from bufferlint.ir.expressions import Attribute, Binary, Constant, Display, Expression, Name, Subscript, dotted
from bufferlint.resolution.references import ClassRef, External, InstanceRef, Reference
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named

Resolve = Callable[[str], Reference | None]
InstanceOf = Callable[[ClassRef], Value]

_NUMBERS = frozenset({"int", "float", "bool", "complex"})
_GROUPS = frozenset({
    "list", "tuple", "dict", "set", "frozenset", "typing.List", "typing.Tuple", "typing.Dict", "typing.Set",
    "typing.Sequence", "typing.Mapping", "typing.Iterable", "typing.MutableMapping", "typing.MutableSequence",
    "collections.abc.Sequence", "collections.abc.Mapping", "collections.abc.Iterable", "collections.OrderedDict",
})  # fmt: skip


class Annotations:
    """Reads annotations of one place: ``resolve`` turns a dotted name into what it stands for there, ``instance_of`` a
    class of the project into the value of its instances."""

    def __init__(self, resolve: Resolve, instance_of: InstanceOf) -> None:
        self._resolve = resolve
        self._instance_of = instance_of

    def value(self, annotation: Expression | None) -> Value:
        """The value that the annotation promises; unknown when it promises nothing definite."""
        match annotation:
            case Constant(value=None):
                return NONE
            case Constant(value=str() as text):
                return self._text(text)
            case Name() | Attribute():
                return self._named(dotted(annotation) or "")
            case Binary(left=left, op="|", right=right):
                return join([self.value(left), self.value(right)])
            case Subscript(value=value, index=index):
                return self._subscript(dotted(value) or "", index)
        return UNKNOWN

    def _text(self, text: str) -> Value:
        """A string annotation: names, ``X | Y``, ``Dict[str, X]``."""
        text = text.strip()
        if all(part.isidentifier() for part in text.split(".")):
            return NONE if text == "None" else self._named(text)
        alternatives = _split(text, "|")
        if len(alternatives) > 1:
            return join([self._text(part) for part in alternatives])
        head, _, inner = text.partition("[")
        if not inner.endswith("]") or not all(part.isidentifier() for part in head.strip().split(".")):
            return UNKNOWN
        return self._subscript(head.strip(), tuple(map(_part, _split(inner[:-1], ","))))

    def _named(self, name: str) -> Value:
        found = self._resolve(name)
        if isinstance(found, External):
            return self._external(found.name)
        if isinstance(found, ClassRef):
            instance = self._instance_of(found)
            return replace(instance, traits=instance.traits | Trait.FROM_CALLER)
        return self._external(name) if found is None else UNKNOWN

    @staticmethod
    def _external(name: str) -> Value:
        if name in _NUMBERS:
            return NUMBER
        if name in ("str", "bytes"):
            return TEXT
        if name in _GROUPS:
            return Value(frozenset({Kind.CONTAINER}))
        if name in ("numpy.ndarray", "numpy.typing.NDArray", "numpy.typing.ArrayLike"):
            return Value(frozenset({Kind.ARRAY}))
        if name in ("typing.Callable", "collections.abc.Callable"):
            return Value(frozenset({Kind.CALLABLE}))
        kind = _OF_TORCH.get(torch_api.named(name) or Named.NUMBER)
        if kind is Kind.TENSOR:
            return Value(frozenset({kind}), Trait.FROM_CALLER | Trait.SHARED)
        if kind is not None:
            return Value(frozenset({kind}), reference=InstanceRef(External(name)))
        return OTHER if name in ("torch.dtype", "torch.device", "pathlib.Path") else UNKNOWN

    def _subscript(self, name: str, index: tuple[Expression, ...]) -> Value:
        found = self._resolve(name)
        base = found.name if isinstance(found, External) else name
        if base in ("typing.Optional", "Optional"):
            return join([self.value(index[0]), NONE])
        if base in ("typing.Union", "Union"):
            return join([self.value(part) for part in index])
        if base in ("typing.Annotated", "typing.Final", "typing.ClassVar") or base.startswith("jaxtyping."):
            return self.value(index[0])
        if base in ("tuple", "typing.Tuple"):
            if len(index) == 2 and isinstance(index[1], Constant) and index[1].value is Ellipsis:
                return Value(frozenset({Kind.CONTAINER}), element=self.value(index[0]))
            if any(isinstance(part, Display) for part in index):
                return Value(frozenset({Kind.CONTAINER}))
            return Value(frozenset({Kind.CONTAINER}), items=tuple(self.value(part) for part in index))
        if base in _GROUPS:
            return Value(frozenset({Kind.CONTAINER}), element=self.value(index[-1]))
        return self._external(base) if base != name or base in ("Callable",) else UNKNOWN


_NOWHERE = Span(0, 0)


def _split(text: str, by: str) -> list[str]:
    """The parts of an annotation between separators that no bracket holds."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == by and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _part(text: str) -> Expression:
    """A part of a string annotation, which is one itself."""
    if text == "...":
        return Constant(_NOWHERE, Ellipsis)
    return Display(_NOWHERE, "list", ()) if text.startswith("[") else Constant(_NOWHERE, text)


_OF_TORCH = {
    Named.TENSOR_CLASS: Kind.TENSOR,
    Named.PARAMETER_CLASS: Kind.PARAMETER,
    Named.BUFFER_CLASS: Kind.TENSOR,
    Named.MODULE_CLASS: Kind.MODULE,
    Named.HOLDER_CLASS: Kind.HOLDER,
    Named.OTHER_CLASS: Kind.OTHER,
}
