"""Runs functions of the project, nested functions and lambdas."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from bufferlint.interpreter.argument_binding import ArgumentBinder
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.events import Note
from bufferlint.interpreter.expressions import Evaluator
from bufferlint.interpreter.queries import hands_through, is_abstract, yields
from bufferlint.interpreter.slots import Recording
from bufferlint.interpreter.state import Frame, Instance, join_instances, settled
from bufferlint.interpreter.statements import Statements
from bufferlint.interpreter.summaries import Summaries, Summary, summarised
from bufferlint.interpreter.values import NONE, NOTHING, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.budget import CALL
from bufferlint.resolution.references import ClassRef, FunctionRef, LocalFunction, SelfClassRef, SelfRef
from bufferlint.text.span import Span

_DEEPEST = 60
_LONGEST = 20_000
"""Bounds on one run: nested calls, and calls of project functions that no summary spared."""
_MOST_ROUNDS = 4
_NEVER = 1 << 30
_Key = tuple[str, Span]
_TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "no_grad", "inference_mode", "lru_cache", "cache", "overload", "abstractmethod",
    "property", "cached_property", "export", "unused", "ignore", "wraps", "jit", "script", "script_if_tracing",
    "setter", "override", "final", "typechecked", "deprecated", "_no_grad", "enable_grad", "autocast", "custom_fwd",
    "compile",
})  # fmt: skip
_NO_GRADIENT = frozenset({"no_grad", "_no_grad"})


class _Call(NamedTuple):
    function: FunctionRef
    body: st.Function
    args: Arguments
    receiver: Value | None


class Functions:
    """Runs functions, each once for each distinct question."""

    def __init__(
        self,
        context: Context,
        definitions: Definitions,
        binder: ArgumentBinder,
        evaluator: Evaluator,
        statements: Statements,
    ) -> None:
        self._context = context
        self._definitions = definitions
        self._binder = binder
        self._evaluator = evaluator
        self._statements = statements
        self.observed: tuple[str, Span] | None = None
        """The function or statement that is run for what it constructs."""
        self.watched: tuple[_Key, list[Arguments]] | None = None
        """A function, and what the one that is observed hands it."""
        self.constructed: dict[tuple[str, int], dict[_Key, list[Arguments]]] = {}
        """The arguments of the constructor calls in the functions observed so far, by class and place."""
        self._once_observed: set[_Key] = set()
        self._handing: dict[_Key, bool] = {}
        self._generators: dict[tuple[str, Span], bool] = {}
        self._memo: dict[object, tuple[Value, tuple[Note, ...]]] = {}
        self._summaries = Summaries(context.reader.budget)

    def run(self, function: FunctionRef, args: Arguments, receiver: Value | None, instance: Instance | None) -> Value:
        """The value of calling a function of the project; ``receiver`` is what a method's first parameter is bound to.

        A function that is not handed the instance can do nothing to it, and gives the same to the same arguments. What
        one that is handed it does is summarised."""
        key = (function.path, function.header.span)
        if self.watched is not None and key == self.watched[0] and self._stands_in_observed():
            self.watched[1].append(args)
        if key in self._context.run.stack:
            return self._again(key)
        body = self._context.reader.function(function.path, function.header)
        if body is None:
            return UNKNOWN
        args = _settled(args, instance)
        call = _Call(function, body, args, receiver)
        given = [value for value in (receiver, *args.all) if value is not None]
        if instance is None or not any(isinstance(value.reference, SelfRef) for value in given):
            return self._run_alone(call, key)
        modes = (
            instance.without_gradient > 0,
            instance.in_inference_mode > 0,
            self._context.run.builds,
            self._context.run.follows,
        )
        question = (key, receiver, _memo_key(args), instance.super_init_ran, modes)
        depth = len(self._context.run.stack)
        known = self._summaries.find(question, instance) or self._summaries.find((question, depth), instance)
        if known is not None and key != self.observed:
            return self._replay(known, instance)
        return self._run_on(instance, call, key, question)

    def _run_alone(self, call: _Call, key: _Key) -> Value:
        """Run a function that is not handed the instance; one that calls itself until what it gives does not change."""
        run = self._context.run
        memo = (*key, call.receiver, _memo_key(call.args), run.builds, run.follows)
        for known in (memo, (memo, len(run.stack))) if key != self.observed else ():
            if known in self._memo:
                value, notes = self._memo[known]
                for note in notes:
                    run.log.note(note)
                return value
        if not self._may_enter(call.function):
            return UNKNOWN
        place, rounds, noted = len(run.stack), 0, len(run.log.noted)
        was_bounded, run.bounded = run.bounded, False
        was_cut, run.cut = run.cut, _NEVER
        run.approximations[key] = NOTHING
        result = self._entered(call, key, None)
        while run.cut == place and result != run.approximations[key]:
            rounds, run.cut = rounds + 1, _NEVER
            run.approximations[key] = result if rounds < _MOST_ROUNDS else UNKNOWN
            result = self._entered(call, key, None) if rounds < _MOST_ROUNDS else UNKNOWN
        del run.approximations[key]
        if run.cut >= place:  # what calls a function that still runs is a part of that one's run
            notes = tuple(dict.fromkeys(run.log.noted[noted:]))
            self._memo[(memo, place) if run.bounded else memo] = (result, notes)
        run.cut = min(was_cut, run.cut if run.cut < place else _NEVER)
        run.bounded = run.bounded or was_bounded
        return result

    def _run_on(self, instance: Instance, call: _Call, key: _Key, question: object) -> Value:
        """Run a function that is handed the instance, and keep what it looked at and did."""
        run = self._context.run
        if not self._may_enter(call.function):
            return UNKNOWN
        was_bounded, run.bounded = run.bounded, False
        was_cut, run.cut = run.cut, _NEVER
        place, noted, ran = len(run.stack), len(run.log.noted), len(run.ran)
        recording = Recording(dict(instance.slots))
        instance.recordings.append(recording)
        result = self._entered(call, key, instance)
        instance.recordings.pop()
        is_whole = run.cut >= place  # what calls a function that still runs is a part of that one's run
        run.cut = min(was_cut, _NEVER if is_whole else run.cut)
        if recording.is_repeatable and is_whole:
            events, names = run.log.noted[noted:], run.ran[ran:]
            asked = (question, place) if run.bounded else question
            self._summaries.keep(asked, summarised(recording, instance, events, names, result))
        run.bounded = run.bounded or was_bounded
        if instance.recordings:
            instance.recordings[-1].join(recording)
        return result

    def _replay(self, summary: Summary, instance: Instance) -> Value:
        """Do what a run did that looked at the same."""
        for event in summary.events:
            self._context.run.log.note(event)
        self._context.run.ran += summary.ran
        for attr, slot in summary.written:
            dict.__setitem__(instance.slots, attr, slot)
        instance.super_init_ran = summary.super_init_ran
        return summary.result

    def _entered(self, call: _Call, key: _Key, instance: Instance | None) -> Value:
        function, body = call.function, call.body
        frame = Frame(function.path, function.header.qualname, {}, function.owner, instance=instance)
        decorators = {decorator.rpartition(".")[2] for decorator in function.header.decorators}
        promised = self._definitions.annotations(frame).value(body.returns).without(Kind.ABSENT)
        self._context.reader.budget.spend(CALL + (len(instance.slots) if instance is not None else 0))
        self._context.run.calls += 1
        self._context.run.ran.append(function.header.name)
        self._context.run.stack.append(key)
        inferring = "inference_mode" in decorators
        untracked = inferring or bool(decorators & _NO_GRADIENT)
        if instance is not None:
            instance.in_inference_mode += inferring
            instance.without_gradient += untracked
        result = self._execute(body, frame, call.args, call.receiver)
        if instance is not None:
            instance.in_inference_mode -= inferring
            instance.without_gradient -= untracked
        if untracked and result.is_tensor and Trait.LEAF not in result.traits:
            added = Trait.UNSTORABLE if inferring else Trait.NOTHING
            result = replace(result, traits=result.traits & ~Trait.TRAINABLE | added)
        self._context.run.stack.pop()
        if decorators & {"lru_cache", "cache"}:
            result = replace(result, traits=result.traits | Trait.SHARED)
            if result.items is not None:
                shared = (replace(item, traits=item.traits | Trait.SHARED) for item in result.items)
                result = replace(result, items=tuple(shared))
        opaque = decorators - _TRANSPARENT and not self._hands_through(function)
        generates = self._is_generator(key, body)
        each = join(frame.yielded) if generates and not opaque else NOTHING
        if each.only(Kind.TENSOR, Kind.MODULE):
            return Value(frozenset({Kind.CONTAINER}), element=each)
        changed = opaque or generates
        if changed or not result.kinds or (result.may(Kind.UNKNOWN) and not promised.may(Kind.UNKNOWN)):
            result = promised
            if promised.is_tensor and body.returns is not None:
                text = f"annotated {self._context.words(body.returns, frame.path)}"
                result = promised.because(self._context.reason(body.returns, frame, text))
        return result

    def _again(self, key: _Key) -> Value:
        """A function that is running calls itself: what is known of it so far is the answer."""
        run = self._context.run
        run.cut = min(run.cut, run.stack.index(key))
        return run.approximations.get(key, UNKNOWN)

    def note_construction(self, ref: ClassRef, args: Arguments) -> None:
        """Only what stands in an observed function itself counts: what else runs depends on what ran before."""
        if self.observed is not None and self._stands_in_observed():
            self.constructed.setdefault(ref.key, {}).setdefault(self.observed, []).append(args)

    def observe(self, place: _Key) -> None:
        """Begin to observe a function or statement; what was seen there before is forgotten."""
        self.observed = place
        for by_place in self.constructed.values() if place in self._once_observed else ():
            by_place.pop(place, None)
        self._once_observed.add(place)

    def _stands_in_observed(self) -> bool:
        if self.observed is None:
            return False
        path, span = self.observed
        return all(place == path and span.contains(inside) for place, inside in self._context.run.stack)

    def _hands_through(self, function: FunctionRef) -> bool:
        """Returns whether the decorators of a function are the project's own and hand on what it gives."""
        for name in function.header.decorators:
            if name.rpartition(".")[2] in _TRANSPARENT:
                continue
            found = self._context.names.dotted(function.path, name, function.header.qualname)
            if not isinstance(found, FunctionRef):
                return False
            key = (found.path, found.header.span)
            if key not in self._handing:
                body = self._context.reader.function(found.path, found.header)
                self._handing[key] = body is not None and hands_through(body)
            if not self._handing[key]:
                return False
        return True

    def _is_generator(self, key: tuple[str, Span], body: st.Function) -> bool:
        if key not in self._generators:
            self._generators[key] = yields(body)
        return self._generators[key]

    def _may_enter(self, function: FunctionRef) -> bool:
        """Returns whether a bound on the run leaves room for one more call; where it does not, the file has a
        problem."""
        run = self._context.run
        if len(run.stack) < _DEEPEST and run.calls < _LONGEST:
            return True
        run.bounded = True
        if len(run.stack) >= _DEEPEST:
            cause = f"its calls are nested more than {_DEEPEST} deep, and followed no further"
        else:
            cause = f"it makes more than {_LONGEST:,} calls, and is followed no further"
        self._context.reader.give_up(function.path, function.header, cause)
        return False

    def run_local(self, function: LocalFunction, args: Arguments, instance: Instance | None) -> Value:
        """The value of calling a nested function or lambda."""
        closure = self._context.closures[function.number]
        key = (closure.frame.path, closure.body.span)
        run = self._context.run
        if key in run.stack:
            return self._again(key)
        if len(run.stack) >= _DEEPEST:
            run.bounded = True
            return UNKNOWN
        run.calls += 1
        run.stack.append(key)
        outer = closure.frame
        if isinstance(closure.body, ir.Lambda):
            inner = dict(zip(closure.body.parameters, args.positional, strict=False))
            usual = {name: self._evaluator.evaluate(each, outer) for name, each in closure.body.defaults}
            inner = {**usual, **args.keywords, **inner}
            names = {name: inner.get(name, UNKNOWN) for name in closure.body.parameters}
            frame = Frame(outer.path, outer.scope, names, outer.owner, outer, instance=instance)
            result = self._evaluator.evaluate(closure.body.body, frame)
        else:
            scope = closure.body.qualname
            frame = Frame(outer.path, scope, {}, outer.owner, outer, outer.receiver, instance=instance)
            result = self._execute(closure.body, frame, args, None)
        self._context.run.stack.pop()
        return result if result.kinds else UNKNOWN

    def _execute(self, body: st.Function, frame: Frame, args: Arguments, receiver: Value | None) -> Value:
        """Bind the parameters, run the body, leave the instance as it is at the end of all paths."""
        if is_abstract(body):
            return NOTHING
        self._binder.bind(body, frame, args, receiver)
        alive = self._statements.block(body.body, frame)
        if frame.instance is not None:
            ends = [*frame.exits, *([frame.instance.copy()] if alive else [])]
            if ends:
                frame.instance.become(join_instances(ends))
        return join([*frame.returns, *([NONE] if alive else [])])


def _settled(args: Arguments, instance: Instance | None) -> Arguments:
    """Arguments that mean the same wherever they are handed to."""
    if not any(isinstance(value.reference, SelfClassRef) for value in args.all):
        return args
    keywords = {name: settled(value, instance) for name, value in args.keywords.items()}
    return replace(args, positional=tuple(settled(value, instance) for value in args.positional), keywords=keywords)


def _memo_key(args: Arguments) -> tuple[object, ...]:
    named = sorted(args.keywords.items(), key=lambda item: item[0])
    reasons = [value.reason for value in (*args.positional, *(value for _, value in named))]
    return (args.positional, tuple(named), args.open, tuple(reasons))
