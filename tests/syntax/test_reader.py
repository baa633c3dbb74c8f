"""Bodies lowered on demand, and code that is refused."""

from __future__ import annotations

import pytest

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import FunctionHeader, Outline
from bufferlint.syntax.reader import SyntaxReader
from tests.memory import MemoryWorkspace, at


def read(text: str) -> tuple[SyntaxReader, Outline]:
    reader = SyntaxReader(MemoryWorkspace({"m.py": text}))
    outline = reader.outline(at("m.py"))
    assert isinstance(outline, Outline)
    return reader, outline


def body(code: str) -> tuple[st.Statement, ...]:
    """The facts of statements, read as the body of a method."""
    lines = "".join(f"        {line}\n" for line in code.splitlines())
    reader, outline = read(f"class A:\n    def m(self):\n{lines}")
    function = reader.function(at("m.py"), outline.classes[0].methods[0])
    assert function is not None
    return function.body


KINDS = {
    "a = 1": st.Assign,
    "a: int = 1": st.Assign,
    "a: int": st.Annotate,
    "a += 1": st.Augment,
    "f()": st.Evaluate,
    "assert a": st.Evaluate,
    "return": st.Return,
    "return a": st.Return,
    "raise E": st.Leave,
    "while a: break": st.While,
    "for a in b: continue": st.For,
    "async_ = [await_ for await_ in b]": st.Assign,
    "del a, b": st.Delete,
    "if a: b\nelif c: d\nelse: e": st.If,
    "with a as b, c: d": st.With,
    "try: a\nexcept E as e: b\nelse: c\nfinally: d": st.Try,
    "match a:\n    case [b, *c]: d": st.Match,
    "import a.b": st.Import,
    "from .a import b as c": st.Import,
    "def f(): ...": st.Define,
    "class B: ...": st.DefineClass,
    "global a": st.Global,
}


@pytest.mark.parametrize(("code", "kind"), KINDS.items(), ids=KINDS)
def test_statements(code: str, kind: type[st.Statement]) -> None:
    assert [type(statement) for statement in body(code)] == [kind]


@pytest.mark.parametrize("code", ["pass", "pass; pass"])
def test_statements_that_say_nothing(code: str) -> None:
    assert body(code) == ()


def test_targets_of_an_assignment() -> None:
    (statement,) = body("a = self.b = c[0] = (d, *e) = 1")
    assert isinstance(statement, st.Assign)
    assert [type(target) for target in statement.targets] == [
        ir.Name,
        ir.Attribute,
        ir.Subscript,
        ir.Display,
    ]


@pytest.mark.parametrize(
    ("code", "bindings"),
    [
        ("import a.b", (("a", "a"),)),
        ("import a.b as c", (("c", "a.b"),)),
        ("from a import b, c as d", (("b", "a.b"), ("d", "a.c"))),
        ("from . import b", (("b", ".b"),)),
        ("from ..a.b import c", (("c", "..a.b.c"),)),
    ],
)
def test_imports_are_told_as_the_outline_tells_them(code: str, bindings: tuple[tuple[str, str], ...]) -> None:
    (statement,) = body(code)
    assert isinstance(statement, st.Import) and statement.bindings == bindings
    _, outline = read(code)
    assert tuple((binding.name, binding.target) for binding in outline.bindings) == bindings


def test_parameters() -> None:
    reader, outline = read("def f(a, /, b: int = 1, *c, d, e=2, **g) -> str: ...\n")
    function = reader.function(at("m.py"), outline.functions[0])
    assert function is not None
    assert [(p.name, p.star, p.annotation is not None, p.default is not None) for p in function.parameters] == [
        ("a", "", False, False),
        ("b", "", True, True),
        ("c", "*", False, False),
        ("d", "k", False, False),
        ("e", "k", False, True),
        ("g", "**", False, False),
    ]
    assert isinstance(function.returns, ir.Name)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("1", 1),
        ("0x_ff", 255),
        ("1.5e3", 1500.0),
        ("2j", 2j),
        ("'a' \"b\" r'\\n'", "ab\\n"),
        ("b'x'", b"x"),
        ("None", None),
        ("True", True),
        ("...", Ellipsis),
    ],
)
def test_literals(code: str, value: object) -> None:
    (statement,) = body(f"a = {code}")
    assert isinstance(statement, st.Assign) and isinstance(statement.value, ir.Constant)
    assert statement.value.value == value


def test_one_reading_is_kept() -> None:
    reader, outline = read("def f(): return 1\n")
    assert reader.function(at("m.py"), outline.functions[0]) is reader.function(at("m.py"), outline.functions[0])


def test_code_that_is_nested_too_deeply_is_kept_as_unreadable() -> None:
    reader, outline = read("x = 1\n\n\ndef f():\n    return " + "-" * 1500 + "1\n\n\ndef g():\n    return 2\n")
    deep, good = outline.functions
    assert reader.function(at("m.py"), deep) is None
    assert reader.function(at("m.py"), good) is not None
    (fault,) = reader.unreadable.values()
    assert "nested too deeply" in fault.cause
    assert reader.where(fault.path, fault.offset).row == 5


def test_a_header_that_does_not_fit_is_unreadable() -> None:
    reader, outline = read("def f(): return 1\n")
    known = outline.functions[0]
    wrong = FunctionHeader("g", "g", known.span)
    assert reader.function(at("m.py"), wrong) is None
    assert "cannot be parsed" in next(iter(reader.unreadable.values())).cause
