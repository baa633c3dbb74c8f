"""What all layers of the interpreter share: the project that is read, and what the current run has left so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bufferlint.interpreter import quoting
from bufferlint.interpreter.events import Action, Event, EventLog
from bufferlint.interpreter.slots import UNSET, Slot
from bufferlint.interpreter.state import Closure, Frame
from bufferlint.interpreter.values import UNKNOWN, Kind, Reason, Value
from bufferlint.ir.expressions import Expression, Lambda
from bufferlint.ir.reader import Reader
from bufferlint.ir.statements import Evaluate, Function, Statement
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, LocalFunction
from bufferlint.text.span import Span

NESTED = "its code is nested too deeply to be analysed"


@dataclass(slots=True)
class Run:
    """One run: the events on the instance, the names of the project functions that ran, those that are running."""

    log: EventLog = field(default_factory=EventLog)
    ran: list[str] = field(default_factory=list)
    stack: list[tuple[str, Span]] = field(default_factory=list)
    calls: int = 0
    cut: int = 1 << 30
    """The place on the stack of the outermost function that a running one called again since the last that ended."""
    bounded: bool = False
    """A bound was met since the function began that is running: what it gives depends on how deep it stands."""
    values: dict[int, Value] = field(default_factory=dict)
    """The last value of each expression, by its identity."""
    builds: bool = False
    """It builds an instance: objects that it meets are followed into their classes."""
    calls_objects: bool = True
    """Their methods are run besides: not those that other methods call, which lead through a whole program."""
    approximations: dict[tuple[str, Span], Value] = field(default_factory=dict)
    """What functions that call themselves are known to give so far."""

    @property
    def follows(self) -> bool:
        return self.builds and self.calls_objects


@dataclass(slots=True)
class Context:
    """The project, and the current `Run` on it. ``tensor_factories`` are functions that the user says give tensors."""

    reader: Reader
    names: Names
    hierarchy: Hierarchy
    tensor_factories: frozenset[str]
    run: Run = field(default_factory=Run)
    closures: list[Closure] = field(default_factory=list)
    built: Callable[[ClassRef], Mapping[str, Slot]] = lambda _: {}
    """What the attributes of an instance of a class hold once it is built; nothing unless somebody tells."""
    slots_of: Callable[[ClassRef], Mapping[str, Slot]] = lambda _: {}
    """The same, asked for by code that builds an instance itself."""

    def closure(self, body: Function | Lambda, frame: Frame) -> Value:
        """The value of a nested function or lambda."""
        self.closures.append(Closure(body, frame))
        return Value(frozenset({Kind.CALLABLE}), reference=LocalFunction(len(self.closures) - 1))

    def reason(self, expression: Expression, frame: Frame, text: str = "") -> Reason:
        """A reason in the words of the code; long or many-line code is cut down to its outline."""
        return Reason(text or self.words(expression, frame.path), frame.path, expression.span)

    def words(self, expression: Expression, path: str) -> str:
        """An expression as a message quotes it."""
        return quoting.of(expression, self.reader.code(path, expression.span), expression.span.start)

    def module_initialised(self, expression: Expression, frame: Frame) -> None:
        """``nn.Module.__init__`` runs: what it finds registered it forgets."""
        if frame.instance is not None and frame.instance.super_init_ran == {True}:
            at = Evaluate(expression.span, expression)
            self.note("*", Action.STARTS_AGAIN, UNKNOWN, UNSET, at, expression.span, frame)
        frame.module_initialised()

    def note(
        self,
        attr: str,
        action: Action,
        value: Value,
        before: Slot,
        statement: Statement,
        span: Span,
        frame: Frame,
        persistent: bool | None = None,
    ) -> None:
        """Note what happens to an attribute of the instance."""
        ready = frame.instance.super_init_ran if frame.instance else frozenset({True})
        self.run.log.note(
            Event(attr, action, value, before, ready, frame.path, frame.scope, frame.owner, span, statement, persistent)
        )
