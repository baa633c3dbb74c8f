"""Statements of a function's body as written, and the function itself."""

from __future__ import annotations

from dataclasses import dataclass

from bufferlint.ir.expressions import Expression
from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Assign:
    """``targets = value`` or ``target: annotation = value``, from the first target to the end of the value with its
    parentheses."""

    span: Span
    targets: tuple[Expression, ...]
    value: Expression
    annotation: Expression | None


@dataclass(frozen=True, slots=True)
class Augment:
    """``target op= value``; ``op`` without its equals sign."""

    span: Span
    target: Expression
    op: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Evaluate:
    """An expression for its effect, an assertion."""

    span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class Annotate:
    """``target: annotation`` without a value."""

    span: Span
    target: Expression
    annotation: Expression


@dataclass(frozen=True, slots=True)
class Return:
    span: Span
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Leave:
    """``raise``, ``break`` or ``continue``: nothing after it runs on this path."""

    span: Span
    how: str
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    span: Span
    targets: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class If:
    span: Span
    test: Expression
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class For:
    span: Span
    target: Expression
    iterable: Expression
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class While:
    span: Span
    test: Expression
    body: Block
    orelse: Block


@dataclass(frozen=True, slots=True)
class With:
    """``items`` pair each context manager with what it is bound to."""

    span: Span
    items: tuple[tuple[Expression, Expression | None], ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Try:
    """``handlers`` pair the name that an exception is bound to with the handler's body."""

    span: Span
    body: Block
    handlers: tuple[tuple[str | None, Block], ...]
    orelse: Block
    final: Block


@dataclass(frozen=True, slots=True)
class Capture:
    """A name that a pattern binds; ``value`` is an expression of what it is bound to, None where there is none."""

    name: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a ``match``: ``test`` is its pattern as a test of the subject."""

    test: Expression
    captures: tuple[Capture, ...]
    guard: Expression | None
    body: Block


@dataclass(frozen=True, slots=True)
class Match:
    span: Span
    subject: Expression
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """``bindings`` pair each local name with the dotted name it stands for; relative ones begin with their dots."""

    span: Span
    bindings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Define:
    span: Span
    function: Function


@dataclass(frozen=True, slots=True)
class DefineClass:
    """``body`` holds the statements of a class of a module's body that are no functions; it is not read elsewhere."""

    span: Span
    name: str
    body: Block = ()


@dataclass(frozen=True, slots=True)
class Global:
    """``global names``."""

    span: Span
    names: tuple[str, ...]


Statement = (
    Assign
    | Augment
    | Evaluate
    | Annotate
    | Return
    | Leave
    | Delete
    | If
    | For
    | While
    | With
    | Try
    | Match
    | Import
    | Define
    | DefineClass
    | Global
)
Block = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``star`` is ``"*"`` for ``*args``, ``"**"`` for ``**kwargs``, ``"k"`` for keyword-only, else empty."""

    name: str
    annotation: Expression | None = None
    default: Expression | None = None
    star: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its body read."""

    path: str
    qualname: str
    span: Span
    parameters: tuple[Parameter, ...]
    returns: Expression | None
    decorators: tuple[Expression, ...]
    body: Block

    @property
    def name(self) -> str:
        return self.qualname.rpartition(".")[2]


def walk(block: Block) -> list[Statement]:
    """All statements of a block in source order, those of nested blocks included, nested functions' bodies left out."""
    found: list[Statement] = []
    for statement in block:
        found.append(statement)
        for inner in blocks(statement):
            found += walk(inner)
    return found


def blocks(statement: Statement) -> tuple[Block, ...]:
    """The blocks directly inside a compound statement."""
    match statement:
        case If(body=body, orelse=orelse) | For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            return (body, orelse)
        case With(body=body):
            return (body,)
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return (body, *(block for _, block in handlers), orelse, final)
        case Match(cases=cases):
            return tuple(case.body for case in cases)
    return ()


def expressions(statement: Statement) -> tuple[Expression, ...]:
    """The expressions directly inside a statement, those of nested blocks left out."""
    match statement:
        case Assign(targets=targets, value=value):
            return (value, *targets)
        case Augment(target=target, value=value):
            return (value, target)
        case Evaluate(value=value):
            return (value,)
        case Return(value=value) | Leave(value=value):
            return (value,) if value is not None else ()
        case Delete(targets=targets):
            return targets
        case If(test=test) | While(test=test):
            return (test,)
        case For(target=target, iterable=iterable):
            return (iterable, target)
        case With(items=items):
            return tuple(part for item in items for part in item if part is not None)
        case Match(subject=subject, cases=cases):
            return (subject, *(case.guard for case in cases if case.guard is not None))
    return ()
