"""What the project's own code passes to a class's constructor: evidence for parameters that nothing else tells of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bufferlint.facts.definitions import FunctionHeader
from bufferlint.facts.statements import Function
from bufferlint.semantics.execution import Execution
from bufferlint.semantics.kinds import Arguments, Trait, Value, join
from bufferlint.semantics.names import Names
from bufferlint.semantics.references import ClassRef, FunctionRef, GlobalRef

_CONSTRUCTION = re.compile(r"\b([A-Z]\w*)\(")
_ANYTHING = Arguments((), {}, open=True)
_MOST_PLACES = 40
"""Callers looked at for one class: evidence, not a census."""


class Callers:
    """Finds constructor calls in a set of files. A function is run once, however many classes ask."""

    def __init__(self, execution: Execution, names: Names, paths: Sequence[str]) -> None:
        self._execution = execution
        self._names = names
        self._paths = paths
        self._index: dict[str, list[str]] | None = None
        self._ran: set[tuple[str, int]] = set()

    def evidence(self, ref: ClassRef, constructor: Function) -> dict[str, Value]:
        """The parameters of ``constructor`` for which every caller passes a tensor, with what they pass."""
        self._run_places(ref)
        calls = self._execution.constructed.get(ref.key, [])
        found: dict[str, Value] = {}
        plain = [p for p in constructor.parameters if p.star == ""][1:]
        for at, parameter in enumerate(plain):
            given = [call.get(at, parameter.name) for call in calls]
            passed = [value for value in given if value is not None]
            if passed and all(value.is_tensor for value in passed) and not any(call.open for call in calls):
                value = join(passed)
                found[parameter.name] = replace(value, traits=value.traits | Trait.GIVEN | Trait.SHARED)
        return found

    def _run_places(self, ref: ClassRef) -> None:
        if self._index is None:
            self._index = defaultdict(list)
            for path in self._paths:
                for name in sorted(set(_CONSTRUCTION.findall(self._execution.reader.text(path)))):
                    self._index[name].append(path)
        for path in self._index.get(ref.header.name, ())[:_MOST_PLACES]:
            for function in self._places(path, f"{ref.header.name}("):
                key = (path, function.header.span.start)
                if key not in self._ran:
                    self._ran.add(key)
                    self._execution.observe(function, _ANYTHING)

    def _places(self, path: str, call: str) -> Iterator[FunctionRef]:
        """The functions and methods of a file that hold a call; its module-level assignments are evaluated here."""
        outline, text = self._names.outline(path), self._execution.reader.text(path)
        if outline is None:
            return

        def holds(header: FunctionHeader) -> bool:
            return call in text[header.span.start : header.span.end]

        for header in outline.classes:
            owner = ClassRef(path, header)
            yield from (FunctionRef(path, method, owner) for method in header.methods if holds(method))
        yield from (FunctionRef(path, function) for function in outline.functions if holds(function))
        for name in outline.globals_:
            if call in text[name.span.start : name.span.end]:
                self._execution.observe_global(GlobalRef(path, name))
