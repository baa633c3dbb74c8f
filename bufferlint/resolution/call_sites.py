"""Where the project's code may construct a class: what calls a name that begins with a capital."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from bufferlint.ir import expressions as ir
from bufferlint.ir.reader import Reader
from bufferlint.ir.usage import CallSite, usage_in, usage_of
from bufferlint.resolution.context import Context
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, FunctionRef, GlobalRef
from bufferlint.text.span import Span

Place = FunctionRef | GlobalRef


class CallSites:
    """Answers for the files of a project."""

    def __init__(self, reader: Reader, names: Names, context: Context) -> None:
        self._reader = reader
        self._names = names
        self._context = context
        self._indexed: dict[str, dict[str, list[Place]]] = {}
        self._functions: dict[str, dict[Span, tuple[int, FunctionRef]]] = {}
        self._written: dict[Place, Sequence[CallSite]] = {}

    def places(self, name: str) -> Sequence[Place]:
        """The functions and module-level assignments that hold a call of a name, in the order of the files."""
        self._reader.looked_for_calls(name)
        if self._context.is_whole:
            return self._index.get(name, ())
        return [place for path in self._context.calling(name) for place in self._of_file(path).get(name, ())]

    def constructing(self, place: Place, ref: ClassRef) -> Iterator[ir.Call]:
        """The calls of a place that name a class, as they are written: one that goes by a variable is not among
        them."""
        scope = place.header.qualname if isinstance(place, FunctionRef) else ""
        for site in self._calls(place):
            name = ir.dotted(site.call.func) if site.callee == ref.header.name else None
            if name and self._names.dotted(place.path, name, scope) == ref:
                yield site.call

    def _calls(self, place: Place) -> Sequence[CallSite]:
        if place not in self._written:
            if isinstance(place, FunctionRef):
                body = self._reader.function(place.path, place.header)
                self._written[place] = usage_of(body).calls if body is not None else ()
            else:
                statement = self._reader.statement(place.path, place.name)
                self._written[place] = usage_in([statement]).calls if statement is not None else ()
        return self._written[place]

    def holding(self, path: str, name: str) -> Sequence[FunctionRef]:
        """The functions of a file that hold a name."""
        held = self._reader.holders(path, name).functions
        if path not in self._functions:
            found = (place for place, _ in self.all(path) if isinstance(place, FunctionRef))
            self._functions[path] = {place.header.span: (rank, place) for rank, place in enumerate(found)}
        functions = self._functions[path]
        return [place for _, place in sorted((functions[span] for span in held), key=lambda each: each[0])]

    def builders(self, ref: ClassRef) -> Sequence[FunctionRef]:
        """The class methods that make an instance of the class that they are called on: ``return cls(table)``."""
        methods = [method for method in ref.header.methods if "classmethod" in method.decorators]
        return [
            FunctionRef(ref.path, method, ref)
            for method in methods
            if "cls(" in self._reader.code(ref.path, method.span)
        ]

    @cached_property
    def _index(self) -> dict[str, list[Place]]:
        index: dict[str, list[Place]] = {}
        for path in self._context.files:
            for name, places in self._of_file(path).items():
                index.setdefault(name, []).extend(places)
        return index

    def _of_file(self, path: str) -> dict[str, list[Place]]:
        """The places of one file, by the name that is called."""
        if path not in self._indexed:
            index = self._indexed[path] = {}
            called = self._reader.constructed(path)
            for place, span in self.all(path) if called else ():
                for name in called.get(span, ()):
                    index.setdefault(name, []).append(place)
        return self._indexed[path]

    def all(self, path: str) -> Iterator[tuple[Place, Span]]:
        """The functions and module-level assignments of a file, and where they are."""
        outline = self._names.outline(path)
        for header in outline.classes if outline else ():
            owner = ClassRef(path, header)
            for method in header.methods:
                yield FunctionRef(path, method, owner), method.span
        for function in outline.functions if outline else ():
            yield FunctionRef(path, function), function.span
        for name in outline.globals_ if outline else ():
            yield GlobalRef(path, name), name.span
