"""Facts of code that has moved within its file."""

from __future__ import annotations

from typing import TypeVar, cast

from bufferlint.text.span import Span

Fact = TypeVar("Fact")


def shifted(fact: Fact, by: int) -> Fact:
    """The fact as it is when its code stands ``by`` characters further on."""
    return cast(Fact, _moved(fact, by)) if by else fact


def _moved(fact: object, by: int) -> object:
    if isinstance(fact, Span):
        return Span(fact.start + by, fact.end + by)
    if isinstance(fact, tuple):
        return tuple([_moved(item, by) for item in fact])
    kind = type(fact)
    names: tuple[str, ...] = getattr(kind, "__match_args__", ())  # a dataclass lists its constructor's arguments there
    return kind(*[_moved(getattr(fact, name), by) for name in names]) if names else fact
