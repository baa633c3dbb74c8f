"""Regular expressions over input take time that grows with its length: each gets what would make it try all ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import process_time

import pytest

from bufferlint.project_files import json_text, notebook
from bufferlint.project_files.ignore import Patterns, covers
from bufferlint.project_files.magics import neutralise
from bufferlint.syntax.comments import comments, mentions_own_suppression, mentions_suppression
from bufferlint.syntax.newer_syntax import needed
from bufferlint.text.edits import Edit, apply_edits
from bufferlint.text.escaping import printed, visible, without_commands
from bufferlint.text.source import Source
from bufferlint.text.span import Span

LENGTH = 200_000
SECONDS = 2.0
"""What a linear search takes is a hundredth of that; a quadratic one takes minutes."""

PIECES = (
    "#", "# ", "#noqa", "# noqa:", "# noqa: A", "# noqa: A1,", "noqa", "noqa BUF", "bufferlint", "bufferlint ",
    "# bufferlint: ",
    "# bufferlint: ignore[", "a", "a,", "1", " ", "\t", "\r\n", "\n", "\r", '"', "'", '\\"', "\\'",
    '"""', '\\"""', "'''", "\\'''",
    "\\", "\\\r\n", "?", "? ", "=", "= ", "[", "]", "%", "%%", "%% ", "!", ":", "::", " ::", "##[", "##vso[",
    "\x1b[", "\x1b[1m",
    "f'", "t\"", "except ", "def f[", "\f", "é",
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
    "json": lambda text: json_text.top(json.dumps([text, {text: [text]}])),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_no_text_makes_a_reader_slow(read: Callable[[str], object]) -> None:
    started = process_time()
    for start in STARTS:
        for piece in PIECES:
            began = process_time()
            read((start + piece * (LENGTH // len(STARTS) // len(piece)))[:LENGTH] + "\nx")
            assert process_time() - began < SECONDS, (start, piece)
    assert process_time() - started < 20 * SECONDS


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 100 + "b", "a" * 4000),
        ("*a*" * 100 + "b", "a" * 4000),
        ("**/a/" * 100 + "b", "a/" * 500 + "c"),
        ("**/*a*/" * 50 + "b", "aaa/" * 300 + "c"),
        ("a/**/" * 100 + "b", "a/" * 500 + "c"),
        ("*?" * 200, "a" * 4000 + "/"),
        ("[a-z]*" * 100 + "!", "q" * 4000),
        ("x" + " " * LENGTH + "y", "x"),
        ("*" * LENGTH, "x"),
        ("**/" * 1000 + "x", "a/" * 2000 + "y"),
    ],
)
def test_no_pattern_makes_a_walk_slow(pattern: str, path: str) -> None:
    began = process_time()
    assert not covers(Patterns.parse("/p", [pattern]), f"/p/{path}") or pattern.strip("*?") == ""
    assert process_time() - began < SECONDS


def test_many_cells_with_many_edits_are_rewritten_in_time() -> None:
    """A tenth of a megabyte of code, an edit in each line: in cells of their own, in one string, in one list."""
    code = "self.mask = torch.ones(n)\n"
    many = code * 4000
    for sources in ([code] * 4000, [many], [many.splitlines(keepends=True)]):
        cells: list[object] = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": each} for each in sources]
        raw = json.dumps({"cells": cells, "metadata": {}}).encode()
        began = process_time()
        source = notebook.read("/p/a.ipynb", raw)
        assert isinstance(source, Source)
        edits = [Edit(Span(at, at + 4), "this") for at in range(0, len(source.text), len(code))]
        rewritten = notebook.rewrite(raw, edits)
        places = [source.location(edit.span.start) for edit in edits]
        assert process_time() - began < 4 * SECONDS  # a minute when each edit looked at all cells
        assert rewritten.count(b"this.mask") == 4000 and len(set(places)) == 4000
