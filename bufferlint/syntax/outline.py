"""The outline of a file: imports, class and function headers, and where each body lies."""

from __future__ import annotations

import ast
import warnings

from bufferlint.ir.definitions import Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.header_scan import scanned
from bufferlint.syntax.limits import deepest, overlong_line
from bufferlint.syntax.newer_syntax import refusal
from bufferlint.syntax.tree_outline import Headers, TreeReader
from bufferlint.text.source import Source


def outline(source: Source) -> Outline | Unreadable:
    """Outline a file, or say why Python cannot parse it. An error within a function may go unnoticed."""
    return scanned(source) or whole_outline(source)


def whole_outline(source: Source) -> Outline | Unreadable:
    """Outline a file all of which is valid, or say why Python cannot parse it."""
    refused = overlong_line(source.text)
    if refused:
        return Unreadable(source.path, *refused)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.text)
    except SyntaxError as error:
        row = min(max(error.lineno or 1, 1), source.line_count())
        column = max((error.offset or 1) - 1, 0)
        offset = min(source.offset(row) + column, source.offset(row) + len(source.line(row)))
        newer = refusal(source.text)
        if newer is not None:
            return Unreadable(source.path, newer[0], offset, newer[1])
        return Unreadable(source.path, f"it is not valid Python: {_cause(error, source)}", offset)
    except (RecursionError, MemoryError):
        return Unreadable(source.path, "its code is nested too deeply to be parsed", deepest(source.text).offset)
    except ValueError as error:
        return Unreadable(source.path, f"it is not valid Python: {error}", 0)
    headers = Headers()
    TreeReader(source, headers).block(tree.body, prefix="", scope="", typing_only=False)
    return headers.outline(source.path)


def _cause(error: SyntaxError, source: Source) -> str:
    """Python's message; a line of a notebook that it names is counted in its cell, as a person sees it."""
    head, word, row = error.msg.rpartition(" on line ")
    if not source.cells or not row.isdecimal() or not 0 < int(row) <= source.line_count():
        return error.msg
    here = source.location(source.offset(int(row)))
    return f"{head}{word}{here.row} of cell {here.cell}" if here.cell else error.msg
