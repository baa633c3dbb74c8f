"""Text and places: every byte of a file survives, rows and columns are those that a person counts."""

from __future__ import annotations

import ast

import pytest

from bufferlint.text.source import Cell, Encoding, Source, Undecodable, decode
from bufferlint.text.span import Location, Span

BOM = b"\xef\xbb\xbf"


# -- bytes -----------------------------------------------------------------------------------------------------------

DECODABLE = {
    "empty": (b"", ""),
    "ascii": (b"x = 1\n", "x = 1\n"),
    "utf-8": ("é = '掩码'\n".encode(), "é = '掩码'\n"),
    "no line end": (b"x = 1", "x = 1"),
    "crlf": (b"x = 1\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
    "lone cr": (b"x = 1\ry = 2\r", "x = 1\ry = 2\r"),
    "mixed ends": (b"a\r\nb\nc\rd", "a\r\nb\nc\rd"),
    "form feed": (b"x = 1\n\x0c\ny = 2\n", "x = 1\n\x0c\ny = 2\n"),
    "bom": (BOM + "é\n".encode(), "é\n"),
    "bom alone": (BOM, ""),
    "bom and cookie": (BOM + b"# coding: utf-8\nx\n", "# coding: utf-8\nx\n"),
    "latin-1": ("# coding: latin-1\né = 'ß'\n".encode("latin-1"), "# coding: latin-1\né = 'ß'\n"),
    "emacs": ("# -*- coding: cp1252 -*-\n€\n".encode("cp1252"), "# -*- coding: cp1252 -*-\n€\n"),
    "vim on line two": (
        "#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\nш\n".encode("koi8-r"),
        "#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\nш\n",
    ),
    "cookie on line three": ("\n\n# coding: latin-1\né\n".encode(), "\n\n# coding: latin-1\né\n"),
    "japanese": ("# coding: shift_jis\nx = '掩'\n".encode("shift_jis"), "# coding: shift_jis\nx = '掩'\n"),
    "line separators": ("a\u2028b\x85c\x1cd\n".encode(), "a\u2028b\x85c\x1cd\n"),
}
UNDECODABLE = {
    "not utf-8": (b"x = 1\ny = '\xff'\n", "0xff", 2),
    "not utf-8 behind crlf": (b"x\r\ny\r\n\xe9\r\n", "0xe9", 3),
    "unknown encoding": (b"# coding: no-such\nx\n", "no-such", None),
    "bom and another cookie": (BOM + b"# coding: latin-1\nx\n", "", None),
    "null": (b"x = 1\ny = '\0'\n", "NUL", 2),
    "utf-16": ("x = 1\n".encode("utf-16"), "", None),
    "stateful encoding": (b"# coding: utf-7\nx = '+AGEAYg-'\n", "round trip", None),
}


@pytest.mark.parametrize(("data", "text"), DECODABLE.values(), ids=DECODABLE)
def test_decoding_and_encoding_gives_the_same_bytes(data: bytes, text: str) -> None:
    decoded = decode(data)
    assert not isinstance(decoded, Undecodable)
    assert decoded[0] == text
    assert decoded[1].encode(decoded[0]) == data


@pytest.mark.parametrize(("data", "cause", "line"), UNDECODABLE.values(), ids=UNDECODABLE)
def test_what_is_no_text_says_why_and_where(data: bytes, cause: str, line: int | None) -> None:
    decoded = decode(data)
    assert isinstance(decoded, Undecodable)
    assert cause in decoded.cause
    assert decoded.line == line or line is None


def test_text_that_an_encoding_lacks_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        Encoding("latin-1").encode("掩")


@pytest.mark.parametrize(
    "first", ["# coding: {}\n", "#!/usr/bin/python\n# -*- coding: {} -*-\n", "\n# vim: set fileencoding={} :\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf8", "latin-1", "iso-8859-15", "cp1252", "mac-roman"])
def test_python_reads_the_same_text(first: str, encoding: str) -> None:
    data = (first.format(encoding) + "x = 'Größe'\n").encode(encoding)
    decoded = decode(data)
    assert not isinstance(decoded, Undecodable)
    assert ast.dump(ast.parse(decoded[0])) == ast.dump(ast.parse(data))


# -- rows and columns ------------------------------------------------------------------------------------------------

TEXTS = ["", "x", "x\n", "\n", "\n\n", "a\r\nb\nc\rd", "é\r\n𝒳y\n", "a\r\r\nb", "x\u2028y\nz\x0cw\x85\n", "\r"]


@pytest.mark.parametrize("text", TEXTS)
def test_rows_are_lines_as_python_counts_them(text: str) -> None:
    source = Source("m.py", text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert source.line_count() == len(lines)
    assert [source.line(row) for row in range(1, len(lines) + 1)] == lines
    for row in range(1, len(lines) + 1):
        assert source.row(source.offset(row)) == row
        assert text.startswith(lines[row - 1], source.offset(row))


@pytest.mark.parametrize("text", TEXTS)
def test_each_offset_has_a_place_and_each_place_one_offset(text: str) -> None:
    source = Source("m.py", text)
    places = [source.location(offset) for offset in range(len(text) + 1)]
    assert places == sorted(set(places), key=lambda place: (place.row, place.column))
    for offset, place in enumerate(places):
        assert source.offset(place.row) + place.column - 1 == offset
        assert place.cell is None


def test_columns_are_characters() -> None:
    source = Source("m.py", "é = 𝒳 + x\n")
    assert source.location(source.text.index("x")) == Location(1, 9)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("a\r\nb\nc\rd", ["\r\n", "\n", "\r", "\r"]),
        ("a", ["\n"]),
        ("a\r\nb", ["\r\n", "\r\n"]),
        ("a\n\nb", ["\n", "\n", "\n"]),
    ],
)
def test_the_line_end_in_use(text: str, ends: list[str]) -> None:
    source = Source("m.py", text)
    assert [source.line_end(source.offset(row)) for row in range(1, source.line_count() + 1)] == ends


def test_places_in_a_notebook_are_those_of_the_cell() -> None:
    cells = (Cell(2, Span(0, 6)), Cell(5, Span(6, 18)), Cell(6, Span(18, 19)))
    source = Source("n.ipynb", "a = 1\nb = 2\nc = 3\nd", cells)
    assert source.location(source.text.index("a")) == Location(1, 1, 2)
    assert source.location(source.text.index("b")) == Location(1, 1, 5)
    assert source.location(source.text.index("3")) == Location(2, 5, 5)
    assert source.location(source.text.index("d")) == Location(1, 1, 6)
    assert source.location(len(source.text)) == Location(1, 2, 6)


def test_the_end_of_a_cell_with_a_cell_behind_it() -> None:
    """An offset between two cells begins the second one: what lies there is the second cell's text."""
    source = Source("n.ipynb", "a = 1\nb = 2\n", (Cell(1, Span(0, 6)), Cell(2, Span(6, 12))))
    assert source.location(6) == Location(1, 1, 2)
    assert source.location(12).cell == 2
