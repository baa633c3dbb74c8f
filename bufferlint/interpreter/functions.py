"""Runs functions of the project, nested functions and lambdas."""

from __future__ import annotations

from dataclasses import replace

from bufferlint.interpreter.argument_binding import ArgumentBinder
from bufferlint.interpreter.context import Context
from bufferlint.interpreter.definitions import Definitions
from bufferlint.interpreter.expressions import Evaluator
from bufferlint.interpreter.queries import yields
from bufferlint.interpreter.state import Frame, Instance, join_instances
from bufferlint.interpreter.statements import Statements
from bufferlint.interpreter.values import NONE, UNKNOWN, Arguments, Kind, Trait, Value, join
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.resolution.references import ClassRef, FunctionRef, LocalFunction, SelfRef
from bufferlint.text.span import Span

_DEEPEST = 10
_LONGEST = 4000
"""Bounds on one run: nested calls, and calls of project functions."""
_TRANSPARENT = frozenset({
    "staticmethod", "classmethod", "no_grad", "inference_mode", "lru_cache", "cache", "overload", "abstractmethod",
    "property", "cached_property", "export", "unused", "ignore", "wraps", "jit", "script", "script_if_tracing",
    "setter", "override", "final", "typechecked", "deprecated", "_no_grad", "enable_grad", "autocast", "custom_fwd",
})  # fmt: skip


class Functions:
    """Runs functions. What one without the instance gives is kept."""

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
        self.constructed: dict[tuple[str, int], list[Arguments]] = {}
        """The arguments of the constructor calls in the functions observed so far, by class."""
        self._generators: dict[tuple[str, Span], bool] = {}
        self._memo: dict[tuple[str, Span, tuple[object, ...]], Value] = {}

    def run(self, function: FunctionRef, args: Arguments, receiver: Value | None, instance: Instance | None) -> Value:
        """The value of calling a function of the project; ``receiver`` is what a method's first parameter is bound to.

        A function that is not handed the instance can do nothing to it, and gives the same to the same arguments."""
        key = (function.path, function.header.span)
        if not self._may_enter(key):
            return UNKNOWN
        body = self._context.reader.function(function.path, function.header)
        if body is None:
            return UNKNOWN
        pure = not any(isinstance(v.reference, SelfRef) for v in (receiver, *args.all) if v is not None)
        frame = Frame(function.path, function.header.qualname, {}, function.owner, instance=None if pure else instance)
        promised = self._definitions.annotations(frame).value(body.returns).without(Kind.ABSENT)
        changed = not all(d.rpartition(".")[2] in _TRANSPARENT for d in function.header.decorators)
        changed = changed or self._is_generator(key, body)
        memo = (*key, _memo_key(args))
        if pure and memo in self._memo and key != self.observed:
            return self._memo[memo]
        self._context.run.calls += 1
        self._context.run.ran.add(function.header.name)
        self._context.run.stack.append(key)
        result = self._execute(body, frame, args, receiver)
        self._context.run.stack.pop()
        if {d.rpartition(".")[2] for d in function.header.decorators} & {"lru_cache", "cache"}:
            result = replace(result, traits=result.traits | Trait.SHARED)
            if result.items is not None:
                shared = (replace(item, traits=item.traits | Trait.SHARED) for item in result.items)
                result = replace(result, items=tuple(shared))
        if changed or not result.kinds or (result.may(Kind.UNKNOWN) and not promised.may(Kind.UNKNOWN)):
            result = promised
            if promised.is_tensor and body.returns is not None:
                text = f"annotated {self._context.words(body.returns, frame.path)}"
                result = promised.because(self._context.reason(body.returns, frame, text))
        if pure:
            self._memo[memo] = result
        return result

    def note_construction(self, ref: ClassRef, args: Arguments) -> None:
        """Only what stands in an observed function itself counts: what else runs depends on what ran before."""
        if self.observed is not None:
            path, span = self.observed
            if all(place == path and span.contains(inside) for place, inside in self._context.run.stack):
                self.constructed.setdefault(ref.key, []).append(args)

    def _is_generator(self, key: tuple[str, Span], body: st.Function) -> bool:
        if key not in self._generators:
            self._generators[key] = yields(body)
        return self._generators[key]

    def _may_enter(self, key: tuple[str, Span]) -> bool:
        run = self._context.run
        return key not in run.stack and len(run.stack) < _DEEPEST and run.calls < _LONGEST

    def run_local(self, function: LocalFunction, args: Arguments, instance: Instance | None) -> Value:
        """The value of calling a nested function or lambda."""
        closure = self._context.closures[function.number]
        key = (closure.frame.path, closure.body.span)
        if not self._may_enter(key):
            return UNKNOWN
        self._context.run.calls += 1
        self._context.run.stack.append(key)
        outer = closure.frame
        if isinstance(closure.body, ir.Lambda):
            inner = dict(zip(closure.body.parameters, args.positional, strict=False))
            names = {name: inner.get(name, args.keywords.get(name, UNKNOWN)) for name in closure.body.parameters}
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
        self._binder.bind(body, frame, args, receiver)
        alive = self._statements.block(body.body, frame)
        if frame.instance is not None:
            ends = [*frame.exits, *([frame.instance] if alive else [])]
            if ends:
                frame.instance.become(join_instances(ends))
        return join([*frame.returns, *([NONE] if alive else [])])


def _memo_key(args: Arguments) -> tuple[object, ...]:
    return (args.positional, tuple(sorted(args.keywords.items(), key=lambda item: item[0])), args.open)
