"""The outline, which Python's parser makes, and the facts, which LibCST makes, speak of the same places."""

from __future__ import annotations

import ast
import importlib.util
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import ClassHeader, FunctionHeader, Outline
from bufferlint.ir.statements import Function
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at
from tests.syntax.python_oracle import Oracle, expressions_of, placed

PACKAGE = Path(__file__).parents[2] / "bufferlint"


def _torch_modules() -> list[Path]:
    spec = importlib.util.find_spec("torch")
    assert spec is not None and spec.submodule_search_locations
    return sorted((Path(spec.submodule_search_locations[0]) / "nn" / "modules").glob("*.py"))


ROOMS = ("text", "facts", "syntax", "semantics", "rules")
FILES = [*sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")), *_torch_modules()]


class Reading:
    """A file read both ways."""

    def __init__(self, text: str) -> None:
        self.source = Source(at("m.py"), text)
        self.oracle = Oracle(self.source)
        self.reader = SyntaxReader(MemoryWorkspace({"m.py": self.source}))
        outline = self.reader.outline(at("m.py"))
        assert isinstance(outline, Outline)
        self.outline = outline

    def headers(self) -> Iterator[FunctionHeader]:
        yield from self.outline.functions
        for header in self.outline.classes:
            yield from header.methods

    def function(self, header: FunctionHeader) -> Function:
        function = self.reader.function(self.source.path, header)
        assert function is not None, self.reader.unreadable
        return function


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_everything_lies_where_python_sees_it(path: Path) -> None:
    reading = Reading(path.read_text(encoding="utf-8"))
    check_headers(reading)
    check_facts(reading)


HARD = '''\
# -*- coding: utf-8 -*-
"""Größe, 掩码, 𝒳."""
import torch as t; from torch import nn
é = 1; 掩码 = (2); x: int = 3
a, (b, *c) = d = 1, (2, 3)

@decorator("é", *[1], **{"a": 1})
@other.one
class 类(nn.Module, metaclass=abc.ABCMeta):  # é
    field: int; other = (1)
    """𝒳𝒳"""; after = 2

    # above
    @property  # é
    def größe(self, /, é="𝒳", *args: int, 掩="码", **kwargs) -> "掩码":
        """𝒳"""
        self.掩码 = (  # é
            t.ones(2)  # 𝒳
        ); self.y = "é" "𝒳"
        if (x := é): self.z = x
        elif not x: pass
        else: self.z = -x
        return (yield)

    async def later(self):
        async with a as b, (c) as (d, e): await f
        async for self.i, in g: ...
        return [é async for é in h if (é)], {**a, "b": c}, {*a}, (x for x in y), a[1:2, ..., None], f"{é!r:>{b}}𝒳{c}"

    def control(self):
        while (a and b and (c or d) or e): break
        for i in (1, 2): continue
        else: del self.a, b[0], (c)
        try: raise E from e
        except (A, B) as e: pass
        except* C: pass
        else: assert a, "é"
        finally: a += (1)
        match (a, b):
            case {"é": [掩, *_]} | (码) if 掩: x = 1
            case _: y = lambda q, *r, s=(1), **t: (q, s)
        global g; nonlocal_ = 1
        a = b = (c) = 𐌰 = 1 if (a) else (2)
        self.x[0], *self.y = z = not -a ** +b @ c // d, a < b <= c != (d) is not e not in f
        print(* a, ** b, c = d)
        return

    def one_line(self): self.a = 1; return self.a

    class Inner:
        def method(this): this.a = 1


def outer():
    é = "𝒳"

    def inner(): return é

    class Local:
        def method(self): self.é = é

    return inner
'''
HARD_STAR = "        except* C: pass\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("indent", ["    ", "\t", " ", "        "])
def test_hard_layouts(end: str, indent: str) -> None:
    text = HARD.replace(HARD_STAR, "").replace("    ", indent).replace("\n", end)
    check_facts(Reading(text))
    check_headers(Reading(text))


@pytest.mark.parametrize("text", [HARD.replace(HARD_STAR, "").rstrip("\n"), "", "\n", "\f\nx = 1\n", "x = 1\\\n\n"])
def test_edges_of_files(text: str) -> None:
    check_facts(Reading(text))
    check_headers(Reading(text))


@pytest.mark.parametrize("indent", ["", "    ", "\t"])
def test_a_function_anywhere_in_a_file(indent: str) -> None:
    """At its top and its end, with and without a line end, inside blocks."""
    code = textwrap.indent("def f(a):\n    self.é = (a)", indent)
    head = "if é:\n" if indent else ""
    for text in (head + code, head + code + "\n", head + code + "\n\n\n# é", head + code + f"\n{indent}# é\nx = 1\n"):
        check_facts(Reading(text))


def check_facts(reading: Reading) -> None:
    """Every fact of every function lies where Python sees a node of its kind, and every call is among the facts."""
    text = reading.source.text
    for header in reading.headers():
        function = reading.function(header)
        assert function.name == header.name and function.qualname == header.qualname
        node = reading.oracle.function(function.span.start)
        assert node is not None and node.name == header.name
        calls = set()
        for expression in _expressions(function):
            for part in placed(expression):
                words = text[part.span.start : part.span.end]
                assert reading.oracle.agrees(part), f"{type(part).__name__} at {part.span}: {words!r}"
                if isinstance(part, ir.Call):
                    calls.add(part.span)
        assert calls == {reading.oracle.span(call) for call in _calls(node)}
        for statement in _statements(function):
            check_assignment(statement, reading)


def check_assignment(statement: st.Statement, reading: Reading) -> None:
    if not isinstance(statement, st.Assign):
        return
    text, node = reading.source.text, reading.oracle.statements.get(statement.span)
    assert isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    assert len(statement.targets) == (len(node.targets) if isinstance(node, ast.Assign) else 1)
    assert (statement.annotation is None) == isinstance(node, ast.Assign)
    assert statement.outer.contains(statement.value.span) and statement.span.end == statement.outer.end
    value = text[statement.outer.start : statement.outer.end]
    assert ast.dump(ast.parse(f"({value}\n)", mode="eval").body) == ast.dump(node.value)
    row = reading.source.row(statement.span.start)
    before = text[reading.source.offset(row) : statement.span.start]
    behind = reading.source.line(reading.source.row(statement.span.end))
    behind = behind[reading.source.location(statement.span.end).column - 1 :].strip()
    assert statement.alone == (not before.strip() and (not behind or behind.startswith("#")))
    assert statement.indent == (before if statement.alone else "")


def check_headers(reading: Reading) -> None:
    """Spans of headers cover whole lines and hold the definition; what is bound lies at a statement that binds it."""
    text, oracle = reading.source.text, reading.oracle
    headers: list[FunctionHeader | ClassHeader] = [*reading.headers(), *reading.outline.classes]
    for header in headers:
        assert header.span.start == 0 or text[header.span.start - 1] in "\r\n"
        assert header.span.end == len(text) or text[header.span.end - 1] in "\r\n"
        node = _only_statement(text[header.span.start : header.span.end])
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        assert node.name == header.name and len(node.decorator_list) == len(header.decorators)
    for scope in (reading.outline.globals_, *(header.names for header in reading.outline.classes)):
        for name in scope:
            bound = oracle.statements[name.span]
            assert name.name in {part.id for part in ast.walk(bound) if isinstance(part, ast.Name)} | {
                getattr(bound, "name", None)
            }
            if isinstance(bound, ast.Assign):
                statement = reading.reader.statement(reading.source.path, name)
                assert isinstance(statement, st.Assign) and statement.span == name.span
    check_insertions(reading)


def check_insertions(reading: Reading) -> None:
    """A line put where the outline says becomes a statement of the class body."""
    text = reading.source.text
    room = [header for header in reading.outline.classes if header.insertion is not None]
    for header in sorted(room, key=lambda header: header.insertion or 0, reverse=True):
        text = text[: header.insertion] + f"{header.indent}added: int\n" + text[header.insertion :]
    classes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    grown = [node.name for node in classes if any(map(_is_added, node.body))]
    assert sorted(grown) == sorted(header.name for header in room)


def _is_added(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "added"


def _only_statement(lines: str) -> ast.stmt:
    """The one statement of whole lines, which may be indented."""
    (node,) = ast.parse(f"if 1:\n{lines}" if lines[:1] in " \t" else lines).body
    return node.body[0] if isinstance(node, ast.If) else node


def _statements(function: Function) -> Iterator[st.Statement]:
    for statement in st.walk(function.body):
        yield statement
        if isinstance(statement, st.Define):
            yield from _statements(statement.function)


def _expressions(function: Function) -> Iterator[ir.Expression]:
    for statement in _statements(function):
        yield from expressions_of(statement)


def _calls(function: ast.AST) -> Iterator[ast.Call]:
    """The calls in a function's body and in those of functions in it; not in headers, class bodies, guards of cases and
    keys of comprehensions, which facts leave out."""
    pending: list[ast.AST] = list(getattr(function, "body", []))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.match_case):
            pending += node.body
        elif isinstance(node, ast.DictComp):
            pending += [node.value, *node.generators]
        elif not isinstance(node, ast.ClassDef):
            pending += ast.iter_child_nodes(node)
