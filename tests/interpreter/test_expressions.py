"""What expressions give."""

from __future__ import annotations

import pytest

from bufferlint.interpreter.values import Kind, Trait
from tests.interpreter.running import built, kinds


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("torch.ones(2)", Kind.TENSOR),
        ("2 * torch.ones(2)", Kind.TENSOR),
        ("torch.ones(2) > 0", Kind.TENSOR),
        ("torch.ones(2).numel()", Kind.NUMBER),
        ("2 * math.pi", Kind.NUMBER),
        ("[torch.ones(1)] * n", Kind.CONTAINER),
        ("[i for i in range(3)]", Kind.CONTAINER),
        ("f'{n}'", Kind.TEXT),
        ("not n", Kind.NUMBER),
        ("lambda y: y", Kind.CALLABLE),
        ("n", Kind.UNKNOWN),
    ],
)
def test_the_kind_of_an_expression(expression: str, kind: Kind) -> None:
    assert kinds(f"self.x = {expression}", "n") == {kind}


def test_both_branches_of_a_conditional_count_unless_the_test_rules_one_out() -> None:
    assert kinds("self.x = torch.ones(2) if n else 1.0", "n") == {Kind.TENSOR, Kind.NUMBER}
    assert kinds("self.x = torch.ones(2) if True else 1.0") == {Kind.TENSOR}


def test_a_conditional_leaves_what_it_tests_as_it_was() -> None:
    held = built("self.x = None if n else torch.ones(2)\nself.y = 0 if self.x is None else 1", "n")
    assert set(held["x"].kinds) == {Kind.TENSOR, Kind.NONE}


def test_a_function_of_a_tensor_without_dimensions_has_none() -> None:
    assert Trait.SCALAR in built("self.x = torch.log(torch.tensor(2 * math.pi))")["x"].traits
    assert Trait.SCALAR in built("self.x = torch.ones(3).sum()")["x"].traits
    assert Trait.SCALAR not in built("self.x = torch.ones(3, 3).sum(dim=1)")["x"].traits
    assert Trait.SCALAR not in built("self.x = torch.ones(3).norm(keepdim=True)")["x"].traits
