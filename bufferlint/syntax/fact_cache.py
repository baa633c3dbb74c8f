"""What was read of a text, kept for the next run: an edit costs the reading of what it touched."""

from __future__ import annotations

from dataclasses import dataclass, field

from bufferlint.facts.definitions import FunctionHeader, Outline
from bufferlint.facts.reader import Unreadable
from bufferlint.facts.shifting import shifted
from bufferlint.facts.statements import Function, Statement
from bufferlint.syntax.outline import outline
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_Kept = tuple[int, Function | Statement | Unreadable | None]


_MOST = 2000
"""Pieces of code remembered of one file when its text changes; the oldest are forgotten."""


@dataclass(slots=True)
class _File:
    """The outline of a file's present text; facts of code that it holds or held, by name and code, with its place."""

    source: Source
    outline: Outline | Unreadable
    known: dict[tuple[str, str], _Kept] = field(default_factory=dict)


class FactCache:
    """Outlines of whole files and facts of functions and statements, by their code; a function that only moved within
    its file is not read again, nor is one that an edit took away and the next brings back."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def outline(self, source: Source) -> Outline | Unreadable:
        return self._file(source).outline

    def function(self, source: Source, header: FunctionHeader) -> Function | Unreadable:
        from bufferlint.syntax.slices import read_function  # libcst costs a quarter of a second to import

        file, key = self._file(source), (header.qualname, source.text[header.span.start : header.span.end])
        found = self._found(file, key, header.span.start)
        if not isinstance(found, Function | Unreadable):
            found = read_function(source.path, source.text, header)
            file.known[key] = (header.span.start, found)
        return found

    def statement(self, source: Source, span: Span) -> Statement | Unreadable | None:
        from bufferlint.syntax.slices import read_statement

        file, key = self._file(source), ("", source.text[span.start : span.end])
        if key in file.known:
            found = self._found(file, key, span.start)
            assert not isinstance(found, Function)
            return found
        read = read_statement(source.path, source.text, span)
        file.known[key] = (span.start, read)
        return read

    def _file(self, source: Source) -> _File:
        """The memory of a source's file, turned to this text."""
        file = self._files.get(source.path)
        if file is None or (file.source is not source and file.source.text != source.text):
            known = list(file.known.items())[-_MOST:] if file else ()
            file = _File(source, outline(source), dict(known))
            self._files[source.path] = file
        return file

    @staticmethod
    def _found(file: _File, key: tuple[str, str], start: int) -> Function | Statement | Unreadable | None:
        """What is known of a piece of code, as it is when it begins at ``start``."""
        if key not in file.known:
            return None
        at, fact = file.known.pop(key)
        if isinstance(fact, Unreadable):
            fact = Unreadable(fact.path, fact.cause, fact.offset + start - at)
        else:
            fact = shifted(fact, start - at)
        file.known[key] = (start, fact)
        return fact
