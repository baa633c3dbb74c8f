"""A file's text, decoded the way Python decodes it (PEP 263), with line ends and byte order mark kept."""

from __future__ import annotations

import bisect
import codecs
import io
import re
import tokenize
from array import array
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, count
from operator import add

from bufferlint.text.span import Location, Span

_LINE_END = re.compile(r"\r\n|\r|\n")


def line_starts(text: str) -> array[int]:
    """The offset of the first character of each line."""
    if "\r" not in text:
        starts = array("L", (0, *map(add, accumulate(map(len, text.split("\n"))), count(1))))
        starts.pop()
        return starts
    return array("L", (0, *(match.end() for match in _LINE_END.finditer(text))))


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a notebook's code cell lies in the source's text; ``number`` counts all cells of the notebook from 1."""

    number: int
    span: Span


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A file that is not text in the encoding it claims."""

    cause: str
    line: int | None = None


@dataclass(frozen=True)
class Source:
    """The Python text of one file. ``path`` is absolute, with forward slashes.

    For a notebook, ``text`` is the code of its code cells one after another and ``cells`` says where each lies.
    """

    path: str
    text: str
    cells: tuple[Cell, ...] = ()

    @cached_property
    def _starts(self) -> array[int]:
        return line_starts(self.text)

    def offset(self, row: int) -> int:
        """The offset of the first character of a line, counted from 1 over the whole text."""
        return self._starts[row - 1]

    def line_count(self) -> int:
        return len(self._starts)

    def row(self, offset: int) -> int:
        """The line that an offset lies in, counted from 1 over the whole text."""
        return bisect.bisect_right(self._starts, offset)

    def line(self, row: int) -> str:
        """A line without its line end."""
        end = self._starts[row] if row < len(self._starts) else len(self.text)
        return self.text[self._starts[row - 1] : end].rstrip("\r\n")

    def line_end(self, offset: int) -> str:
        """The line end used around an offset: that of its line, else of the line before, else a line feed."""
        for row in (self.row(offset), self.row(offset) - 1):
            if 0 < row < len(self._starts):
                match = _LINE_END.search(self.text, self._starts[row - 1])
                if match:
                    return match.group()
        return "\n"

    def location(self, offset: int) -> Location:
        """Row and column of an offset, as a person counts them (cell-relative in a notebook)."""
        row = self.row(offset)
        column = offset - self._starts[row - 1] + 1
        at = bisect.bisect_right(self._cell_starts, offset) - 1
        if at >= 0 and offset <= self.cells[at].span.end:
            return Location(row - self.row(self.cells[at].span.start) + 1, column, self.cells[at].number)
        return Location(row, column)

    @cached_property
    def _cell_starts(self) -> list[int]:
        return [cell.span.start for cell in self.cells]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's text becomes bytes again."""

    name: str
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        """Raises UnicodeEncodeError when the text holds a character that the encoding lacks."""
        return self.bom + text.encode(self.name)


def decode(data: bytes) -> tuple[str, Encoding] | Undecodable:
    """Text and encoding of a Python file, or why it has none. Encoding the text again gives the same bytes."""
    if b"\0" in data:
        row = data.count(b"\n", 0, data.index(b"\0")) + 1
        return Undecodable("it holds a NUL byte, which Python source cannot", row)
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        return Undecodable(str(error.msg))
    encoding = Encoding("utf-8" if bom else name, bom)
    body = data[len(bom) :]
    try:
        text = body.decode(encoding.name)
    except UnicodeDecodeError as error:
        row = body.count(b"\n", 0, error.start) + 1
        return Undecodable(f"byte 0x{body[error.start]:02x} is not valid {encoding.name}", row)
    except (LookupError, UnicodeError):  # such as zlib, a codec that makes bytes, and idna
        return Undecodable(f"it is not text in the encoding that it names ({encoding.name})", 1)
    try:
        faithful = text.encode(encoding.name) == body
    except UnicodeError:
        faithful = False
    if not faithful:
        return Undecodable(f"its bytes do not survive a round trip through {encoding.name}")
    return text, encoding
