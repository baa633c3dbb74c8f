"""The room's door: outlines, lowered bodies and anchors of a workspace's files, read when asked for and kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bufferlint.incremental.dependencies import Dependencies, constructed
from bufferlint.ir.anchors import Anchors
from bufferlint.ir.budget import CODE_READ, FUNCTION_READ, LINE_READ, STATEMENT_READ, Budget
from bufferlint.ir.comments import Comments
from bufferlint.ir.definitions import ClassHeader, ClassName, FunctionHeader, Holders, Outline
from bufferlint.ir.flows import Flow
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.comments import comments, mentions_own_suppression, mentions_suppression
from bufferlint.syntax.flows import function_flow, value_flow
from bufferlint.syntax.lowering_cache import LoweringCache
from bufferlint.syntax.mentions import (
    Functions,
    HandedOn,
    handing_on_keywords,
    is_defined_there,
    may_bind,
    may_pass_on,
    may_store_on_argument,
    may_take,
)
from bufferlint.syntax.parsing import parsed
from bufferlint.syntax.words import Words
from bufferlint.text.source import Source
from bufferlint.text.span import Location, Span
from bufferlint.text.workspace import Gathered, Workspace

if TYPE_CHECKING:
    from bufferlint.ir.expressions import Expression
    from bufferlint.ir.statements import Function, Statement

_MANY_MISSED = 200
"""Searches of the bytes of a file that cost more than reading its text, all of whose words are known then."""

_SPLIT = "split the file, or leave it out with --exclude"
_ALL_BEHIND = -1
"""In place of the offset of one class: what is said of all from one on."""


class SyntaxReader:
    """Implements `bufferlint.ir.reader.Reader` over a workspace. ``unreadable`` gathers code that could not be
    read; ``cache`` may hold what earlier readers read."""

    def __init__(self, workspace: Workspace, cache: LoweringCache | None = None) -> None:
        self._workspace = workspace
        self.cache = cache or LoweringCache()
        self._outlines: dict[str, Outline | Unreadable | None] = {}
        self._confirmed: set[str] = set()
        self._functions: dict[tuple[str, Span], Function | None] = {}
        self._statements: dict[tuple[str, Span], Statement | None] = {}
        self._anchors: dict[tuple[str, Span], Anchors | None] = {}
        self._comments: dict[str, Comments] = {}
        self._named: dict[str, bool] = {}
        self._places: dict[str, Functions] = {}
        self._holders: dict[str, dict[str, Holders]] = {}
        self._words: dict[str, Words] = {}
        self._defined: dict[str, dict[str, bool]] = {}
        self._gathered: dict[str, Gathered] = {}
        self._missed: Counter[str] = Counter()
        """Words that a file was asked for and its bytes do not hold."""
        self.budget = Budget()
        self.sight = Dependencies()
        """What was looked at so far."""
        self.unreadable: dict[tuple[str, int], Unreadable] = {}

    @property
    def root(self) -> str:
        return self._workspace.root

    def source(self, path: str) -> Source | None:
        return self._workspace.source(path)

    def _text(self, path: str) -> str:
        source = self._workspace.source(path)
        return source.text if source else ""

    def text(self, path: str) -> str:
        self.sight.whole.add(path)
        return self._text(path)

    def code(self, path: str, span: Span, judging: bool = False) -> str:
        (self.sight.judged if judging else self.sight.pieces)[path].add(span)
        return self._text(path)[span.start : span.end]

    def looked_up(self, path: str, name: str) -> None:
        self.sight.names[path].add(name)

    def looked_for_calls(self, name: str) -> None:
        self.sight.calls.add(name)

    def looked_for_givers(self, path: str, name: str) -> None:
        self.sight.receivers[path].add(name)

    def held_back(self, path: str, name: str, files: Iterable[str], needs: tuple[str, ...] = ()) -> None:
        for file in files:
            self.sight.held[file].add((path, name, needs))

    def passes_none(self, path: str, span: Span, to: str, name: str) -> None:
        self.sight.passing[path].add((span, to, name))

    def mentions(self, path: str, word: str) -> bool:
        self.sight.words.add(word)
        if (
            path not in self._words
            and self._missed[path] < _MANY_MISSED
            and not self._workspace.may_mention(path, word)
        ):
            self._missed[path] += 1
            return False
        return word in self._words_of(path)

    def _words_of(self, path: str) -> Words:
        if path not in self._words:
            self._words[path] = Words(self._text(path))
        return self._words[path]

    def may_pass_on(self, path: str, name: str) -> bool:
        return self.mentions(path, name) and may_pass_on(self._text(path), name)

    def is_defined_there(self, path: str, name: str) -> bool:
        self.sight.words.add(name)
        known = self._defined.setdefault(path, {})
        if name not in known:
            known[name] = is_defined_there(self._text(path), name)
        return known[name]

    def may_store_on_argument(self, path: str, span: Span) -> bool:
        return may_store_on_argument(self._text(path)[span.start : span.end])  # any trace tells of the answer

    def holders(self, path: str, word: str) -> Holders:
        self.sight.words.add(word)
        known = self._holders.setdefault(path, {})
        if word not in known:
            known[word] = self._found_holders(path, word)
        return known[word]

    def _found_holders(self, path: str, word: str) -> Holders:
        outline = self.outline(path) if self.mentions(path, word) else None
        if not isinstance(outline, Outline):
            return Holders()
        if path not in self._places:
            self._places[path] = Functions(outline)
        return self._places[path].holding(self._words_of(path), word)

    def may_bind(self, path: str, header: FunctionHeader, word: str, is_method: bool) -> bool:
        return may_bind(self.code(path, header.span), header, word, is_method)

    def looked_for_word(self, word: str) -> None:
        self.sight.words.add(word)

    def may_take(self, path: str, header: FunctionHeader, name: str) -> bool:
        return may_take(self.code(path, header.span), name)

    def handing_on_keywords(self, path: str) -> Mapping[str, Sequence[HandedOn]]:
        return handing_on_keywords(self._text(path)) if self._workspace.may_mention(path, "**") else {}

    def holds_word(self, path: str, span: Span, word: str) -> bool:
        self.sight.pieces[path].add(span)
        return self._words_of(path).are_in(span, word)

    def constructed(self, path: str) -> Mapping[Span, Sequence[str]]:
        outline = self.outline(path)
        return constructed(self._text(path), outline) if isinstance(outline, Outline) else {}

    def length(self, path: str) -> int:
        return len(self._text(path))

    def where(self, path: str, offset: int) -> Location:
        self.sight.whole.add(path)
        source = self._workspace.source(path)
        return source.location(offset) if source else Location(1, 1)

    def exists(self, path: str) -> bool:
        return self._workspace.source(path) is not None

    @property
    def remembers(self) -> bool:
        return self._workspace.remembers

    def gathered(self, path: str) -> Gathered:
        if path not in self._gathered:
            self._gathered[path] = self._workspace.gathered(path, self.cache.gathered)
        return self._gathered[path]

    def pieces(self, path: str) -> frozenset[str]:
        return self._workspace.pieces(path)

    def outline(self, path: str) -> Outline | Unreadable | None:
        if path not in self._outlines:
            source = self._workspace.source(path)
            self._outlines[path] = self.cache.outline(source) if source else None
        return self._outlines[path]

    def outlines(self) -> dict[str, Outline]:
        """The outlines of all files that were asked for and can be read."""
        return {path: found for path, found in self._outlines.items() if isinstance(found, Outline)}

    def confirm(self, path: str) -> bool:
        """Parse the whole of a file, and say whether its outline was right: it is of the whole file from now on."""
        self.sight.whole.add(path)
        source = self._workspace.source(path)
        guess = self.outline(path)
        if source is not None and path not in self._confirmed:
            self._confirmed.add(path)
            self._outlines[path] = self.cache.whole_outline(source)
            self._places.pop(path, None)
            self._holders.pop(path, None)
        return self._outlines[path] == guess

    def suppressing(self, path: str) -> Comments | None:
        """The comments of a file that may hold suppressions; None spares the work when it certainly has none."""
        return self.comments(path) if mentions_suppression(self.text(path)) else None

    def own_suppressing(self, path: str) -> Comments | None:
        """The same of suppressions that name bufferlint or a rule of it."""
        if path not in self._named:
            self._named[path] = mentions_own_suppression(self._text(path))
        return self.comments(path) if self._named[path] else None

    def comments(self, path: str) -> Comments:
        """The statements of a file and the suppressions at them; none when there is no such file."""
        self.sight.whole.add(path)
        if path not in self._comments:
            source = self._workspace.source(path)
            self._comments[path] = comments(source) if source else Comments()
        return self._comments[path]

    def function(self, path: str, header: FunctionHeader) -> Function | None:
        self.sight.pieces[path].add(header.span)
        key = (path, header.span)
        if key not in self._functions:
            self._functions[key] = self._read_function(path, header)
        return self._functions[key]

    def statement(self, path: str, name: ClassName) -> Statement | None:
        self.sight.pieces[path].add(name.span)
        key = (path, name.span)
        if key not in self._statements:
            self._statements[key] = self._read_statement(path, name.span)
        return self._statements[key]

    def module_body(self, path: str) -> Function | None:
        self.sight.whole.add(path)
        source = self._workspace.source(path)
        return self.cache.module_body(source) if source else None

    def flow(self, path: str, header: FunctionHeader, is_method: bool, judging: bool = False) -> Flow | None:
        (self.sight.judged if judging else self.sight.pieces)[path].add(header.span)
        source = self._workspace.source(path)
        return (
            function_flow(source.text[header.span.start : header.span.end], header.name, is_method) if source else None
        )

    def value_flow(self, path: str, name: ClassName, judging: bool = False) -> Flow | None:
        (self.sight.judged if judging else self.sight.pieces)[path].add(name.span)
        source = self._workspace.source(path)
        return value_flow(source.text[name.span.start : name.span.end]) if source else None

    def give_up(self, path: str, header: FunctionHeader, cause: str) -> None:
        if not any(each.path == path and each.cause == cause for each in self.unreadable.values()):
            self.unreadable[path, header.span.start] = Unreadable(path, cause, header.span.start)

    def leave_out(self, path: str, header: ClassHeader, cause: str) -> None:
        if not any(each.path == path and each.cause.startswith(f"{cause}: ") for each in self.unreadable.values()):
            told = f"{cause}: {header.qualname} is left out, and what else is too much"
            self.sight.whole.add(path)
            self.unreadable[path, header.span.start] = Unreadable(path, told, header.span.start, _SPLIT)

    def leave_out_from(self, path: str, header: ClassHeader) -> None:
        known, start = self.unreadable.get((path, _ALL_BEHIND)), header.span.start
        if known is None or known.offset > start:
            cause = f"its classes take more than {self.budget.most_of_a_file:,} steps to analyse"
            told = f"{cause}: those from {header.qualname} on are left out"
            self.sight.whole.add(path)
            self.unreadable[path, _ALL_BEHIND] = Unreadable(path, told, start, _SPLIT)

    def annotation(self, path: str, name: ClassName) -> Expression | None:
        return annotation_of(self.statement(path, name))

    def anchors(self, path: str, span: Span) -> Anchors | None:
        self.sight.whole.add(path)
        key = (path, span)
        if key not in self._anchors:
            from bufferlint.syntax.anchors import confirm  # libcst costs a quarter of a second to import

            self.budget.spend(STATEMENT_READ)
            found = confirm(path, self._text(path), span)
            if isinstance(found, Unreadable):
                self.unreadable[path, found.offset] = found
            self._anchors[key] = found if isinstance(found, Anchors) else None
        return self._anchors[key]

    def _read_function(self, path: str, header: FunctionHeader) -> Function | None:
        source = self._workspace.source(path)
        self.budget.spend(FUNCTION_READ + (header.span.end - header.span.start) // CODE_READ)
        found = self.cache.function(source, header) if source else None
        if isinstance(found, Unreadable):
            self.unreadable[path, found.offset] = found
            return None
        return found

    def _read_statement(self, path: str, span: Span) -> Statement | None:
        source = self._workspace.source(path)
        self.budget.spend(LINE_READ + (span.end - span.start) // CODE_READ)
        found = self.cache.statement(source, span) if source else None
        if isinstance(found, Unreadable):
            self.unreadable[path, found.offset] = found
            return None
        return found


def annotation_of(statement: Statement | None) -> Expression | None:
    from bufferlint.ir.statements import Annotate, Assign

    return statement.annotation if isinstance(statement, Assign | Annotate) else None


def compiles(text: str) -> bool:
    """Returns whether Python accepts the text as a file."""
    return parsed(text) is not None
