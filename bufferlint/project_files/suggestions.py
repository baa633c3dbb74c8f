"""The known name that somebody meant who wrote another."""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = 0.7
"""How much of two words must be the same for one to be a slip of the other: `selct` is one of `select`, `fix` none of
`config`."""


def alike(word: str, known: Iterable[str]) -> str | None:
    """The known word that a word is a slip of."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), 1, _ALIKE)), None)


def nearest(name: str, names: Iterable[str]) -> str:
    """Returns what to say after naming something that does not exist."""
    known = list(names)
    close = alike(name, known)
    return f"did you mean '{close}'?" if close else f"one of: {', '.join(known)}"


def nearest_rule(selector: str) -> str:
    """Returns what to say after naming a rule that does not exist, by code, beginning of a code, or name."""
    from bufferlint.rules import catalogue

    rules = catalogue()
    close = alike(selector, (name for rule in rules for name in (rule.code, rule.name)))
    codes = ", ".join(rule.code for rule in rules)
    return f"did you mean '{close}'?" if close else f"one of: {codes} (`bufferlint rule --all` explains them)"
