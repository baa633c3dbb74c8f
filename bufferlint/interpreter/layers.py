"""The layers that lower ones call back: an argument of a call is an expression, and may be a call again."""

from __future__ import annotations

from typing import Protocol

from bufferlint.interpreter.state import Frame, Instance
from bufferlint.interpreter.values import Arguments, Value
from bufferlint.ir.expressions import Expression
from bufferlint.resolution.references import ClassRef, FunctionRef, LocalFunction


class Evaluates(Protocol):
    def evaluate(self, expression: Expression, frame: Frame) -> Value: ...


class Binds(Protocol):
    def bind(self, target: Expression, value: Value, frame: Frame) -> None: ...


class Runs(Protocol):
    def run(
        self, function: FunctionRef, args: Arguments, receiver: Value | None, instance: Instance | None
    ) -> Value: ...

    def run_local(self, function: LocalFunction, args: Arguments, instance: Instance | None) -> Value: ...

    def note_construction(self, ref: ClassRef, args: Arguments) -> None: ...


class Layers:
    """Set once all layers are made."""

    evaluator: Evaluates
    assignments: Binds
    functions: Runs
