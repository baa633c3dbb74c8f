"""Text that others wrote, made fit to print: what steers a terminal or a CI runner becomes visible."""

from __future__ import annotations

import re

_STEERING = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: escape sequences, carriage returns, bells
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the order in which text is shown (CVE-2021-42574)
    "\u2028\u2029"  # line ends of Unicode
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # shown as nothing at all
    "\ud800-\udfff"  # no characters: bytes of a file name that are no UTF-8
)
_HIDDEN = re.compile(f"[{_STEERING}]")
_HIDDEN_IN_LINES = re.compile(f"(?![\t\n])[{_STEERING}]")
_STYLE = r"\x1b\[(?:[013-7]|3[0-7])?m"
_HIDDEN_BUT_STYLES = re.compile(f"{_STYLE}|(?![\t\n])[{_STEERING}]")
_COMMAND = re.compile(
    rf"(?P<start>^(?:[^\S\n]|{_STYLE})*):(?=:)"  # GitHub Actions trims a line before it looks for '::'
    r"|(?P<hash>##(?:vso|teamcity)?)\[(?=[^\W\d])",  # GitHub's old form, Azure Pipelines, TeamCity: anywhere in a line
    re.MULTILINE,
)


def visible(text: str, *, short: bool = True) -> str:
    """One line of any text: control characters, line ends among them, written as Python escapes them, or without
    ``short`` as TOML and JSON do."""
    if text.isprintable():
        return text
    return _HIDDEN.sub(_escaped if short else lambda match: _long(ord(match[0])), text)


def visible_lines(text: str) -> str:
    """The same of text that may have several lines and tabs."""
    return text if text.isprintable() else _HIDDEN_IN_LINES.sub(_escaped, text)


def without_commands(text: str, colon: str = r"\x3a", bracket: str = r"\x5b") -> str:
    """Text none of whose lines is a command to a CI runner: of the characters that would make it one, a colon and a
    bracket are written as given."""
    return _COMMAND.sub(
        lambda found: f"{found['start']}{colon}" if found["hash"] is None else f"{found['hash']}{bracket}", text
    )


def json_without_commands(text: str) -> str:
    """JSON that says the same and holds no command to a CI runner: what looks like one stands in a string."""
    return without_commands(text, r"\u003a", r"\u005b")


def xml_without_commands(text: str) -> str:
    """The same of XML."""
    return without_commands(text, "&#58;", "&#91;")


def has_commands(text: str) -> bool:
    """Would a CI runner that reads the text take one of its lines for a command?"""
    return _COMMAND.search(text) is not None


def printed(text: str) -> str:
    """Text for a terminal or a CI log: the styles that a report has stay, all else that steers becomes visible."""
    return without_commands(_HIDDEN_BUT_STYLES.sub(_kept_or_escaped, text))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    simple = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(match[0])
    return simple or (f"\\x{code:02x}" if code < 0x100 else _long(code))


def _long(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _kept_or_escaped(match: re.Match[str]) -> str:
    return match[0] if len(match[0]) > 1 else _escaped(match)
