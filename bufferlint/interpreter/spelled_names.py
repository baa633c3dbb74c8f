"""Names that code puts together for ``getattr``: ``f"_make_{kind}"``."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter.state import Frame
from bufferlint.interpreter.values import TEXT, Arguments, Kind, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import External, MethodRef, Namespace, SelfRef

_MOST_METHODS = 8
"""More methods that a spelling may name are too many to run."""


def methods_spelled(args: Arguments, expression: ir.Call, frame: Frame) -> Value | None:
    """One of the methods of the instance that ``getattr(self, f"_make_{kind}")`` may name."""
    if len(expression.args) != 2 or len(args.positional) != 2 or args.positional[1].constant is not None:
        return None
    if not isinstance(args.positional[0].reference, SelfRef) or frame.lineage is None:
        return None
    parts = _spelling(expression.args[1].value)
    beginning, end = parts[0], parts[-1]
    if not (isinstance(beginning, str) and beginning) and not (isinstance(end, str) and end):
        return None
    spelled = frame.lineage.methods_spelled(
        beginning if isinstance(beginning, str) else "", end if isinstance(end, str) and len(parts) > 1 else ""
    )
    found = (Value(frozenset({Kind.CALLABLE}), reference=MethodRef(name)) for name in spelled)
    return join(found) if 0 < len(spelled) <= _MOST_METHODS else None


def _spelling(expression: Expression) -> tuple[str | Expression, ...]:
    """The pieces that a string is put together from: ``f"_make_{kind}"``, ``"_make_" + kind``."""
    match expression:
        case ir.FormattedString(parts=parts) if parts:
            return parts
        case ir.Binary(left=left, op="+", right=right):
            return (*_spelling(left), *_spelling(right))
        case ir.Constant(value=str(text)):
            return (text,)
    return (expression,)


def named_by_default(args: Arguments, expression: ir.Call, frame: Frame) -> Arguments:
    """The arguments of ``getattr(torch, window)``, where ``window`` or a part of it is the name of a function by
    default: ``f"{window}_window"``."""
    if len(expression.args) < 2 or len(args.positional) < 2 or args.positional[1].constant is not None:
        return args
    if not isinstance(args.positional[0].reference, External | Namespace):
        return args
    pieces = (
        frame.defaults.get(part.id) if isinstance(part, ir.Name) else part
        for part in _spelling(expression.args[1].value)
    )
    told = [piece for piece in pieces if isinstance(piece, str)]
    if len(told) < len(_spelling(expression.args[1].value)):
        return args
    named = replace(TEXT, constant="".join(told))
    return replace(args, positional=(args.positional[0], named, *args.positional[2:]))
