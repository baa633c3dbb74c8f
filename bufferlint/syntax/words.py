"""Where the words of a text lie: searched for one by one, and all told apart at once if very many are asked for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from bufferlint.text.span import Span

_MANY = 200
"""Searches of a text that cost more than an index of its words, which needs several times the memory of the text."""
_WORD = re.compile(r"\w+")


class Words:
    """The words of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._searches = 0

    def __contains__(self, word: str) -> bool:
        """Is it there? One that may be mangled, or is more than a name, may be part of a longer one."""
        if not _is_name(word):
            return word in self._text
        if self._is_indexed(word):
            return word in self._index
        return any(True for _ in _wholes(self._text, word, 0, len(self._text)))

    def places(self, word: str) -> Sequence[int]:
        """The offsets of a word, or of what holds it."""
        if not _is_name(word):
            return list(_offsets(self._text, word, 0, len(self._text)))
        if self._is_indexed(word):
            return self._index.get(word, ())
        return list(_wholes(self._text, word, 0, len(self._text)))

    def are_in(self, span: Span, word: str) -> bool:
        """Does a piece of the text hold a whole word?"""
        if not self._is_indexed(word):
            return any(True for _ in _wholes(self._text, word, span.start, span.end))
        places = self._index.get(word, ())
        at = bisect_left(places, span.start)
        return at < len(places) and places[at] + len(word) <= span.end

    def _is_indexed(self, word: str) -> bool:
        self._searches += 1
        return self._searches > _MANY and _WORD.fullmatch(word) is not None

    @cached_property
    def _index(self) -> Mapping[str, Sequence[int]]:
        index: dict[str, list[int]] = {}
        for found in _WORD.finditer(self._text):
            index.setdefault(found[0], []).append(found.start())
        return index


def whole_words(code: str, word: str) -> Iterator[int]:
    """The offsets at which a word begins and ends."""
    return _wholes(code, word, 0, len(code))


def continues(text: str, at: int) -> bool:
    """Is the character at an offset a part of a word?"""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _is_name(word: str) -> bool:
    return word.isidentifier() and not word.startswith("__")


def _wholes(text: str, word: str, start: int, end: int) -> Iterator[int]:
    found = _offsets(text, word, start, end)
    return (at for at in found if not continues(text, at - 1) and not continues(text, at + len(word)))


def _offsets(text: str, word: str, start: int, end: int) -> Iterator[int]:
    at = text.find(word, start, end)
    while at >= 0:
        yield at
        at = text.find(word, at + max(len(word), 1), end)
