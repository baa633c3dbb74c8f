"""Jupyter notebooks: the Python text of their code cells, and edits of it written back into the JSON as it stands."""

from __future__ import annotations

import bisect
import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bufferlint.finding import Problem
from bufferlint.project_files import json_text
from bufferlint.project_files.magics import Neutral, neutralise
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.source import Cell, Source
from bufferlint.text.span import Location, Span

_UPGRADE = "convert it with `jupyter nbconvert --to notebook --nbformat 4 --inplace`"
_NOT_SOURCE = re.compile("[\0\ud800-\udfff]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_REOPEN = "open and save it in Jupyter, or restore it from version control"


@dataclass(frozen=True, slots=True)
class _Malformed:
    cause: str
    advice: str = _REOPEN
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """One string of a cell's source: where it lies in the JSON (with its quotes) and in the cell's code."""

    raw: Span
    code: Span


@dataclass(frozen=True, slots=True)
class _CodeCell:
    """``separator`` is what stands between two strings of the source, None when the source is one string."""

    number: int
    code: str
    pieces: tuple[_Piece, ...]
    separator: str | None
    neutral: Neutral

    @property
    def text(self) -> str:
        """Tells what the cell gives to the source's text: it always ends its last line."""
        return self.neutral.text + self.missing_line_end

    @property
    def missing_line_end(self) -> str:
        return "" if self.code.endswith("\n") else "\n"


@dataclass(frozen=True, slots=True)
class _Notebook:
    json: str
    bom: bytes
    cells: tuple[_CodeCell, ...]

    @property
    def escapes(self) -> bool:
        """Tells whether characters outside ASCII are written as escapes, as far as the text shows."""
        return self.json.isascii() and "\\u" in self.json

    def source(self, path: str) -> Source:
        return Source(path, "".join(cell.text for cell in self.cells), tuple(cell for _, cell in self.placed()))

    def placed(self) -> Iterator[tuple[_CodeCell, Cell]]:
        """Each code cell with its place in the source's text."""
        start = 0
        for cell in self.cells:
            end = start + len(cell.code) + len(cell.missing_line_end)
            yield cell, Cell(cell.number, Span(start, end))
            start = end


def read(path: str, raw: bytes) -> Source | Problem:
    """The code of a notebook's Python cells; a notebook in another language has none.

    Cells follow each other in one text, each ending its last line; IPython's own syntax is neutralised in place.
    """
    notebook = _open(raw)
    if isinstance(notebook, _Malformed):
        return Problem(path, f"cannot read the notebook: {notebook.cause}", notebook.advice, notebook.location)
    return notebook.source(path)


def rewrite(raw: bytes, edits: Iterable[Edit]) -> bytes:
    """The notebook with edits of its source's text made in its JSON, and no other byte changed.

    ValueError when the bytes are no notebook, or an edit touches a magic or shell line or more than one cell.
    """
    notebook = _open(raw)
    if isinstance(notebook, _Malformed):
        raise ValueError(notebook.cause)
    local: dict[int, list[Edit]] = {}
    places = [place.span for _, place in notebook.placed()]
    for edit in sorted(set(edits)):
        at = _located(edit.span, places)
        local.setdefault(at, []).append(Edit(edit.span.shifted(-places[at].start), edit.replacement))
    splices = [splice for at in local for splice in _splices(notebook, notebook.cells[at], _merged(local[at]))]
    result = notebook.bom + apply_edits(notebook.json, splices).encode()
    again = _open(result)
    for at, cell in enumerate(notebook.cells):
        expected = apply_edits(cell.text, local.get(at, ()))
        if isinstance(again, _Malformed) or again.cells[at].text.rstrip("\n") != expected.rstrip("\n"):
            raise ValueError(f"cell {cell.number} would not read back as intended")
    return result


def _located(span: Span, places: Sequence[Span]) -> int:
    """The index of the cell that a range of the source's text lies in; a place between two cells is the start of the
    second. ValueError when there is no such cell."""
    at = bisect.bisect_right(places, span.start, key=lambda place: place.start) - 1
    if at < 0 or not places[at].contains(span):
        raise ValueError(f"the edit at character {span.start} does not lie in one cell")
    return at


def _open(raw: bytes) -> _Notebook | _Malformed:
    bom = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    try:
        text = raw[len(bom) :].decode()
        document = json.loads(text, parse_int=_number, parse_float=_number)
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start + len(bom)) + 1
        return _Malformed("it is not UTF-8", location=Location(row, 1))
    except json.JSONDecodeError as error:
        return _Malformed(f"it is not JSON: {error.msg}", location=Location(error.lineno, error.colno))
    except RecursionError:
        return _Malformed("its JSON is nested too deeply")
    if not isinstance(document, dict) or not ({"cells", "worksheets"} & document.keys()):
        return _Malformed("it is JSON, but no notebook: it has no cells")
    if "cells" not in document:
        return _Malformed("it is in a format older than nbformat 4", _UPGRADE)
    cells = _code_cells(text, document)
    return cells if isinstance(cells, _Malformed) else _Notebook(text, bom, cells)


def _number(_digits: str) -> int:
    """Stands for any number: none is read here, and Python refuses to read one of more than 4,300 digits."""
    return 0


def _code_cells(text: str, document: dict[str, Any]) -> tuple[_CodeCell, ...] | _Malformed:
    if not isinstance(document["cells"], list):
        return _Malformed("its 'cells' are not a list")
    if not _is_python(document.get("metadata")):
        return ()
    spans = json_text.items(text, json_text.members(text, json_text.top(text))["cells"])
    found: list[_CodeCell] = []
    for number, (cell, span) in enumerate(zip(document["cells"], spans, strict=True), 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code" or not _is_python_cell(cell):
            continue
        source = cell.get("source")
        strings = [source] if isinstance(source, str) else source
        if not isinstance(strings, list) or not all(isinstance(string, str) for string in strings):
            return _Malformed(f"the source of cell {number} is neither a string nor a list of strings")
        if _NOT_SOURCE.search("".join(strings)):
            return _Malformed(f"cell {number} holds a character that Python source cannot")
        found.append(_code_cell(text, number, strings, json_text.members(text, span)["source"]))
    return tuple(found)


def _code_cell(text: str, number: int, strings: list[str], source: Span) -> _CodeCell:
    listed = text[source.start] == "["
    spans = list(json_text.items(text, source)) if listed else [source]
    pieces: list[_Piece] = []
    start = 0
    for string, span in zip(strings, spans, strict=True):
        pieces.append(_Piece(span, Span(start, start + len(string))))
        start += len(string)
    separator = _separator(text, source, spans) if listed else None
    code = "".join(strings)
    return _CodeCell(number, code, tuple(pieces), separator, neutralise(code))


def _separator(text: str, source: Span, spans: list[Span]) -> str:
    """Returns what stands, or would stand, between two strings of a list."""
    for before, after in pairwise(spans):
        return text[before.end : after.start]
    space = text[source.start + 1 : spans[0].start] if spans else ""
    return f",{space}" if space or text[source.start - 1] == ":" else ", "


def _is_python(metadata: object) -> bool:
    """Returns whether the kernel runs Python, as far as the metadata says."""
    for table, key in (("language_info", "name"), ("kernelspec", "language")):
        named = metadata.get(table) if isinstance(metadata, dict) else None
        language = named.get(key) if isinstance(named, dict) else None
        if isinstance(language, str):
            return language.lower().startswith(("python", "ipython"))
    return True


def _is_python_cell(cell: dict[str, Any]) -> bool:
    """Returns whether the cell runs Python: VS Code lets a cell name a language of its own."""
    metadata = cell.get("metadata")
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    language = editor.get("languageId") if isinstance(editor, dict) else None
    return language in (None, "python")


def _merged(edits: Iterable[Edit]) -> list[Edit]:
    """Sorted edits with those of one place made one, in their order."""
    merged: dict[Span, str] = {}
    for edit in edits:
        merged[edit.span] = merged.get(edit.span, "") + edit.replacement
    return [Edit(span, replacement) for span, replacement in merged.items()]


def _within_code(cell: _CodeCell, span: Span, replacement: str) -> tuple[Span, str]:
    """An edit that may reach the line end which the text has and the cell has not, within the cell's own code."""
    length = len(cell.code)
    if span.end <= length:
        return span, replacement
    kept = replacement.removesuffix("\n").removesuffix("\r")
    return (Span(length, length), "\n" + kept) if span.start > length else (Span(span.start, length), kept)


def _splices(notebook: _Notebook, cell: _CodeCell, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Edits of a cell's text, in order, as edits of the JSON."""
    magics = cell.neutral.magics
    pieces = [piece for piece in cell.pieces if piece.code.start < piece.code.end]
    if not pieces:
        raise ValueError(f"cell {cell.number} is empty")
    rows = _Pieces(notebook, pieces)
    for edit in edits:
        span, replacement = _within_code(cell, edit.span, edit.replacement)
        at = bisect.bisect_right(magics, span.end, key=lambda magic: magic.start) - 1
        near = magics[max(at - 1, 0) : at + 1]
        if any(magic.overlaps(span) or magic.start < span.start < magic.end for magic in near):
            raise ValueError(f"cell {cell.number} has a magic or shell line there")
        yield _splice(cell, rows, span, replacement)


class _Pieces:
    """The strings of a cell's source that are not empty, and where each of their characters lies in the JSON."""

    def __init__(self, notebook: _Notebook, pieces: Sequence[_Piece]) -> None:
        self.all = pieces
        self.escapes = notebook.escapes
        self._json = notebook.json
        self._ends = [piece.code.end for piece in pieces]
        self._starts: dict[int, list[int]] = {}

    def holding(self, span: Span) -> tuple[int, int]:
        """The indices of the pieces in which a range starts and ends."""
        first = min(bisect.bisect_right(self._ends, span.start), len(self.all) - 1)
        return first, max(first, bisect.bisect_left(self._ends, span.end))

    def raw_offset(self, at: int, offset: int) -> int:
        """Returns where in the JSON a character of a piece lies."""
        piece = self.all[at]
        if at not in self._starts:
            self._starts[at] = json_text.character_starts(self._json, piece.raw)
        return self._starts[at][offset - piece.code.start]


def _splice(cell: _CodeCell, rows: _Pieces, span: Span, replacement: str) -> Edit:
    """An edit of a cell's code as one of the JSON; new lines become strings of their own where the source is a list."""
    pieces = rows.all
    first, last = rows.holding(span)
    start, end = rows.raw_offset(first, span.start), rows.raw_offset(last, span.end)
    follows = span.end < pieces[last].code.end
    if span.end == pieces[last].code.end and not replacement.endswith("\n"):
        if last + 1 < len(pieces):
            end = pieces[last + 1].raw.start + 1
        elif not replacement and first and span.start == pieces[first].code.start:
            start = pieces[first - 1].raw.end - 1
    line_break = "" if cell.separator is None else f'"{cell.separator}"'
    lines = [json.dumps(line, ensure_ascii=rows.escapes)[1:-1] for line in _LINES.findall(replacement)]
    new = line_break.join(lines)
    if replacement.endswith("\n") and follows:
        new += line_break
    if new and span.start == len(cell.code) and cell.code.endswith("\n"):
        new = line_break + new
    return Edit(Span(start, end), new)
