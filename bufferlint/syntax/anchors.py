"""Statements as LibCST reads them: whether one stands where a finding says, and where its parts may be edited.

The only file that imports libcst. A statement is parsed alone, out of its file's text: the parse costs a fraction of
that of its function, and whatever else stands in the file cannot make it fail.
"""

from __future__ import annotations

from collections.abc import Iterator

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


def newer_syntax(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Each construct of a text that not every supported Python has: the version that brought it, and its name; nothing
    when LibCST does not take the text."""
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError):
        return
    pending: list[cst.CSTNode] = [module]
    while pending:
        node = pending.pop()
        pending += node.children
        found = _introduced(module, node)
        if found is not None:
            yield found


def _introduced(module: cst.Module, node: cst.CSTNode) -> tuple[tuple[int, int], str] | None:
    """The version that brought a construct, as far as it is newer than Python 3.10, and its name."""
    match node:
        case cst.ExceptHandler(type=cst.Tuple(lpar=())) | cst.ExceptStarHandler(type=cst.Tuple(lpar=())):
            return (3, 14), "except without parentheses, PEP 758"
        case cst.TryStar():
            return (3, 11), "except*, PEP 654"
        case cst.SubscriptElement(slice=cst.Index(star="*")):
            return (3, 11), "an unpacked index, PEP 646"
        case cst.TypeParam(default=cst.BaseExpression()):
            return (3, 13), "defaults of type parameters, PEP 696"
        case cst.TypeParameters() | cst.TypeAlias():
            return (3, 12), "type parameters, PEP 695"
        case cst.FormattedString() if _needs_new_fstrings(module, node):
            return (3, 12), "quotes, backslashes or comments within f-strings, PEP 701"
        case cst.GeneratorExp(elt=cst.StarredElement()) | cst.ListComp(elt=cst.StarredElement()):
            return (3, 15), "unpacking in comprehensions, PEP 798"
        case cst.SetComp(elt=cst.StarredElement()):
            return (3, 15), "unpacking in comprehensions, PEP 798"
    return _BY_NAME.get(type(node).__name__)  # LibCST 1.5 does not know these yet


_BY_NAME = {
    "TemplatedString": ((3, 14), "template strings, PEP 750"),
    "LazyImport": ((3, 15), "lazy imports, PEP 810"),
    "LazyImportFrom": ((3, 15), "lazy imports, PEP 810"),
}


def _needs_new_fstrings(module: cst.Module, node: cst.FormattedString) -> bool:
    """Does an expression within an f-string hold what ended the string, or could not stand there, before 3.12?"""
    quote = node.quote
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            code = module.code_for_node(part)
            if "\\" in code or "#" in code or quote in code or (len(quote) == 1 and "\n" in code):
                return True
    return False


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
