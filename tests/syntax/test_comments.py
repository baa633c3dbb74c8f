"""Comments that ask for silence: what they say, and the statement at which they stand."""

from __future__ import annotations

import pytest

from bufferlint.ir.comments import Suppression
from bufferlint.syntax.comments import comments, mentions_suppression
from bufferlint.text.source import Source


def read(text: str) -> tuple[Suppression, ...]:
    found = comments(Source("/m.py", text)).suppressions
    assert not found or mentions_suppression(text)
    return found


@pytest.mark.parametrize(
    ("comment", "selectors"),
    [
        ("# noqa", ()),
        ("#noqa", ()),
        ("# NoQA", ()),
        ("# noqa: BUF001", ("BUF001",)),
        ("# noqa:BUF001", ("BUF001",)),
        ("# noqa : BUF001", ("BUF001",)),
        ("# noqa: BUF001,BUF002", ("BUF001", "BUF002")),
        ("# noqa: E501, BUF001  W0", ("E501", "BUF001", "W0")),
        ("# noqa: BUF001 because", ("BUF001",)),
        ("# noqa: because", ()),
        ("# noqa because BUF001", ()),
        ("# type: ignore # noqa: BUF001", ("BUF001",)),
        ("# bufferlint: ignore[BUF001]", ("BUF001",)),
        ("#bufferlint:ignore[ BUF001 , unregistered-state ] why", ("BUF001", "unregistered-state")),
        ("# bufferlint: ignore", ()),
        ("# bufferlint: ignore why", ()),
    ],
)
def test_what_a_comment_says(comment: str, selectors: tuple[str, ...]) -> None:
    (found,) = read(f"x = 1  {comment}\n")
    assert (found.selectors, found.whole_file) == (selectors, False)
    assert found.ours == ("bufferlint" in comment)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqabc\n",
        "x = '# noqa'\n",
        "x = 1  # bufferlint: ignored\n",
        "x = 1  # bufferlint\n",
        "x = 1  # bufferlint: ignore[BUF001\n",
        "x = 1  # bufferlint: ignore []\n",
        "x = '''\n# noqa\n'''\n",
    ],
)
def test_what_is_no_suppression(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("comment", "selectors"),
    [
        ("# bufferlint: ignore-file[BUF001] why", ("BUF001",)),
        ("# bufferlint: ignore-file", ()),
        ("# flake8: noqa", ()),
        ("# flake8: noqa: BUF001", ("BUF001",)),
    ],
)
def test_whole_files(comment: str, selectors: tuple[str, ...]) -> None:
    (found,) = read(f"{comment}\nx = 1\n")
    assert (found.selectors, found.whole_file) == (selectors, True)


def test_two_suppressions_in_one_comment() -> None:
    text = "x = 1  # noqa: E501  # bufferlint: ignore[BUF001] why  # more\n"
    first, second = read(text)
    assert text[first.span.start : first.span.end] == "# noqa: E501"
    assert text[second.span.start : second.span.end] == "# bufferlint: ignore[BUF001] why"
    assert first.comment == second.comment


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_comment_stands_at_its_whole_statement(line_end: str) -> None:
    text = line_end.join(
        [
            "# noqa: A1",
            "x = [",
            "    '''",
            "é''',  # noqa: A2",
            "    # noqa: A3",
            "] + \\",
            "    y  # noqa: A4",
            "",
            "if x:  # noqa: A5",
            "    a = 1; b = 2  # noqa: A6",
        ]
    )
    found = {each.selectors[0]: each.statement for each in read(text)}
    lines = {
        code: None if span is None else text[span.start : span.end].split(line_end) for code, span in found.items()
    }
    statement = text.split(line_end)[1:7]
    assert lines == {
        "A1": None,
        "A2": statement,
        "A3": statement,
        "A4": statement,
        "A5": ["if x:  # noqa: A5"],
        "A6": ["    a = 1; b = 2  # noqa: A6"],
    }


@pytest.mark.parametrize("text", ["x = (  # noqa\n", "if x:\n  a\n b  # noqa\n", "x = '''  # noqa\n", ""])
def test_what_cannot_be_tokenized_says_nothing(text: str) -> None:
    assert read(text) == ()
