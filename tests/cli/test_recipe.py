"""Recipes written as TOML are read back as they were."""

from __future__ import annotations

import sys

import pytest

from bufferlint.report.recipe import table
from bufferlint.verify.contract import Expression, InputSpec, Recipe
from bufferlint.verify.plan import recipe_from_table

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RECIPES = [
    Recipe(),
    Recipe((("dim", 8), ("bias", False), ("rate", 0.1), ("act", "ge\"lu'"), ("sizes", [1, [2, 3]]))),
    Recipe((("norm", Expression("torch.nn.LayerNorm")), ("nothing", None), ("pair", (3, 3)), ("table", {"a": None}))),
    Recipe((("nested", [Expression("nn.Linear(2, 2)"), 1]),), args=(1, None, "x")),
    Recipe(inputs=()),
    Recipe(
        inputs=(
            InputSpec((2, 3)),
            InputSpec((2,), "int64", 0.0, 10.0),
            InputSpec((), "bool", name="flag"),
            InputSpec(None, value=None),
            InputSpec(None, value=[1, "a"], name="x"),
            InputSpec(None, value=Expression("[torch.randn(2, 3)]"), name="many"),
        ),
        seed=3,
        device="cuda",
        timeout=5.0,
    ),
    Recipe(factory="pkg.testing:make_model"),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: str(RECIPES.index(recipe)))
def test_a_table_gives_the_recipe_back(recipe: Recipe) -> None:
    document = tomllib.loads("\n".join(table("pkg/model.py::Net", recipe)))
    read = recipe_from_table(document["tool"]["bufferlint"]["verify"]["pkg/model.py::Net"])
    assert table("x", read) == table("x", recipe)
    if not any(isinstance(value, tuple | dict | list) or value is None for _, value in recipe.init):
        assert (read.inputs, read.init, read.factory, read.seed) == (
            recipe.inputs,
            recipe.init,
            recipe.factory,
            recipe.seed,
        )
