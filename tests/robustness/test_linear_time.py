"""Regular expressions over input take time that grows with its length: each gets what would make it try all ways."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from time import process_time

import pytest

from bufferlint.ir.definitions import Outline
from bufferlint.prefilter.module_statements import logical_lines, without_strings
from bufferlint.project_files import json_text, notebook
from bufferlint.project_files.ignore import Patterns, covers
from bufferlint.project_files.magics import neutralise
from bufferlint.syntax.comments import comments, mentions_own_suppression, mentions_suppression
from bufferlint.syntax.mentions import gathered, handing_on_keywords, is_defined_there, may_take
from bufferlint.syntax.newer_syntax import needed
from bufferlint.syntax.outline import outline
from bufferlint.syntax.words import Words
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.escaping import printed, visible, without_commands
from bufferlint.text.source import Source
from bufferlint.text.span import Span

LENGTH = 12_000
AT_ONCE = 0.1
"""Seconds in which a linear search is through with it many times over; a quadratic one is not."""
MOST_TIMES = 9
"""A text of four times the length takes about four times as long where time grows with the length, and 16 times
where it grows with its square. Times are compared with times, so that a slow or busy machine changes nothing."""

PIECES = (
    "#", "# ", "#noqa", "# noqa:", "# noqa: A", "# noqa: A1,", "noqa", "noqa BUF", "bufferlint", "bufferlint ",
    "# bufferlint: ",
    "# bufferlint: ignore[", "a", "a,", "1", " ", "\t", "\r\n", "\n", "\r", '"', "'", '\\"', "\\'",
    '"""', '\\"""', "'''", "\\'''",
    "\\", "\\\r\n", "?", "? ", "=", "= ", "[", "]", "%", "%%", "%% ", "!", ":", "::", " ::", "##[", "##vso[",
    "\x1b[", "\x1b[1m",
    "f'", "t\"", "except ", "def f[", "\f", "é", "A", "a.", "a(1)\n", " as", "class A\n", "import ", "# import (a) a\n",
    "a(**b, ", "a(**b)\n", "self.a = [",
)  # fmt: skip
STARTS = ("", "# bufferlint: ignore[", "# noqa: ", '"""', "'", "x = ", "%%", "#")


def comment_suppressions(text: str) -> None:
    comments(Source("/p/a.py", "x = 1  # " + text.replace("\n", " ").replace("\r", " ").replace("\f", " ")))


READERS: dict[str, Callable[[str], object]] = {
    "mentions of suppressions": mentions_suppression,
    "mentions of our own": mentions_own_suppression,
    "suppressions of a comment": comment_suppressions,
    "magics": neutralise,
    "visible": visible,
    "printed": printed,
    "commands to a runner": without_commands,
    "newer syntax": needed,
    "lines of an edit": lambda text: apply_edits("x", [Edit(Span(0, 0), text), Edit(Span(0, 0), text + "x")]),
    "words of a file": gathered,
    "keywords handed on": handing_on_keywords,
    "parameters": lambda text: may_take(f"def f({text}", "b"),
    "statements": lambda text: list(logical_lines(without_strings(text))),
    "imports of a name": lambda text: is_defined_there(f"def a(x):\n    pass\n{text}", "a"),
    "json": lambda text: json_text.top(json.dumps([text, {text: [text]}])),
}


def took(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def grows_with_its_length(work: Callable[[int], object], length: int = LENGTH) -> bool:
    """Returns whether work on an input of a length takes about four times as long as on a quarter of it."""
    large = took(lambda: work(length))
    if large < AT_ONCE:
        return True
    small = min(took(lambda: work(length // 4)) for _ in range(3))
    large = min(large, took(lambda: work(length)), took(lambda: work(length)))
    return large < MOST_TIMES * small


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_no_text_makes_a_reader_slow(read: Callable[[str], object]) -> None:
    for start in STARTS:
        for piece in PIECES:

            def work(length: int, start: str = start, piece: str = piece) -> object:
                return read(start + piece * (length // len(piece)) + "\nx")

            assert grows_with_its_length(work), (start, piece)


def test_a_quadratic_search_is_told() -> None:
    assert not grows_with_its_length(lambda length: re.search("a*b", "a" * length), 12_000)


@pytest.mark.parametrize(
    ("piece", "path"),
    [
        ("*a", "a" * 1000),
        ("*a*", "a" * 1000),
        ("*?", "a" * 1000 + "/"),
        ("[a-z]*", "q" * 1000),
        ("**/a/", "a/" * 100),
        ("**/*a*/", "aaa/" * 100),
        ("a/**/", "a/" * 100),
        ("**/", "a/" * 100),
    ],
)
def test_no_path_makes_a_pattern_slow(piece: str, path: str) -> None:
    def work(length: int) -> object:
        return covers(Patterns.parse("/p", [piece * (length // len(piece)) + "!"]), f"/p/{path}c")

    assert grows_with_its_length(work, 1000)


@pytest.mark.parametrize("piece", [" ", "*", "**/", "?", "[a-z]*", "a*"])
def test_no_pattern_makes_a_walk_slow(piece: str) -> None:
    def work(length: int) -> object:
        return covers(Patterns.parse("/p", ["x" + piece * (length // len(piece)) + "y"]), "/p/" + "xa" * 50)

    assert grows_with_its_length(work, 8 * LENGTH)


@pytest.mark.parametrize("shape", ["cells", "one string", "one list"])
def test_many_cells_with_many_edits_are_rewritten_in_time(shape: str) -> None:
    """An edit in each line of code: in cells of their own, in one string, in one list."""
    code = "self.mask = torch.ones(n)\n"

    def sources(count: int) -> list[object]:
        return [code] * count if shape == "cells" else [code * count] if shape == "one string" else [[code] * count]

    def work(count: int) -> None:
        cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": each} for each in sources(count)]
        raw = json.dumps({"cells": cells, "metadata": {}}).encode()
        source = notebook.read("/p/a.ipynb", raw)
        assert isinstance(source, Source)
        edits = [Edit(Span(at, at + 4), "this") for at in range(0, len(source.text), len(code))]
        rewritten = notebook.rewrite(raw, edits)
        places = [source.location(edit.span.start) for edit in edits]
        assert rewritten.count(b"this.mask") == count and len(set(places)) == count

    assert grows_with_its_length(work, 400)


def decorators(count: int) -> object:
    return outline(Source("/p/a.py", "@a\n" * count + "def f(): pass\n"))


def methods(count: int) -> object:
    found = outline(Source("/p/a.py", "class A:\n" + "".join(f"    def f{n}(self): pass\n" for n in range(count))))
    assert isinstance(found, Outline)
    (header,) = found.classes
    return [header.method(each.name) or header.setter(each.name) for each in header.methods]


def words(count: int) -> object:
    found = Words(" ".join(f"word{number}" for number in range(count)))
    return [found.places(f"word{number}") for number in range(count)]


@pytest.mark.parametrize(("work", "length"), [(decorators, 20_000), (methods, 6_000), (words, 20_000)])
def test_much_of_one_kind_takes_time_that_grows_with_it(work: Callable[[int], object], length: int) -> None:
    assert grows_with_its_length(work, length)
