"""Definitions that a name may stand for, in the project and outside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bufferlint.ir.definitions import ClassHeader, ClassName, FunctionHeader


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the project, by its dotted name: ``torch.nn.Linear``."""

    name: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """A file of the project, as a module."""

    path: str


@dataclass(frozen=True, slots=True, eq=False)
class ClassRef:
    path: str
    header: ClassHeader
    key: tuple[str, int] = field(init=False, repr=False)
    """A file may define a name twice; a place holds one class only."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.path, self.header.span.start))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, ClassRef) and self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function of the project; ``owner`` is the class that it is a method of."""

    path: str
    header: FunctionHeader
    owner: ClassRef | None = None


@dataclass(frozen=True, slots=True)
class GlobalRef:
    """A module-level assignment."""

    path: str
    name: ClassName


@dataclass(frozen=True, slots=True)
class SelfRef:
    """The instance whose history is being told."""


@dataclass(frozen=True, slots=True)
class SelfClassRef:
    """``type(self)``: the class of that instance. What it has under a name is asked by the name alone, so that the
    answer may be the same for many classes."""


@dataclass(frozen=True, slots=True)
class SuperRef:
    """``super()``: the instance seen from behind ``after`` in its method resolution order."""

    after: ClassRef | None


@dataclass(frozen=True, slots=True)
class MethodRef:
    """A method of the instance whose history is being told, bound to it; ``name`` is looked up behind ``after``."""

    name: str
    after: ClassRef | None = None


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """An object made by calling a class."""

    of: ClassRef | External
    given_tensors: bool = True
    """Whether the call may have been given tensors. Parameters are none: a module that moves keeps them, and moves what
    they hold, while its buffers are replaced."""


@dataclass(frozen=True, slots=True)
class LocalFunction:
    """A function defined in a function, or a lambda: ``number`` finds it in the running frame's table."""

    number: int


Reference = (
    External
    | Namespace
    | ClassRef
    | FunctionRef
    | GlobalRef
    | SelfRef
    | SelfClassRef
    | SuperRef
    | MethodRef
    | InstanceRef
    | LocalFunction
)
