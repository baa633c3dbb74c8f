"""The classes that may run a function which sets attributes of what it is given: ``def add_tables(module)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.reader import Reader
from bufferlint.resolution.context import Context, Subclasses
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, FunctionRef
from bufferlint.text.span import Span


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
        self._other_names: dict[str, Mapping[str, Sequence[str]]] = {}
        self._known: dict[str, Mapping[Span, Sequence[tuple[FunctionHeader, ClassRef | None]]]] = {}

    def users(self) -> Sequence[ClassRef]:
        """The classes with a method that names a helper, or a function that does, and those that inherit from one."""
        if self._context.is_whole:
            return ()
        found: dict[tuple[str, int], ClassRef] = {}
        pending = [(each.header.name, each) for path in self._context.targets for each in self._helpers(path)]
        looked = set(pending)
        while pending:
            word, helper = pending.pop()
            more: list[tuple[str, FunctionRef]] = []
            for path in self._context.mentioning(word):
                if not self._may_mean(path, word, helper):
                    continue
                more += [(alias, helper) for alias in self._aliases(path, word)]
                for header, owner in self._holding(path, word):
                    if header.name == word:
                        continue
                    if owner is None:
                        more.append((header.name, FunctionRef(path, header)))
                    else:
                        found[owner.key] = owner
            pending += [each for each in more if each not in looked]
            looked.update(more)
        below = [child for ref in found.values() for child in self._subclasses.of(ref)]
        return (*found.values(), *below)

    def _may_mean(self, path: str, word: str, helper: FunctionRef) -> bool:
        """Returns whether a word of a file may stand for a helper; it may not where it names another function, unless
        a function of the file imports it for itself."""
        if self._reader.is_defined_there(path, word) and path != helper.path:
            return False
        meaning = self._names.lookup(path, word)
        if not isinstance(meaning, FunctionRef) or meaning == helper:
            return True
        outline = self._names.outline(path)
        return outline is not None and any(each.name == word and each.scope for each in outline.bindings)

    def _helpers(self, path: str) -> Iterator[FunctionRef]:
        """The functions of a file that set attributes of what they are given."""
        outline = self._names.outline(path)
        for function in outline.functions if outline else ():
            if self._reader.may_store_on_argument(path, function.span):
                yield FunctionRef(path, function)

    def _holding(self, path: str, word: str) -> Iterator[tuple[FunctionHeader, ClassRef | None]]:
        """The functions of a file that name a word, methods with the class that they are of."""
        if path not in self._known:
            functions: dict[Span, list[tuple[FunctionHeader, ClassRef | None]]] = {}
            for header, owner in self._functions(path):
                functions.setdefault(header.span, []).append((header, owner))
            self._known[path] = functions
        for span in sorted(self._reader.holders(path, word).functions):
            yield from self._known[path].get(span, ())

    def _functions(self, path: str) -> Iterator[tuple[FunctionHeader, ClassRef | None]]:
        """The functions of a file, methods with the class that they are of."""
        for owner in self._subclasses.classes(path):
            yield from ((method, owner) for method in owner.header.methods)
        outline = self._names.outline(path)
        yield from ((function, None) for function in outline.functions) if outline else ()

    def _aliases(self, path: str, word: str) -> Sequence[str]:
        """Other names that the imports of a file give to something called ``word``."""
        if path not in self._other_names:
            outline, names = self._names.outline(path), dict[str, list[str]]()
            for binding in outline.bindings if outline else ():
                target = binding.target.rpartition(".")[2]
                if binding.name != target:
                    names.setdefault(target, []).append(binding.name)
            self._other_names[path] = names
        return self._other_names[path].get(word, ())
