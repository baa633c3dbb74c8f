"""Notebooks: code with positions by cell, and edits that change the JSON where they must and nowhere else."""

from __future__ import annotations

import ast
import json
import random
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from bufferlint.finding import Problem
from bufferlint.ir.reader import Unreadable
from bufferlint.project_files.notebook import read, rewrite
from bufferlint.syntax.outline import outline
from bufferlint.text.edits import Edit
from bufferlint.text.source import Source
from bufferlint.text.span import Location, Span

FOLDER = Path(__file__).parents[2] / "fixtures" / "notebooks"
NOTEBOOKS = ("magics.ipynb", "strings.ipynb", "julia.ipynb")


def _source(raw: bytes) -> Source:
    source = read("/p/n.ipynb", raw)
    assert isinstance(source, Source), source
    return source


def _replace(raw: bytes, old: str, new: str) -> bytes:
    text = _source(raw).text
    assert text.count(old) == 1
    return rewrite(raw, [Edit(Span(text.index(old), text.index(old) + len(old)), new)])


def _notebook(*sources: str | list[str], **metadata: Any) -> dict[str, Any]:
    cells: list[Any] = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _raw(*sources: str | list[str], **style: Any) -> bytes:
    return json.dumps(_notebook(*sources), **style).encode()


def _sources(raw: bytes) -> list[Any]:
    return [cell["source"] for cell in json.loads(raw)["cells"]]


def test_a_line_that_python_names_is_counted_in_its_cell() -> None:
    unreadable = outline(_source(_raw("import torch\nx = 1\n", "y = 2\nwith x:\n# nothing\nz = 3\n")))
    assert isinstance(unreadable, Unreadable)
    assert unreadable.cause.endswith("expected an indented block after 'with' statement on line 2 of cell 2")


def test_the_text_is_python_in_which_only_magics_differ() -> None:
    source = _source((FOLDER / "magics.ipynb").read_bytes())
    ast.parse(source.text)
    cells = json.loads((FOLDER / "magics.ipynb").read_bytes())["cells"]
    assert [cell.number for cell in source.cells] == [2, 3, 4, 6, 7, 8, 9]
    for cell in source.cells:
        code = "".join(cells[cell.number - 1]["source"])
        text = source.text[cell.span.start : cell.span.end]
        assert text.endswith("\n")
        assert len(text) == len(code) + (not code.endswith("\n"))
    assert "self.mask = torch.triu(torch.ones(n, n), diagonal=1)  # é" in source.text
    assert "    %not_a_magic\n" in source.text


def test_positions_are_those_of_the_cell() -> None:
    source = _source((FOLDER / "magics.ipynb").read_bytes())
    assert source.location(source.text.index("self.mask =")) == Location(10, 9, 6)
    assert source.location(source.text.index("model = ")) == Location(1, 1, 9)
    assert source.location(source.text.index("import torch")) == Location(5, 1, 2)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_without_edits_every_byte_stays(name: str) -> None:
    raw = (FOLDER / name).read_bytes()
    assert rewrite(raw, []) == raw


def test_an_edit_changes_its_line_and_no_other_byte() -> None:
    raw = (FOLDER / "magics.ipynb").read_bytes()
    old, new = "torch.triu(torch.ones(n, n), diagonal=1)", 'register("é\\t", 1)'
    result = _replace(raw, old, new)
    assert result == raw.replace(old.encode(), json.dumps(new, ensure_ascii=False)[1:-1].encode())
    nbformat.validate(json.loads(result))


def test_new_lines_become_strings_of_the_list() -> None:
    raw = (FOLDER / "magics.ipynb").read_bytes()
    result = _replace(raw, "        self.mask = torch", "        self.one = 1\n        self.mask = torch")
    before, after = raw.decode().split("\n"), result.decode().split("\n")
    assert [line for line in after if line not in before] == ['    "        self.one = 1\\n",']
    assert len(after) == len(before) + 1


def test_escapes_stay_and_new_characters_are_escaped_alike() -> None:
    raw = (FOLDER / "strings.ipynb").read_bytes()
    result = _replace(raw, "torch.zeros(3)", "torch.ones(3)\n        # ü")
    assert result == raw.replace(b"torch.zeros(3)", b"torch.ones(3)\\n        # \\u00fc")
    assert _replace(raw, "\U0001f600", "x") == raw.replace(b"\\ud83d\\ude00", b"x")


@pytest.mark.parametrize(
    ("source", "old", "new", "expected"),
    [
        (["a = 1\n", "b = 2\n", "c = 3"], "b = 2\n", "x\ny\n", ["a = 1\n", "x\n", "y\n", "c = 3"]),
        (["a = 1\n", "b = 2\n", "c = 3"], "b = 2\n", "", ["a = 1\n", "c = 3"]),
        (["a = 1\n", "b = 2\n", "c = 3"], "c = 3\n", "", ["a = 1\n", "b = 2\n"]),
        (["a = 1\n", "b = 2\n", "c = 3"], "c = 3", "", ["a = 1\n", "b = 2\n"]),
        (["a = 1\n", "b = 2\n", "c = 3"], "c = 3\n", "d\ne\n", ["a = 1\n", "b = 2\n", "d\n", "e"]),
        (["f(\n", "  1,\n", ")\n", "x"], "f(\n  1,\n)", "g(1)", ["g(1)\n", "x"]),
        (["f(\n", "  1,\n", ")\n", "x"], "(\n  1,\n)\n", "\n", ["f\n", "x"]),
        (["a = 1\n", "b = 2\n"], " = 1\n", " = ", ["a = b = 2\n"]),
        (["a = 1"], "1", "1\nb = 2\nc = 3", ["a = 1\n", "b = 2\n", "c = 3"]),
        (["a = 1\nb = 2\n", "c = 3"], "b", "x\ny", ["a = 1\nx\n", "y = 2\n", "c = 3"]),
        ("a = 1\nb = 2", "a = 1\n", "x\ny\n", "x\ny\nb = 2"),
        ("a = 1\nb = 2", "b = 2\n", "", "a = 1\n"),
        (["a = 1\r\n", "b = 2"], "a = 1", "x\r\ny", ["x\r\n", "y\r\n", "b = 2"]),
    ],
)
@pytest.mark.parametrize("style", [{}, {"indent": 1}, {"indent": 4}, {"separators": (",", ":")}])
def test_lines_come_and_go(source: str | list[str], old: str, new: str, expected: Any, style: dict[str, Any]) -> None:
    result = _replace(_raw("first = 0\n", source, ["last = 9"], **style), old, new)
    assert _sources(result) == ["first = 0\n", expected, ["last = 9"]]
    restyled = json.dumps(json.loads(result), **style).encode()
    assert result == restyled


def test_insertions_between_cells_and_at_the_end() -> None:
    raw = _raw(["a = 1"], ["b = 2\n"], indent=1)
    cells = _source(raw).cells
    assert _sources(rewrite(raw, [Edit(Span(cells[0].span.end, cells[0].span.end), "x\n")])) == [
        ["a = 1"],
        ["x\n", "b = 2\n"],
    ]
    assert _sources(rewrite(raw, [Edit(Span(5, 5), "\nx")])) == [["a = 1\n", "x"], ["b = 2\n"]]
    assert _sources(rewrite(raw, [Edit(Span(cells[1].span.end, cells[1].span.end), "x")])) == [
        ["a = 1"],
        ["b = 2\n", "x"],
    ]


def test_several_edits_of_several_cells() -> None:
    raw = _raw(["a = 1\n", "b = 2"], "c = 3", indent=2)
    edits = [Edit(Span(0, 1), "x"), Edit(Span(6, 6), "n\n"), Edit(Span(10, 11), "y\nz"), Edit(Span(12, 13), "w")]
    assert _sources(rewrite(raw, edits)) == [["x = 1\n", "n\n", "b = y\n", "z"], "w = 3"]


def test_edits_of_magics_and_across_cells_are_refused() -> None:
    raw = (FOLDER / "magics.ipynb").read_bytes()
    source = _source(raw)
    magic, shell = source.text.index("matplotlib"), source.text.index("files = ")
    for span in (Span(magic, magic + 3), Span(shell, shell + 5), Span(magic, magic)):
        with pytest.raises(ValueError, match="magic or shell line"):
            rewrite(raw, [Edit(span, "x")])
    border = source.cells[1].span.start
    with pytest.raises(ValueError, match="does not lie in one cell"):
        rewrite(raw, [Edit(Span(border - 2, border + 2), "x")])


def test_a_byte_order_mark_and_windows_line_ends_of_the_file_stay() -> None:
    raw = b"\xef\xbb\xbf" + json.dumps(_notebook(["a = 1\n", "b = 2"]), indent=1).replace("\n", "\r\n").encode()
    result = _replace(raw, "b = 2", "x\ny")
    assert result == raw.replace(b'"b = 2"', b'"x\\n",\r\n    "y"')


@pytest.mark.parametrize("seed", range(60))
def test_any_edit_of_any_notebook_changes_just_that_code(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = ["a", "é", "\U0001f600", '"', "\\", "\t", "\u2028", " ", "\r\n", "\n", "x = 1\n"]

    def text(size: int) -> str:
        return "".join(chance.choice(alphabet) for _ in range(size))

    def styled(code: str, listed: bool) -> str | list[str]:
        return re.findall(r"[^\n]*\n|[^\n]+", code) if listed else code

    style: dict[str, Any] = {"indent": chance.choice([None, 1, 4, "\t"]), "ensure_ascii": chance.random() < 0.5}
    codes = ["é" + text(chance.randrange(30)) + "w" for _ in range(4)]
    listed = [chance.random() < 0.7 for _ in codes]
    raw = _raw(*map(styled, codes, listed), **style)
    changed = chance.randrange(4)
    start = chance.randrange(1, len(codes[changed]))
    end = chance.randrange(start, len(codes[changed]))
    new = text(chance.randrange(8))
    offset = _source(raw).cells[changed].span.start
    result = rewrite(raw, [Edit(Span(start + offset, end + offset), new)])
    codes[changed] = codes[changed][:start] + new + codes[changed][end:]
    assert result == _raw(*map(styled, codes, listed), **style)


@pytest.mark.parametrize(
    ("raw", "cause", "location"),
    [
        (b"", "it is not JSON: Expecting value", Location(1, 1)),
        (b'{"cells": [\n  oops]}', "it is not JSON: Expecting value", Location(2, 3)),
        (b"[1, 2]", "it is JSON, but no notebook: it has no cells", None),
        (b'{"nbformat": 4}', "it is JSON, but no notebook: it has no cells", None),
        (b'{"cells": {}}', "its 'cells' are not a list", None),
        (b'{"worksheets": []}', "it is in a format older than nbformat 4", None),
        (b'{"cells": [{"cell_type": "code", "source": 3}]}', "the source of cell 1 is neither a string nor", None),
        (b'{"cells": [{"cell_type": "code"}]}', "the source of cell 1 is neither a string nor", None),
        (b'{"cells": [{"cell_type": "code", "source": ["a", 3]}]}', "the source of cell 1 is neither a", None),
        (b'{"cells": [{"cell_type": "code", "source": "a\\u0000"}]}', "cell 1 holds a character that Python", None),
        (b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}', "cell 1 holds a character that Python", None),
        (b'{"cells": [\n"\xff"]}', "it is not UTF-8", Location(2, 1)),
        (b"[" * 200_000, "its JSON is nested too deeply", None),
    ],
)
def test_what_is_no_notebook_is_a_problem(raw: bytes, cause: str, location: Location | None) -> None:
    problem = read("/p/n.ipynb", raw)
    assert isinstance(problem, Problem)
    assert problem.cause.startswith(f"cannot read the notebook: {cause}")
    assert problem.location == location
    assert problem.advice
    with pytest.raises(ValueError, match=r"\w"):
        rewrite(raw, [Edit(Span(0, 0), "x")])


def test_an_old_notebook_says_how_to_convert_it() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["import torch"], "language": "python", "outputs": []}]}
    problem = read("/p/n.ipynb", json.dumps({"metadata": {}, "nbformat": 3, "worksheets": [sheet]}).encode())
    assert isinstance(problem, Problem)
    assert "nbconvert --to notebook" in problem.advice


def test_cells_in_other_languages_have_no_code() -> None:
    assert _source((FOLDER / "julia.ipynb").read_bytes()).text == ""
    notebook = _notebook("x = 1", "select 1")
    notebook["cells"][1]["metadata"] = {"vscode": {"languageId": "sql"}}
    assert _source(json.dumps(notebook).encode()).text == "x = 1\n"
    for metadata in (
        {},
        {"language_info": {"name": "python"}},
        {"kernelspec": {"language": "python"}},
        {"kernelspec": 3},
    ):
        assert _source(json.dumps(_notebook("x = 1", **metadata)).encode()).text == "x = 1\n"


def test_odd_cells_that_are_not_code_are_passed_over() -> None:
    notebook = _notebook("x = 1")
    notebook["cells"] = [None, {"cell_type": "markdown"}, *notebook["cells"]]
    assert _source(json.dumps(notebook).encode()).cells[0].number == 3
