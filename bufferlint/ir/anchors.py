"""Places of a statement that edits may use, as LibCST gives them."""

from __future__ import annotations

from dataclasses import dataclass

from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Anchors:
    """``outer`` is an assignment's value with its own parentheses, else the whole statement.

    ``alone`` says that the statement has its line to itself, which it begins with ``indent``.
    """

    outer: Span
    alone: bool
    indent: str
