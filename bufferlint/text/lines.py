"""Lines of a text around an offset, whatever its line ends are."""

from __future__ import annotations

from bufferlint.text.span import Span


def rest_of_line(text: str, offset: int) -> str:
    """The text from an offset to the end of its line, without the line end."""
    return text[offset : line_end(text, offset)]


def line_end(text: str, offset: int) -> int:
    """Returns where the line of an offset ends, before its line end."""
    found = [at for at in (text.find("\n", offset), text.find("\r", offset)) if at >= 0]
    return min(found, default=len(text))


def next_line(text: str, offset: int) -> int:
    """Returns where the line behind that of an offset begins."""
    end = line_end(text, offset)
    return end + (2 if text.startswith("\r\n", end) else 1) if end < len(text) else end


def is_blank_or_comment(rest: str) -> bool:
    rest = rest.strip()
    return not rest or rest.startswith("#")


def with_own_line(text: str, span: Span) -> Span:
    """A part of the text with the line that it has to itself, the line end before it included."""
    start = span.start
    while start and text[start - 1] in " \t":
        start -= 1
    end = span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    if not start or text[start - 1] not in "\r\n" or text[end : end + 1] not in ("\r", "\n"):
        return span
    start -= 2 if text.startswith("\r\n", start - 2) and start >= 2 else 1
    return Span(start, end)


def behind_comma(text: str, offset: int) -> int | None:
    """Returns where the blanks behind a comma end that follows an offset; None when no comma does."""
    at = offset
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    if text[at : at + 1] != ",":
        return None
    at += 1
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at
