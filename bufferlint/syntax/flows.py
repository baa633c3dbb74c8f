"""Python's own syntax tree -> where values come from: what a screen needs to know, and no more."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeGuard

from bufferlint.ir.flows import Flow, Promise, Term, Terms
from bufferlint.syntax.flow_shapes import (
    gets,
    is_early,
    is_identifier,
    is_static,
    items,
    made,
    names_in,
    names_of_inner_functions,
    promise,
)
from bufferlint.syntax.imports import imported
from bufferlint.syntax.parsing import function_in, parsed

_NOTHING: Terms = frozenset()
_GROWS = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "appendleft"})
_SETS = frozenset({"setattr", "__setattr__"})
_HARMLESS = frozenset({"super", "isinstance", "__init__"})
"""What may be given the receiver without doing anything to it that is not seen elsewhere."""
_MOST = 2000
"""Flows that are kept: they know no place, and much code is asked for again, or stands in several files."""


@lru_cache(_MOST)
def function_flow(code: str, name: str, is_method: bool) -> Flow | None:
    """The flow of a function, its lines given; the first parameter of a method is its receiver. None when it cannot be
    told."""
    _, node = function_in(code, name)
    if node is None:
        return None
    has_inner = "lambda" in code or code.count("def ") > 1
    try:
        return _Gatherer(node, is_method, names_of_inner_functions(node) if has_inner else frozenset()).flow()
    except (_Unfollowed, RecursionError):
        return None


@lru_cache(_MOST)
def value_flow(code: str) -> Flow | None:
    """The flow of a statement that binds names of a class or a module; None when it cannot be told."""
    body = parsed(code)
    if not body:
        return None
    gatherer = _Gatherer(None, False, frozenset())
    try:
        gatherer.returns |= gatherer.terms(getattr(body[0], "value", None))
        return gatherer.flow(getattr(body[0], "annotation", None))
    except RecursionError:
        return None


class _Unfollowed(Exception):
    """The code does something that a flow has no words for."""


class _Gatherer:
    def __init__(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | None, is_method: bool, shared: frozenset[str]
    ) -> None:
        self._node = node
        self._parameters: dict[str, Promise] = {}
        self._locals: dict[str, set[Term]] = {}
        self._stores: list[tuple[str, Terms]] = []
        self._registers: list[tuple[str, Terms, bool]] = []
        self._calls: list[tuple[Term, Terms]] = []
        self.returns: set[Term] = set()
        self._words: set[str] = set()
        self._writes: list[tuple[Terms, str, Terms]] = []
        self._receiver = ""
        self._versions: dict[str, int] = {}
        self._is_straight = True
        """What is read now runs once, whatever happens: an assignment forgets what a name was before."""
        self._is_within = False
        """What is read now belongs to a function within."""
        self._shared = shared
        """Names that functions within read whenever they run."""
        self._taken_within: set[str] = set()
        """Parameters of functions within."""
        self._within: set[Term] = set()
        """Names of functions within."""
        self._given_within: list[Terms] = []
        """What such without a name may be given."""
        if node is not None:
            self._take(node.args, is_method and not is_static(node))

    def flow(self, annotation: ast.expr | None = None) -> Flow:
        node = self._node
        if node is not None:
            for decorator in node.decorator_list:
                self.terms(decorator)
            self._block(node.body)
            annotation = node.returns
        given = self._given_to(self._within).union(*self._given_within) if self._taken_within else _NOTHING
        for name in self._taken_within:
            self._locals.setdefault(name, set()).update(given)
        calls = tuple(dict.fromkeys([*self._calls, *self._roundabout()]))
        return Flow(
            self._receiver,
            self._parameters,
            {name: frozenset(terms) for name, terms in self._locals.items()},
            tuple(dict.fromkeys(self._stores)),
            tuple(self._registers),
            calls,
            self._handed_on(calls),
            frozenset(self.returns),
            promise(annotation),
            frozenset(self._words),
            node is not None and is_early(node.body, self._receiver),
            tuple(self._writes),
        )

    def _take(self, args: ast.arguments, is_method: bool) -> None:
        plain = [*args.posonlyargs, *args.args]
        if is_method and plain:
            self._receiver = plain[0].arg
        defaults: dict[str, ast.expr | None] = dict(
            zip([a.arg for a in reversed(plain)], reversed(args.defaults), strict=False)
        )
        defaults.update(zip([a.arg for a in args.kwonlyargs], args.kw_defaults, strict=True))
        for arg in (*plain, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))):
            if arg.arg != self._receiver:
                default = self.terms(defaults.get(arg.arg))
                self._parameters[arg.arg] = promise(arg.annotation)._replace(default=default)

    def _roundabout(self) -> Iterator[tuple[Term, Terms]]:
        """Calls of attributes that are no calls as written: by a local name, or by what they are passed to."""
        for callee, args in self._calls:
            if callee[0] == "name":
                yield from ((term, args) for term in self._locals.get(callee[1], ()) if term[0] == "get")
            elif callee[0] == "call":
                yield from ((term, args) for term in callee[2] if term[0] == "get")
            yield from ((term, args - {term}) for term in args if term[0] == "get" and len(args) > 1)

    def _handed_on(self, calls: Iterable[tuple[Term, Terms]]) -> Terms:
        """Returns what is called with the receiver, or another name for it, as an argument."""
        names = self._aliases({("name", self._receiver)}) if self._receiver else set()
        return frozenset(callee for callee, args in calls if args & names and callee[-1] not in _HARMLESS)

    def _given_to(self, functions: set[Term]) -> Terms:
        """Returns what may be passed to functions, by whatever name or by what they are passed to themselves."""
        names = self._aliases(functions) if functions else set()
        return _NOTHING.union(*(args for callee, args in self._calls if callee in names or args & names))

    def _aliases(self, names: set[Term]) -> set[Term]:
        """Names, and other names for the same."""
        while more := {("name", name) for name, terms in self._locals.items() if terms & names} - names:
            names = names | more
        return names

    # -- names ---------------------------------------------------------------------------------------------------

    def _current(self, name: str) -> str:
        """A name as it is called between two assignments that both certainly run."""
        version = self._versions.get(name, 0)
        return f"{name}#{version}" if version else name

    def _assign(self, name: str, terms: Terms) -> None:
        if self._is_straight and name != self._receiver and name not in self._shared:
            self._versions[name] = self._versions.get(name, 0) + 1
        own = {("global", name)} if self._is_within else set()
        self._locals.setdefault(self._current(name), set()).update(terms, own)

    def _perhaps(self, body: Iterable[ast.AST]) -> None:
        kept, self._is_straight = self._is_straight, False
        self._block(body)
        self._is_straight = kept

    # -- statements ----------------------------------------------------------------------------------------------

    def _block(self, body: Iterable[ast.AST]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                terms = self.terms(value)
                for target in targets:
                    self._bind(target, terms)
                    self._name_within(target, value)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                if value is not None:
                    types = frozenset({("type", name) for name in names_in(annotation)})
                    self._bind(target, self.terms(value) | types)
                    self._name_within(target, value)
            case ast.AugAssign(target=target, value=value):
                self._bind(target, made(self.terms(value) | self.terms(target)))
            case ast.Expr(value=value):
                self.terms(value)
            case ast.expr():
                self.terms(node)
            case ast.Return(value=value):
                self.returns |= self.terms(value)
            case ast.For() | ast.AsyncFor():
                self._bind_perhaps(node.target, items(self.terms(node.iter)))
                self._perhaps([*node.body, *node.orelse])
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    terms = self.terms(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, terms)
                self._block(node.body)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._nested(node)
            case ast.ClassDef():
                pass
            case ast.Import() | ast.ImportFrom():
                for alias, module in imported(node) if self._is_within else ():
                    if alias == "*":
                        raise _Unfollowed
                    self._assign(alias, frozenset({("import", module)}))
            case _:
                self._perhaps(ast.iter_child_nodes(node))

    def _nested(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function within: what it does counts as done; calling its name gives what it returns."""
        kept, self.returns = self.returns, set()
        is_within, self._is_within = self._is_within, True
        self._take_within(node.args)
        self._within.add(("name", self._current(node.name)))
        self._perhaps(node.body)
        self._is_within = is_within
        self._locals.setdefault(self._current(node.name), set()).update(self.returns)
        self.returns = kept

    def _name_within(self, target: ast.expr, value: ast.expr) -> None:
        """A function within may have got a name."""
        if self._taken_within and isinstance(target, ast.Name | ast.Attribute) and _has_lambda(value):
            self._within |= self.terms(target)

    def _take_within(self, args: ast.arguments) -> None:
        for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))):
            self._taken_within.add(self._current(arg.arg))
        for default in (*args.defaults, *filter(None, args.kw_defaults)):
            for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
                self._locals.setdefault(self._current(arg.arg), set()).update(self.terms(default))

    def _bind(self, target: ast.expr, terms: Terms) -> None:
        match target:
            case ast.Name(id=name):
                self._assign(name, terms)
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                whole = not any(isinstance(element, ast.Starred) for element in elements)
                for at, element in enumerate(elements):
                    part = frozenset({("part", term, at) for term in terms})
                    self._bind(element, part if whole else items(terms))
            case ast.Starred(value=value):
                self._bind(value, terms)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == self._receiver and name:
                self._stores.append((attr, terms))
            case ast.Attribute(value=value, attr=attr):
                self._writes.append((self.terms(value), attr, terms))
            case ast.Subscript(value=value, slice=index):
                self.terms(index)
                self._grow(value, terms)

    def _bind_perhaps(self, target: ast.expr, terms: Terms) -> None:
        kept, self._is_straight = self._is_straight, False
        self._bind(target, terms)
        self._is_straight = kept

    def _grow(self, holder: ast.expr, terms: Terms) -> None:
        """``holder`` takes in what is among ``terms``."""
        while isinstance(holder, ast.Subscript):
            holder = holder.value
        if isinstance(holder, ast.Name):
            self._locals.setdefault(self._current(holder.id), set()).update(terms)
        elif isinstance(holder, ast.Attribute) and self._is_receiver(holder.value):
            self._stores.append(("*" if holder.attr == "__dict__" else holder.attr, made(terms)))

    # -- expressions ---------------------------------------------------------------------------------------------

    def terms(self, node: ast.expr | None) -> Terms:
        match node:
            case None | ast.JoinedStr():
                return _NOTHING
            case ast.Constant():
                return _NOTHING
            case ast.Name(id=name):
                return frozenset({("name", self._current(name))})
            case ast.Attribute(value=value, attr=attr):
                if isinstance(value, ast.Name | ast.Call):
                    self._words.add(attr)
                if attr == "register_buffer" and self._is_receiver(value):
                    self._registers.append(("*", _NOTHING, True))
                return frozenset({("get", term, attr) for term in self.terms(value)})
            case ast.Call():
                return self._call(node)
            case ast.Subscript(value=value, slice=index):
                self.terms(index)
                if isinstance(index, ast.Constant) and isinstance(index.value, int) and index.value >= 0:
                    return frozenset({("part", term, index.value) for term in self.terms(value)})
                return items(self.terms(value))
            case ast.Tuple(elts=elements) if not any(isinstance(element, ast.Starred) for element in elements):
                return frozenset({("tuple", tuple(map(self.terms, elements)))})
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.terms(test)
                return self.terms(body) | self.terms(orelse)
            case ast.BoolOp(values=values):
                return _NOTHING.union(*map(self.terms, values))
            case ast.NamedExpr(target=target, value=value):
                terms = self.terms(value)
                self._bind_perhaps(target, terms)
                return terms
            case ast.Lambda(args=args, body=body):
                self._take_within(args)
                return self.terms(body)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                for generator in node.generators:
                    self._bind_perhaps(generator.target, items(self.terms(generator.iter)))
                    for condition in generator.ifs:
                        self.terms(condition)
                return made(self.terms(node.value if isinstance(node, ast.DictComp) else node.elt))
            case ast.Yield(value=value) | ast.YieldFrom(value=value):
                self.returns |= self.terms(value)
                return _NOTHING
        inner = (self.terms(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
        return made(_NOTHING.union(*inner))

    def _call(self, node: ast.Call) -> Terms:
        func = node.func
        is_own = isinstance(func, ast.Attribute) and self._is_receiver(func.value)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(func, ast.Attribute) and func.attr == "register_buffer" and is_own:
            return self._registered(node)
        values = [self.terms(each.value if isinstance(each, ast.Starred) else each) for each in given]
        args = _NOTHING.union(*values)
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if isinstance(func, ast.Attribute) and name in _GROWS:
            self._grow(func.value, args)
        if isinstance(func, ast.Name) and name == "getattr" and len(given) > 1:
            named = given[1]
            default = values[2] if len(values) > 2 else _NOTHING
            if not is_identifier(named):
                if len(given) == 2 and self._is_receiver(given[0]) and _is_spelled(named):
                    raise _Unfollowed
                return default
            self._words.add(named.value)
            return frozenset({("get", term, named.value) for term in values[0]}) | default
        if name in _SETS and given:
            self._set(node, name, values)
        callees = self.terms(func)
        if self._taken_within and (isinstance(func, ast.Call) or any(map(_has_lambda, (func, *given)))):
            self._given_within.append(args)
        if args:
            self._calls += [(callee, args) for callee in callees]
        return frozenset({("call", callee, args) for callee in callees}) or args

    def _registered(self, node: ast.Call) -> Terms:
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        name = named.get("name", node.args[0] if node.args else None)
        value = named.get("tensor", node.args[1] if len(node.args) > 1 else None)
        terms = self.terms(value)
        plain = isinstance(value, ast.Constant) and value.value is None
        literal = isinstance(value, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp | ast.DictComp)
        doubtful = not plain and (literal or not terms or any("expand" in gets(term) for term in terms))
        self.terms(name)
        self._registers.append((name.value if is_identifier(name) else "*", terms, doubtful))
        return frozenset({("registration",)})

    def _set(self, node: ast.Call, name: str, values: list[Terms]) -> None:
        """``setattr(self, "x", value)``, ``self.__setattr__("x", value)``, ``object.__setattr__(self, "x", value)``."""
        own = len(values) > 2 and self._is_receiver(node.args[0] if node.args else None)
        if own or (name == "__setattr__" and len(values) == 2):
            named = node.args[-2] if len(node.args) > 1 else None
            self._stores.append((named.value if is_identifier(named) else "*", values[-1]))
        elif name == "setattr" and len(node.args) > 2:
            named = node.args[1]
            self._writes.append((values[0], named.value if is_identifier(named) else "*", values[2]))

    def _is_receiver(self, node: ast.expr | None) -> bool:
        """The receiver, or ``super()``."""
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id == "super"
        return isinstance(node, ast.Name) and node.id == self._receiver and bool(self._receiver)


def _is_spelled(name: ast.expr) -> bool:
    """Is a name put together from a text that is written out and something else: ``f"_make_{kind}"``?"""
    parts = name.values if isinstance(name, ast.JoinedStr) else [name.left, name.right] if _adds(name) else []
    return any(isinstance(part, ast.Constant) or _is_spelled(part) for part in parts)


def _adds(node: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)


def _has_lambda(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Lambda) for each in ast.walk(node))
