"""What the project's own code passes to a class's constructor: evidence for parameters that nothing else tells of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bufferlint.interpreter.execution import Execution
from bufferlint.interpreter.values import Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir.budget import OverBudget
from bufferlint.ir.statements import Function, Parameter
from bufferlint.ir.usage import Usage, is_name, usage_of
from bufferlint.resolution.call_sites import CallSites, Place
from bufferlint.resolution.references import ClassRef, FunctionRef, GlobalRef, InstanceRef
from bufferlint.torch_model import api as torch_api

_Asked = tuple[int, str]
"""A parameter: its place among those after the instance, and its name."""
_NEVER_TENSORS = ("int", "bool", "str")
_TESTS = ("isinstance", "is_tensor", "hasattr", "getattr", "type", "callable")
_LITERALS = (ir.Constant, ir.FormattedString, ir.Dict, ir.Lambda)
_ANYTHING = Arguments((), {}, open=True)
_MAY_BE_TENSORS = (Kind.TENSOR, Kind.BUFFER, Kind.UNKNOWN)
_MOST_STEPS = 2
"""A value is followed through so many functions that hand it on."""
_MOST_PLACES = 40
"""Files with callers looked at for one class: evidence, not a census."""


class Callers:
    """Looks at constructor calls. A function is run once, however many classes ask, and again where what it is handed
    itself becomes known."""

    def __init__(
        self, execution: Execution, constructions: CallSites, may_be_handed: Callable[[FunctionRef], bool]
    ) -> None:
        self._execution = execution
        self._may_be_handed = may_be_handed
        self._constructions = constructions
        self._ran: dict[Place, bool] = {}
        self._asked: set[tuple[str, int]] = set()
        self._told: dict[tuple[str, int], dict[str, Value]] = {}

    def evidence(self, ref: ClassRef, constructor: Function, kept: frozenset[str]) -> dict[str, Value]:
        """The parameters of ``constructor`` for which every caller passes a tensor, with what they pass; for those that
        are ``kept`` as they are, callers are asked what they are handed themselves."""
        plain = [parameter for parameter in constructor.parameters if parameter.star == ""][1:]
        asked = [(at, parameter.name) for at, parameter in enumerate(plain)]
        if kept and kept <= {name for _, name in asked}:
            asked = [(at, name) for at, name in asked if name in kept]
        objects = _used_as_objects(usage_of(constructor))
        asked = [each for each in asked if each[1] not in objects and self._may_be_tensor(constructor, each[1])]
        if not asked or not self._may_be_passed(ref, asked):
            return {}
        self._asked.add(ref.key)
        places = self._run_places(ref, asked)
        for place in places if _hands_on(plain, kept, self._execution.constructed(ref)) else ():
            calls = self._execution.constructed_in(ref, place)
            if isinstance(place, FunctionRef) and _hands_on(plain, kept, calls) and self._may_be_handed(place):
                given = self._given_to(place, _MOST_STEPS)
                again = partial(self._execution.observe, place, Arguments((), given, open=True))
                if given and not self._runs(again):
                    places = []
                    break
        self._asked.discard(ref.key)
        return _agreed(plain, self._execution.constructed(ref)) if places else {}

    def _may_be_tensor(self, constructor: Function, name: str) -> bool:
        """False for a parameter whose annotation says that it is a count, a flag, a text, or of a class of the
        project."""
        annotation = next(each.annotation for each in constructor.parameters if each.name == name)
        if is_name(annotation, *_NEVER_TENSORS):
            return False
        promised = self._execution.promised(constructor.path, constructor.qualname, annotation)
        of_project = isinstance(promised.reference, InstanceRef) and isinstance(promised.reference.of, ClassRef)
        return not of_project or promised.may(Kind.TENSOR)

    def _may_be_passed(self, ref: ClassRef, asked: Sequence[_Asked]) -> bool:
        """False when calls, as they are written, pass for each parameter what is no tensor, or all leave it out."""
        left = {name: False for _, name in asked}
        for place in self._places(ref):
            calls = list(self._constructions.constructing(place, ref))
            if not calls or any(arg.star for call in calls for arg in call.args):
                left |= dict.fromkeys(left, True)
            for call in calls:
                plain = [arg.value for arg in call.args if not arg.keyword]
                named = {arg.keyword: arg.value for arg in call.args}
                for at, name in asked:
                    given = named.get(name, plain[at] if at < len(plain) else None)
                    if isinstance(given, _LITERALS):
                        left.pop(name, None)
                    elif given is not None and name in left:
                        left[name] = True
        return any(left.values())

    def _given_to(self, place: FunctionRef, steps: int) -> dict[str, Value]:
        """Returns what a function is handed itself: by those who construct its class, or by functions of its file."""
        key = (place.path, place.header.span.start)
        if key not in self._told:
            self._told[key] = {}  # one that calls itself
            self._told[key] = self._found_for(place, steps)
        return self._told[key]

    def _found_for(self, place: FunctionRef, steps: int) -> dict[str, Value]:
        body = self._execution.reader.function(place.path, place.header)
        if body is None:
            return {}
        if place.owner is not None:
            is_asked = place.owner.key in self._asked or place.header.name != "__init__"
            every = frozenset(parameter.name for parameter in body.parameters)
            return {} if is_asked else self.evidence(place.owner, body, every)
        plain = [parameter for parameter in body.parameters if parameter.star == ""]
        every = frozenset(parameter.name for parameter in plain)
        calls: list[Arguments] = []
        for caller in self._constructions.holding(place.path, place.header.name):
            if caller == place:
                continue
            received = self._received(place, caller, _ANYTHING)
            if steps and _hands_on(plain, every, received) and self._may_be_handed(caller):
                given = self._given_to(caller, steps - 1)
                if given:
                    received = self._received(place, caller, Arguments((), given, open=True))
            calls += received
        return _agreed(plain, calls)

    def _run_places(self, ref: ClassRef, asked: Sequence[_Asked]) -> list[Place]:
        """Runs the places that may construct a class, the shortest first; none once one of them has shown that no
        parameter asked for is a tensor with every caller."""
        places = self._places(ref)
        if any(_is_out(asked, call) for call in self._execution.constructed(ref)):
            return []
        for place in sorted(places, key=_length):
            if not self._observed(place):
                return []
            if any(_is_out(asked, call) for call in self._execution.constructed_in(ref, place)):
                return []
        return places

    def _observed(self, place: Place) -> bool:
        """Runs a place, once; False where that takes too many steps to learn anything from it."""
        if place not in self._ran:
            if isinstance(place, GlobalRef):
                self._ran[place] = self._runs(lambda: self._execution.observe_global(place))
            else:
                self._ran[place] = self._runs(lambda: self._execution.observe(place, _ANYTHING))
        return self._ran[place]

    def _received(self, function: FunctionRef, caller: FunctionRef, args: Arguments) -> list[Arguments]:
        """Returns what a caller hands a function; what is not known where it takes too many steps."""
        found: list[Arguments] = []
        runs = self._runs(lambda: found.extend(self._execution.received(function, caller, args)))
        return found if runs else [_ANYTHING]

    def _runs(self, run: Callable[[], object]) -> bool:
        try:
            with self._execution.reader.budget.of_caller():
                run()
        except OverBudget:
            return False
        return True

    def _places(self, ref: ClassRef) -> list[Place]:
        files = set[str]()
        found: list[Place] = []
        for place in self._constructions.places(ref.header.name):
            files.add(place.path)
            if len(files) > _MOST_PLACES:
                break
            found.append(place)
        return [*found, *self._constructions.builders(ref)]


def _used_as_objects(usage: Usage) -> set[str]:
    """The names of which attributes are read that no tensor has, such as a configuration, and of which no code asks
    what they are."""
    read = {
        each.receiver.id
        for attr, reads in usage.reads.items()
        if not torch_api.is_tensor_attribute(attr)
        for each in reads
        if isinstance(each.receiver, ir.Name)
    }
    asked = {arg.value.id for site in usage.called(*_TESTS) for arg in site.call.args if isinstance(arg.value, ir.Name)}
    return read - asked


def _length(place: Place) -> int:
    span = place.header.span if isinstance(place, FunctionRef) else place.name.span
    return span.end - span.start


def _is_out(asked: Sequence[_Asked], call: Arguments) -> bool:
    """Returns whether a call passes no tensor for certain, whatever is asked for."""
    given = [call.get(at, name) for at, name in asked]
    return call.open or all(value is not None and not value.may(*_MAY_BE_TENSORS) for value in given)


def _agreed(plain: Sequence[Parameter], calls: Sequence[Arguments]) -> dict[str, Value]:
    """The parameters for which every call passes a tensor."""
    found: dict[str, Value] = {}
    for at, parameter in enumerate(plain):
        given = [call.get(at, parameter.name) for call in calls]
        passed = [value for value in given if value is not None]
        tensors = [value for value in passed if value.only(Kind.TENSOR, Kind.BUFFER)]
        if passed and len(tensors) == len(passed) and not any(call.open for call in calls):
            value = replace(join(tensors), kinds=frozenset({Kind.TENSOR}), reference=None)
            found[parameter.name] = replace(value, traits=value.traits | Trait.FROM_CALLER | Trait.SHARED)
    return found


def _hands_on(plain: Sequence[Parameter], kept: frozenset[str], calls: Sequence[Arguments]) -> bool:
    """Returns whether a call passes what is not known: the caller may have been handed it."""
    asked = [(at, parameter.name) for at, parameter in enumerate(plain) if parameter.name in kept]
    given = (call.get(at, name) for call in calls for at, name in asked)
    return any(value is not None and value.may(Kind.UNKNOWN) for value in given)
