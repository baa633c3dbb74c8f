"""What an outline tells of a file: imports, headers, and where a line of a class body may go."""

from __future__ import annotations

import sys

import pytest

from bufferlint.ir.definitions import ClassHeader, Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.reader import SyntaxReader, compiles
from tests.memory import MemoryWorkspace, at


def outlined(text: str) -> Outline:
    outline = SyntaxReader(MemoryWorkspace({"m.py": text})).outline(at("m.py"))
    assert isinstance(outline, Outline)
    return outline


def only_class(text: str) -> ClassHeader:
    (header,) = outlined(text).classes
    return header


@pytest.mark.parametrize(
    ("code", "bindings"),
    [
        ("import a", [("a", "a")]),
        ("import a.b.c", [("a", "a")]),
        ("import a.b as c, d", [("c", "a.b"), ("d", "d")]),
        ("from a.b import c, d as e", [("c", "a.b.c"), ("e", "a.b.d")]),
        ("from . import a", [("a", ".a")]),
        ("from .. import a as b", [("b", "..a")]),
        ("from .a.b import c", [("c", ".a.b.c")]),
        ("from ...a import (b,\n  c)", [("b", "...a.b"), ("c", "...a.c")]),
        (
            "try:\n    import a\nexcept E:\n    import b as a\nelse:\n    import c\nfinally:\n    import d",
            "a:a a:b c:c d:d",
        ),
        ("if x:\n    import a\nelif y:\n    import b\nelse:\n    import c", "a:a b:b c:c"),
        ("with x:\n    import a\nfor i in x:\n    import b\nwhile x:\n    import c", "a:a b:b c:c"),
    ],
)
def test_imports(code: str, bindings: list[tuple[str, str]] | str) -> None:
    if isinstance(bindings, str):
        bindings = [(name, target) for name, _, target in (word.partition(":") for word in bindings.split())]
    found = outlined(code).bindings
    assert [(binding.name, binding.target) for binding in found] == bindings
    assert not any(binding.scope or binding.typing_only for binding in found)


def test_star_imports() -> None:
    assert outlined("from a import *\nfrom .b import *\nfrom . import *\n").stars == ("a", ".b", ".")


@pytest.mark.parametrize("guard", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_imports_for_type_checkers_only(guard: str) -> None:
    code = f"if {guard}:\n    import a\nelse:\n    import b\nif not {guard}:\n    import c\n"
    assert [(binding.name, binding.typing_only) for binding in outlined(code).bindings] == [
        ("a", True),
        ("b", False),
        ("c", False),
    ]


def test_imports_of_a_function_are_its_own() -> None:
    code = "def f():\n    import a\n    def g():\n        import b\nclass C:\n    def m(self):\n        import c\n"
    assert [(binding.name, binding.scope) for binding in outlined(code).bindings] == [
        ("a", "f"),
        ("b", "f.<locals>.g"),
        ("c", "C.m"),
    ]


def test_names_of_functions_and_classes_wherever_they_are() -> None:
    code = """\
def f():
    class A:
        def m(self):
            def inner(): ...
            class B: ...
class C:
    class D:
        async def n(self): ...
    if x:
        def o(self): ...
"""
    outline = outlined(code)
    assert [header.qualname for header in outline.classes] == [
        "f.<locals>.A",
        "f.<locals>.A.m.<locals>.B",
        "C",
        "C.D",
    ]
    assert [header.scope for header in outline.classes] == ["f", "f.<locals>.A.m", "", ""]
    assert [function.qualname for function in outline.functions] == ["f", "f.<locals>.A.m.<locals>.inner"]
    methods = {header.name: [method.qualname for method in header.methods] for header in outline.classes}
    assert methods == {"A": ["f.<locals>.A.m"], "B": [], "C": ["C.o"], "D": ["C.D.n"]}


@pytest.mark.parametrize(
    ("header", "bases", "metaclass"),
    [
        ("class A: ...", (), None),
        ("class A(): ...", (), None),
        ("class A(B, c.D): ...", ("B", "c.D"), None),
        ("class A(B[int], c.D[E, F]): ...", ("B", "c.D"), None),
        ("class A(f(), B): ...", (None, "B"), None),
        ("class A(*bases): ...", (None,), None),
        ("class A(B, metaclass=M): ...", ("B",), "M"),
        ("class A(B, metaclass=m.M): ...", ("B",), "m.M"),
        ("class A(B, metaclass=m()): ...", ("B",), "?"),
        ("class A(B, key=1): ...", ("B",), None),
    ],
)
def test_bases(header: str, bases: tuple[str | None, ...], metaclass: str | None) -> None:
    found = only_class(header)
    assert (found.bases, found.metaclass) == (bases, metaclass)


def test_decorators_are_names() -> None:
    header = only_class("@a\n@b.c\n@d(1)\n@(e or f)\nclass A:\n    @f.g(1)\n    def m(self): ...\n")
    assert header.decorators == ("a", "b.c", "d", "?")
    assert header.methods[0].decorators == ("f.g",)


def test_names_of_a_class_body() -> None:
    body = "    a = b = 1\n    c: int\n    d: int = 2\n    (e, *f) = g\n    h += 1\n    class I: ...\n"
    header = outlined(f"class A:\n{body}").classes[0]
    assert [(name.name, name.has_value, name.annotated) for name in header.names] == [
        ("a", True, False),
        ("b", True, False),
        ("c", False, True),
        ("d", True, True),
        ("e", True, False),
        ("f", True, False),
        ("h", True, False),
        ("I", True, False),
    ]


def test_the_method_that_counts() -> None:
    code = """\
class A:
    def m(self): 1
    def m(self): 2
    @property
    def p(self): 1
    @p.setter
    def p(self, value): 2
    @functools.cached_property
    def q(self): 1
    @p.deleter
    def only(self): 1
"""
    header = only_class(code)
    second, getter, cached = (header.method(name) for name in ("m", "p", "q"))
    assert second is not None and "2" in code[second.span.start : second.span.end]
    assert getter is not None and getter.is_property and "1" in code[getter.span.start : getter.span.end]
    assert cached is not None and cached.is_property and not second.is_property
    assert header.method("only") is None and header.method("absent") is None


INSERTIONS = {
    "before the first method": "class A:\n    x = 1\n|    def m(self): ...\n",
    "behind the docstring": 'class A:\n    """Doc."""\n\n|    def m(self): ...\n',
    "above decorators": "class A:\n|    @a\n    @b\n    def m(self): ...\n",
    "above comments": "class A:\n    x = 1\n\n|    # about m\n    # more\n    @a\n    def m(self): ...\n",
    "below comments of other code": "class A:\n    x = 1\n    # about x\n\n|    def m(self): ...\n",
    "behind the last statement": "class A:\n    x = 1\n|\n\ny = 2\n",
    "behind a statement of several lines": "class A:\n    x = (\n        1\n    )\n|y = 2\n",
    "with tabs": "class A:\n\tx = 1\n|\tdef m(self): ...\n",
    "behind decorators of the class": "@a\n@b\nclass A(\n    B,\n):\n|    def m(self): ...\n",
    "async": "class A:\n    x = 1\n|    async def m(self): ...\n",
    "no room on one line": "class A: x = 1\n",
    "no room on one line with a method behind": "class A: x = 1; y = 2\n",
    "no line behind": "class A:\n    x = 1",
}


@pytest.mark.parametrize("text", INSERTIONS.values(), ids=INSERTIONS)
def test_where_a_new_line_may_go(text: str) -> None:
    wanted = text.find("|")
    header = only_class(text.replace("|", ""))
    assert header.insertion == (wanted if wanted >= 0 else None)
    if header.insertion is not None:
        assert header.indent in ("    ", "\t") and f"\n{header.indent}" in text


def test_a_file_that_is_no_python_says_why_and_where() -> None:
    reader = SyntaxReader(MemoryWorkspace({"m.py": "x = 1\ny = = 2\n"}))
    outline = reader.outline(at("m.py"))
    assert isinstance(outline, Unreadable)
    assert "not valid Python" in outline.cause
    assert (reader.where(at("m.py"), outline.offset).row, reader.outline(at("gone.py"))) == (2, None)


@pytest.mark.parametrize(
    "text", ["", "x = 1", "x = '\\d'", "if 1 is 1: pass", "\f\n", "# é\r\nx = 1\r\n", "x = 1\ry = 2"]
)
def test_what_compiles(text: str) -> None:
    assert compiles(text)


LONG_SUM = ["1 + " * 50000 + "1"] if sys.version_info >= (3, 11) else []
"""Python 3.10 takes it."""


@pytest.mark.parametrize("text", ["x = ", "  x = 1\ny = 2", "\0", "(" * 500, *LONG_SUM, "print 1"])
def test_what_does_not_compile(text: str) -> None:
    assert not compiles(text)
