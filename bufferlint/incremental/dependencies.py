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

from bufferlint.ir.definitions import Holders, Outline
from bufferlint.text.source import Source
from bufferlint.text.span import Span

_PLACES = re.compile(r"Span\(start=\d+, end=\d+\)|(?:offset|insertion)=\d+")
_MOST_HELD = 100
"""Classes of which it is faster to find a verdict again than to look at a project anew."""
_BITS_OF_A_FILE, _BITS_OF_ALL = 1 << 9, 1 << 16


@dataclass(slots=True)
class Dependencies:
    """What was looked at: ``pieces`` of code and the meaning of ``names``, by file; all of some files (``whole``);
    ``calls`` of names and the code that holds ``words`` in whatever file. The classes of every file count too, and
    which of its functions may store on an argument, but not the places of anything. ``outlines`` are those that are at
    hand once all is done.

    Verdicts of the screen can be found again: of the classes that it ``held`` back, by each file that they have code
    in, and of whoever passes tensors to the constructor of one (``receivers``: whose givers were looked for;
    ``passing``: what passes none, to which class of which file). What counts for nothing but those is ``judged``.
    """

    pieces: defaultdict[str, set[Span]] = field(default_factory=lambda: defaultdict(set))
    names: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    outlines: dict[str, Outline] = field(default_factory=dict)
    judged: defaultdict[str, set[Span]] = field(default_factory=lambda: defaultdict(set))
    held: defaultdict[str, set[tuple[str, str, tuple[str, ...]]]] = field(default_factory=lambda: defaultdict(set))
    receivers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    passing: defaultdict[str, set[tuple[Span, str, str]]] = field(default_factory=lambda: defaultdict(set))

    def join(self, other: Dependencies) -> None:
        """Take in what another run looked at."""
        for name in ("pieces", "names", "judged", "held", "receivers", "passing"):
            mine: defaultdict[str, set[object]] = getattr(self, name)
            for path, seen in getattr(other, name).items():
                mine[path] |= seen
        self.whole |= other.whole
        self.calls |= other.calls
        self.words |= other.words

    def questions(self) -> Questions:
        return Questions(_mask(self.calls, _BITS_OF_ALL), tuple(sorted(self.words)))


class Questions(NamedTuple):
    """What was asked of all files: calls of names (as a `_mask`), and which code holds words."""

    calls: bytes
    words: tuple[str, ...]


class Fingerprint(NamedTuple):
    """What was seen of one file: the pieces that were read and the names that were looked up (as hashes and as a
    `_mask`), and a digest of all that counts. Apart from it the pieces that were ``judged`` and a digest of those, with
    what they were judged for: classes ``held`` back, ``receivers`` as hashes, ``passing`` with the hash of a piece."""

    pieces: tuple[int, ...]
    names: bytes
    digest: bytes
    judged: tuple[int, ...] = ()
    verdict: bytes = b""
    held: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    receivers: tuple[int, ...] = ()
    passing: tuple[tuple[int, str, str], ...] = ()


def trace(source: Source, sight: Dependencies, questions: Questions) -> Fingerprint | None:
    """Returns what was seen of a file; None when everything in it counts, or its outline is not at hand."""
    path, outline = source.path, sight.outlines.get(source.path)
    names = sight.names.get(path, set())
    if outline is None or path in sight.whole or "*" in names or source.cells:
        return None
    read, judged = numbers(outline, sight.pieces.get(path, ())), numbers(outline, sight.judged.get(path, ()))
    if read is None or judged is None:
        return None
    held = sight.held.get(path, set())
    if len(held) > _MOST_HELD:
        read, judged, held = read | judged, set(), set()
    at = {span: number for number, span in places(outline).items()}
    seen = Fingerprint(
        tuple(sorted(read)),
        _mask(names, _BITS_OF_A_FILE),
        b"",
        tuple(sorted(judged - read)),
        held=tuple(sorted(held)),
        receivers=tuple(sorted(map(_hash, sight.receivers.get(path, ())))),
        passing=tuple(sorted((at[span], to, name) for span, to, name in sight.passing.get(path, ()))),
    )
    return rehash(source.text, outline, seen, questions)


def numbers(outline: Outline, spans: Iterable[Span]) -> set[int] | None:
    """The hashes of the pieces of a file that some code is, or lies in; None when some lies in none."""
    pieces = list(_numbered(outline))
    by_span = {span: name for name, span in pieces}
    found = set[int]()
    for span in spans:
        name = by_span.get(span)
        if name is None:
            around = [(piece.end - piece.start, name) for name, piece in pieces if piece.contains(span)]
            if not around:
                return None
            name = min(around)[1]
        found.add(_hash(name))
    return found


def places(outline: Outline) -> Mapping[int, Span]:
    """Returns where the pieces of a file lie, by their hashes."""
    return {_hash(name): span for name, span in _numbered(outline)}


def merge(
    path: str, traces: Mapping[str, Fingerprint], questions: Questions, sight: Dependencies
) -> Fingerprint | None:
    """The trace of a file with what was looked at in it since; None if more was looked at or asked elsewhere than the
    traces and questions tell of."""
    before, outline = traces[path], sight.outlines[path]
    elsewhere = {*sight.pieces, *sight.judged, *sight.names, *sight.whole} & traces.keys() - {path}
    known = all(_may_hold(questions.calls, name) for name in sight.calls) and sight.words <= set(questions.words)
    names, asked = sight.names[path], {file for file, classes in sight.receivers.items() if classes}
    read, judged = numbers(outline, sight.pieces[path]), numbers(outline, sight.judged[path])
    if not known or path in sight.whole or "*" in names or read is None or judged is None:
        return None
    if not all(
        file in traces and set(map(_hash, sight.receivers[file])) <= set(traces[file].receivers) for file in asked
    ):
        return None
    if not all(_covers(traces[other], sight, other) for other in elsewhere):
        return None
    pieces = {*before.pieces, *read}
    return before._replace(
        pieces=tuple(sorted(pieces)),
        names=bytes(old | new for old, new in zip(before.names, _mask(names, _BITS_OF_A_FILE), strict=True)),
        judged=tuple(sorted({*before.judged, *judged} - pieces)),
    )


def _covers(seen: Fingerprint, sight: Dependencies, path: str) -> bool:
    """Returns whether all that was looked at in a file is among what its trace tells of."""
    outline, names = sight.outlines.get(path), sight.names.get(path, set())
    if outline is None or path in sight.whole or "*" in names:
        return False
    read, judged = numbers(outline, sight.pieces.get(path, ())), numbers(outline, sight.judged.get(path, ()))
    if read is None or judged is None or not all(_may_hold(seen.names, name) for name in names):
        return False
    return read <= set(seen.pieces) and judged <= {*seen.pieces, *seen.judged}


def constructed(text: str, outline: Outline) -> Mapping[Span, Sequence[str]]:
    """The names that begin with a capital and are called, by the function or module-level statement they are in."""
    from bufferlint.syntax.mentions import called

    headers = [*(method for header in outline.classes for method in header.methods), *outline.functions]
    spans = [*(header.span for header in headers), *(name.span for name in outline.globals_)]
    return {span: sorted(called(text, span.start, span.end)) for span in spans}


def rehash(text: str, outline: Outline, seen: Fingerprint, questions: Questions) -> Fingerprint:
    """A trace with the digests of the answers that a file gives with the text that it has."""
    from hashlib import blake2b

    from bufferlint.syntax.comments import mentions_own_suppression
    from bufferlint.syntax.mentions import Functions, may_store_on_argument
    from bufferlint.syntax.words import Words

    def digest(said: object) -> bytes:
        return blake2b(repr(said).encode(errors="surrogatepass"), digest_size=16).digest()

    called, read, judging = constructed(text, outline), frozenset(seen.pieces), frozenset(seen.judged)
    code, judged, calls = list[tuple[str, str]](), list[tuple[str, str]](), list[tuple[str, list[str]]]()
    for name, span in _numbered(outline):
        number = _hash(name)
        if number in read:
            code.append((name, text[span.start : span.end]))
        elif number in judging:
            judged.append((name, text[span.start : span.end]))
        wanted = [each for each in called.get(span, ()) if _may_hold(questions.calls, each)]
        if wanted:
            calls.append((name, wanted))
    meant = [
        [each for each in some if _may_hold(seen.names, each.name)]
        for some in (outline.bindings, outline.functions, outline.globals_)
    ]
    linked = _PLACES.sub("", repr((outline.classes, outline.stars, meant)))
    functions, words = Functions(outline), Words(text)
    mentioned = [_held(functions.holding(words, word), outline) for word in questions.words]
    bodies = ((each.name, text[each.span.start : each.span.end]) for each in outline.functions)
    helpers = [name for name, body in bodies if may_store_on_argument(body)]
    said = (linked, code, calls, helpers, mentioned, mentions_own_suppression(text))
    return seen._replace(digest=digest(said), verdict=digest(judged))


def _held(held: Holders, outline: Outline) -> tuple[list[str], bool]:
    """The names of the functions that hold a word, and whether other code does."""
    if not held:
        return [], False
    return [name for name, span in _numbered(outline) if span in held.functions], held.is_outside


def _numbered(outline: Outline) -> Iterator[tuple[str, Span]]:
    """The pieces of a file, each with a name of its own."""
    count = Counter[str]()
    for name, span in outline.pieces():
        count[name] += 1
        yield f"{name} {count[name]}", span


def _hash(name: str) -> int:
    return crc32(name.encode())


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
