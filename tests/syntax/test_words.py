"""Words of a text: searched for, or all known at once, the answers are the same."""

from __future__ import annotations

import pytest

from bufferlint.syntax import words
from bufferlint.syntax.words import Words
from bufferlint.text.span import Span

TEXT = "renet(net) + nets.net_ + __net + x.__dict__ + f('net') + réseau + _A__net"
ASKED = (
    "net",
    "nets",
    "net_",
    "__net",
    "__dict__",
    "dict__",
    "réseau",
    "seau",
    "f(",
    "x",
    "A",
    "_A__net",
    "absent",
    "",
)


@pytest.fixture(params=[1 << 30, -1], ids=["searched", "indexed"])
def found(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Words:
    monkeypatch.setattr(words, "_MANY", request.param)
    return Words(TEXT)


def test_words_are_whole(found: Words) -> None:
    assert [word for word in ASKED if word and word in found] == [
        "net", "nets", "net_", "__net", "__dict__", "réseau", "f(", "x", "_A__net",
    ]  # fmt: skip


def test_one_that_may_be_mangled_is_part_of_a_longer_one(found: Words) -> None:
    assert list(found.places("__net")) == [TEXT.index("__net"), TEXT.index("A__net") + 1]
    assert list(found.places("net")) == [TEXT.index("(net") + 1, TEXT.index("'net") + 1]


def test_pieces_hold_what_lies_in_them(found: Words) -> None:
    place = TEXT.index("(net") + 1
    assert found.are_in(Span(0, place + 3), "net")
    assert not found.are_in(Span(0, place + 2), "net")
    assert not found.are_in(Span(place + 1, place + 20), "net")
