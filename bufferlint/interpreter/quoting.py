"""How an expression is quoted in a message."""

from __future__ import annotations

from bufferlint.ir.expressions import Attribute, Call, Expression

_LONGEST = 60
_BEFORE_COMMENT = frozenset(" \t\f,([{")


def of(expression: Expression, text: str, at: int) -> str:
    """An expression on one line, without comments; cut down to its outline when it is long. It lies in ``text``, which
    begins at the offset ``at`` of its file."""
    code = text[expression.span.start - at : expression.span.end - at]
    lines = map(_without_comment, code.split("\n")) if "\n" in code else (code,)
    code = " ".join(" ".join(lines).split())
    if len(code) <= _LONGEST:
        return code
    if isinstance(expression, Call):
        return f"{of(expression.func, text, at)}(...)"
    if isinstance(expression, Attribute):
        return f"{of(expression.value, text, at)}.{expression.attr}"
    return code[: _LONGEST - 3] + "..."


def _without_comment(line: str) -> str:
    """A line up to the first ``#`` that a comment may begin with."""
    places = (at for at, each in enumerate(line) if each == "#" and (at == 0 or line[at - 1] in _BEFORE_COMMENT))
    return line[: next(places, len(line))]
