"""Patterns of a match statement as tests of its subject, and the names that they bind."""

from __future__ import annotations

import pytest

from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.expressions import Expression
from tests.syntax.test_reader import body


def case(pattern: str, subject: str = "x") -> st.Case:
    (statement,) = body(f"match {subject}:\n    case {pattern}: f()")
    assert isinstance(statement, st.Match)
    return statement.cases[0]


def said(test: Expression) -> str:
    match test:
        case ir.Boolean(left=left, op=op, right=right):
            return f"({said(left)} {op} {said(right)})"
        case ir.Call(args=(of, classes)):
            return f"{said(of.value)}: {said(classes.value)}"
        case ir.Compare(left=left, ops=(op,), comparators=(right,)):
            return f"{said(left)} {op} {said(right)}"
        case ir.Display(items=items):
            return " ".join(map(said, items))
        case ir.Subscript(value=value, index=(at,)):
            return f"{said(value)}[{said(at)}]"
        case ir.Constant(value=value):
            return str(value)
        case ir.Opaque():
            return "?"
    return ir.dotted(test) or ""


@pytest.mark.parametrize(
    ("pattern", "test", "captures"),
    [
        ("_", "True", {}),
        ("other", "True", {"other": "x"}),
        ("None", "x is None", {}),
        ("3", "x == 3", {}),
        ("a.Kind.ONE", "x == a.Kind.ONE", {}),
        ("int() | float()", "(x: int or x: float)", {}),
        ("int(n)", "x: int", {"n": "x"}),
        ("torch.Tensor() as t", "x: torch.Tensor", {"t": "x"}),
        ("torch.Tensor(shape=s)", "(x: torch.Tensor and ?)", {"s": "x.shape"}),
        ("[a, b]", "(x: list tuple and ?)", {"a": "x[0]", "b": "x[1]"}),
        ("[a, *rest]", "(x: list tuple and ?)", {"a": "", "rest": ""}),
        ("{'k': v, **rest}", "(x: dict and ?)", {"v": "x[k]", "rest": ""}),
    ],
)
def test_patterns(pattern: str, test: str, captures: dict[str, str]) -> None:
    read = case(pattern)

    assert said(read.test) == test
    assert {each.name: said(each.value) if each.value else "" for each in read.captures} == captures


def test_a_tuple_of_subjects_is_tested_part_by_part() -> None:
    assert said(case("Tensor(), None", "x, y").test) == "((True and x: Tensor) and y is None)"
