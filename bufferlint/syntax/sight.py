"""What a run looks at in each file: whatever else changes there leaves its answer as it is.

An analysis is a function of what it asks its reader. If everything that it asked would be answered as before, so would
be the question that it was to answer itself.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

from bufferlint.facts.definitions import Outline
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_CONSTRUCTION = re.compile(r"[A-Z]\w*(?=\()")
_PLACES = re.compile(r"Span\(start=\d+, end=\d+\)|(?:offset|insertion)=\d+")
_BITS_OF_A_FILE, _BITS_OF_ALL = 1 << 9, 1 << 16


@dataclass(slots=True)
class Sight:
    """What was looked at: ``pieces`` of code and the meaning of ``names``, by file; all of some files (``whole``);
    ``calls`` of names and the mention of ``words`` in whatever file. The classes of every file count too, but not the
    places of anything. ``outlines`` are those that are at hand once all is done."""

    pieces: defaultdict[str, set[Span]] = field(default_factory=lambda: defaultdict(set))
    names: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    outlines: dict[str, Outline] = field(default_factory=dict)

    def join(self, other: Sight) -> None:
        """Take in what another run looked at."""
        for path, spans in other.pieces.items():
            self.pieces[path] |= spans
        for path, names in other.names.items():
            self.names[path] |= names
        self.whole |= other.whole
        self.calls |= other.calls
        self.words |= other.words

    def questions(self) -> Questions:
        return Questions(_mask(self.calls, _BITS_OF_ALL), tuple(sorted(self.words)))


class Questions(NamedTuple):
    """What was asked of all files: calls of names (as a `_mask`), and the mention of words."""

    calls: bytes
    words: tuple[str, ...]


class Trace(NamedTuple):
    """What was seen of one file: the pieces that were read and the names that were looked up (as hashes and as a
    `_mask`), and a digest of all that counts."""

    pieces: tuple[int, ...]
    names: bytes
    digest: bytes


def trace(source: Source, sight: Sight, questions: Questions) -> Trace | None:
    """What was seen of a file; None when everything in it counts, or its outline is not at hand."""
    path, outline = source.path, sight.outlines.get(source.path)
    names = sight.names.get(path, set())
    if outline is None or path in sight.whole or "*" in names or source.cells:
        return None
    pieces = list(_numbered(outline))
    by_span = {span: name for name, span in pieces}
    read = set[int]()
    for span in sight.pieces.get(path, ()):
        name = by_span.get(span)
        if name is None:
            around = [(piece.end - piece.start, name) for name, piece in pieces if piece.contains(span)]
            if not around:
                return None
            name = min(around)[1]
        read.add(crc32(name.encode()))
    seen = Trace(tuple(sorted(read)), _mask(names, _BITS_OF_A_FILE), b"")
    return seen._replace(digest=_digest(source.text, outline, seen, questions))


def agrees(source: Source, before: Trace, questions: Questions) -> bool:
    """Whether a run would see the same in a file as one before did."""
    from bufferlint.syntax.outline import outline

    found = outline(source)
    return isinstance(found, Outline) and _digest(source.text, found, before, questions) == before.digest


def constructed(text: str, outline: Outline) -> Mapping[Span, Sequence[str]]:
    """The names that begin with a capital and are called, by the function or module-level statement they are in."""
    headers = [*(method for header in outline.classes for method in header.methods), *outline.functions]
    spans = [*(header.span for header in headers), *(name.span for name in outline.globals_)]
    return {span: sorted(set(_CONSTRUCTION.findall(text, span.start, span.end))) for span in spans}


def _digest(text: str, outline: Outline, seen: Trace, questions: Questions) -> bytes:
    """A digest of the answers that a file gives."""
    from hashlib import blake2b

    from bufferlint.syntax.comments import mentions_own_suppression

    called, read = constructed(text, outline), frozenset(seen.pieces)
    code, calls = list[tuple[str, str]](), list[tuple[str, list[str]]]()
    for name, span in _numbered(outline):
        if crc32(name.encode()) in read:
            code.append((name, text[span.start : span.end]))
        wanted = [each for each in called.get(span, ()) if _may_hold(questions.calls, each)]
        if wanted:
            calls.append((name, wanted))
    meant = [
        [each for each in some if _may_hold(seen.names, each.name)]
        for some in (outline.bindings, outline.functions, outline.globals_)
    ]
    linked = _PLACES.sub("", repr((outline.classes, outline.stars, meant)))
    mentioned = [word for word in questions.words if word in text]
    said = (linked, code, calls, mentioned, mentions_own_suppression(text))
    return blake2b(repr(said).encode(errors="surrogatepass"), digest_size=16).digest()


def _numbered(outline: Outline) -> Iterator[tuple[str, Span]]:
    """The pieces of a file, each with a name of its own."""
    count = Counter[str]()
    for name, span in outline.pieces():
        count[name] += 1
        yield f"{name} {count[name]}", span


def _mask(names: Iterable[str], bits: int) -> bytes:
    """A set of names in so many bits: `_may_hold` tells for certain that a name is not in it."""
    mask = bytearray(bits // 8)
    for name in names:
        at = crc32(name.encode()) % bits
        mask[at // 8] |= 1 << at % 8
    return bytes(mask)


def _may_hold(mask: bytes, name: str) -> bool:
    at = crc32(name.encode()) % (len(mask) * 8)
    return bool(mask[at // 8] >> at % 8 & 1)
