"""What a run looks at in each file: whatever else changes there leaves its answer as it is.

An analysis is a function of what it asks its reader. If everything that it asked would be answered as before, so would
be the question that it was to answer itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bufferlint.facts.definitions import Outline
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_CONSTRUCTION = re.compile(r"[A-Z]\w*(?=\()")
_PLACES = re.compile(r"Span\(start=\d+, end=\d+\)|(?:offset|insertion)=\d+")


@dataclass(slots=True)
class Sight:
    """``pieces`` are the code that was read, by file, ``whole`` the files of which everything counts, ``words`` what
    was looked for in all texts. Of every file its outline counts too, places left out; ``outlines`` are those that are
    at hand once all is done."""

    pieces: defaultdict[str, set[Span]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    outlines: dict[str, Outline] = field(default_factory=dict)

    def join(self, other: Sight) -> None:
        """Take in what another run looked at."""
        for path, spans in other.pieces.items():
            self.pieces[path] |= spans
        self.whole |= other.whole
        self.words |= other.words


class Trace(NamedTuple):
    """What was seen of one file: the numbers of the pieces that were read, and a digest of all that counts."""

    numbers: tuple[int, ...]
    digest: bytes


def trace(source: Source, sight: Sight) -> Trace | None:
    """What was seen of a file; None when everything in it counts, or its outline is not at hand."""
    found = sight.outlines.get(source.path)
    if found is None or source.path in sight.whole or source.cells:
        return None
    pieces = list(found.pieces())
    by_span = {span: number for number, span in enumerate(pieces)}
    numbers = set[int]()
    for span in sight.pieces.get(source.path, ()):
        number = by_span.get(span)
        around = [n for n, piece in enumerate(pieces) if piece.contains(span)] if number is None else [number]
        if not around:
            return None
        numbers.add(min(around, key=lambda n: pieces[n].end - pieces[n].start))
    seen = tuple(sorted(numbers))
    return Trace(seen, _digest(source.text, found, seen, sight.words))


def agrees(source: Source, before: Trace, words: Collection[str]) -> bool:
    """Whether a run would see the same in a file as one before did."""
    from bufferlint.syntax.outline import outline

    found = outline(source)
    return isinstance(found, Outline) and _digest(source.text, found, before.numbers, words) == before.digest


def constructed(text: str, outline: Outline) -> Mapping[Span, Sequence[str]]:
    """The names that begin with a capital and are called, by the function or module-level statement they are in."""
    headers = [*(method for header in outline.classes for method in header.methods), *outline.functions]
    spans = [*(header.span for header in headers), *(name.span for name in outline.globals_)]
    return {span: sorted(set(_CONSTRUCTION.findall(text, span.start, span.end))) for span in spans}


def _digest(text: str, outline: Outline, numbers: Sequence[int], words: Collection[str]) -> bytes:
    from hashlib import blake2b

    from bufferlint.syntax.comments import mentions_own_suppression

    pieces = list(outline.pieces())
    code = [text[pieces[number].start : pieces[number].end] for number in numbers if number < len(pieces)]
    called = list(constructed(text, outline).values())
    mentioned = [word for word in sorted(words) if word in text]
    said = (_PLACES.sub("", repr(outline)), called, mentioned, mentions_own_suppression(text), len(pieces), code)
    return blake2b(repr(said).encode(errors="surrogatepass"), digest_size=16).digest()
