"""Rewritten texts with a known verdict, which stands in their first line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bufferlint.verify.contract import Status
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import FIXTURES, check

pytestmark = pytest.mark.slow

RECIPES = {
    "attention": (
        "CausalAttention",
        parse_recipe(("d_in=3", "d_out=2", "context_length=6", "dropout=0.5"), ("2x6x3",)),
    ),
    "counter": ("Counter", parse_recipe(("size=4",), ("2x4",))),
    "expanded": ("Expanded", parse_recipe((), ("4x3",))),
    "positions": ("Positions", parse_recipe(("size=4",), ("2x6x4",))),
    "relative": ("Relative", parse_recipe(("window=3",), ("2x3x3",))),
    "scaled": ("Scaled", parse_recipe(("size=4",), ("2x4",))),
    "lazy": ("Lazy", parse_recipe((), ("2x3",))),
    "private": ("Private", parse_recipe((), ("2x3",))),
    "running": ("Running", parse_recipe(("size=3",), ("4x3",))),
    "nested": ("Nested", parse_recipe(("size=3",), ("2x3",))),
    "inherited": ("Inherited", parse_recipe((), ("2x3",))),
    "mixed": ("Mixed", parse_recipe((), ("2x3",))),
    "several": ("Several", parse_recipe((), ("2x3",))),
    "penalty": ("Penalty", parse_recipe((), ("2x3",))),
    "unfilled": ("Unfilled", parse_recipe((), ("2x3",))),
    "measured": ("Measured", parse_recipe((), ("2x3",))),
    "lazily": ("Lazily", parse_recipe((), ("2x3",))),
    "sparse": ("Sparse", parse_recipe((), ("3x4",))),
    "held": ("Held", parse_recipe((), ("2x3",))),
    "shared": ("Shared", parse_recipe((), ("2x3",))),
}
REWRITES = sorted((FIXTURES / "rewrites").glob("*.py"))


@pytest.mark.parametrize("file", REWRITES, ids=[file.stem for file in REWRITES])
def test_the_verdict_is_the_known_one(worker: Worker, file: Path) -> None:
    after = file.read_text()
    match = re.match(r'"""Rewritten (\w+)\.py\. (?:Passes|Fails: (\w+))\."""', after)
    assert match is not None
    of, fails = match.groups()
    class_name, recipe = RECIPES[of]
    original = FIXTURES / f"{of}.py"
    verdict = worker.verify(subject(str(original), class_name, original.read_text(), after), recipe)
    assert verdict.cause is None
    if fails is None:
        assert verdict.proven, verdict.rows()
    else:
        assert check(verdict, fails).after.status is Status.FAIL, verdict.rows()
        assert not verdict.passed


def test_casts_are_not_compared_where_the_dtype_decides_what_is_drawn(worker: Worker) -> None:
    original = FIXTURES / "drawn.py"
    before = original.read_text()
    after = before.replace("self.low = torch.zeros(3)", 'self.register_buffer("low", torch.zeros(3))')
    verdict = worker.verify(subject(str(original), "Drawn", before, after), parse_recipe((), ("2x3",)))
    casts = check(verdict, "dtype_casts").after
    assert (casts.status, "not compared" in casts.detail) == (Status.SKIP, True)
    assert verdict.passed
    assert not verdict.proven


def test_both_kinds_are_there() -> None:
    firsts = [file.read_text().splitlines()[0] for file in REWRITES]
    assert sum("Passes" in first for first in firsts) >= 20
    assert sum("Fails" in first for first in firsts) >= 20


def test_what_all_instances_share_fails_where_it_happens_and_nowhere_else(worker: Worker) -> None:
    original, after = FIXTURES / "shared.py", FIXTURES / "rewrites" / "shared_with_all.py"
    class_name, recipe = RECIPES["shared"]
    verdict = worker.verify(subject(str(original), class_name, original.read_text(), after.read_text()), recipe)
    failed = [each.name for each in verdict.checks if each.after.status is Status.FAIL]
    assert failed == ["save_and_load"]
    assert check(verdict, "save_and_load").after.detail == (
        "scale: all instances share its memory, so loading into one changes the others"
    )
