"""Rewrites broken on purpose are never proven, right ones never fail: the name of each class says which it is."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bufferlint.verify.contract import Recipe, Status, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import FIXTURES

pytestmark = pytest.mark.slow

FILES = sorted((FIXTURES / "plantings").glob("*.py"))
UNTOLD = frozenset({"ManyBroken", "LongBroken", "FunctionsBroken", "StartsBrokenUnsaved"})
"""Broken ones of which the honest verdict is that it could not be told."""


@dataclass(frozen=True)
class Planting:
    file: Path
    before: str
    after: str
    broken: bool
    inputs: tuple[str, ...]

    def verdict(self, worker: Worker) -> Verdict:
        text = self.file.read_text()
        recipe: Recipe = parse_recipe(inputs=self.inputs, device="meta")
        if self.before == self.after:  # the whole file is rewritten, with the classes that inherit from this one
            rewritten = text.replace("self.table = torch.linspace(1.0, 2.0, 4)", REGISTERED)
            return worker.verify(subject(str(self.file), self.before, text, rewritten), recipe)
        given = subject(str(self.file), self.before, text, text)
        return worker.verify(replace(given, against=replace(given, class_name=self.after, after=None)), recipe)


REGISTERED = 'self.register_buffer("table", torch.linspace(1.0, 2.0, 4))'


def plantings(file: Path) -> list[Planting]:
    """The pairs of a class as it stands and a rewrite of it, whose name goes on with Broken or Right."""
    tree = ast.parse(file.read_text())
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    given = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RECIPES"]
    inputs = ast.literal_eval(given[0].value) if given else {}
    found = [
        Planting(file, name, other, word == "Broken", tuple(inputs.get(name, ("2x4",))))
        for name in names
        for other in names
        for word in ("Broken", "Right")
        if other.startswith(name + word)
    ]
    whole = [(name, name.startswith("Breaks")) for name in names if name.startswith(("Breaks", "Passes"))]
    return found + [Planting(file, name, name, broken, ("2x4",)) for name, broken in whole]


PLANTINGS = {f"{each.file.stem}-{each.after}": each for file in FILES for each in plantings(file)}


@pytest.mark.parametrize("name", PLANTINGS)
def test_the_verdict_is_what_the_name_says(worker: Worker, name: str) -> None:
    planting = PLANTINGS[name]
    verdict = planting.verdict(worker)
    failed = [f"{each.title}: {each.after.detail}" for each in verdict.checks if each.after.status is Status.FAIL]
    if not planting.broken:
        assert verdict.cause is None and not failed, failed or verdict.cause
    elif planting.after in UNTOLD:
        assert not verdict.proven
    else:
        assert verdict.cause or failed, "it passes"


def test_there_are_enough_of_both() -> None:
    broken = [each for each in PLANTINGS.values() if each.broken]
    assert len(broken) >= 60 and len(PLANTINGS) - len(broken) >= 40
