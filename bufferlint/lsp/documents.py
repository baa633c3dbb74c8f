"""What an editor has open: files and notebooks with text that may not be saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lsprotocol import types
from pygls.uris import to_fs_path

from bufferlint.finding import Problem
from bufferlint.lsp.positions import Positions
from bufferlint.project_files import notebook
from bufferlint.project_files.files import absolute
from bufferlint.project_files.workspace import Opened
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.source import Encoding, Source
from bufferlint.text.span import Span

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


@dataclass(frozen=True, slots=True)
class Buffer:
    """A text under a URI: a whole file, or a notebook's cell. ``source`` is the text as it is shown."""

    uri: str
    version: int | None
    language: str
    source: Source

    def changed(self, version: int | None, changes: Sequence[Change], positions: Positions) -> Buffer:
        source = self.source
        for change in changes:
            text = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                text = apply_edits(source.text, [Edit(positions.span(source, change.range), change.text)])
            source = Source(source.path, text)
        return replace(self, version=version, source=source)


@dataclass(frozen=True, slots=True)
class Document:
    """An open file. ``opened`` is what the engine is given for it; ``version`` counts the editor's changes."""

    uri: str
    version: int | None
    path: str
    buffers: tuple[Buffer, ...]
    opened: Opened | Problem

    def placed(self) -> Iterator[tuple[Buffer, Span]]:
        """The buffers with code, each with its place in the engine's text."""
        if not isinstance(self.opened, Opened):
            return
        if self.opened.encoding is not None:
            yield self.buffers[0], Span(0, len(self.opened.source.text))
        for cell in self.opened.source.cells:
            yield self.buffers[cell.number - 1], cell.span

    def locate(self, span: Span) -> tuple[Buffer, Span] | None:
        """The buffer that a range of the engine's text lies in, and the range within it."""
        for buffer, place in self.placed():
            if place.contains(span):
                end = len(buffer.source.text)
                local = span.shifted(-place.start)
                return buffer, Span(min(local.start, end), min(local.end, end))
        return None


def text_document(item: types.TextDocumentItem) -> Document | None:
    """The document of a Python file; None for a file of another kind."""
    path = path_of(item.uri)
    if path.endswith(".ipynb"):
        return None
    return _of_buffer(path, Buffer(item.uri, item.version, item.language_id, Source(path, item.text)))


def changed_text(document: Document, version: int | None, changes: Sequence[Change], positions: Positions) -> Document:
    return _of_buffer(document.path, document.buffers[0].changed(version, changes, positions))


def notebook_document(item: types.NotebookDocument, texts: Sequence[types.TextDocumentItem]) -> Document:
    path = path_of(item.uri)
    by_uri = {text.uri: text for text in texts}
    buffers = [_cell(cell, path, by_uri) for cell in item.cells]
    return _of_cells(item.uri, item.version, path, [buffer for buffer in buffers if buffer is not None])


def changed_notebook(
    document: Document, version: int, change: types.NotebookDocumentChangeEvent, positions: Positions
) -> Document:
    buffers = list(document.buffers)
    cells = change.cells
    if cells is not None and cells.structure is not None:
        array = cells.structure.array
        opened = {text.uri: text for text in cells.structure.did_open or ()}
        known = {buffer.uri: buffer for buffer in buffers}
        new = [known.get(cell.document) or _cell(cell, document.path, opened) for cell in array.cells or ()]
        buffers[array.start : array.start + array.delete_count] = [buffer for buffer in new if buffer is not None]
    for text in cells.text_content or () if cells is not None else ():
        for at, buffer in enumerate(buffers):
            if buffer.uri == text.document.uri:
                buffers[at] = buffer.changed(text.document.version, text.changes, positions)
    return _of_cells(document.uri, version, document.path, buffers)


def cell_texts(raw: bytes) -> list[str]:
    """The cells of a notebook that `_of_cells` made the bytes of."""
    return [str(cell["source"]) for cell in json.loads(raw)["cells"]]


def _of_buffer(path: str, buffer: Buffer) -> Document:
    opened = Opened(buffer.source, Encoding("utf-8"))
    return Document(buffer.uri, buffer.version, path, (buffer,), opened)


def _of_cells(uri: str, version: int, path: str, buffers: Sequence[Buffer]) -> Document:
    """The document of a notebook, as the notebook file would be with these cells."""
    cells = [
        {
            "cell_type": "code" if buffer.language != "markdown" else "markdown",
            "metadata": {"vscode": {"languageId": buffer.language}},
            "source": buffer.source.text,
        }
        for buffer in buffers
    ]
    raw = json.dumps({"cells": cells, "metadata": {}}).encode()
    source = notebook.read(path, raw)
    opened = source if isinstance(source, Problem) else Opened(source, notebook=raw)
    return Document(uri, version, path, tuple(buffers), opened)


def _cell(cell: types.NotebookCell, path: str, texts: dict[str, types.TextDocumentItem]) -> Buffer | None:
    item = texts.get(cell.document)
    if item is None:
        return None
    language = item.language_id if cell.kind is types.NotebookCellKind.Code else "markdown"
    return Buffer(item.uri, item.version, language, Source(path, item.text))


def path_of(uri: str) -> str:
    """The file of a URI; a buffer that was never saved lies in the current folder."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return absolute(path or f"{uri.rpartition(':')[2].strip('/')}.py")
