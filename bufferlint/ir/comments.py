"""What a file's comments ask of the linter, and the statements they can stand at."""

from __future__ import annotations

import bisect
from dataclasses import dataclass

from bufferlint.text.span import Span


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment, or the part of one at ``span``, that asks for silence on its statement or in the whole file.

    ``selectors`` are written at ``listed``; without any, everything is meant. ``ours`` tells a ``# bufferlint:``
    comment from flake8's ``# noqa``. ``comment`` is the whole comment, ``statement`` the lines that it stands at: None
    on a line of its own.
    """

    span: Span
    comment: Span
    statement: Span | None
    selectors: tuple[str, ...] = ()
    listed: Span | None = None
    ours: bool = True
    whole_file: bool = False


@dataclass(frozen=True, slots=True)
class Comments:
    """``statements`` are the logical lines of a file, in order: from the start of the first line of each to the end of
    its last, line end left out. The header of a compound statement is one of its own."""

    suppressions: tuple[Suppression, ...] = ()
    statements: tuple[Span, ...] = ()

    def statement(self, offset: int) -> Span | None:
        """The lines of the statement that an offset lies in."""
        at = bisect.bisect_right(self.statements, offset, key=lambda span: span.start) - 1
        return self.statements[at] if at >= 0 and offset <= self.statements[at].end else None
