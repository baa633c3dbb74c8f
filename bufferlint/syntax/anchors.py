"""Statements as LibCST reads them: whether one stands where a finding says, and where its parts may be edited.

The only file that imports libcst. A statement is parsed alone, out of its file's text: the parse costs a fraction of
that of its function, and whatever else stands in the file cannot make it fail.
"""

from __future__ import annotations

import libcst as cst
from libcst._nodes.internal import CodegenState

from bufferlint.ir.anchors import Anchors
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.limits import too_much
from bufferlint.text.span import Span


def confirm(path: str, text: str, span: Span) -> Anchors | Unreadable:
    """The anchors of the one statement, or expression, that ``span`` of ``text`` holds; `Unreadable` when LibCST does
    not read exactly that there."""
    code = text[span.start : span.end]
    refused = too_much(code)
    if refused is not None:
        return Unreadable(path, refused[0], span.start + refused[1])
    try:
        return _anchors(path, text, span, code)
    except RecursionError:
        return Unreadable(path, "its code is nested too deeply to be analysed", span.start)


def _anchors(path: str, text: str, span: Span, code: str) -> Anchors | Unreadable:
    try:
        module = cst.parse_module(code)
    except cst.ParserSyntaxError as error:
        # a part of a longer expression may break its lines without brackets of its own
        try:
            module = cst.parse_module(f"({code})")
        except cst.ParserSyntaxError:
            cause = str(error.message).splitlines()[0]
            return Unreadable(path, f"LibCST cannot parse it: {cause}", span.start)
        return Anchors(span, False, "")
    statements = _statements(module)
    if len(statements) != 1:
        return Unreadable(path, f"LibCST reads {len(statements)} statements where Python reads one", span.start)
    value = _value(statements[0])
    recorder = _Recorder(module, value)
    module._codegen(recorder)
    if "".join(recorder.tokens) not in (code, code + "\r"):  # LibCST drops a lone carriage return at the very end
        return Unreadable(path, "LibCST does not give its text back as it was", span.start)
    indent = _indent(text, span)
    alone = indent is not None and _ends_its_line(text, span.end)
    return Anchors(recorder.found.shifted(span.start), alone, indent if alone and indent is not None else "")


def _statements(module: cst.Module) -> list[cst.BaseSmallStatement | cst.BaseCompoundStatement]:
    found: list[cst.BaseSmallStatement | cst.BaseCompoundStatement] = []
    for node in module.body:
        if isinstance(node, cst.SimpleStatementLine):
            found += node.body
        elif isinstance(node, cst.BaseCompoundStatement):
            found.append(node)
    return found


def _value(statement: cst.BaseSmallStatement | cst.BaseCompoundStatement) -> cst.CSTNode:
    """The value that an assignment stores; of another statement the statement itself."""
    if isinstance(statement, cst.Assign | cst.AnnAssign) and statement.value is not None:
        return statement.value
    return statement


class _Recorder(CodegenState):
    """Watches the length of what is written, to know where one node lies with its parentheses.

    LibCST's own position providers copy the tree and visit it again: they cost more than the parse.
    """

    def __init__(self, module: cst.Module, node: cst.CSTNode) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.found = Span(0, 0)
        self._node = node
        self._position = 0
        self._start = 0

    def add_indent_tokens(self) -> None:
        super().add_indent_tokens()
        self._position += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        super().add_token(value)
        self._position += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node is self._node:
            self._start = self._position

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node is self._node:
            self.found = Span(self._start, self._position)


def _indent(text: str, span: Span) -> str | None:
    """The blanks that a statement's line begins with; None when there is more before it."""
    line = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    before = text[line : span.start]
    return before if not before.strip() else None


def _ends_its_line(text: str, end: int) -> bool:
    """Nothing but a lone semicolon and a comment stands behind a statement."""
    stops = [at for at in (text.find("\n", end), text.find("\r", end)) if at >= 0]
    rest = text[end : min(stops, default=len(text))].strip(" \t\f")
    rest = rest.removeprefix(";").lstrip(" \t\f")
    return not rest or rest.startswith("#")
