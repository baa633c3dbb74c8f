"""What an outline tells of a file without reading bodies: imports, classes, functions, and where each lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Binding:
    """``name`` stands for ``target``, a dotted name; a relative one begins with its dots. ``scope`` is the function it
    is made in (a qualified name; empty for the module), ``typing_only`` that it stands under ``if TYPE_CHECKING``,
    ``offset`` where the line of the import begins."""

    name: str
    target: str
    scope: str = ""
    typing_only: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FunctionHeader:
    """``span`` covers whole lines with decorators. ``decorators`` are dotted names (of a called one: its callee)."""

    name: str
    qualname: str
    span: Span
    decorators: tuple[str, ...] = ()

    @property
    def is_property(self) -> bool:
        last = {decorator.rpartition(".")[2] for decorator in self.decorators}
        return bool(last & {"property", "cached_property", "lazy_property", "abstractproperty"})


@dataclass(frozen=True, slots=True)
class ClassName:
    """A name bound in a class body or a module by other means than ``def``, ``class`` or ``import``.

    ``span`` is the statement's; ``has_value`` is False for a bare annotation.
    """

    name: str
    span: Span
    has_value: bool
    annotated: bool


@dataclass(frozen=True, slots=True)
class ClassHeader:
    """``bases`` are dotted names as written (of a subscripted base: what is subscripted), None for anything else.

    ``insertion`` is where a new line of the class body may go: the start of the line of its first function, else of the
    line behind its last statement; None when the class body shares the header's line. ``indent`` begins its lines.
    """

    name: str
    qualname: str
    span: Span
    bases: tuple[str | None, ...]
    decorators: tuple[str, ...]
    metaclass: str | None
    methods: tuple[FunctionHeader, ...]
    names: tuple[ClassName, ...]
    insertion: int | None
    indent: str
    scope: str = ""
    _index: list[_MethodIndex] = field(default_factory=list, init=False, repr=False, compare=False)

    def method(self, name: str) -> FunctionHeader | None:
        """The last definition under that name: the one that counts, but for property setters and overloads."""
        return self._indexed.methods.get(name)

    def setter(self, name: str) -> FunctionHeader | None:
        """The first setter of a property."""
        return self._indexed.setters.get(name)

    def qualified(self, qualname: str) -> FunctionHeader | None:
        """The first method of a qualified name."""
        return self._indexed.qualified.get(qualname)

    def valued(self, name: str) -> ClassName | None:
        """The first statement that gives a name a value."""
        return self._indexed.valued.get(name)

    def binds(self, name: str) -> bool:
        """Returns whether a statement of the body assigns or annotates a name."""
        return name in self._indexed.bound

    @property
    def _indexed(self) -> _MethodIndex:
        if not self._index:
            self._index.append(_MethodIndex(self.methods, self.names))
        return self._index[0]


class _MethodIndex:
    """What the body of a class defines, by name: a class may have thousands of methods."""

    __slots__ = ("bound", "methods", "qualified", "setters", "valued")

    def __init__(self, methods: tuple[FunctionHeader, ...], names: tuple[ClassName, ...]) -> None:
        self.methods: dict[str, FunctionHeader] = {}
        self.setters: dict[str, FunctionHeader] = {}
        self.qualified: dict[str, FunctionHeader] = {}
        self.valued: dict[str, ClassName] = {}
        self.bound = frozenset(name.name for name in names)
        for method in methods:
            self.qualified.setdefault(method.qualname, method)
            if f"{method.name}.setter" in method.decorators:
                self.setters.setdefault(method.name, method)
            if not any("." in d and d.endswith(("setter", "deleter")) for d in method.decorators):
                self.methods[method.name] = method
        for name in names:
            if name.has_value:
                self.valued.setdefault(name.name, name)


class Holders(NamedTuple):
    """The code of a file that holds a word: ``functions`` by their spans, and whether there is some outside of them."""

    functions: frozenset[Span] = frozenset()
    is_outside: bool = False

    def __bool__(self) -> bool:
        return self.is_outside or bool(self.functions)


@dataclass(frozen=True, slots=True)
class Outline:
    """``stars`` are the modules of ``from m import *``; ``globals_`` the module-level assignments."""

    path: str
    bindings: tuple[Binding, ...]
    stars: tuple[str, ...]
    classes: tuple[ClassHeader, ...]
    functions: tuple[FunctionHeader, ...]
    globals_: tuple[ClassName, ...]

    def pieces(self) -> Iterator[tuple[str, Span]]:
        """The pieces of code that may be asked for: what each is called, and where it lies. Names may occur again."""
        for header in self.classes:
            yield f"class {header.qualname}", header.span
            yield from ((method.qualname, method.span) for method in header.methods)
            yield from ((f"{header.qualname}.{name.name} =", name.span) for name in header.names)
        yield from ((function.qualname, function.span) for function in self.functions)
        yield from ((f"{name.name} =", name.span) for name in self.globals_)
