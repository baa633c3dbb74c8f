"""Verdicts from a cache, and from several workers at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bufferlint.cli.verification_cache import CachedVerifier
from bufferlint.verify.contract import Recipe, Subject
from bufferlint.verify.plan import parse_recipe, subject
from tests.cli.conftest import Invoke

pytestmark = pytest.mark.slow

NET = """\
import os
from pathlib import Path

from torch import nn

from other import SIZE


class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        print("built by", os.getppid(), Path(__file__).with_name("data.txt").read_text())
        self.linear = nn.Linear(SIZE, 2)

    def forward(self, x):
        return self.linear(x)
"""
RECIPE = parse_recipe(inputs=("2x3",))


def keywords(**others: Any) -> Mapping[str, Any]:
    return {"jobs": 1, "quiet": True, "no_cache": False, "cache_dir": ".bufferlint_cache", **others}


def net(project: Path, name: str) -> tuple[Subject, Recipe]:
    file = project / f"{name.lower()}.py"
    file.write_text(NET.format(name=name))
    (project / "other.py").write_text("SIZE = 3\n")
    (project / "data.txt").write_text("first")
    return subject(str(file), name, file.read_text(), None, search=[str(project)]), RECIPE


def test_several_workers_share_the_classes(project: Path) -> None:
    runs = [net(project, name) for name in ("First", "Second", "Third")]
    with CachedVerifier(sys.executable, keywords(jobs=2, no_cache=True)) as prover:
        verdicts = prover.verdicts(runs)
    assert [verdict.proven for verdict in verdicts] == [True] * 3
    assert len({verdict.output.split()[2] for verdict in verdicts}) == 2
    assert not (project / ".bufferlint_cache").exists()


def test_a_verdict_holds_as_long_as_what_was_read_is_the_same(project: Path) -> None:
    run = net(project, "Net")
    with CachedVerifier(sys.executable, keywords()) as prover:
        (verdict,) = prover.verdicts([run])
        assert verdict.rests_on is not None
        assert {Path(path).name for path, _ in verdict.rests_on} == {"other.py", "data.txt"}
    with CachedVerifier("/no/such/python", keywords()) as prover:
        assert prover.verdicts([run])[0].cause is not None, "another interpreter is another run"
    with CachedVerifier(sys.executable, keywords()) as prover:
        assert prover.verdicts([run]) == [verdict], "the same process said so"
        (project / "data.txt").write_text("second")
        (again,) = prover.verdicts([run])
        assert "second" in again.output and again.output != verdict.output
        (project / "other.py").write_text("SIZE = 4\n")
        assert not prover.verdicts([run])[0].passed


def test_a_damaged_verdict_counts_as_none(project: Path) -> None:
    run = net(project, "Net")
    with CachedVerifier(sys.executable, keywords()) as prover:
        prover.verdicts([run])
        (kept,) = (project / ".bufferlint_cache").glob("*.verdict")
        kept.write_text('{"type": "Verdict", "fields": {"check": 1}}')
        assert prover.verdicts([run])[0].proven


def test_clean_forgets_verdicts(invoke: Invoke, project: Path) -> None:
    run = net(project, "Net")
    with CachedVerifier(sys.executable, keywords()) as prover:
        prover.verdicts([run])
    assert "(1 answer)" in invoke("clean").output
    assert not (project / ".bufferlint_cache").exists()
