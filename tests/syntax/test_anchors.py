"""LibCST confirms statements where Python reads them, and says where their parts lie."""

from __future__ import annotations

import pytest

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.anchors import Anchors
from bufferlint.ir.definitions import Outline
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.span import Span
from tests.memory import MemoryWorkspace, at


def assignments(code: str) -> dict[str, tuple[str, Anchors]]:
    """The anchors of each assignment of a method body, and the text of its value with its parentheses, by target."""
    text = "class A:\n    def m(self):\n" + "".join(f"        {line}\n" for line in code.splitlines())
    reader = SyntaxReader(MemoryWorkspace({"m.py": text}))
    outline = reader.outline(at("m.py"))
    assert isinstance(outline, Outline)
    function = reader.function(at("m.py"), outline.classes[0].methods[0])
    assert function is not None
    found: dict[str, tuple[str, Anchors]] = {}
    for statement in st.walk(function.body):
        if isinstance(statement, st.Assign):
            anchors = reader.anchors(at("m.py"), statement.span)
            assert anchors is not None
            target = statement.targets[0]
            name = target.id if isinstance(target, ir.Name) else text[target.span.start : target.span.end]
            found[name] = (text[anchors.outer.start : anchors.outer.end], anchors)
    return found


def test_a_statement_that_has_a_line_to_itself() -> None:
    code = "a = 1\nb = 2; c = 3\nif d: e = 4\nf = 5  # comment\nif g:\n    h = 6\ni = 7;\nj = 8; # last"
    found = {name: anchors.alone for name, (_, anchors) in assignments(code).items()}
    assert found == {"a": True, "b": False, "c": False, "e": False, "f": True, "h": True, "i": True, "j": True}


def test_the_indent_is_that_of_a_line_of_its_own() -> None:
    found = {
        name: anchors.indent for name, (_, anchors) in assignments("a = 1\nif b:\n    c = 2\nd = 1; e = 2").items()
    }
    assert found == {"a": " " * 8, "c": " " * 12, "d": "", "e": ""}


@pytest.mark.parametrize(
    ("code", "outer"),
    [
        ("a = 1", "1"),
        ("a = (1)", "(1)"),
        ("a = (  # why\n    1\n)", "(  # why\n            1\n        )"),
        ("a = ((b) + (c))", "((b) + (c))"),
        ("a = (b) + (c)", "(b) + (c)"),
        ('a = é = ("ü")', '("ü")'),
        ("a: int = (1)", "(1)"),
        ("a = b = (1, 2)", "(1, 2)"),
        ("a = 1, 2", "1, 2"),
    ],
)
def test_a_value_is_told_with_its_parentheses(code: str, outer: str) -> None:
    assert assignments(code)["a"][0] == outer


@pytest.mark.parametrize("code", ["f(a)", "a.b", "x +\n 1", "a[0]"])
def test_an_expression_is_confirmed(code: str) -> None:
    reader = SyntaxReader(MemoryWorkspace({"m.py": f"y = ({code})\n"}))
    assert reader.anchors(at("m.py"), Span(5, 5 + len(code))) is not None
    assert not reader.unreadable


@pytest.mark.parametrize(("code", "cause"), [("a = = 1", "LibCST cannot parse it"), ("a = 1\nb = 2", "2 statements")])
def test_what_is_no_statement_is_refused(code: str, cause: str) -> None:
    reader = SyntaxReader(MemoryWorkspace({"m.py": code}))
    assert reader.anchors(at("m.py"), Span(0, len(code))) is None
    (fault,) = reader.unreadable.values()
    assert cause in fault.cause and fault.path == at("m.py")


def test_code_that_would_end_the_process_is_refused() -> None:
    code = "a = " + "[" * 3000 + "]" * 3000
    reader = SyntaxReader(MemoryWorkspace({"m.py": code}))
    assert reader.anchors(at("m.py"), Span(0, len(code))) is None
    assert "nested too deeply" in next(iter(reader.unreadable.values())).cause
