"""What the project's own code passes to a class's constructor: evidence for parameters that nothing else tells of."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter.execution import Execution
from bufferlint.interpreter.values import Arguments, Kind, Trait, Value, join
from bufferlint.ir.statements import Function
from bufferlint.resolution.call_sites import CallSites
from bufferlint.resolution.references import ClassRef, GlobalRef

_ANYTHING = Arguments((), {}, open=True)
_MOST_PLACES = 40
"""Files with callers looked at for one class: evidence, not a census."""


class Callers:
    """Looks at constructor calls. A function is run once, however many classes ask."""

    def __init__(self, execution: Execution, constructions: CallSites) -> None:
        self._execution = execution
        self._constructions = constructions
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
            tensors = [value for value in passed if value.only(Kind.TENSOR, Kind.BUFFER)]
            if passed and len(tensors) == len(passed) and not any(call.open for call in calls):
                value = replace(join(tensors), kinds=frozenset({Kind.TENSOR}), reference=None)
                found[parameter.name] = replace(value, traits=value.traits | Trait.FROM_CALLER | Trait.SHARED)
        return found

    def _run_places(self, ref: ClassRef) -> None:
        files = set[str]()
        for place in self._constructions.places(ref.header.name):
            files.add(place.path)
            if len(files) > _MOST_PLACES:
                break
            if isinstance(place, GlobalRef):
                self._execution.observe_global(place)
                continue
            key = (place.path, place.header.span.start)
            if key not in self._ran:
                self._ran.add(key)
                self._execution.observe(place, _ANYTHING)
