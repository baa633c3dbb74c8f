"""Sources with cells: places are those of a cell, edits stay within one."""

from __future__ import annotations

from bufferlint.finding import Problem
from bufferlint.settings import Settings
from bufferlint.text.source import Cell, Source
from bufferlint.text.span import Location, Span
from tests.memory import at, check, mend

IMPORTS = "import torch\nfrom torch import nn\n"
CLASS = """\
class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)
"""
FILE = "lesson.ipynb"


def notebook(*cells: str) -> Source:
    """Code cells one after another, numbered 2, 4, 6 ... as with a text cell before each."""
    placed: list[Cell] = []
    text = ""
    for number, code in enumerate(cells, 1):
        placed.append(Cell(2 * number, Span(len(text), len(text) + len(code))))
        text += code
    return Source(at(FILE), text, tuple(placed))


def mended_cells(source: Source, settings: Settings | None = None) -> list[str]:
    """The code of each cell after all fixes; every edit lies within one cell of the source."""
    result = mend({FILE: source}, settings or Settings(unsafe_fixes=True))
    assert result.problems == ()
    (change,) = result.changes
    cells = [""] * len(source.cells)
    for number, cell in enumerate(source.cells):
        cells[number] = source.text[cell.span.start : cell.span.end]
        for edit in sorted(change.edits, reverse=True):
            if cell.span.contains(edit.span) and not (number and edit.span.end == cell.span.start):
                start, end = edit.span.start - cell.span.start, edit.span.end - cell.span.start
                cells[number] = cells[number][:start] + edit.replacement + cells[number][end:]
    assert "".join(cells) == change.after
    return cells


def test_rows_and_cells_are_those_of_the_cell() -> None:
    source = notebook(IMPORTS, "x = 1\n", CLASS.format(name="A"), "y = 2\n" + CLASS.format(name="B"))
    report = check({FILE: source})
    assert [finding.location for finding in report.findings] == [Location(4, 9, 6), Location(5, 9, 8)]
    assert [finding.end_location for finding in report.findings] == [Location(4, 34, 6), Location(5, 34, 8)]


def test_reasons_name_the_cell() -> None:
    source = notebook(IMPORTS + "TABLE = torch.ones(2)\n", CLASS.format(name="A").replace("torch.ones(2)", "TABLE * 2"))
    helper = notebook(
        IMPORTS + "def table():\n    return torch.ones(2)\n",
        CLASS.format(name="A").replace("torch.ones(2)", "table()"),
    )
    assert [finding.reason for finding in check({FILE: source}).findings] == ["tensor: TABLE * 2"]
    assert "cell 2, line 4" in check({FILE: helper}).findings[0].reason


def test_a_problem_lies_in_its_cell() -> None:
    source = notebook(IMPORTS, "x = 1\n", "y = 2\nz = = 3\n")
    (problem,) = check({FILE: source}).problems
    assert problem.location is not None
    assert (problem.location.row, problem.location.cell) == (2, 6)
    assert isinstance(problem, Problem)


def test_edits_stay_within_their_cells() -> None:
    cells = [IMPORTS, CLASS.format(name="A"), "x = 1\n", CLASS.format(name="B")]
    plain, registered = "self.mask = torch.ones(2)", 'self.register_buffer("mask", torch.ones(2))'
    assert mended_cells(notebook(*cells)) == [cell.replace(plain, registered) for cell in cells]


def test_a_new_line_at_the_end_of_a_cell_stays_in_it() -> None:
    code = CLASS.format(name="A").replace("self.mask =", "mask = self.mask =")
    expected = code.replace("self.mask = ", "").rstrip() + '\n        self.register_buffer("mask", mask)\n'
    assert mended_cells(notebook(IMPORTS, code, "x = 1\n")) == [IMPORTS, expected, "x = 1\n"]


def test_an_annotation_moves_within_its_cell() -> None:
    code = CLASS.format(name="A").replace("self.mask =", "self.mask: torch.Tensor =")
    after = mended_cells(notebook(IMPORTS, code, "A()"))
    assert after[0] == IMPORTS and after[2] == "A()"
    assert after[1].startswith("class A(nn.Module):\n    mask: torch.Tensor\n\n    def")


def test_bases_and_helpers_of_other_cells_are_seen() -> None:
    base = "class Base(nn.Module):\n    pass\n"
    source = notebook(IMPORTS, base, CLASS.format(name="A").replace("nn.Module", "Base"))
    assert [finding.class_name for finding in check({FILE: source}).findings] == ["A"]


def test_the_cells_of_what_remains_are_those_of_the_changed_text() -> None:
    withheld = CLASS.format(name="B").replace("        super().__init__()\n", "")
    chained = CLASS.format(name="A").replace("self.mask =", "mask = self.mask =")
    source = notebook(IMPORTS, chained, withheld)
    remaining = mend({FILE: source}).remaining.findings
    assert [(finding.class_name, finding.location) for finding in remaining] == [("B", Location(3, 9, 6))]
