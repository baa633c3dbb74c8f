"""Reads one function or statement with LibCST, out of its file's text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.reader import Unreadable
from bufferlint.ir.statements import Function, Statement
from bufferlint.syntax.bodies import BodyReader
from bufferlint.syntax.limits import too_much
from bufferlint.syntax.positions import Positions
from bufferlint.text.span import Span

_CARRIER = "if 1:\n"
_FORM_FEEDS = re.compile(r"[ \t]*\f[ \t\f]*(?<=\f)")
"""What Python forgets of an indent, and LibCST does not."""


def read_function(path: str, text: str, header: FunctionHeader) -> Function | Unreadable:
    """Read a function whose header an outline gave; ``header.span`` covers whole lines of ``text``."""
    indent = _FORM_FEEDS.match(text, header.span.start, header.span.end)
    start = indent.end() if indent else header.span.start
    code = text[start : header.span.end]
    indented = code[:1] in " \t"
    carrier = _CARRIER if indented else ""
    read = _parse(path, carrier + code, start - len(carrier), header.span.start)
    if isinstance(read, Unreadable):
        return read
    module, positions = read
    body: Sequence[cst.CSTNode] = module.body
    if indented and isinstance(body[0], cst.If):
        body = body[0].body.body
    try:
        for node in body:
            if isinstance(node, cst.FunctionDef) and node.name.value == header.name:
                return BodyReader(path, text, positions).function(node, header.qualname)
    except RecursionError:
        return _too_deep(path, header.span.start)
    return Unreadable(path, f"LibCST does not find the function '{header.name}' where Python does", header.span.start)


def read_statement(path: str, text: str, span: Span) -> Statement | Unreadable | None:
    """Read one simple statement, which need not begin its line."""
    read = _parse(path, text[span.start : span.end], span.start, span.start)
    if isinstance(read, Unreadable):
        return read
    module, positions = read
    line = module.body[0] if module.body else None
    if not isinstance(line, cst.SimpleStatementLine):
        return None
    try:
        return BodyReader(path, text, positions).statement(line.body[0])
    except RecursionError:
        return _too_deep(path, span.start)


def _parse(path: str, code: str, shift: int, place: int) -> tuple[cst.Module, Positions] | Unreadable:
    refused = too_much(code)
    if refused:
        cause, offset = refused
        return Unreadable(path, cause, max(place, shift + offset))
    try:
        module = cst.parse_module(code)
        positions = Positions(module, shift)
    except cst.ParserSyntaxError as error:
        return Unreadable(path, f"LibCST cannot parse it: {str(error.message).splitlines()[0]}", place)
    except RecursionError:
        return _too_deep(path, place)
    if code not in (positions.code, positions.code + "\r"):  # LibCST drops a lone carriage return at the very end
        return Unreadable(path, "LibCST does not give its text back as it was", place)
    return module, positions


def _too_deep(path: str, offset: int) -> Unreadable:
    return Unreadable(path, "its code is nested too deeply to be analysed", offset)
