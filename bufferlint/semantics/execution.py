"""Runs functions over kinds instead of values: statements in order, branches joined, every event noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bufferlint.facts import expressions as facts
from bufferlint.facts import statements as st
from bufferlint.facts.expressions import Expression
from bufferlint.facts.reader import Reader
from bufferlint.semantics import tensors, torch_api
from bufferlint.semantics.calls import Calls
from bufferlint.semantics.events import Action, Event, EventLog
from bufferlint.semantics.frames import UNSET, Closure, Frame, Instance, Slot, join_instances, join_names
from bufferlint.semantics.hierarchy import Hierarchy, Lineage
from bufferlint.semantics.kinds import ABSENT, NONE, NOTHING, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.semantics.names import Names
from bufferlint.semantics.references import ClassRef, External, FunctionRef, LocalFunction, SelfRef
from bufferlint.semantics.torch_api import Named
from bufferlint.text.span import Span

_DEEPEST = 10
_LONGEST = 4000
"""Bounds on one run: nested calls, and calls of project functions."""
_TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "no_grad", "inference_mode", "lru_cache", "cache", "overload", "abstractmethod",
    "property", "cached_property", "export", "unused", "ignore", "wraps", "jit", "script", "script_if_tracing",
    "setter", "override", "final", "typechecked", "deprecated", "_no_grad", "enable_grad", "autocast", "custom_fwd",
})  # fmt: skip

_NO_GRADIENT = ("no_grad()", "inference_mode()", "set_grad_enabled(False)")
_SOME_CALLABLE = Value(frozenset({Kind.CALLABLE}))

State = tuple[dict[str, Value], Instance | None]


class Execution(Calls):
    """Executes statements. What is done to the instance goes into ``log``."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, tensor_factories: frozenset[str]) -> None:
        super().__init__(reader, names, hierarchy, tensor_factories)
        self.log = EventLog()
        """Events since `begin`."""
        self.ran: set[str] = set()
        """Names of the project functions that ran since `begin`."""
        self._stack: list[tuple[str, Span]] = []
        self._calls = 0
        self._without_gradient = False
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
        try:
            self.run(function, args, receiver)
        except RecursionError:
            self.reader.give_up(function.path, function.header)

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
            and isinstance(statement.value, facts.Call)
            and isinstance(statement.value.func, facts.Attribute)
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
        changed = not all(d.rpartition(".")[2] in _TRANSPARENT for d in function.header.decorators) or _yields(body)
        pure = not any(isinstance(v.reference, SelfRef) for v in (receiver, *args.all) if v is not None)
        memo = (*key, _memo_key(args))
        if pure and memo in self._memo:
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
            self._memo[memo] = result
        self._stack.pop()
        if changed or not result.kinds or (result.may(Kind.UNKNOWN) and not promised.may(Kind.UNKNOWN)):
            return promised
        return result

    def run_local(self, function: LocalFunction, args: Arguments) -> Value:
        closure = self.closures[function.number]
        key = (closure.frame.path, closure.body.span)
        if key in self._stack or len(self._stack) >= _DEEPEST or self._calls >= _LONGEST:
            return UNKNOWN
        self._calls += 1
        self._stack.append(key)
        outer = closure.frame
        if isinstance(closure.body, facts.Lambda):
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
        self._bind_parameters(body, frame, args, receiver)
        alive = self.block(body.body, frame)
        if self.instance is not None:
            ends = [*frame.exits, *([self.instance] if alive else [])]
            self.instance = join_instances(ends) if ends else self.instance
        return join([*frame.returns, *([NONE] if alive else [])])

    def _bind_parameters(self, body: st.Function, frame: Frame, args: Arguments, receiver: Value | None) -> None:
        plain = [p for p in body.parameters if p.star == ""]
        if receiver is not None and plain:
            frame.receiver = plain[0].name
            frame.names[plain[0].name] = receiver
            plain = plain[1:]
        for at, parameter in enumerate(plain):
            given = args.positional[at] if at < len(args.positional) else args.keywords.get(parameter.name)
            frame.names[parameter.name] = self._parameter(parameter, given, args.open, frame)
        for parameter in body.parameters:
            if parameter.star == "k":
                given = args.keywords.get(parameter.name)
                frame.names[parameter.name] = self._parameter(parameter, given, args.open, frame)
            elif parameter.star == "*":
                extra = args.positional[len(plain) :]
                known = Value(frozenset({Kind.GROUP}), items=extra) if not args.open else UNKNOWN
                frame.names[parameter.name] = known
            elif parameter.star == "**":
                frame.names[parameter.name] = Value(frozenset({Kind.GROUP}))

    def _parameter(self, parameter: st.Parameter, given: Value | None, is_open: bool, frame: Frame) -> Value:
        if given is None and not is_open and parameter.default is not None:
            given = self.evaluate(parameter.default, Frame(frame.path, "", {}))
            given = replace(given, traits=given.traits | Trait.SHARED) if given.is_tensor else given
        if given is not None and not given.may(Kind.UNKNOWN):
            return given
        return self.promised(parameter, frame)

    def promised(self, parameter: st.Parameter, frame: Frame) -> Value:
        """What is known of a parameter without knowing any caller."""
        value = self.annotations(frame).value(parameter.annotation)
        if (value.may(Kind.UNKNOWN) or value == _SOME_CALLABLE) and parameter.default is not None:
            return self._by_default(parameter, frame)
        if value.may(Kind.UNKNOWN):
            return UNKNOWN
        if isinstance(parameter.default, facts.Constant) and parameter.default.value is None:
            value = join([value, NONE])
        if value.may(Kind.TENSOR, Kind.PARAMETER) and parameter.annotation is not None:
            text = f"argument '{parameter.name}', annotated {self.words(parameter.annotation, frame.path)}"
            place = frozenset({(frame.path, parameter.annotation.span.start)})
            value = replace(value, storage=place, reason=self.reason(parameter.annotation, frame, text))
        return value

    def _by_default(self, parameter: st.Parameter, frame: Frame) -> Value:
        """A default that is a tensor, a function or a distribution says what callers pass as well."""
        assert parameter.default is not None
        value = self.evaluate(parameter.default, Frame(frame.path, "", {}))
        if value.is_tensor:
            text = f"default of argument '{parameter.name}'"
            value = value.because(self.reason(parameter.default, frame, text))
        if (
            value.only(Kind.TENSOR, Kind.HOLDER)
            or (value.only(Kind.GROUP) and value.items)
            or (value.only(Kind.CALLABLE) and value.reference is not None)
        ):
            return replace(value, traits=value.traits | Trait.GIVEN | Trait.SHARED)
        return UNKNOWN

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
        frame.names[function.name] = UNKNOWN if function.decorators or _yields(function) else value

    def _assign(self, statement: st.Assign, frame: Frame) -> None:
        value = self.evaluate(statement.value, frame)
        if statement.annotation is not None and value.may(Kind.UNKNOWN):
            promised = self.annotations(frame).value(statement.annotation)
            if promised.only(Kind.TENSOR) and not value.may(Kind.GROUP, Kind.ARRAY):
                text = f"annotated {self.words(statement.annotation, frame.path)}"
                value = promised.because(self.reason(statement.annotation, frame, text))
        for target in statement.targets:
            self.bind(target, value, frame, statement)

    def _augment(self, statement: st.Augment, frame: Frame) -> None:
        target = statement.target
        before = self.evaluate(target, frame)
        value = self.evaluate(statement.value, frame)
        after = self.binary(before, statement.op, value, statement.value, frame)
        if isinstance(target, facts.Subscript):
            self._mutated(target.value, statement, frame)
            return
        if isinstance(target, facts.Attribute) and before.is_array_like:
            self._mutated(target, statement, frame)
            return  # the operator works in place and gives the same tensor back
        if after.is_tensor and before.is_array_like:
            after = replace(after, reason=before.reason or after.reason, storage=before.storage)
        self.bind(target, after, frame, statement)

    def _delete(self, target: Expression, statement: st.Statement, frame: Frame) -> None:
        if isinstance(target, facts.Name):
            frame.names[target.id] = UNKNOWN
        elif isinstance(target, facts.Attribute) and self._is_self(target.value, frame):
            self._write(target.attr, Action.DELETE, ABSENT, statement, statement.span, frame)
        elif isinstance(target, facts.Subscript):
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
        """Twice through the body reaches what one turn leaves to the next; the kinds of a third would be the same."""
        iterable = self.evaluate(statement.iterable, frame) if isinstance(statement, st.For) else None
        outer, frame.jumps = frame.jumps, []
        ends = [self._state(frame)]
        for _ in range(2):
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
        self._restore(self._joined(ends), frame)
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

    # -- conditions ----------------------------------------------------------------------------------------------

    def narrow(self, test: Expression, truth: bool, frame: Frame) -> bool:
        """Keep of a tested name what the outcome of the test allows; False when nothing is left of it."""
        match test:
            case facts.Unary(op="not", operand=operand):
                return self.narrow(operand, not truth, frame)
            case facts.Boolean(left=left, op=op, right=right) if (op == "and") == truth:
                return self.narrow(left, truth, frame) and self.narrow(right, truth, frame)
            case facts.Compare(left=left, ops=("is" | "is not" as op,), comparators=(facts.Constant(value=None),)):
                wants_none = (op == "is") == truth
                return self._restrict(left, frozenset({Kind.NONE}), wants_none, frame)
            case facts.Call(func=func, args=args) if args:
                kinds = self._tested_kinds(func, args, frame)
                if kinds is not None:
                    return self._restrict(args[0].value, kinds, truth, frame)
            case facts.Constant(value=bool() as value):
                return value == truth
            case facts.Name() | facts.Attribute() if truth:
                return self._restrict(test, frozenset({Kind.NONE}), False, frame)
        return True

    def _tested_kinds(self, func: Expression, args: tuple[facts.Argument, ...], frame: Frame) -> frozenset[Kind] | None:
        callee = self.evaluate(func, frame).reference
        name = callee.name if isinstance(callee, External) else ""
        if name == "torch.is_tensor":
            return frozenset({Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER})
        if name == "builtins.isinstance" and len(args) == 2:
            tested = self.evaluate(args[1].value, frame).reference
            if isinstance(tested, External) and torch_api.named(tested.name) is Named.TENSOR_CLASS:
                return frozenset({Kind.TENSOR, Kind.PARAMETER, Kind.BUFFER})
            if isinstance(tested, External) and tested.name in ("builtins.int", "builtins.float", "builtins.bool"):
                return frozenset({Kind.NUMBER})
            if isinstance(tested, External) and tested.name == "builtins.str":
                return frozenset({Kind.TEXT})
        return None

    def _restrict(self, target: Expression, kinds: frozenset[Kind], inside: bool, frame: Frame) -> bool:
        if isinstance(target, facts.Walrus):
            target = target.target
        if isinstance(target, facts.Name):
            value = frame.names.get(target.id)
            if value is None or isinstance(value.reference, SelfRef):
                return True
            left = self._left(value, kinds, inside)
            frame.names[target.id] = left
            return bool(left.kinds)
        if isinstance(target, facts.Attribute) and self._is_self(target.value, frame) and self.instance is not None:
            slot = self.instance.slots.get(target.attr)
            if slot is None or slot.value.may(Kind.BUFFER, Kind.PARAMETER, Kind.MODULE):
                return True
            left = self._left(slot.value, kinds, inside)
            if not left.kinds:
                return False
            self.instance.slots[target.attr] = replace(slot, value=left)
        return True

    @staticmethod
    def _left(value: Value, kinds: frozenset[Kind], inside: bool) -> Value:
        if not inside:
            return value.without(*kinds)
        left = value.kinds & kinds
        if (not left and value.may(Kind.UNKNOWN)) or (Trait.GIVEN in value.traits and not left):
            left = frozenset({Kind.TENSOR}) if Kind.TENSOR in kinds else kinds
            return Value(left, Trait.GIVEN | Trait.SHARED if Kind.TENSOR in left else Trait.NOTHING)
        return replace(value, kinds=left) if left else NOTHING

    # -- writing -------------------------------------------------------------------------------------------------

    def bind(
        self, target: Expression, value: Value, frame: Frame, statement: st.Assign | st.Augment | None = None
    ) -> None:
        """Give a target of an assignment (a name, an attribute, a tuple of targets, a subscript) its value."""
        match target:
            case facts.Name(id=name):
                frame.names[name] = value
            case facts.Display(items=items):
                for part, member in zip(items, self._unpack(items, value), strict=True):
                    inner = part.value if isinstance(part, facts.Starred) else part
                    self.bind(inner, member, frame, statement)
            case facts.Attribute(value=owner, attr=attr):
                if self._is_self(owner, frame):
                    at = statement or st.Evaluate(target.span, target)
                    self._write(attr, Action.ASSIGN, value, at, at.span, frame)
                elif (
                    isinstance(owner, facts.Attribute)
                    and attr in ("data", "grad")
                    and self._is_self(owner.value, frame)
                ):
                    self._mutated(owner, statement or st.Evaluate(target.span, target), frame)
            case facts.Subscript(value=owner):
                self._mutated(owner, statement or st.Evaluate(target.span, target), frame)
                self._shadowed(target, frame)

    def _unpack(self, items: Sequence[Expression], value: Value) -> list[Value]:
        starred = [at for at, item in enumerate(items) if isinstance(item, facts.Starred)]
        if value.items is not None and len(starred) <= 1:
            if not starred and len(value.items) == len(items):
                return list(value.items)
            if starred and len(value.items) >= len(items) - 1:
                after = len(items) - starred[0] - 1
                middle = value.items[starred[0] : len(value.items) - after]
                rest = value.items[len(value.items) - after :] if after else ()
                return [*value.items[: starred[0]], Value(frozenset({Kind.GROUP}), items=middle), *rest]
        member = self.element(value)
        return [
            Value(frozenset({Kind.GROUP}), element=member) if isinstance(item, facts.Starred) else member
            for item in items
        ]

    def _mutated(self, target: Expression, statement: st.Statement, frame: Frame) -> None:
        """``target`` is changed in place."""
        self._noted_in_place(target, Action.MUTATE, statement, frame)

    def _read_on_cpu(self, expression: facts.Call, frame: Frame) -> None:
        """Note ``x.numpy()``, ``np.f(x)`` and lengths of packed sequences for what attributes ``x`` may be (H19)."""
        func = expression.func
        if isinstance(func, facts.Attribute) and func.attr == "numpy":
            read: tuple[Expression, ...] = (func.value,)
        else:
            name = facts.dotted(func) or ""
            callee = self.names.dotted(frame.path, name, frame.scope) if name else None
            foreign = callee.name if isinstance(callee, External) else ""
            if not foreign.startswith("numpy.") and not foreign.endswith("pack_padded_sequence"):
                return
            read = tuple(arg.value for arg in expression.args[1 if foreign.endswith("sequence") else 0 :])
        for part in read:
            if not isinstance(part, facts.Name | facts.Attribute) or self.instance is None:
                continue
            storage = self.evaluate(part, frame).storage
            for attr, slot in list(self.instance.slots.items()):
                if storage & slot.value.storage:
                    at = st.Evaluate(expression.span, expression)
                    self._note(attr, Action.READ_ON_CPU, slot.value, slot, at, expression.span, frame)

    def _noted_in_place(self, target: Expression, action: Action, statement: st.Statement, frame: Frame) -> None:
        while isinstance(target, facts.Subscript):
            target = target.value
        if isinstance(target, facts.Attribute) and self._is_self(target.value, frame):
            slot = self.instance.slots.get(target.attr, UNSET) if self.instance else UNSET
            self._note(target.attr, action, slot.value, slot, statement, statement.span, frame)

    def _shadowed(self, target: facts.Subscript, frame: Frame) -> None:
        """``self.__dict__["x"] = ...`` goes around nn.Module (H11)."""
        holder = target.value
        if isinstance(holder, facts.Attribute) and holder.attr == "__dict__" and self._is_self(holder.value, frame):
            for name in (self.evaluate(part, frame).constant for part in target.index):
                if isinstance(name, str):
                    at = st.Evaluate(target.span, target)
                    self._note(name, Action.SHADOW, UNKNOWN, UNSET, at, target.span, frame)

    def _is_self(self, expression: Expression, frame: Frame) -> bool:
        if not isinstance(expression, facts.Name):
            return False
        value = frame.find(expression.id)
        return value is not None and isinstance(value.reference, SelfRef)

    def _write(
        self, attr: str, action: Action, value: Value, statement: st.Statement, span: Span, frame: Frame
    ) -> None:
        if self.instance is None or (action is Action.ASSIGN and self._set_property(attr, value)):
            return
        before = self.instance.slots.get(attr, UNSET)
        if self._without_gradient and value.is_tensor and Trait.LEAF not in value.traits:
            value = replace(value, traits=value.traits & ~Trait.TRAINABLE)
        self._note(attr, action, value, before, statement, span, frame)
        writer = (frame.path, span, attr)
        held = before.value
        if action is Action.ASSIGN and value.only(Kind.TENSOR, Kind.NONE, Kind.ABSENT) and held.kinds:
            if held.only(Kind.BUFFER):
                merged = replace(value, kinds=frozenset({Kind.BUFFER}))
                self.instance.slots[attr] = Slot(merged, before.writers)
                return
            if held.only(Kind.PARAMETER, Kind.MODULE) and value.only(Kind.NONE):
                return
        if value.reference == tensors.BUFFER_CALL:
            value = replace(value, reference=None)
        self.instance.slots[attr] = Slot(value, frozenset({writer}))

    def _set_property(self, attr: str, value: Value) -> bool:
        """Run the setter of a property of that name; False when the name is none."""
        for ancestor in self.lineage.classes if self.lineage else ():
            for method in ancestor.header.methods:
                if method.name == attr and f"{attr}.setter" in method.decorators:
                    receiver = Value(frozenset({Kind.MODULE}), reference=SelfRef())
                    self.run(FunctionRef(ancestor.path, method, ancestor), Arguments((value,), {}), receiver)
                    return True
        return False

    def _note(
        self,
        attr: str,
        action: Action,
        value: Value,
        before: Slot,
        statement: st.Statement,
        span: Span,
        frame: Frame,
        persistent: bool | None = None,
    ) -> None:
        ready = self.instance.ready if self.instance else frozenset({True})
        self.log.note(
            Event(attr, action, value, before, ready, frame.path, frame.scope, frame.owner, span, statement, persistent)
        )

    def module_initialised(self) -> None:
        if self.instance is not None:
            self.instance.ready = frozenset({True})

    def registered(self, method: str, args: Arguments, expression: facts.Call, frame: Frame) -> Value | None:
        """The effect of a registering method of nn.Module on the instance; None for any other method."""
        kind, action = _REGISTERING.get(method, (None, None))
        if kind is None or action is None or self.instance is None:
            return None
        name = args.get(0, "name")
        value = args.get(1, {"register_buffer": "tensor", "register_parameter": "param"}.get(method, "module"))
        if name is None or not isinstance(name.constant, str):
            return NONE
        persistent = args.get(2, "persistent")
        keeps = persistent.constant if persistent is not None else True
        attr, before = name.constant, self.instance.slots.get(name.constant, UNSET)
        at = st.Evaluate(expression.span, expression)
        self._note(
            attr,
            action,
            value or UNKNOWN,
            before,
            at,
            expression.span,
            frame,
            keeps if isinstance(keeps, bool) else None,
        )
        held = replace(value or UNKNOWN, kinds=frozenset({kind}))
        self.instance.slots[attr] = Slot(held, frozenset({(frame.path, expression.span, attr)}))
        return NONE

    def apply(self, callee: Value, args: Arguments, expression: facts.Call, frame: Frame) -> Value:
        name = callee.reference.name if isinstance(callee.reference, External) else ""
        if name in ("builtins.setattr", "builtins.object.__setattr__", "builtins.delattr"):
            self._setattr(name, args, expression, frame)
            return NONE
        return super().apply(callee, args, expression, frame)

    def _setattr(self, function: str, args: Arguments, expression: facts.Call, frame: Frame) -> None:
        if len(args.positional) < 2 or not isinstance(args.positional[0].reference, SelfRef):
            return
        name = args.positional[1].constant
        if not isinstance(name, str):
            return
        at = st.Evaluate(expression.span, expression)
        if function == "builtins.delattr":
            self._write(name, Action.DELETE, ABSENT, at, expression.span, frame)
        elif function == "builtins.setattr":
            value = args.positional[2] if len(args.positional) > 2 else UNKNOWN
            self._write(name, Action.ASSIGN, value, at, expression.span, frame)
        else:
            self._note(name, Action.SHADOW, UNKNOWN, UNSET, at, expression.span, frame)

    def call(self, expression: facts.Call, frame: Frame) -> Value:
        func = expression.func
        result = super().call(expression, frame)
        if isinstance(func, facts.Attribute) and _moves_only(expression):
            self._noted_in_place(func.value, Action.MOVE, st.Evaluate(expression.span, expression), frame)
        self._read_on_cpu(expression, frame)
        if isinstance(func, facts.Attribute) and torch_api.method_mutates(func.attr):
            self._mutated(func.value, st.Evaluate(expression.span, expression), frame)
        elif expression.args and isinstance(func, facts.Attribute | facts.Name):
            callee = self.names.dotted(frame.path, facts.dotted(func) or "?", frame.scope)
            if isinstance(callee, External) and callee.name.startswith("torch.nn.init."):
                self._mutated(expression.args[0].value, st.Evaluate(expression.span, expression), frame)
        return result


_REGISTERING = {
    "register_buffer": (Kind.BUFFER, Action.REGISTER_BUFFER),
    "register_parameter": (Kind.PARAMETER, Action.REGISTER_OTHER),
    "add_module": (Kind.MODULE, Action.REGISTER_OTHER),
    "register_module": (Kind.MODULE, Action.REGISTER_OTHER),
}


def _moves_only(expression: facts.Call) -> bool:
    """Whether a call is ``.cuda()`` or a ``.to()`` that names a device and nothing else."""
    func = expression.func
    if not isinstance(func, facts.Attribute) or not isinstance(func.value, facts.Attribute):
        return False
    if func.attr == "cuda":
        return len(expression.args) <= 1
    if func.attr != "to" or len(expression.args) != 1:
        return False
    argument = expression.args[0]
    if argument.keyword is not None:
        return argument.keyword == "device"
    match argument.value:
        case facts.Attribute(attr=attr):
            return attr in ("device", "_device")
        case facts.Name(id=name):
            return "device" in name
        case facts.Constant(value=str()):
            return True
        case facts.Call(func=callee):
            return (facts.dotted(callee) or "").rpartition(".")[2] in ("device", "get_device")
    return False


def _yields(body: st.Function) -> bool:
    """Whether calling the function gives a generator."""
    return any(
        _has_yield(statement.value)
        for statement in st.walk(body.body)
        if isinstance(statement, st.Evaluate | st.Assign) and statement.value is not None
    )


def _has_yield(expression: Expression) -> bool:
    if isinstance(expression, facts.Opaque) and expression.what == "yield":
        return True
    return any(_has_yield(part) for part in facts.children(expression))


def _memo_key(args: Arguments) -> tuple[object, ...]:
    return (args.positional, tuple(sorted(args.keywords.items(), key=lambda item: item[0])), args.open)
