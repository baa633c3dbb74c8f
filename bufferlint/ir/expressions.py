"""Expressions as written. Spans are characters of the source's text and leave out an expression's own parentheses."""

from __future__ import annotations

from dataclasses import dataclass

from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Name:
    span: Span
    id: str


@dataclass(frozen=True, slots=True)
class Attribute:
    span: Span
    value: Expression
    attr: str


@dataclass(frozen=True, slots=True)
class Argument:
    """``star`` is ``"*"`` or ``"**"`` for an unpacked argument, else empty."""

    value: Expression
    keyword: str | None = None
    star: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    span: Span
    func: Expression
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Subscript:
    """``index`` holds one entry for each comma-separated element."""

    span: Span
    value: Expression
    index: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    span: Span
    parts: tuple[Expression | None, Expression | None, Expression | None]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; ``...`` is Ellipsis."""

    span: Span
    value: object


@dataclass(frozen=True, slots=True)
class Display:
    """A list, tuple or set display; ``kind`` is ``"list"``, ``"tuple"`` or ``"set"``."""

    span: Span
    kind: str
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Dict:
    """A key of None unpacks its value (``**value``)."""

    span: Span
    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    span: Span
    op: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    span: Span
    left: Expression
    op: str
    right: Expression


@dataclass(frozen=True, slots=True)
class Boolean:
    """``left and right`` or ``left or right``."""

    span: Span
    left: Expression
    op: str
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare:
    span: Span
    left: Expression
    ops: tuple[str, ...]
    comparators: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    span: Span
    test: Expression
    body: Expression
    orelse: Expression


@dataclass(frozen=True, slots=True)
class Generator:
    target: Expression
    iterable: Expression
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``kind`` is ``"list"``, ``"set"``, ``"generator"`` or ``"dict"`` (whose ``element`` is the value)."""

    span: Span
    kind: str
    element: Expression
    generators: tuple[Generator, ...]


@dataclass(frozen=True, slots=True)
class Lambda:
    """``defaults`` are those of parameters that have one, by name."""

    span: Span
    parameters: tuple[str, ...]
    body: Expression
    defaults: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Walrus:
    span: Span
    target: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class FormattedString:
    """An f-string: literal text and the expressions between; `Opaque` are those with a conversion or a format."""

    span: Span
    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class Starred:
    span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class Opaque:
    """An expression whose value is not modelled (``await``, ``yield``, ``yield from``); ``parts`` are still read for
    what they use."""

    span: Span
    parts: tuple[Expression, ...] = ()
    what: str = ""


Expression = (
    Name
    | Attribute
    | Call
    | Subscript
    | Slice
    | Constant
    | Display
    | Dict
    | Unary
    | Binary
    | Boolean
    | Compare
    | Conditional
    | Comprehension
    | Lambda
    | Walrus
    | FormattedString
    | Starred
    | Opaque
)


def dotted(expression: Expression) -> str | None:
    """``a.b.c`` as text; None for anything but names joined by dots."""
    parts: list[str] = []
    while isinstance(expression, Attribute):
        parts.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, Name):
        return None
    parts.append(expression.id)
    return ".".join(reversed(parts))


def children(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside an expression, in source order."""
    match expression:
        case Attribute(value=value) | Starred(value=value):
            return (value,)
        case Call(func=func, args=args):
            return (func, *(arg.value for arg in args))
        case Subscript(value=value, index=index):
            return (value, *index)
        case Slice(parts=parts):
            return tuple(part for part in parts if part is not None)
        case Display(items=items):
            return items
        case Dict(keys=keys, values=values):
            return tuple(part for pair in zip(keys, values, strict=True) for part in pair if part is not None)
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right) | Boolean(left=left, right=right):
            return (left, right)
        case Compare(left=left, comparators=comparators):
            return (left, *comparators)
        case Conditional(test=test, body=body, orelse=orelse):
            return (body, test, orelse)
        case Comprehension(element=element, generators=generators):
            inner = (part for g in generators for part in (g.target, g.iterable, *g.conditions))
            return (element, *inner)
        case Lambda(body=body, defaults=defaults):
            return (*(default for _, default in defaults), body)
        case Walrus(target=target, value=value):
            return (target, value)
        case FormattedString(parts=parts):
            return tuple(part for part in parts if not isinstance(part, str))
        case Opaque(parts=parts):
            return parts
    return ()
