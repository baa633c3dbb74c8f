"""The files that may bear on a class, and the classes in them that inherit from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from bufferlint.ir.reader import Reader, Unreadable
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, GlobalRef

_FEW = 6
"""Searches of all files for one name after which it costs less to gather the words of all files."""
_MANY = 300
"""Searches of all files for words after which it costs less to tell all words apart once."""


class Context:
    """The files of a project: the ``targets``, and those that may subclass, construct or write to their classes.

    ``files`` lists them; it is called once a class is to be looked for.
    """

    def __init__(self, reader: Reader, targets: Sequence[str], files: Callable[[], Sequence[str]]) -> None:
        self._reader = reader
        self.targets = tuple(sorted(set(targets)))
        self._list = files
        self._mentioning: dict[str, tuple[str, ...]] = {}
        self._passing: dict[str, Sequence[str]] = {}
        self._calling: dict[str, Sequence[str]] = {}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The targets and all other files of the project, sorted."""
        return tuple(sorted({*self.targets, *self._list()}))

    @cached_property
    def is_whole(self) -> bool:
        """Are the targets all there is?"""
        return self.files == self.targets

    def mentioning(self, word: str) -> tuple[str, ...]:
        """The files whose text holds a word."""
        if word not in self._mentioning:
            self._reader.looked_for_word(word)
            mentions = self._reader.mentions
            self._mentioning[word] = tuple(path for path in self._may_hold(word) if mentions(path, word))
        return self._mentioning[word]

    def _may_hold(self, word: str) -> Sequence[str]:
        """The files that may hold a word: all of them until many words were asked for, then those that an index names.

        A name that may be mangled, and one with letters that are no ASCII, may stand there in other ways.
        """
        is_plain = word.isascii() and word.isidentifier() and not word.startswith("__")
        return self._by_piece.get(word, ()) if is_plain and len(self._mentioning) >= _MANY else self.files

    @cached_property
    def _by_piece(self) -> Mapping[str, Sequence[str]]:
        """The files that hold each ASCII word, in the order of all files."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            for piece in self._reader.pieces(path):
                found.setdefault(piece, []).append(path)
        return found

    @cached_property
    def _few(self) -> int:
        return 0 if self._reader.remembers else _FEW

    @cached_property
    def class_count(self) -> int:
        """About how many classes the project has."""
        return sum(self._reader.gathered(path).classes for path in self.files)

    def calling(self, name: str) -> Sequence[str]:
        """The files that may hold a call of a name that begins with a capital."""
        if name not in self._calling:
            mentions = self._reader.mentions
            self._calling[name] = [path for path in self._holding(name) if mentions(path, f"{name}(")]
        return self._calling[name]

    def passing_on(self, name: str) -> Sequence[str]:
        """The files that may inherit from a class of some name, or give it another name."""
        if name not in self._passing:
            self._reader.looked_for_word(name)
            may_pass_on = self._reader.may_pass_on
            self._passing[name] = [path for path in self._holding(name) if may_pass_on(path, name)]
        return self._passing[name]

    def _holding(self, name: str) -> Sequence[str]:
        """The files that hold a name, and perhaps a few more: found one by one, or in an index once many are asked
        for."""
        word = name.lstrip("_")
        if not "A" <= word[:1] <= "Z" or len(self._calling) + len(self._passing) < self._few:
            return self.mentioning(name)
        return self._by_word.get(word, ())

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[str]]:
        """The files that hold words which begin with a capital."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            for word in self._reader.gathered(path).words:
                found.setdefault(word, []).append(path)
        return found

    def unreadable(self, word: str) -> tuple[str, ...]:
        """The files that hold a word but cannot be parsed: what they do with it is not known."""
        outline = self._reader.outline
        return tuple(path for path in self.mentioning(word) if isinstance(outline(path), Unreadable))


class Subclasses:
    """The classes of a project that inherit from one of its classes, however many steps away."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, context: Context) -> None:
        self._reader = reader
        self._names = names
        self._hierarchy = hierarchy
        self._context = context
        self._found: dict[tuple[str, int], Sequence[ClassRef]] = {}

    def of(self, ref: ClassRef) -> Sequence[ClassRef]:
        """The classes below a class, in the order of files and lines."""
        if self._context.is_whole:
            return self._linked.get(ref.key, ())
        if ref.key not in self._found:
            self._found[ref.key] = self._searched(ref)
        return self._found[ref.key]

    @cached_property
    def _linked(self) -> dict[tuple[str, int], list[ClassRef]]:
        """Subclasses by ancestor, from the outlines of all files."""
        below: dict[tuple[str, int], list[ClassRef]] = {}
        for path in self._context.files:
            for ref in self.classes(path):
                for ancestor in self._hierarchy.lineage(ref).classes[1:]:
                    below.setdefault(ancestor.key, []).append(ref)
        return below

    def classes(self, path: str) -> list[ClassRef]:
        """The classes of a file."""
        outline = self._names.outline(path)
        return [ClassRef(path, header) for header in outline.classes] if outline else []

    def _searched(self, ref: ClassRef) -> Sequence[ClassRef]:
        """Subclasses from the files that mention a class, then from those that mention what was found there."""
        found: dict[tuple[str, int], ClassRef] = {}
        pending = [ref]
        while pending:
            for child in self._direct(pending.pop()):
                if child.key not in found:
                    found[child.key] = child
                    pending.append(child)
        related = (child for child in found.values() if ref in self._hierarchy.lineage(child).classes[1:])
        return sorted(related, key=lambda child: child.key)

    def _direct(self, ref: ClassRef) -> Iterator[ClassRef]:
        """The classes that name a class among their bases, by whatever name it goes in their file."""
        words, looked = [ref.header.name], set[str]()
        candidates: dict[tuple[str, int], ClassRef] = {}
        while words:
            word = words.pop()
            looked.add(word)
            for path in self._context.passing_on(word):
                words += [alias for alias in self._aliases(path, word, ref) if alias not in looked]
                for child in self.classes(path):
                    if any(base is not None and base.rpartition(".")[2] == word for base in child.header.bases):
                        candidates[child.key] = child
        return (child for child in candidates.values() if ref in self._hierarchy.bases(child))

    def _aliases(self, path: str, word: str, ref: ClassRef) -> Iterator[str]:
        """Other names that a file gives to a class known as ``word``: ``import word as alias``, ``alias = word``."""
        outline = self._names.outline(path)
        if outline is None:
            return
        imports = (each for each in outline.bindings if each.name != word and each.target.rpartition(".")[2] == word)
        yield from (each.name for each in imports if self._names.lookup(path, each.name, each.scope) == ref)
        for name in outline.globals_:
            code = self._reader.code(path, name.span)
            plain = name.name != word and word in code and "(" not in code
            if plain and self._names.aliased(GlobalRef(path, name)) == ref:
                yield name.name
