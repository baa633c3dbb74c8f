"""Replacements of ranges: order does not matter, overlaps are refused, text outside stays."""

from __future__ import annotations

import itertools
import random

import pytest

from bufferlint.text.edits import Compatible, Edit, apply_edits
from bufferlint.text.span import Span


def edit(start: int, end: int, replacement: str) -> Edit:
    return Edit(Span(start, end), replacement)


def test_edits_apply_in_any_order() -> None:
    edits = [edit(0, 1, "A"), edit(2, 4, ""), edit(4, 4, "<"), edit(6, 6, ">")]
    for order in itertools.permutations(edits):
        assert apply_edits("abcdef", order) == "Ab<ef>"


def test_no_edits_leave_the_text() -> None:
    assert apply_edits("abc", []) == "abc"
    assert apply_edits("", [edit(0, 0, "x")]) == "x"


def test_identical_edits_count_once() -> None:
    assert apply_edits("abc", [edit(1, 1, "x"), edit(1, 1, "x"), edit(2, 3, ""), edit(2, 3, "")]) == "axb"


def test_insertions_at_one_place_all_apply() -> None:
    assert apply_edits("ab", [edit(1, 1, "2"), edit(1, 1, "1")]) == "a12b"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_insertions_at_one_place_share_the_empty_line_behind_them(end: str) -> None:
    first, second = f"x: int{end}{end}", f"y: int{end}{end}"
    assert apply_edits("def", [edit(0, 0, first), edit(0, 0, second)]) == f"x: int{end}y: int{end}{end}def"
    assert apply_edits("def", [edit(0, 0, first)]) == f"{first}def"


def test_an_insertion_before_a_replacement_at_one_place() -> None:
    assert apply_edits("abc", [edit(1, 2, "B"), edit(1, 1, "<")]) == "a<Bc"


@pytest.mark.parametrize(
    "edits",
    [
        [edit(0, 2, "x"), edit(1, 3, "y")],
        [edit(0, 3, "x"), edit(1, 2, "y")],
        [edit(1, 2, "x"), edit(1, 2, "y")],
        [edit(0, 2, "x"), edit(1, 1, "y")],
        [edit(2, 4, "x")],
        [edit(4, 4, "x")],
    ],
)
def test_edits_that_overlap_or_leave_the_text_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("abc", edits)


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        (edit(0, 2, "x"), edit(2, 4, "y"), False),
        (edit(0, 2, "x"), edit(1, 3, "y"), True),
        (edit(0, 2, "x"), edit(0, 2, "x"), False),
        (edit(0, 2, "x"), edit(0, 2, "y"), True),
        (edit(1, 1, "x"), edit(1, 1, "y"), False),
        (edit(0, 2, "x"), edit(1, 1, "y"), True),
        (edit(0, 2, "x"), edit(2, 2, "y"), False),
        (edit(0, 2, "x"), edit(0, 0, "y"), False),
    ],
)
def test_groups_of_edits_conflict_when_they_cannot_both_be_applied(one: Edit, other: Edit, collide: bool) -> None:
    for first, second in ((one, other), (other, one)):
        taken = Compatible()
        assert taken.take([first])
        assert taken.take([second]) is not collide
        assert list(taken) == sorted({first} if collide else {first, second})
    if collide:
        with pytest.raises(ValueError, match="overlap"):
            apply_edits("abcdef", [one, other])
    else:
        assert apply_edits("abcdef", [one, other])


def test_spans() -> None:
    assert Span(1, 4).contains(Span(2, 4)) and not Span(1, 4).contains(Span(0, 2))
    assert Span(1, 4).overlaps(Span(3, 5)) and not Span(1, 4).overlaps(Span(4, 5))
    assert Span(1, 4).shifted(2) == Span(3, 6)


@pytest.mark.parametrize("seed", range(200))
def test_edits_are_taken_as_long_as_they_overlap_none(seed: int) -> None:
    chance, taken = random.Random(seed), Compatible()
    for _ in range(12):
        start = chance.randrange(10)
        new = edit(start, start + chance.randrange(4), chance.choice("ab"))
        room = new in list(taken) or not any(new.span.overlaps(other.span) for other in taken)
        assert taken.take([new]) is room
    apply_edits("x" * 14, taken)


def test_a_group_is_taken_whole_or_not_at_all() -> None:
    taken = Compatible()
    assert taken.take([Edit(Span(0, 2), "a")])
    assert not taken.take([Edit(Span(4, 5), "b"), Edit(Span(1, 3), "c")])
    assert [edit.replacement for edit in taken] == ["a"]
