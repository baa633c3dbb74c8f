"""Comments that ask for silence, from Python's own tokenizer."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator

from bufferlint.ir.comments import Comments, Suppression
from bufferlint.text.source import Source
from bufferlint.text.span import Span

# No search below looks at a character more than a few times, whatever the text: comments are the input's choice.
_TAIL = re.compile(r"#[^\n]*")
_OURS_NAMED = re.compile(r"bufferlint\s*:", re.IGNORECASE)
_NOQA_NAMED = re.compile(r"noqa", re.IGNORECASE)
_CODE_NAMED = re.compile(r"\bBUF\d", re.IGNORECASE)
_CODES = r"(?P<codes>[A-Z]+[0-9]+\b(?:[,\s]+[A-Z]+[0-9]+\b)*)"
_NOQA = re.compile(rf"#\s*noqa\b(?:\s?:\s?{_CODES})?", re.IGNORECASE)
_NOQA_FILE = re.compile(rf"#\s*flake8\s*[:=]\s*noqa\b(?:\s?:\s?{_CODES})?", re.IGNORECASE)
_OURS = re.compile(
    r"#\s*bufferlint\s*:\s*ignore(?P<file>-file)?(?:\s*\[(?=[^\]#\w]*\w)(?P<codes>[^\]#]*)\]|(?!\s*\[|[\w-]))[^#]*(?<!\s)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[,\s]+")
_NOT_IN_A_STATEMENT = frozenset(
    (tokenize.ENCODING, tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
)


def mentions_suppression(text: str) -> bool:
    """Returns whether a text may hold a comment that asks for silence: cheap, and never wrongly False."""
    return any(_OURS_NAMED.search(tail) or _NOQA_NAMED.search(tail) for tail in _tails(text))


def mentions_own_suppression(text: str) -> bool:
    """The same of one that names bufferlint or a rule of it, which may be told to be of no use."""
    return any(_OURS_NAMED.search(tail) or _names_code(tail) for tail in _tails(text))


def _tails(text: str) -> list[str]:
    """Returns what stands behind the first hash of each line, where that may be a comment of ours."""
    return _TAIL.findall(text) if _OURS_NAMED.search(text) or _NOQA_NAMED.search(text) else []


def _names_code(tail: str) -> bool:
    noqa = _NOQA_NAMED.search(tail)
    return noqa is not None and _CODE_NAMED.search(tail, noqa.end()) is not None


def comments(source: Source) -> Comments:
    """The statements of a file and the suppressions at them; none of either when Python cannot tokenize it."""
    found: list[tuple[str, Span]] = []
    statements: list[Span] = []
    first: int | None = None
    try:
        for token in tokenize.generate_tokens(_lines(source).__next__):
            row, column = token.start
            if token.type == tokenize.COMMENT:
                start = source.offset(row) + column
                found.append((token.string, Span(start, start + len(token.string))))
            elif token.type == tokenize.NEWLINE and first is not None:
                statements.append(Span(source.offset(first), source.offset(row) + len(source.line(row))))
                first = None
            elif token.type not in _NOT_IN_A_STATEMENT and first is None:
                first = row
    except (tokenize.TokenError, SyntaxError):
        return Comments()
    plain = Comments((), tuple(statements))
    return Comments(tuple(each for text, span in found for each in _read(text, span, plain)), plain.statements)


def _lines(source: Source) -> Iterator[str]:
    """The lines of a source, whatever ends them; the tokenizer knows a line feed for certain."""
    for row in range(1, source.line_count() + 1):
        yield source.line(row) + "\n"


def _read(text: str, span: Span, plain: Comments) -> Iterator[Suppression]:
    statement = plain.statement(span.start)
    for pattern in (_NOQA, _NOQA_FILE, _OURS):
        for match in pattern.finditer(text):
            codes = match["codes"]
            listed = Span(*match.span("codes")).shifted(span.start) if codes is not None else None
            yield Suppression(
                Span(*match.span()).shifted(span.start),
                span,
                statement,
                tuple(code for code in _SEPARATOR.split(codes or "") if code),
                listed,
                pattern is _OURS,
                pattern is _NOQA_FILE or (pattern is _OURS and match["file"] is not None),
            )
