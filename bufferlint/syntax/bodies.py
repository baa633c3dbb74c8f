"""LibCST statements and functions -> facts."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from bufferlint.ir import statements as facts
from bufferlint.ir.expressions import Display, Expression
from bufferlint.ir.statements import Block, Function, Parameter, Statement
from bufferlint.syntax.expressions import ExpressionReader, operator
from bufferlint.syntax.positions import Positions
from bufferlint.text.span import Span


class BodyReader:
    """Turns LibCST statements into facts. ``text`` is the source's whole text, which ``positions`` point into."""

    def __init__(self, path: str, text: str, positions: Positions) -> None:
        self._path = path
        self._text = text
        self._positions = positions
        self._expressions = ExpressionReader(positions)

    def function(self, node: cst.FunctionDef, qualname: str) -> Function:
        return Function(
            self._path,
            qualname,
            self._positions.inner(node),
            tuple(self._parameters(node.params)),
            self._expressions.read_optional(node.returns.annotation if node.returns else None),
            tuple(self._expressions.read(decorator.decorator) for decorator in node.decorators),
            self._block(node.body, qualname),
        )

    def statement(self, node: cst.BaseSmallStatement) -> Statement | None:
        return next(iter(self._small(node, False)), None)

    def _parameters(self, params: cst.Parameters) -> Iterable[Parameter]:
        for param in (*params.posonly_params, *params.params):
            yield self._parameter(param, "")
        if isinstance(params.star_arg, cst.Param):
            yield self._parameter(params.star_arg, "*")
        for param in params.kwonly_params:
            yield self._parameter(param, "k")
        if params.star_kwarg is not None:
            yield self._parameter(params.star_kwarg, "**")

    def _parameter(self, param: cst.Param, star: str) -> Parameter:
        annotation = param.annotation.annotation if param.annotation else None
        read = self._expressions.read_optional
        return Parameter(param.name.value, read(annotation), read(param.default), star)

    def _block(self, suite: cst.BaseSuite | None, qualname: str) -> Block:
        if suite is None:
            return ()
        out: list[Statement] = []
        if isinstance(suite, cst.SimpleStatementSuite):
            for small in suite.body:
                out += self._small(small, False)
        else:
            for node in suite.body:
                if isinstance(node, cst.SimpleStatementLine):
                    for small in node.body:
                        out += self._small(small, len(node.body) == 1)
                elif isinstance(node, cst.BaseCompoundStatement):
                    out += self._compound(node, qualname)
        return tuple(out)

    def _orelse(self, node: cst.If | cst.Else | cst.Finally | None, qualname: str) -> Block:
        if isinstance(node, cst.If):
            return tuple(self._compound(node, qualname))
        return self._block(node.body, qualname) if node else ()

    def _small(self, node: cst.BaseSmallStatement, alone: bool) -> Iterable[Statement]:
        read = self._expressions.read
        span = self._positions.inner(node)
        match node:
            case cst.Assign():
                yield self._assign(node, tuple(read(t.target) for t in node.targets), node.value, None, alone)
            case cst.AnnAssign() if node.value is not None:
                yield self._assign(node, (read(node.target),), node.value, read(node.annotation.annotation), alone)
            case cst.AnnAssign():
                yield facts.Annotate(span, read(node.target), read(node.annotation.annotation))
            case cst.AugAssign():
                yield facts.Augment(span, read(node.target), operator(node.operator), read(node.value))
            case cst.Expr():
                yield facts.Evaluate(span, read(node.value))
            case cst.Assert():
                yield facts.Evaluate(span, read(node.test))
            case cst.Return():
                yield facts.Return(span, self._expressions.read_optional(node.value))
            case cst.Raise():
                yield facts.Leave(span, "raise", self._expressions.read_optional(node.exc))
            case cst.Break():
                yield facts.Leave(span, "break")
            case cst.Continue():
                yield facts.Leave(span, "continue")
            case cst.Del():
                target = read(node.target)
                yield facts.Delete(span, target.items if isinstance(target, Display) else (target,))
            case cst.Import() | cst.ImportFrom():
                yield facts.Import(span, tuple(_imported(node)))

    def _assign(
        self,
        node: cst.Assign | cst.AnnAssign,
        targets: tuple[Expression, ...],
        value: cst.BaseExpression,
        annotation: Expression | None,
        alone: bool,
    ) -> facts.Assign:
        outer = self._positions.outer(value)
        whole = Span(self._positions.outer(node).start, outer.end)
        line = max(self._text.rfind("\n", 0, whole.start), self._text.rfind("\r", 0, whole.start)) + 1
        indent = self._text[line : whole.start]
        alone = alone and not indent.strip()
        return facts.Assign(
            whole, targets, self._expressions.read(value), outer, annotation, alone, indent if alone else ""
        )

    def _compound(self, node: cst.BaseCompoundStatement, qualname: str) -> Iterable[Statement]:
        read, span = self._expressions.read, self._positions.inner(node)
        match node:
            case cst.If():
                yield facts.If(
                    span, read(node.test), self._block(node.body, qualname), self._orelse(node.orelse, qualname)
                )
            case cst.For():
                body, orelse = self._block(node.body, qualname), self._orelse(node.orelse, qualname)
                yield facts.For(span, read(node.target), read(node.iter), body, orelse)
            case cst.While():
                body, orelse = self._block(node.body, qualname), self._orelse(node.orelse, qualname)
                yield facts.While(span, read(node.test), body, orelse)
            case cst.With():
                items = tuple((read(i.item), read(i.asname.name) if i.asname else None) for i in node.items)
                yield facts.With(span, items, self._block(node.body, qualname))
            case cst.Try() | cst.TryStar():
                handlers = tuple((_bound(h.name), self._block(h.body, qualname)) for h in node.handlers)
                body, orelse = self._block(node.body, qualname), self._orelse(node.orelse, qualname)
                yield facts.Try(span, body, handlers, orelse, self._orelse(node.finalbody, qualname))
            case cst.Match():
                cases = tuple((tuple(_captured(c.pattern)), self._block(c.body, qualname)) for c in node.cases)
                yield facts.Match(span, read(node.subject), cases)
            case cst.FunctionDef():
                yield facts.Define(span, self.function(node, f"{qualname}.<locals>.{node.name.value}"))
            case cst.ClassDef():
                yield facts.DefineClass(span, node.name.value)


def _bound(name: cst.AsName | None) -> str | None:
    return name.name.value if name and isinstance(name.name, cst.Name) else None


def _captured(node: cst.CSTNode) -> Iterable[str]:
    """The names that a pattern may bind; a few more do no harm, they only become unknown."""
    if isinstance(node, cst.Name):
        yield node.value
    for child in node.children:
        yield from _captured(child)


def _imported(node: cst.Import | cst.ImportFrom) -> Iterable[tuple[str, str]]:
    if isinstance(node.names, cst.ImportStar):
        return
    prefix = ""
    if isinstance(node, cst.ImportFrom):
        prefix = "." * len(node.relative) + (_dotted(node.module) if node.module else "")
        prefix += "" if not prefix or prefix.endswith(".") else "."
    for alias in node.names:
        target = _dotted(alias.name)
        bound = _bound(alias.asname)
        if isinstance(node, cst.Import) and bound is None:
            target = target.partition(".")[0]
        yield bound or target.rpartition(".")[2], prefix + target


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else "?"
