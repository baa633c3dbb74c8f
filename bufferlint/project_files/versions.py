"""Versions of bufferlint that a configuration asks for: ``0.2.1``, ``>=0.2``, ``>=0.2, <1``."""

from __future__ import annotations

import re
from itertools import zip_longest

_CLAUSE = re.compile(r"(?P<operator>==|!=|>=|<=|~=|>|<)?\s*(?P<version>\d+(?:\.\d+)*)")


def is_requirement(text: str) -> bool:
    """Are these clauses of an operator and a release, with commas between them?"""
    return all(_CLAUSE.fullmatch(clause.strip()) for clause in text.split(","))


def satisfies(version: str, requirement: str) -> bool:
    """Does a version meet every clause? A version without an operator means itself; zeros at an end say nothing."""
    return all(_meets(version, clause.strip()) for clause in requirement.split(","))


def _meets(version: str, clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        return False
    sign = _sign(version, match["version"])
    operator = match["operator"] or "=="
    if operator == "~=":  # at least that, and the same but for the last number
        least = _numbers(match["version"])
        return sign >= 0 and _numbers(version)[: len(least) - 1] == least[:-1]
    return {"==": sign == 0, "!=": sign != 0, ">=": sign >= 0, "<=": sign <= 0, ">": sign > 0, "<": sign < 0}[operator]


def _sign(one: str, other: str) -> int:
    """-1, 0 or 1 as one release lies before, at or behind another."""
    for a, b in zip_longest(_numbers(one), _numbers(other), fillvalue=0):
        if a != b:
            return 1 if a > b else -1
    return 0


def _numbers(version: str) -> list[int]:
    """The numbers of a release; what follows them, such as ``rc1`` or ``+local``, is passed over."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    return [int(number) for number in match[0].split(".")] if match else []
