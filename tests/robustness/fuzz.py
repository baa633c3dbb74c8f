"""Long runs by hand: ``python -m tests.robustness.fuzz classes COUNT``, or ``around``, ``benign``, ``carried`` for
``classes``, or ``mutations FOLDER COUNT [FIRST]``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bufferlint.settings import Settings
from tests.robustness import around, carried, mutations
from tests.robustness.generated import check, parts


def classes(count: int, sources: st.SearchStrategy[Any], check: Callable[[Any], int]) -> None:
    """Generate so many classes and print each kind of counterexample once, the shortest last."""
    total = Counter[str]()
    shortest: dict[str, int] = {}

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=(Phase.generate,))  # fmt: skip
    @given(sources)
    def one(source: Any) -> None:
        total["classes"] += 1
        try:
            fixes = check(source)
        except AssertionError as error:
            total["counterexamples"] += 1
            kind = str(error)[:40]
            if len(str(error)) < shortest.get(kind, 10**9):
                shortest[kind] = len(str(error))
                print(f"counterexample: {error}\n{source.text}", flush=True)  # noqa: T201
        else:
            total["fixes"] += fixes
            total["classes with fixes"] += bool(fixes)
        if total["classes"] % 500 == 0:
            print(dict(total), flush=True)  # noqa: T201

    one()
    print(dict(total), flush=True)  # noqa: T201


def carried_far(count: int) -> None:
    """Generate so many projects and print each of which the screen changes the report."""
    total = Counter[str]()

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=(Phase.generate,))  # fmt: skip
    @given(carried.projects(), st.sampled_from(carried.SELECTED))
    def one(project: carried.Project, select: tuple[str, ...]) -> None:
        screened, whole = carried.reports(project, Settings(select=select))
        total["projects"] += 1
        total["projects with findings"] += bool(whole.findings)
        if screened != whole:
            total["different"] += 1
            print(f"different: {project} {select}", flush=True)  # noqa: T201
        if total["projects"] % 1000 == 0:
            print(dict(total), flush=True)  # noqa: T201

    one()
    print(dict(total), flush=True)  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] == "classes":
        classes(int(sys.argv[2]), parts(), check)
    elif sys.argv[1] == "around":
        classes(int(sys.argv[2]), around.around(), around.check)
    elif sys.argv[1] == "benign":
        classes(int(sys.argv[2]), around.benign(), around.check)
    elif sys.argv[1] == "carried":
        carried_far(int(sys.argv[2]))
    else:
        mutations.main(Path(sys.argv[2]), *map(int, sys.argv[3:5]))
