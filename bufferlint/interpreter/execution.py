"""The interpreter's door: runs methods on an instance, and other functions for what they construct."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from bufferlint.interpreter.argument_binding import ArgumentBinder
from bufferlint.interpreter.assignments import Assignments
from bufferlint.interpreter.attributes import Attributes
from bufferlint.interpreter.builtin_calls import BuiltinCalls
from bufferlint.interpreter.calls import Calls
from bufferlint.interpreter.containers import Containers
from bufferlint.interpreter.context import NESTED, Context, Run
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.events import EventLog, OutsideUse
from bufferlint.interpreter.expressions import Evaluator
from bufferlint.interpreter.external_calls import ExternalCalls
from bufferlint.interpreter.functions import Functions
from bufferlint.interpreter.instances import Instances
from bufferlint.interpreter.layers import Layers
from bufferlint.interpreter.narrowing import Narrowing
from bufferlint.interpreter.observations import Observations
from bufferlint.interpreter.operators import Operators
from bufferlint.interpreter.slots import Slot
from bufferlint.interpreter.state import Frame, Instance
from bufferlint.interpreter.statements import Statements
from bufferlint.interpreter.uses import Uses
from bufferlint.interpreter.values import UNKNOWN, Arguments, Kind, Value, join
from bufferlint.ir.expressions import Expression
from bufferlint.ir.reader import Reader
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, FunctionRef, GlobalRef, InstanceRef, SelfRef
from bufferlint.text.span import Span

_FRAMES = 4_000
_ANYTHING = Arguments((), {}, open=True)


class Execution:
    """Composes the layers of the interpreter over one `Context`."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, tensor_factories: frozenset[str]) -> None:
        self._context = context = Context(reader, names, hierarchy, tensor_factories)
        self.instance: Instance | None = None
        layers = Layers()
        self._definitions = definitions = Definitions(context, layers)
        attributes = Attributes(context, layers, definitions)
        uses, observations = Uses(context, layers), Observations(context, layers)
        operators = Operators(context, uses)
        assignments = Assignments(context, layers, attributes, uses, observations)
        narrowing = Narrowing(layers, definitions)
        external = ExternalCalls(context, BuiltinCalls(attributes))
        containers = Containers(layers)
        calls = Calls(context, layers, definitions, attributes, assignments, uses, external, observations, containers)
        evaluator = Evaluator(context, definitions, attributes, operators, calls, assignments, narrowing, observations)
        statements = Statements(context, definitions, evaluator, operators, assignments, uses, narrowing)
        binder = ArgumentBinder(context, layers, definitions)
        self._functions = functions = Functions(context, definitions, binder, evaluator, statements)
        self._statements = statements
        self._outside: dict[FunctionRef | str, tuple[OutsideUse, ...]] = {}
        self._instances = Instances(context, functions)
        context.slots_of = self._instances.slots
        layers.evaluator, layers.assignments, layers.functions = evaluator, assignments, functions

    @property
    def reader(self) -> Reader:
        return self._context.reader

    @property
    def log(self) -> EventLog:
        """The events since `begin`."""
        return self._context.run.log

    @property
    def ran(self) -> frozenset[str]:
        """The names of the project functions that ran since `begin`."""
        return frozenset(self._context.run.ran)

    def constructed(self, ref: ClassRef) -> list[Arguments]:
        """The arguments of the constructor calls of a class in the functions observed so far."""
        return [call for calls in self._functions.constructed.get(ref.key, {}).values() for call in calls]

    def constructed_in(self, ref: ClassRef, place: FunctionRef | GlobalRef) -> list[Arguments]:
        """The same of one place."""
        return self._functions.constructed.get(ref.key, {}).get(_place(place), [])

    def begin(self, lineage: Lineage, instance: Instance) -> None:
        """Start a run of methods on an instance of a class, with an empty log; of one without attributes yet it is
        construction."""
        self.instance = Instance(instance.slots, instance.super_init_ran, lineage)
        self._context.run = Run(builds=lineage.is_module is True and not instance.slots)

    def run(self, function: FunctionRef, args: Arguments, receiver: Value | None) -> Value:
        """Run a method on the instance."""
        with deep_enough():
            return self._functions.run(function, args, receiver, self.instance)

    def class_level(self, ref: ClassRef, attr: str) -> Value | None:
        """The value of a class attribute; None when the class itself gives it none."""
        return self._definitions.class_level(ref, attr)

    def declared(self, ref: ClassRef, attr: str, written: Sequence[tuple[str, str, Expression]]) -> Value:
        """Returns what the annotations of an attribute promise: that of a class body, and those ``written`` in
        functions, each with its file and the qualified name of the function."""
        promised = [self.promised(path, scope, each) for path, scope, each in written]
        field = self._definitions.field(ref, attr)
        return join([*promised, *([field] if field is not None else [])])

    def promised(self, path: str, scope: str, annotation: Expression | None) -> Value:
        """Returns what an annotation in the function of some qualified name promises."""
        return self._definitions.annotations(Frame(path, scope, {})).value(annotation)

    def observe(self, function: FunctionRef, args: Arguments) -> None:
        """Run a function for what it constructs, on nobody's behalf."""
        self._context.run = Run(builds=True, calls_objects=_makes_modules(function))
        self.instance = None
        self._functions.observe(_place(function))
        try:
            with deep_enough():
                self._functions.run(function, args, *self._observed_receiver(function))
        except RecursionError:
            self.reader.give_up(function.path, function.header, NESTED)
        finally:
            self._functions.observed = None

    def received(self, function: FunctionRef, caller: FunctionRef, args: Arguments) -> list[Arguments]:
        """Run a function for what it hands another one."""
        self._functions.watched = (_place(function), [])
        try:
            self.observe(caller, args)
            _, found = self._functions.watched
        finally:
            self._functions.watched = None
        return found

    def _observed_receiver(self, function: FunctionRef) -> tuple[Value | None, Instance | None]:
        """Returns what a function that is run for itself is called on: a constructor of a module has an instance to
        fill."""
        if function.owner is None:
            return None, None
        lineage = self._context.hierarchy.lineage(function.owner)
        if not lineage.is_module or function.header.name != "__init__":
            receiver = _some_receiver(function)
            is_object = receiver is not None and isinstance(receiver.reference, InstanceRef)
            return (self._definitions.instance_of(function.owner) if is_object else receiver), None
        this = Value(frozenset({Kind.MODULE}), reference=SelfRef())
        return this, Instance({}, frozenset({lineage.calls_init_itself}), lineage)

    def observe_global(self, reference: GlobalRef) -> None:
        """Evaluate a module-level assignment for what it constructs."""
        self._context.run = Run(builds=True)
        self.instance = None
        self._functions.observe(_place(reference))
        try:
            self._definitions.evaluate_statement(reference)
        finally:
            self._functions.observed = None

    def tell_built(self, built: Callable[[ClassRef], Mapping[str, Slot]]) -> None:
        """Say who tells what the attributes of an instance of a class hold."""
        self._context.built = built

    def outside_uses(self, place: FunctionRef | str) -> tuple[OutsideUse, ...]:
        """Returns what a function, or the body of the module of that path, does to objects, whoever calls it."""
        if place not in self._outside:
            self._outside[place] = ()  # one that asks for itself ends here
            self._context.run = Run()
            self.instance = None
            try:
                with deep_enough():
                    self._run_outside(place)
            except RecursionError:
                if not isinstance(place, str):
                    self.reader.give_up(place.path, place.header, NESTED)
            self._outside[place] = tuple(self.log.outside)
        return self._outside[place]

    def _run_outside(self, place: FunctionRef | str) -> None:
        if not isinstance(place, str):
            self._functions.run(place, _ANYTHING, _some_receiver(place), None)
            return
        body = self.reader.module_body(place)
        if body is not None:
            self._statements.block(body.body, Frame(place, "", {}))

    def called_after_init(self, ref: ClassRef) -> tuple[str, ...]:
        """The methods that the class's metaclass, or ``dataclass``, calls on a new instance."""
        return self._instances.hooks(ref)


def _place(of: FunctionRef | GlobalRef) -> tuple[str, Span]:
    return (of.path, of.header.span if isinstance(of, FunctionRef) else of.name.span)


def _some_receiver(function: FunctionRef) -> Value | None:
    """The first argument of a method, of which nothing is known but its class."""
    decorators = {d.rpartition(".")[2] for d in function.header.decorators}
    if function.owner is None or "staticmethod" in decorators:
        return None
    if "classmethod" in decorators or function.header.name in ("__new__", "__init_subclass__"):
        return Value(frozenset({Kind.CALLABLE}), reference=function.owner)
    return Value(UNKNOWN.kinds, reference=InstanceRef(function.owner))


def _makes_modules(function: FunctionRef) -> bool:
    """Is it code whose objects are worth following: a constructor, or a function outside of classes? What methods do is
    a program, and objects lead through all of it."""
    return function.owner is None or function.header.name == "__init__"


@contextmanager
def deep_enough() -> Iterator[None]:
    """Room on Python's stack for the nested calls that are followed: each takes some thirty of its frames."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
