"""Recipes beyond literals: Python expressions, and factories."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.verify.contract import WITHOUT_FORWARD, Expression, Recipe, Status, Subject, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, recipe_from_table, subject
from tests.verify.conftest import FIXTURES, check

pytestmark = pytest.mark.slow

PATH = FIXTURES / "recipes" / "config.py"


def run(worker: Worker, recipe: Recipe) -> Verdict:
    return worker.verify(_subject(PATH), recipe)


def _subject(path: Path) -> Subject:
    return subject(path.as_posix(), "Model", path.read_text(), None)


def test_expressions_name_what_the_module_and_torch_have(worker: Worker) -> None:
    table = {"init": {"config": "py:Config(dim=8, n_heads=2)", "inner": "py:torch.nn.Linear(4, 8)"}, "inputs": ["2x4"]}
    recipe = recipe_from_table(table)
    assert dict(recipe.init)["inner"] == Expression("torch.nn.Linear(4, 8)")
    verdict = run(worker, recipe)
    assert verdict.passed, verdict
    assert check(verdict, "cpu_forward").before.status is Status.PASS


def test_an_expression_on_the_command_line(worker: Worker) -> None:
    init = ("config=py:Config(8, 2)", "inner=py:nn.Identity()")
    verdict = run(worker, parse_recipe(init, ("py:torch.linspace(0, 1, 8)",)))
    assert verdict.passed, verdict


def test_a_name_that_nobody_has(worker: Worker) -> None:
    verdict = run(worker, parse_recipe(("config=py:Confg(8, 2)", "inner=None")))
    assert verdict.not_proven and not verdict.passed
    assert verdict.cause == "Model cannot be built: NameError: name 'Confg' is not defined"


def test_an_expression_that_is_no_python() -> None:
    with pytest.raises(ValueError, match=r"'py:Config\(8' is not a Python expression"):
        recipe_from_table({"init": {"config": "py:Config(8"}})


@pytest.mark.parametrize("factory", ["make_model", "make_only_a_module"])
def test_a_factory(worker: Worker, factory: str) -> None:
    verdict = run(worker, recipe_from_table({"recipe": f"config:{factory}"}))
    assert verdict.passed, verdict
    expected = Status.PASS if factory == "make_model" else Status.NOT_RUN
    assert check(verdict, "cpu_forward").before.status is expected


def test_a_factory_of_another_class(worker: Worker) -> None:
    verdict = run(worker, recipe_from_table({"recipe": "config:make_something_else"}))
    assert verdict.cause is not None
    assert "config:make_something_else returned a Linear that holds no Model" in verdict.cause


def test_a_factory_stands_alone() -> None:
    with pytest.raises(ValueError, match="'recipe' in a verify recipe stands in for"):
        recipe_from_table({"recipe": "config:make_model", "init": {"a": 1}})
    with pytest.raises(ValueError, match="names a function as module:function"):
        recipe_from_table({"recipe": "config.make_model"})


def test_forward_without_arguments_and_forward_not_run() -> None:
    assert recipe_from_table({"inputs": []}).inputs == ()
    assert recipe_from_table({}).inputs is None


FOUND = FIXTURES / "recipes" / "found.py"


def find(worker: Worker, name: str, recipe: Recipe | None = None) -> Verdict:
    return worker.verify(
        subject(FOUND.as_posix(), name, FOUND.read_text(), None), recipe or Recipe(timeout=30), find=True
    )


@pytest.mark.parametrize(
    "name",
    [
        "Encoder",
        "Heads",
        "Picture",
        "Untyped",
        "NarrowHeads",
        "Batch",
        "Narrowing",
        "Sized",
        "Named",
        "Scripted",
        "Bias",
        "Chroma",
        "Tversky",
    ],
)
def test_a_recipe_is_found(worker: Worker, name: str) -> None:
    verdict = find(worker, name)
    assert verdict.cause is None, verdict
    assert verdict.recipe is not None and verdict.recipe.inputs
    assert check(verdict, "cpu_forward").before.status is Status.PASS
    again = worker.verify(subject(FOUND.as_posix(), name, FOUND.read_text(), None), verdict.recipe)
    assert again.checks == verdict.checks


def test_a_smaller_instance_of_a_large_class(worker: Worker) -> None:
    verdict = find(worker, "Wide")
    assert verdict.recipe is not None
    assert dict(verdict.recipe.init) == {"hidden_dim": 32}


@pytest.mark.parametrize("name", ["NeverInitialized", "Unhashable", "HoldsOne"])
def test_a_module_that_pytorch_cannot_walk(worker: Worker, name: str) -> None:
    file = FIXTURES / "unwalkable.py"
    verdict = worker.verify(subject(file.as_posix(), name, file.read_text(), None), Recipe(timeout=30), find=True)
    assert verdict.not_proven and not verdict.passed
    assert verdict.cause is not None and "PyTorch cannot walk its modules" in verdict.cause
    assert verdict.advice is not None and "super().__init__()" in verdict.advice
    twin = worker.verify(subject(file.as_posix(), "Hashable", file.read_text(), None), Recipe(timeout=30), find=True)
    assert twin.cause is None and check(twin, "cpu_forward").before.status is Status.PASS


def test_what_the_user_says_is_kept(worker: Worker) -> None:
    verdict = find(worker, "Heads", parse_recipe(("n_heads=7",), timeout=30))
    assert verdict.recipe is not None
    assert dict(verdict.recipe.init)["n_heads"] == 7


def test_a_class_that_is_only_built(worker: Worker) -> None:
    verdict = find(worker, "OnlyBuilt")
    assert verdict.recipe is not None and verdict.recipe.inputs is None
    assert check(verdict, "constructs").before.status is Status.PASS
    assert check(verdict, "cpu_forward").before.status is Status.NOT_RUN
    assert not verdict.proven
    assert any("RuntimeError: not today" in line for line in verdict.tried)


def test_a_class_without_forward_is_said_to_be_one(worker: Worker) -> None:
    verdict = find(worker, "WithoutForward")
    assert verdict.tried == (WITHOUT_FORWARD,)
    assert check(verdict, "state_dict").before.status is Status.PASS


def test_nothing_found_is_not_proven(worker: Worker) -> None:
    verdict = find(worker, "Impossible")
    assert verdict.not_proven and not verdict.passed and not verdict.checks
    assert verdict.cause == "no constructor arguments were found for Impossible"
    assert any("the secret is another one" in line for line in verdict.tried)
    assert verdict.advice is not None and "--init" in verdict.advice
