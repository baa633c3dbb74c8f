"""Runs functions over kinds instead of values: statements in order, branches joined, every event noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bufferlint.interpreter import tensor_operations as tensors
from bufferlint.interpreter.argument_binding import Parameters
from bufferlint.interpreter.events import Action, EventLog
from bufferlint.interpreter.queries import makes_names, yields
from bufferlint.interpreter.state import Closure, Frame, Instance, join_instances, join_names
from bufferlint.interpreter.values import ABSENT, NONE, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.ir.reader import Reader
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, FunctionRef, GlobalRef, LocalFunction, SelfRef
from bufferlint.text.span import Span

_DEEPEST = 10
_LONGEST = 4000
"""Bounds on one run: nested calls, and calls of project functions."""
_DEEPEST_LOOP = 4
_TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "no_grad", "inference_mode", "lru_cache", "cache", "overload", "abstractmethod",
    "property", "cached_property", "export", "unused", "ignore", "wraps", "jit", "script", "script_if_tracing",
    "setter", "override", "final", "typechecked", "deprecated", "_no_grad", "enable_grad", "autocast", "custom_fwd",
})  # fmt: skip

_NO_GRADIENT = ("no_grad()", "inference_mode()", "set_grad_enabled(False)")

State = tuple[dict[str, Value], Instance | None]


class Execution(Parameters):
    """Executes statements. What is done to the instance goes into ``log``."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, tensor_factories: frozenset[str]) -> None:
        super().__init__(reader, names, hierarchy, tensor_factories)
        self.ran: set[str] = set()
        """Names of the project functions that ran since `begin`."""
        self._stack: list[tuple[str, Span]] = []
        self._calls = 0
        self._observed: tuple[str, Span] | None = None
        self._generators: dict[tuple[str, Span], bool] = {}
        self._memo: dict[tuple[str, Span, tuple[object, ...]], Value] = {}

    def begin(self, lineage: Lineage, instance: Instance) -> None:
        """Start a run of methods on an instance of a class, with an empty log."""
        self.lineage, self.instance = lineage, instance
        self.log, self._stack, self._calls = EventLog(), [], 0
        self.ran = set()

    def observe(self, function: FunctionRef, args: Arguments) -> None:
        """Run a function for what it constructs, on nobody's behalf."""
        self.log, self._stack, self._calls = EventLog(), [], 0
        self.lineage, self.instance = None, None
        receiver = UNKNOWN if function.owner is not None else None
        self._observed = (function.path, function.header.span)
        try:
            self.run(function, args, receiver)
        except RecursionError:
            self.reader.give_up(function.path, function.header)
        self._observed = None

    def observe_global(self, reference: GlobalRef) -> None:
        """Evaluate a module-level assignment for what it constructs."""
        self.log, self._stack, self._calls = EventLog(), [], 0
        self.lineage, self.instance = None, None
        self._observed = (reference.path, reference.name.span)
        self.evaluate_statement(reference)
        self._observed = None

    def called_after_init(self, ref: ClassRef) -> tuple[str, ...]:
        """The methods that ``type.__call__`` of the class's metaclass calls on the new instance, ``__post_init__`` of a
        dataclass included."""
        if any(decorator.rpartition(".")[2] == "dataclass" for decorator in ref.header.decorators):
            return ("__post_init__",)
        if {d.partition(".")[0] for d in ref.header.decorators} & {"attr", "attrs", "define"}:
            return ("__attrs_post_init__",)
        metaclass = self.names.dotted(ref.path, ref.header.metaclass or "", ref.header.scope)
        call = metaclass.header.method("__call__") if isinstance(metaclass, ClassRef) else None
        body = self.reader.function(metaclass.path, call) if isinstance(metaclass, ClassRef) and call else None
        return tuple(
            statement.value.func.attr
            for statement in (st.walk(body.body) if body else ())
            if isinstance(statement, st.Evaluate)
            and isinstance(statement.value, ir.Call)
            and isinstance(statement.value.func, ir.Attribute)
        )

    # -- functions -----------------------------------------------------------------------------------------------

    def run(self, function: FunctionRef, args: Arguments, receiver: Value | None) -> Value:
        key = (function.path, function.header.span)
        promised = UNKNOWN
        if key in self._stack or len(self._stack) >= _DEEPEST or self._calls >= _LONGEST:
            return UNKNOWN
        body = self.reader.function(function.path, function.header)
        if body is None:
            return UNKNOWN
        frame = Frame(function.path, function.header.qualname, {}, function.owner)
        promised = self.annotations(frame).value(body.returns).without(Kind.ABSENT)
        changed = not all(d.rpartition(".")[2] in _TRANSPARENT for d in function.header.decorators)
        changed = changed or self._is_generator(key, body)
        pure = not any(isinstance(v.reference, SelfRef) for v in (receiver, *args.all) if v is not None)
        memo = (*key, _memo_key(args))
        if pure and memo in self._memo and key != self._observed:
            return self._memo[memo]
        self._calls += 1
        self.ran.add(function.header.name)
        self._stack.append(key)
        kept, lineage = self.instance, self.lineage
        if pure:
            self.instance, self.lineage = None, None
        result = self._execute(body, frame, args, receiver)
        if pure:
            self.instance, self.lineage = kept, lineage
        self._stack.pop()
        if {d.rpartition(".")[2] for d in function.header.decorators} & {"lru_cache", "cache"}:
            result = replace(result, traits=result.traits | Trait.SHARED)
            if result.items is not None:
                shared = (replace(item, traits=item.traits | Trait.SHARED) for item in result.items)
                result = replace(result, items=tuple(shared))
        if changed or not result.kinds or (result.may(Kind.UNKNOWN) and not promised.may(Kind.UNKNOWN)):
            result = promised
            if promised.is_tensor and body.returns is not None:
                text = f"annotated {self.words(body.returns, frame.path)}"
                result = promised.because(self.reason(body.returns, frame, text))
        if pure:
            self._memo[memo] = result
        return result

    def constructs(self, ref: ClassRef, args: Arguments) -> None:
        """Only what stands in an observed function itself counts: what else runs depends on what ran before."""
        if self._observed is not None:
            path, span = self._observed
            if all(place == path and span.contains(inside) for place, inside in self._stack):
                self.constructed.setdefault(ref.key, []).append(args)

    def _is_generator(self, key: tuple[str, Span], body: st.Function) -> bool:
        if key not in self._generators:
            self._generators[key] = yields(body)
        return self._generators[key]

    def run_local(self, function: LocalFunction, args: Arguments) -> Value:
        closure = self.closures[function.number]
        key = (closure.frame.path, closure.body.span)
        if key in self._stack or len(self._stack) >= _DEEPEST or self._calls >= _LONGEST:
            return UNKNOWN
        self._calls += 1
        self._stack.append(key)
        outer = closure.frame
        if isinstance(closure.body, ir.Lambda):
            inner = dict(zip(closure.body.parameters, args.positional, strict=False))
            names = {name: inner.get(name, args.keywords.get(name, UNKNOWN)) for name in closure.body.parameters}
            result = self.evaluate(closure.body.body, Frame(outer.path, outer.scope, names, outer.owner, outer))
        else:
            frame = Frame(outer.path, closure.body.qualname, {}, outer.owner, outer, outer.receiver)
            result = self._execute(closure.body, frame, args, None)
        self._stack.pop()
        return result if result.kinds else UNKNOWN

    def read_property_method(self, function: FunctionRef, frame: Frame) -> Value:
        receiver = Value(frozenset({Kind.MODULE}), reference=SelfRef())
        return self.run(function, Arguments((), {}), receiver)

    def _execute(self, body: st.Function, frame: Frame, args: Arguments, receiver: Value | None) -> Value:
        """Bind the parameters, run the body, leave the instance as it is at the end of all paths."""
        self.bind_parameters(body, frame, args, receiver)
        alive = self.block(body.body, frame)
        if self.instance is not None:
            ends = [*frame.exits, *([self.instance] if alive else [])]
            self.instance = join_instances(ends) if ends else self.instance
        return join([*frame.returns, *([NONE] if alive else [])])

    # -- statements ----------------------------------------------------------------------------------------------

    def block(self, block: st.Block, frame: Frame) -> bool:
        """Run statements in order; False when no path reaches the end."""
        return all(self.statement(statement, frame) for statement in block)

    def statement(self, statement: st.Statement, frame: Frame) -> bool:
        match statement:
            case st.Assign():
                self._assign(statement, frame)
            case st.Augment():
                self._augment(statement, frame)
            case st.Evaluate():
                self.evaluate(statement.value, frame)
            case st.Return():
                frame.returns.append(NONE if statement.value is None else self.evaluate(statement.value, frame))
                if self.instance is not None:
                    frame.exits.append(self.instance.copy())
                return False
            case st.Leave(how=how):
                if how != "raise" and self.instance is not None:
                    frame.jumps.append((dict(frame.names), self.instance.copy()))
                return False
            case st.Delete(targets=targets):
                for target in targets:
                    self._delete(target, statement, frame)
            case st.If() | st.Match() | st.Try():
                return self._branching(statement, frame)
            case st.For() | st.While():
                return self._loop(statement, frame)
            case st.With(items=items, body=body):
                outer = self._without_gradient
                for manager, bound in items:
                    self.evaluate(manager, frame)
                    self._without_gradient |= self.words(manager, frame.path).endswith(_NO_GRADIENT)
                    if bound is not None:
                        self.bind(bound, UNKNOWN, frame)
                alive = self.block(body, frame)
                self._without_gradient = outer
                return alive
            case st.Import(bindings=bindings):
                for name, _ in bindings:
                    frame.names.pop(name, None)
            case st.Define(function=function):
                self._define(function, frame)
            case st.DefineClass(name=name):
                frame.names.pop(name, None)
        return True

    def _define(self, function: st.Function, frame: Frame) -> None:
        self.closures.append(Closure(function, frame))
        value = Value(frozenset({Kind.CALLABLE}), reference=LocalFunction(len(self.closures) - 1))
        frame.names[function.name] = UNKNOWN if function.decorators or yields(function) else value

    def _assign(self, statement: st.Assign, frame: Frame) -> None:
        value = self.evaluate(statement.value, frame)
        if statement.annotation is not None and value.may(Kind.UNKNOWN):
            promised = self.annotations(frame).value(statement.annotation)
            if promised.only(Kind.TENSOR) and not value.may(Kind.CONTAINER, Kind.ARRAY):
                text = f"annotated {self.words(statement.annotation, frame.path)}"
                value = promised.because(self.reason(statement.annotation, frame, text))
        for target in statement.targets:
            self.bind(target, value, frame, statement)

    def _augment(self, statement: st.Augment, frame: Frame) -> None:
        target = statement.target
        before = self.evaluate(target, frame)
        value = self.evaluate(statement.value, frame)
        after = self.binary(before, statement.op, value, statement.value, frame)
        if isinstance(target, ir.Subscript):
            self._mutated(target.value, statement, frame)
            return
        if isinstance(target, ir.Attribute) and before.is_array_like:
            self._mutated(target, statement, frame)
            return  # the operator works in place and gives the same tensor back
        if before.reference == tensors.BUFFER_CALL:
            after = before
        elif after.is_tensor and before.is_array_like:
            after = replace(after, reason=before.reason or after.reason, storage=before.storage)
        self.bind(target, after, frame, statement)

    def _delete(self, target: Expression, statement: st.Statement, frame: Frame) -> None:
        if isinstance(target, ir.Name):
            frame.names[target.id] = UNKNOWN
        elif isinstance(target, ir.Attribute) and self._is_self(target.value, frame):
            self._write(target.attr, Action.DELETE, ABSENT, statement, statement.span, frame)
        elif isinstance(target, ir.Subscript):
            self.evaluate(target.value, frame)

    # -- branches and loops --------------------------------------------------------------------------------------

    def _branching(self, statement: st.If | st.Match | st.Try, frame: Frame) -> bool:
        match statement:
            case st.If(test=test, body=body, orelse=orelse):
                self.evaluate(test, frame)
                paths: list[Callable[[], bool]] = [
                    lambda: self.narrow(test, True, frame) and self.block(body, frame),
                    lambda: self.narrow(test, False, frame) and self.block(orelse, frame),
                ]
                return self._paths(paths, frame)
            case st.Match(subject=subject, cases=cases):
                self.evaluate(subject, frame)
                return self._paths([*(self._case(c, frame) for c in cases), lambda: True], frame)
            case st.Try():
                return self._try(statement, frame)
        return True

    def _case(self, case: tuple[tuple[str, ...], st.Block], frame: Frame) -> Callable[[], bool]:
        def run() -> bool:
            for name in case[0]:
                if frame.find(name) is None or name in frame.names:
                    frame.names[name] = UNKNOWN
            return self.block(case[1], frame)

        return run

    def _try(self, statement: st.Try, frame: Frame) -> bool:
        before = self._state(frame)
        alive = self.block(statement.body, frame) and self.block(statement.orelse, frame)
        after = self._state(frame)
        caught = self._joined([before, after])
        ends = [after] if alive else []
        for name, body in statement.handlers:
            self._restore(caught, frame)
            if name:
                frame.names[name] = UNKNOWN
            if self.block(body, frame):
                ends.append(self._state(frame))
        self._restore(self._joined(ends) if ends else caught, frame)
        return self.block(statement.final, frame) and bool(ends)

    def _loop(self, statement: st.For | st.While, frame: Frame) -> bool:
        """Twice through the body reaches what one turn leaves to the next; the kinds of a third would be the same.

        Deep inside of other loops once is enough: their turns are turns of this one too, and their number doubles.
        """
        iterable = self.evaluate(statement.iterable, frame) if isinstance(statement, st.For) else None
        if isinstance(statement, st.For) and iterable is not None and iterable.items and makes_names(statement):
            return self._turns(statement, iterable.items, frame)
        outer, frame.jumps = frame.jumps, []
        ends = [self._state(frame)]
        frame.loops += 1
        for _ in range(2 if frame.loops <= _DEEPEST_LOOP else 1):
            self._restore(self._joined(ends), frame)
            if isinstance(statement, st.For):
                self.bind(statement.target, self.element(iterable or UNKNOWN), frame)
            else:
                self.evaluate(statement.test, frame)
            if self.block(statement.body, frame):
                ends.append(self._state(frame))
            ends += frame.jumps
            frame.jumps = []
        frame.jumps = outer
        frame.loops -= 1
        self._restore(self._joined(ends), frame)
        return self.block(statement.orelse, frame)

    def _turns(self, statement: st.For, items: Sequence[Value], frame: Frame) -> bool:
        """Every turn of a loop over known items, since what it stores is named after them."""
        outer, frame.jumps = frame.jumps, []
        left: list[State] = []
        for turn, item in enumerate(items):
            self.bind(statement.target, item, frame)
            ends = [self._state(frame)] if self.block(statement.body, frame) else []
            for _, instance in (*ends, *frame.jumps):
                _tell_apart(instance, statement.span, turn)
            ends += frame.jumps
            left += frame.jumps
            frame.jumps = []
            if not ends:
                break
            self._restore(self._joined(ends), frame)
        self._restore(self._joined([self._state(frame), *left]), frame)
        frame.jumps = outer
        return self.block(statement.orelse, frame)

    def _paths(self, paths: Sequence[Callable[[], bool]], frame: Frame) -> bool:
        before = self._state(frame)
        ends: list[State] = []
        for path in paths:
            self._restore(before, frame)
            if path():
                ends.append(self._state(frame))
        if ends:
            self._restore(self._joined(ends), frame)
        return bool(ends)

    def _state(self, frame: Frame) -> State:
        return dict(frame.names), self.instance.copy() if self.instance is not None else None

    def _restore(self, state: State, frame: Frame) -> None:
        frame.names = dict(state[0])
        self.instance = state[1].copy() if state[1] is not None else None

    @staticmethod
    def _joined(states: list[State]) -> State:
        instances = [instance for _, instance in states if instance is not None]
        return join_names([names for names, _ in states]), join_instances(instances) if instances else None


def _tell_apart(instance: Instance | None, loop: Span, turn: int) -> None:
    """Give the memory that a turn of a loop made a place of its own: another turn makes other memory."""
    if instance is None:
        return
    for attr, slot in list(instance.slots.items()):
        inside = {place for place in slot.value.storage if loop.start <= place[1] < loop.end and " " not in place[0]}
        if inside:
            own = frozenset((f"{path} {turn}", start) for path, start in inside)
            storage = slot.value.storage - inside | own
            instance.slots[attr] = replace(slot, value=replace(slot.value, storage=storage))


def _memo_key(args: Arguments) -> tuple[object, ...]:
    return (args.positional, tuple(sorted(args.keywords.items(), key=lambda item: item[0])), args.open)
