"""Lowered code kept from text to text: it is what a fresh reading gives, and unchanged code is not read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.ir.definitions import Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.lowering_cache import LoweringCache
from bufferlint.syntax.reader import SyntaxReader
from tests.memory import MemoryWorkspace, at

FIXTURES = Path(__file__).parents[2] / "fixtures"
TEXTS = [
    (FIXTURES / "lesson/attention.py").read_text(encoding="utf-8"),
    (FIXTURES / "rules/unregistered-tensor/before.py").read_text(encoding="utf-8"),
    (FIXTURES / "rules/lazy-cache/before.py").read_text(encoding="utf-8"),
]


def lowered(text: str, cache: LoweringCache | None = None) -> list[object]:
    """Every fact that a reader gives of a text."""
    reader = SyntaxReader(MemoryWorkspace({"m.py": text}), cache)
    outline = reader.outline(at("m.py"))
    if not isinstance(outline, Outline):
        return [outline]
    headers = [*outline.functions, *(method for header in outline.classes for method in header.methods)]
    names = [*outline.globals_, *(name for header in outline.classes for name in header.names)]
    found: list[object] = [outline]
    found += [reader.function(at("m.py"), header) for header in headers]
    found += [reader.statement(at("m.py"), name) for name in names]
    return [*found, *reader.unreadable.values()]


@pytest.mark.parametrize("text", TEXTS, ids=["lesson", "unregistered-tensor", "lazy-cache"])
def test_facts_after_an_edit_are_those_of_a_fresh_reading(text: str) -> None:
    cache = LoweringCache()
    lines = text.splitlines(keepends=True)
    for row in range(0, len(lines) + 1, 3):
        inserted = "".join([*lines[:row], "# é moved\n", *lines[row:]])
        cut = "".join([*lines[:row], *lines[row + 2 :]])
        for version in (text, inserted, cut, inserted + "\nx = 1\n"):
            assert lowered(version, cache) == lowered(version), f"row {row}"


def test_code_that_does_not_move_is_not_read_again() -> None:
    cache = LoweringCache()
    first = lowered("def f():\n    return 1\n\n\ndef g():\n    return 2\n", cache)
    again = lowered("def f():\n    return 1\n\n\ndef g():\n    return 3\n", cache)
    assert again[1] is first[1]
    assert again[2] is not first[2]


def test_code_that_an_edit_takes_away_and_the_next_brings_back_is_remembered() -> None:
    cache = LoweringCache()
    whole, cut = "def f():\n    return 1\n\n\ndef g():\n    return 2\n", "def f():\n    return 1\n"
    first = lowered(whole, cache)
    for version in (cut, "def f(:\n", "x = 1\n"):
        lowered(version, cache)
    assert lowered(whole, cache)[2] is first[2]


def test_what_cannot_be_read_moves_with_its_code() -> None:
    cache = LoweringCache()
    deep = "def f():\n    return " + "-" * 1500 + "1\n"
    for text in (deep, f"import a\n\n\n{deep}"):
        found = lowered(text, cache)
        assert found == lowered(text)
        assert [each.offset for each in found if isinstance(each, Unreadable)] == [text.index("    return")]
