"""Patterns of a ``match`` statement -> tests of its subject, and the names that they bind."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from bufferlint.ir import expressions as ir
from bufferlint.ir.expressions import Expression
from bufferlint.ir.statements import Capture
from bufferlint.text.span import Span

_MATCHED_WHOLE = frozenset({
    "bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple",
})  # fmt: skip
"""Builtins whose one positional sub-pattern is matched against the object itself: ``case float(x)``."""
_GROUPS = {"sequence": ("list", "tuple"), "mapping": ("dict",)}


class PatternReader:
    """Lowers patterns; ``read`` lowers the expressions in them, ``place`` tells where a pattern stands."""

    def __init__(self, read: Callable[[ast.expr], Expression], place: Callable[[ast.AST], Span]) -> None:
        self._read = read
        self._place = place

    def test(self, pattern: ast.pattern, subject: Expression) -> Expression:
        """The pattern as a test of the subject; what it asks besides the class of an object is `Opaque`."""
        span = self._place(pattern)
        match pattern:
            case ast.MatchAs(pattern=None):
                return ir.Constant(span, True)
            case ast.MatchAs(pattern=ast.pattern() as inner):
                return self.test(inner, subject)
            case ast.MatchOr(patterns=[first, *others]):
                whole = self.test(first, subject)
                for other in others:
                    whole = ir.Boolean(span, whole, "or", self.test(other, subject))
                return whole
            case ast.MatchSingleton(value=value):
                return ir.Compare(span, subject, ("is",), (ir.Constant(span, value),))
            case ast.MatchValue(value=value):
                return ir.Compare(span, subject, ("==",), (self._read(value),))
            case ast.MatchClass(cls=cls):
                return self._of_class(pattern, self._read(cls), subject, span)
            case ast.MatchSequence(patterns=patterns):
                return self._of_sequence(patterns, subject, span)
            case ast.MatchMapping():
                return _both(span, _is_instance(span, subject, _GROUPS["mapping"]), ir.Opaque(span))
        return ir.Opaque(span)

    def _of_class(self, pattern: ast.MatchClass, cls: Expression, subject: Expression, span: Span) -> Expression:
        test = ir.Call(span, ir.Name(span, "isinstance"), (ir.Argument(subject), ir.Argument(cls)))
        inner = [*pattern.patterns, *pattern.kwd_patterns]
        if not inner or (_is_matched_whole(cls) and all(map(_is_irrefutable, inner))):
            return test
        return _both(span, test, ir.Opaque(span))

    def _of_sequence(self, patterns: list[ast.pattern], subject: Expression, span: Span) -> Expression:
        fits = isinstance(subject, ir.Display) and len(subject.items) == len(patterns)
        if not fits or any(isinstance(pattern, ast.MatchStar) for pattern in patterns):
            return _both(span, _is_instance(span, subject, _GROUPS["sequence"]), ir.Opaque(span))
        assert isinstance(subject, ir.Display)
        whole: Expression = ir.Constant(span, True)
        for pattern, item in zip(patterns, subject.items, strict=True):
            whole = _both(span, whole, self.test(pattern, item))
        return whole

    def captures(self, pattern: ast.pattern, subject: Expression | None) -> Iterator[Capture]:
        """The names that the pattern binds, each with the expression of what it is bound to where that can be said."""
        span = self._place(pattern)
        match pattern:
            case ast.MatchAs(pattern=inner, name=name):
                if inner is not None:
                    yield from self.captures(inner, subject)
                if name is not None:
                    yield Capture(name, subject)
            case ast.MatchOr(patterns=patterns):
                for each in patterns:
                    yield from self.captures(each, subject)
            case ast.MatchStar(name=str() as name):
                yield Capture(name, None)
            case ast.MatchClass(cls=cls, patterns=patterns, kwd_attrs=names, kwd_patterns=named):
                whole = subject if _is_matched_whole(self._read(cls)) else None
                for each in patterns:
                    yield from self.captures(each, whole)
                for name, each in zip(names, named, strict=True):
                    yield from self.captures(each, ir.Attribute(span, subject, name) if subject else None)
            case ast.MatchSequence(patterns=patterns):
                starred = any(isinstance(each, ast.MatchStar) for each in patterns)
                for at, each in enumerate(patterns):
                    yield from self.captures(each, None if starred else _item(subject, at, span))
            case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
                for key, each in zip(keys, patterns, strict=True):
                    taken = ir.Subscript(span, subject, (self._read(key),)) if subject else None
                    yield from self.captures(each, taken)
                if rest is not None:
                    yield Capture(rest, None)


def _item(subject: Expression | None, at: int, span: Span) -> Expression | None:
    if isinstance(subject, ir.Display) and at < len(subject.items):
        return subject.items[at]
    return ir.Subscript(span, subject, (ir.Constant(span, at),)) if subject is not None else None


def _both(span: Span, left: Expression, right: Expression) -> Expression:
    return ir.Boolean(span, left, "and", right)


def _is_instance(span: Span, subject: Expression, classes: tuple[str, ...]) -> Expression:
    named = ir.Display(span, "tuple", tuple(ir.Name(span, name) for name in classes))
    return ir.Call(span, ir.Name(span, "isinstance"), (ir.Argument(subject), ir.Argument(named)))


def _is_matched_whole(cls: Expression) -> bool:
    return isinstance(cls, ir.Name) and cls.id in _MATCHED_WHOLE


def _is_irrefutable(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None
