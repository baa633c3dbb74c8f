"""The screen loses sight of no tensor, whatever code carries it.

Longer runs: ``python -m tests.robustness.fuzz carried``.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bufferlint.settings import Settings
from tests.robustness.carried import CARRIERS, SELECTED, SINKS, Project, projects, reports
from tests.robustness.test_fuzz import fuzzing

pytestmark = pytest.mark.slow


def lost(tried: Iterable[Project]) -> tuple[list[Project], int]:
    """The projects that the screen changes the report of, and how many have findings without it."""
    found = [(project, *reports(project, Settings())) for project in tried]
    return [p for p, screened, whole in found if screened != whole], sum(bool(w.findings) for *_, w in found)


def test_whatever_carries_it() -> None:
    tried = [Project("make(2)", (name,), "an assignment", place) for name in CARRIERS for place in ("init", "hook")]
    different, telling = lost(tried)
    assert not different
    assert telling > len(tried) / 2, "most of what is tried shows nothing"


def test_whatever_keeps_it() -> None:
    tried = [Project("torch.ones(2)", (), name, place) for name in SINKS for place in ("init", "inherited", "hook")]
    different, telling = lost(tried)
    assert not different
    assert telling > len(tried) / 2, "most of what is tried shows nothing"


@fuzzing
@given(projects(), st.sampled_from(SELECTED))
def test_whatever_way_it_goes(project: Project, select: tuple[str, ...]) -> None:
    screened, whole = reports(project, Settings(select=select))
    assert screened == whole, project.files["m.py"]
