"""How an expression is quoted in a message."""

from __future__ import annotations

import re

from bufferlint.ir.expressions import Attribute, Call, Expression

_LONGEST = 60
_COMMENT = re.compile(r"(?<=[\s,(\[{])#[^\n]*")


def of(expression: Expression, text: str, at: int) -> str:
    """An expression on one line, without comments; cut down to its outline when it is long. It lies in ``text``, which
    begins at the offset ``at`` of its file."""
    code = text[expression.span.start - at : expression.span.end - at]
    code = " ".join((_COMMENT.sub("", code) if "\n" in code else code).split())
    if len(code) <= _LONGEST:
        return code
    if isinstance(expression, Call):
        return f"{of(expression.func, text, at)}(...)"
    if isinstance(expression, Attribute):
        return f"{of(expression.value, text, at)}.{expression.attr}"
    return code[: _LONGEST - 3] + "..."
