"""What was read of a text, kept for the next run: an edit costs the reading of what it touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from bufferlint.ir.definitions import FunctionHeader, Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.ir.shifting import shifted
from bufferlint.syntax.mentions import gathered
from bufferlint.syntax.outline import outline, whole_outline
from bufferlint.text.source import Source
from bufferlint.text.span import Span
from bufferlint.text.workspace import Gathered

if TYPE_CHECKING:
    from bufferlint.ir.statements import Function, Statement

Kept = TypeVar("Kept")
_Key = tuple[str, str, str]
"""Whether it is a function or a statement, the qualified name of a function, and the code."""

_MOST_GONE = 20
"""Pieces of code remembered of one file beyond those that one of its texts needed; the oldest are forgotten."""


@dataclass(slots=True)
class _File:
    """The outlines of a file's present text; facts of code that it holds or held, by name and code, with its place."""

    source: Source
    outline: Outline | Unreadable
    whole: Outline | Unreadable | None = None
    known: dict[_Key, tuple[int, object]] = field(default_factory=dict)
    """The pieces that were asked for last are the last."""
    asked: set[_Key] = field(default_factory=set)
    most: int = 0
    """How many pieces any text of the file needed."""
    body: list[Function | None] = field(default_factory=list)
    """The module's body, once it is read."""


class LoweringCache:
    """Outlines of whole files and facts of functions and statements, by their code; a function that only moved within
    its file is not read again, nor is one that an edit took away and the next brings back."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._gathered: dict[str, tuple[int, Gathered]] = {}
        """By path, each with the hash of the text: the texts of a whole project are not worth keeping for it."""

    def outline(self, source: Source) -> Outline | Unreadable:
        return self._file(source).outline

    def whole_outline(self, source: Source) -> Outline | Unreadable:
        """The outline from a parse of the whole file, which finds every error."""
        file = self._file(source)
        file.whole = file.whole or whole_outline(source)
        return file.whole

    def function(self, source: Source, header: FunctionHeader) -> Function | Unreadable:
        from bufferlint.syntax.lowering import read_function  # most runs have no body to read

        def read() -> Function | Unreadable:
            return read_function(source.path, source.text, header)

        return self._kept(source, "function", header.qualname, header.span, read)

    def statement(self, source: Source, span: Span) -> Statement | Unreadable | None:
        from bufferlint.syntax.lowering import read_statement

        return self._kept(source, "statement", "", span, lambda: read_statement(source.path, source.text, span))

    def module_body(self, source: Source) -> Function | None:
        """The statements of a file that are in no function."""
        from bufferlint.syntax.lowering import read_module

        file = self._file(source)
        if not file.body:
            file.body.append(read_module(source.path, source.text))
        return file.body[0]

    def gathered(self, source: Source) -> Gathered:
        """Gathers what is asked of every file of a project, once for each text."""
        known, now = self._gathered.get(source.path), hash(source.text)
        if known is None or known[0] != now:
            known = self._gathered[source.path] = (now, gathered(source.text))
        return known[1]

    def _file(self, source: Source) -> _File:
        """The memory of a source's file, turned to this text."""
        file = self._files.get(source.path)
        if file is None or (file.source is not source and file.source.text != source.text):
            most = max(file.most, len(file.asked)) if file else 0
            known = list(file.known.items())[-(most + _MOST_GONE) :] if file else ()
            file = _File(source, outline(source), known=dict(known), most=most)
            self._files[source.path] = file
        return file

    def _kept(self, source: Source, reader: str, qualname: str, span: Span, read: Callable[[], Kept]) -> Kept:
        """Returns what is known of a piece of code, as it is where it stands now; it is read if nothing is."""
        file, key = self._file(source), (reader, qualname, source.text[span.start : span.end])
        known = file.known
        file.asked.add(key)
        if key not in known:
            known[key] = (span.start, read())
            return cast(Kept, known[key][1])
        at, fact = known.pop(key)
        if isinstance(fact, Unreadable):
            fact = Unreadable(fact.path, fact.cause, fact.offset + span.start - at)
        else:
            fact = shifted(fact, span.start - at)
        known[key] = (span.start, fact)
        return cast(Kept, fact)
