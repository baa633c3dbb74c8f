"""The stand-in against a real accelerator: ``python -m tests.robustness.accelerator PATH... [-j JOBS]``.

Each class with a finding below a path is run as it stands and as rewritten (unsafe fixes too), by the same recipe, once
with the stand-in and once on this machine's accelerator. A line for each class, as they end; below it where the two
disagree, and what the rewritten code fails that the code as it stands does not; sums at the end, for classes with safe
fixes only apart. Needs an accelerator and the imports of the packages; nothing is written.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bufferlint import engine
from bufferlint.cli.invocation import prepare
from bufferlint.cli.verified_fixes import subject_of
from bufferlint.finding import Applicability
from bufferlint.verify.contract import Check, Recipe, Status, Subject
from bufferlint.verify.launch import Worker
from bufferlint.verify.pool import Pool

MOVES = "device_move"


@dataclass(frozen=True)
class Case:
    """A class with a finding; ``level`` says which fixes were made of it."""

    subject: Subject
    level: str

    @property
    def sides(self) -> tuple[str, ...]:
        return ("before",) if self.subject.after is None else ("before", "after")


def cases(path: str) -> Iterator[Case]:
    """The classes below ``path``, with all of their fixes made."""
    setup = prepare([path], {"unsafe-fixes": True})
    result = engine.fix(setup.targets, setup.workspace, setup.settings)
    after = {change.before.path: change.after for change in result.changes}
    fixed = [finding for change in result.changes for finding in change.fixed]
    for file, name in dict.fromkeys((f.path, f.class_name) for f in result.before.findings if f.class_name):
        source = setup.workspace.source(file)
        levels = {f.fix.applicability for f in fixed if f.fix and (f.path, f.class_name) == (file, name)}
        level = "not fixed" if not levels else "unsafe" if Applicability.UNSAFE in levels else "safe"
        if source is not None and not source.cells:
            yield Case(subject_of(source, name, after.get(file) if levels else None, setup), level)


def both(worker: Worker, case: Case, total: Counter[str]) -> None:
    """Run a class twice, the second time by the recipe that the first found; print and count what came of it."""
    name = f"{case.level} {case.subject.path}::{case.subject.class_name}"
    simulated = worker.verify(case.subject, Recipe(device="meta", timeout=30.0), find=True)
    if simulated.cause is not None or simulated.recipe is None or not simulated.recipe.calls_forward:
        what = "not built" if simulated.cause is not None else "not called"
        total[what] += 1
        say(f"{name}: {what}: {simulated.cause or simulated.tried}"[:300])
        return
    real = worker.verify(case.subject, replace(simulated.recipe, device=None))
    if real.cause is not None:
        total["not run on the accelerator"] += 1
        say(f"{name}: NOT RUN: {real.cause}")
        return
    total[f"run on {real.device}"] += 1
    first, second = ({check.name: check for check in verdict.checks} for verdict in (simulated, real))
    lines = [f"{name}: {first[MOVES].before.status.value} {first[MOVES].after.status.value}"]
    for side in case.sides:
        here, there = getattr(first[MOVES], side), getattr(second[MOVES], side)
        total[f"{case.level}, {side}: stand-in {here.status.value}, accelerator {there.status.value}"] += 1
        if here.status is not there.status:
            lines.append(f"    DISAGREE {side}: stand-in: {here}; accelerator: {there}")
    for check in second.values():
        if breaks(check) and "after" in case.sides:
            total[f"{case.level}, rewritten: fails {check.name}, which the code as it stands does not"] += 1
            lines.append(f"    BROKEN {check.name}: before: {check.before}; after: {check.after}")
    say("\n".join(lines))


def breaks(check: Check) -> bool:
    return check.after.status is Status.FAIL is not check.before.status


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main(paths: Sequence[str], jobs: int) -> None:
    every = [case for path in paths for case in cases(path)]
    total = Counter[str]()
    with Pool(sys.executable, jobs) as pool:
        pool.map(partial(both, total=total), every, lambda case: None)
    say(f"{len(every)} classes")
    for what, count in sorted(total.items()):
        say(f"{count:6} {what}")


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    arguments = parser.parse_args()
    main(arguments.paths, arguments.jobs)
