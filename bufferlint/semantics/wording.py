"""How an expression is quoted in a message."""

from __future__ import annotations

import re

from bufferlint.facts.expressions import Attribute, Call, Expression

_LONGEST = 60
_COMMENT = re.compile(r"(?<=[\s,(\[{])#[^\n]*")


def of(expression: Expression, text: str) -> str:
    """An expression of a text on one line, without comments; cut down to its outline when it is long."""
    code = text[expression.span.start : expression.span.end]
    code = " ".join((_COMMENT.sub("", code) if "\n" in code else code).split())
    if len(code) <= _LONGEST:
        return code
    if isinstance(expression, Call):
        return f"{of(expression.func, text)}(...)"
    if isinstance(expression, Attribute):
        return f"{of(expression.value, text)}.{expression.attr}"
    return code[: _LONGEST - 3] + "..."
