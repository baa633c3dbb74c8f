"""Places as the protocol counts them: lines from 0, columns in the code units that client and server agreed on."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types

from bufferlint.text.source import Source
from bufferlint.text.span import Span

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


@dataclass(frozen=True, slots=True)
class Positions:
    """``encoding`` is ``utf-8``, ``utf-16`` or ``utf-32``."""

    encoding: str = "utf-16"

    def position(self, source: Source, offset: int) -> types.Position:
        row = source.row(offset)
        before = source.text[source.offset(row) : offset]
        return types.Position(row - 1, self._units(before))

    def range(self, source: Source, span: Span) -> types.Range:
        return types.Range(self.position(source, span.start), self.position(source, span.end))

    def offset(self, source: Source, position: types.Position) -> int:
        """A place past the end of its line is the line's end, one past the last line the text's end."""
        if position.line >= source.line_count():
            return len(source.text)
        line = source.line(position.line + 1)
        return source.offset(position.line + 1) + self._characters(line, position.character)

    def span(self, source: Source, range_: types.Range) -> Span:
        start = self.offset(source, range_.start)
        return Span(start, max(start, self.offset(source, range_.end)))

    def _units(self, text: str) -> int:
        if text.isascii():
            return len(text)
        codec, size = _CODECS[self.encoding]
        return len(text.encode(codec, "surrogatepass")) // size

    def _characters(self, line: str, units: int) -> int:
        if line.isascii():
            return min(units, len(line))
        codec, size = _CODECS[self.encoding]
        return len(line.encode(codec, "surrogatepass")[: units * size].decode(codec, "ignore"))
