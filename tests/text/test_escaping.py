"""Text that others wrote, as it is printed."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from bufferlint.text.diff import quoted
from bufferlint.text.escaping import has_commands, printed, visible, visible_lines, without_commands


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("größe.py", "größe.py"),
        ("日本.py", "日本.py"),
        ("\U0001f469\u200d\U0001f52c.py", "\U0001f469\u200d\U0001f52c.py"),
        ("a b\u00a0c", "a b\u00a0c"),
        ("a\x1b]0;taken\x07.py", r"a\x1b]0;taken\x07.py"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x9b2J", r"\x9b2J"),
        ("abc\u202ecba", r"abc\u202ecba"),
        ("a\u2028b\U000e0041", r"a\u2028b\U000e0041"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_steers_is_visible_and_what_is_text_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_every_control_character_is_visible() -> None:
    every = [character for character in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(character) == "Cc"]
    assert len(every) == 65
    assert all(visible(character) != character and visible(character).isascii() for character in every)
    assert visible_lines("a\tb\nc\x1bd") == "a\tb\nc\\x1bd"


def test_long_escapes_are_those_of_toml() -> None:
    assert visible("\x7f\u202e\U000e0001", short=False) == r"\u007f\u202e\U000e0001"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::warning::x", r"\x3a:warning::x"),
        ("  \t::add-mask::x", "  \t" + r"\x3a:add-mask::x"),
        ("\u00a0::x", "\u00a0" + r"\x3a:x"),
        ("at ##[add-path]/tmp", r"at ##\x5badd-path]/tmp"),
        ("##vso[task.setvariable]x", r"##vso\x5btask.setvariable]x"),
        ("##teamcity[x]", r"##teamcity\x5bx]"),
        ("a::b", "a::b"),
        ("x = y[::2]", "x = y[::2]"),
        ("## [heading]", "## [heading]"),
        ("##[0]", "##[0]"),
    ],
)
def test_no_line_is_a_command_to_a_runner(line: str, shown: str) -> None:
    assert without_commands(f"a\n{line}\nb") == f"a\n{shown}\nb"
    assert has_commands(line) == (line != shown)


def test_styles_of_a_report_stay() -> None:
    styled = "\x1b[31m\x1b[1merror\x1b[0m: a\n\x1b[36m[*]\x1b[0m b"
    assert printed(styled) == styled
    assert printed("\x1b[2J\x1b]0;x\x07\x1b[8mhidden") == r"\x1b[2J\x1b]0;x\x07\x1b[8mhidden"
    assert printed("\x1b[1m::warning::x\x1b[0m") == "\x1b[1m\\x3a:warning::x\x1b[0m"


def test_a_name_in_a_patch_is_quoted_as_git_does() -> None:
    assert quoted('a/x\x1b "\\\xfc\n.py') == r'"a/x\033 \"\\\374\012.py"'
