"""The classes that may run a function which sets attributes of what it is given: ``def add_tables(module)``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.reader import Reader
from bufferlint.resolution.context import Context, Subclasses
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef


class Helpers:
    """Looks for the classes that may run a helper of the targets, themselves or through other functions.

    Only functions outside of classes are followed. Methods have names such as ``from_pretrained``: nearly every class
    would be asked.
    """

    def __init__(self, reader: Reader, names: Names, context: Context, subclasses: Subclasses) -> None:
        self._reader = reader
        self._names = names
        self._context = context
        self._subclasses = subclasses

    def users(self) -> Sequence[ClassRef]:
        """The classes with a method that names a helper, or a function that does, and those that inherit from one."""
        found: dict[tuple[str, int], ClassRef] = {}
        words = [name for path in self._context.targets for name in self._helpers(path)]
        if not words or self._context.is_whole:
            return ()
        looked = set[str]()
        while words:
            word = words.pop()
            if word in looked:
                continue
            looked.add(word)
            for path in self._context.mentioning(word):
                words += self._aliases(path, word)
                for header, owner in self._functions(path):
                    if header.name != word and self._reader.holds_word(path, header.span, word):
                        if owner is None:
                            words.append(header.name)
                        else:
                            found[owner.key] = owner
        below = [child for ref in found.values() for child in self._subclasses.of(ref)]
        return (*found.values(), *below)

    def _helpers(self, path: str) -> Iterator[str]:
        """The functions of a file that set attributes of what they are given."""
        outline = self._names.outline(path)
        for function in outline.functions if outline else ():
            if self._reader.may_store_on_argument(path, function.span):
                yield function.name

    def _functions(self, path: str) -> Iterator[tuple[FunctionHeader, ClassRef | None]]:
        """The functions of a file, methods with the class that they are of."""
        for owner in self._subclasses.classes(path):
            yield from ((method, owner) for method in owner.header.methods)
        outline = self._names.outline(path)
        yield from ((function, None) for function in outline.functions) if outline else ()

    def _aliases(self, path: str, word: str) -> Iterator[str]:
        """Other names that the imports of a file give to something called ``word``."""
        outline = self._names.outline(path)
        for binding in outline.bindings if outline else ():
            if binding.name != word and binding.target.rpartition(".")[2] == word:
                yield binding.name
