"""What the outcome of a test leaves of a value."""

from __future__ import annotations

import pytest

from bufferlint.interpreter.values import Kind
from tests.interpreter.running import kinds

THINGS = "class Thing: ...\nclass Layer(nn.Module): ..."


@pytest.mark.parametrize(
    ("test", "left"),
    [
        ("isinstance(a, Tensor)", {Kind.TENSOR}),
        ("torch.is_tensor(a)", {Kind.TENSOR}),
        ("isinstance(a, (int, float))", {Kind.NUMBER}),
        ("isinstance(a, int | float)", {Kind.NUMBER}),
        ("isinstance(a, (list, tuple))", {Kind.CONTAINER}),
        ("isinstance(a, (Tensor, np.ndarray))", {Kind.TENSOR, Kind.ARRAY}),
        ("a is None", {Kind.NONE}),
        ("not torch.is_tensor(a)", {Kind.UNKNOWN}),
        ("isinstance(a, Thing)", {Kind.OTHER}),
        ("isinstance(a, Layer)", {Kind.MODULE}),
        ("isinstance(a, (int, Thing))", {Kind.UNKNOWN}),
    ],
)
def test_an_argument_of_which_nothing_is_known(test: str, left: set[Kind]) -> None:
    assert kinds(f"if {test}:\n    self.x = a\nelse:\n    raise ValueError", "a", THINGS) == left


@pytest.mark.parametrize(
    ("test", "left"),
    [
        ("isinstance(a, Tensor)", {Kind.NUMBER, Kind.CONTAINER}),
        ("isinstance(a, (int, float))", {Kind.TENSOR, Kind.CONTAINER}),
        ("isinstance(a, (float, list))", {Kind.TENSOR}),
        ("not isinstance(a, Tensor)", {Kind.TENSOR}),
        ("isinstance(a, Tensor) or isinstance(a, list)", {Kind.NUMBER}),
        ("isinstance(a, Thing)", {Kind.TENSOR, Kind.NUMBER, Kind.CONTAINER}),
    ],
)
def test_what_a_raise_leaves_of_a_union(test: str, left: set[Kind]) -> None:
    parameters = "a: Union[Tensor, float, List[float]]"
    assert kinds(f"if {test}:\n    raise ValueError\nself.x = a", parameters, "class Thing: ...") == left


def test_a_ladder_ends_in_a_tensor() -> None:
    ladder = "if a is not None and not torch.is_tensor(a):\n    a = torch.tensor(a)\nself.x = a"
    assert kinds(ladder, "a") == {Kind.TENSOR, Kind.NONE}
    assert kinds(ladder, "a: float") == {Kind.TENSOR}


@pytest.mark.parametrize(
    ("cases", "left"),
    [
        ("case Tensor(): a = 1.0", {Kind.NUMBER, Kind.CONTAINER}),
        ("case Tensor() if n: a = 1.0", {Kind.TENSOR, Kind.NUMBER, Kind.CONTAINER}),
        ("case float(v): a = torch.tensor(v)\n    case list(): a = torch.tensor(a)", {Kind.TENSOR}),
        ("case Tensor(shape=(3,)): a = 1.0", {Kind.TENSOR, Kind.NUMBER, Kind.CONTAINER}),
        ("case Tensor() | list(): raise ValueError", {Kind.NUMBER}),
        ("case Tensor() as t: a = t\n    case _: raise ValueError", {Kind.TENSOR}),
        ("case [first, *_]: a = torch.tensor(first)", {Kind.TENSOR, Kind.NUMBER, Kind.CONTAINER}),
    ],
)
def test_what_the_cases_of_a_match_leave_of_a_union(cases: str, left: set[Kind]) -> None:
    assert kinds(f"match a:\n    {cases}\nself.x = a", "a: Union[Tensor, float, List[float]], n") == left


@pytest.mark.parametrize(
    ("assertion", "left"),
    [
        ("isinstance(a, Tensor)", {Kind.TENSOR}),
        ("torch.is_tensor(a), 'a tensor'", {Kind.TENSOR}),
        ("not isinstance(a, (float, list))", {Kind.TENSOR}),
        ("len(a) == 3", {Kind.TENSOR, Kind.NUMBER, Kind.CONTAINER}),
    ],
)
def test_an_assertion_narrows_what_follows(assertion: str, left: set[Kind]) -> None:
    assert kinds(f"assert {assertion}\nself.x = a", "a: Union[Tensor, float, List[float]]") == left
