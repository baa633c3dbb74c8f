"""Def-use summary of one piece of code: which attributes it reads, stores and deletes, what it calls, on what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from bufferlint.text.span import Span

WALKS_OVER_MODULES = frozenset({"modules", "children", "named_modules", "named_children"})


@dataclass(frozen=True, slots=True)
class Read:
    """``receiver.attr`` is read. ``around`` are the expressions that it stands in, the innermost first."""

    expression: ir.Attribute
    around: tuple[Expression, ...]
    statement: st.Statement

    @property
    def receiver(self) -> Expression:
        return self.expression.value


@dataclass(frozen=True, slots=True)
class Store:
    """``receiver.attr`` is bound; ``value`` is None where no expression tells it (a loop, a tuple, ``with``)."""

    target: ir.Attribute
    value: Expression | None
    statement: st.Statement
    within: tuple[st.Statement, ...] = ()
    """The compound statements that it stands in, the outermost first."""

    @property
    def receiver(self) -> Expression:
        return self.target.value


@dataclass(frozen=True, slots=True)
class CallSite:
    call: ir.Call
    around: tuple[Expression, ...]
    statement: st.Statement
    within: tuple[st.Statement, ...]
    """The compound statements that it stands in, the outermost first."""

    @property
    def callee(self) -> str:
        """The last name of what is called; empty when that has none."""
        func = self.call.func
        return func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""

    @property
    def receiver(self) -> Expression | None:
        return self.call.func.value if isinstance(self.call.func, ir.Attribute) else None


@dataclass(slots=True)
class Usage:
    """What the statements of a piece of code do, those of functions and lambdas within it included."""

    receiver: str = ""
    """The first parameter of the function; empty for other code."""
    reads: dict[str, list[Read]] = field(default_factory=dict)
    stores: dict[str, list[Store]] = field(default_factory=dict)
    deletes: dict[str, list[ir.Attribute]] = field(default_factory=dict)
    items: list[tuple[ir.Subscript, Expression | None, st.Statement]] = field(default_factory=list)
    """Subscripts that are assigned to, and the value."""
    calls: list[CallSite] = field(default_factory=list)
    strings: set[str] = field(default_factory=set)
    """String constants, docstrings left out, and the keywords of calls."""
    names: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    """Names that statements bind: assignments, loops, ``with``, walruses."""
    name_reads: list[ir.Name] = field(default_factory=list)
    captured: set[str] = field(default_factory=set)
    """Names that a function or a lambda within it reads."""
    defaults: list[Expression] = field(default_factory=list)
    """Defaults of functions within it: they keep what they are given."""
    dicts: list[tuple[ir.Dict, st.Statement]] = field(default_factory=list)
    """Dicts as written, and the statements that they stand in."""
    compared: list[ir.Compare] = field(default_factory=list)
    iterated: list[Expression] = field(default_factory=list)
    """What loops and comprehensions go over."""
    module_targets: set[str] = field(default_factory=set)
    """The variables of loops over ``modules()``, ``children()`` and the like."""
    annotated: set[str] = field(default_factory=set)
    """Attributes that an annotation declares, with or without a value."""
    parameters: frozenset[str] = frozenset()

    def mentions(self, name: str) -> bool:
        """Does it name an attribute, in the code or in a string?"""
        return name in self.reads or name in self.stores or name in self.deletes or name in self.strings

    def called(self, *names: str) -> Iterator[CallSite]:
        """The calls whose last name is one of these."""
        return (site for site in self.calls if site.callee in names)


def usage_of(function: st.Function) -> Usage:
    """The usage of a function's body; its decorators and defaults count too."""
    plain = [parameter for parameter in function.parameters if not parameter.star]
    found = Usage(plain[0].name if plain else "", parameters=frozenset(p.name for p in function.parameters))
    reader = _Reader(found)
    reader.parameters(function)
    reader.block(function.body, ())
    return found


def usage_in(block: Iterable[st.Statement]) -> Usage:
    """The usage of statements that are no function's body."""
    found = Usage()
    _Reader(found).block(tuple(block), ())
    return found


def is_name(expression: Expression | None, *names: str) -> bool:
    return isinstance(expression, ir.Name) and expression.id in names


def text_of(expression: Expression | None) -> str | None:
    """The value of a string literal."""
    value = expression.value if isinstance(expression, ir.Constant) else None
    return value if isinstance(value, str) else None


def dict_holder(expression: Expression) -> Expression | None:
    """``x`` of ``x.__dict__``, ``vars(x)`` and ``getattr(x, "__dict__")``."""
    if isinstance(expression, ir.Attribute) and expression.attr == "__dict__":
        return expression.value
    if not isinstance(expression, ir.Call) or not expression.args:
        return None
    if is_name(expression.func, "vars") and len(expression.args) == 1:
        return expression.args[0].value
    if is_name(expression.func, "getattr") and text_of(expression.args[1].value if expression.args[1:] else None):
        return expression.args[0].value if text_of(expression.args[1].value) == "__dict__" else None
    return None


class _Reader:
    def __init__(self, found: Usage) -> None:
        self._found = found
        self._inside = 0

    def parameters(self, function: st.Function) -> None:
        place = st.Evaluate(function.span, ir.Constant(Span(function.span.start, function.span.start), None))
        for decorator in function.decorators:
            self._expression(decorator, (), place, ())
        for parameter in function.parameters:
            if parameter.default is not None:
                self._found.defaults += [parameter.default] if self._inside else []
                self._expression(parameter.default, (), place, ())

    def block(self, block: st.Block, within: tuple[st.Statement, ...]) -> None:
        for statement in block:
            self._statement(statement, within)
            for inner in st.blocks(statement):
                self.block(inner, (*within, statement))

    def _statement(self, statement: st.Statement, within: tuple[st.Statement, ...]) -> None:
        def read(expression: Expression | None) -> None:
            if expression is not None:
                self._expression(expression, (), statement, within)

        match statement:
            case st.Annotate(target=ir.Attribute(value=receiver, attr=attr)):
                self._found.annotated.add(attr)
                read(receiver)
            case st.Assign(targets=targets, value=value):
                read(value)
                if statement.annotation is not None and isinstance(targets[0], ir.Attribute):
                    self._found.annotated.add(targets[0].attr)
                for target in targets:
                    self._target(target, value, statement, within)
            case st.Augment(target=target, value=value):
                read(value)
                read(target)
                self._target(target, None, statement, within)
            case st.Evaluate(value=value):
                if not isinstance(value, ir.Constant):
                    read(value)
            case st.Return(value=value) | st.Leave(value=value):
                read(value)
            case st.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ir.Attribute):
                        self._found.deletes.setdefault(target.attr, []).append(target)
                        read(target.value)
                    else:
                        read(target)
            case st.If(test=test) | st.While(test=test):
                read(test)
            case st.For(target=target, iterable=iterable):
                read(iterable)
                self._loop_over_modules(target, iterable)
                self._found.iterated.append(iterable)
                self._target(target, None, statement, within)
            case st.With(items=items):
                for manager, bound in items:
                    read(manager)
                    if bound is not None:
                        self._target(bound, None, statement, within)
            case st.Match(subject=subject, cases=cases):
                read(subject)
                for case in cases:
                    read(case.guard)
            case st.Define(function=function):
                self._inside += 1
                self.parameters(function)
                self.block(function.body, within)
                self._inside -= 1
            case st.DefineClass(body=body):
                self.block(body, within)

    def _loop_over_modules(self, target: Expression, iterable: Expression) -> None:
        func = iterable.func if isinstance(iterable, ir.Call) else None
        if isinstance(func, ir.Attribute) and func.attr in WALKS_OVER_MODULES:
            names = target.items if isinstance(target, ir.Display) else (target,)
            self._found.module_targets.update(name.id for name in names if isinstance(name, ir.Name))

    def _target(
        self, target: Expression, value: Expression | None, statement: st.Statement, within: tuple[st.Statement, ...]
    ) -> None:
        match target:
            case ir.Attribute():
                self._found.stores.setdefault(target.attr, []).append(Store(target, value, statement, within))
                self._expression(target.value, (), statement, within)
            case ir.Display(items=items):
                values: tuple[Expression | None, ...] = (None,) * len(items)
                if isinstance(value, ir.Display) and len(value.items) == len(items):
                    values = value.items
                for item, part in zip(items, values, strict=True):
                    self._target(item, part, statement, within)
            case ir.Starred(value=inner):
                self._target(inner, None, statement, within)
            case ir.Subscript():
                self._found.items.append((target, value, statement))
                self._expression(target, (), statement, within)
            case _:
                if isinstance(target, ir.Name):
                    self._found.bound.add(target.id)
                self._expression(target, (), statement, within)

    def _expression(
        self,
        expression: Expression,
        around: tuple[Expression, ...],
        statement: st.Statement,
        within: tuple[st.Statement, ...],
    ) -> None:
        found = self._found
        match expression:
            case ir.Name(id=name):
                found.names.add(name)
                found.name_reads.append(expression)
                if self._inside:
                    found.captured.add(name)
            case ir.Attribute(attr=attr):
                found.reads.setdefault(attr, []).append(Read(expression, around, statement))
            case ir.Constant(value=str() as text):
                found.strings.add(text)
            case ir.FormattedString(parts=parts):
                found.strings.add("".join(p if isinstance(p, str) else f"{{{ir.dotted(p)}}}" for p in parts))
            case ir.Call(args=args):
                found.calls.append(CallSite(expression, around, statement, within))
                found.strings.update(arg.keyword for arg in args if arg.keyword)
            case ir.Comprehension(generators=generators):
                found.iterated += [generator.iterable for generator in generators]
                for generator in generators:
                    self._loop_over_modules(generator.target, generator.iterable)
            case ir.Dict():
                found.dicts.append((expression, statement))
            case ir.Compare():
                found.compared.append(expression)
            case ir.Walrus(target=ir.Name(id=name)):
                found.bound.add(name)
            case ir.Walrus(target=ir.Attribute() as target, value=value):
                found.stores.setdefault(target.attr, []).append(Store(target, value, statement, within))
        deeper = isinstance(expression, ir.Lambda)
        if isinstance(expression, ir.Lambda):
            found.defaults += [default for _, default in expression.defaults]
        self._inside += deeper
        outer = (expression, *around)
        for part in ir.children(expression):
            self._expression(part, outer, statement, within)
        self._inside -= deeper
