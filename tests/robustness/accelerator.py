"""The stand-in against a real accelerator: ``python -m tests.robustness.accelerator PATH... [-j JOBS]``.

``--patterns FOLDER`` runs the device patterns of a folder as well, whose names say what an accelerator does;
``--classes N`` takes a sample of N classes, the same each time; ``--seconds S`` starts no class after S seconds.
A run of ten minutes: ``fixtures/verify PACKAGE --patterns fixtures/verify/patterns --classes 150 --seconds 540 -j 8``.

Each class with a finding below a path is run as it stands and as rewritten (unsafe fixes too), by the same recipe, once
with the stand-in and once on this machine's accelerator. A line for each class, as they end; below it where the two
disagree, and what the rewritten code fails that the code as it stands does not; sums at the end, for classes with safe
fixes only apart. Needs an accelerator and the imports of the packages; nothing is written.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bufferlint import engine
from bufferlint.cli.invocation import prepare
from bufferlint.cli.verified_fixes import subject_of
from bufferlint.finding import Applicability
from bufferlint.verify.contract import Check, Recipe, Status, Subject
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe
from bufferlint.verify.pool import Pool
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import device_move
from bufferlint.verify.worker.harness import Bench

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


def patterns(folder: Path, total: Counter[str]) -> None:
    """Run the classes named Passes... and Fails... on the accelerator; print those of which the name is wrong."""
    for file in sorted(folder.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"pattern_{file.stem}", file)
        assert spec is not None and spec.loader is not None
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, cls in list(vars(module).items()):  # a pattern may set a global
            if not name.startswith(("Passes", "Fails")) or not isinstance(cls, type):
                continue
            seen = device_move.observe(Bench(cls, parse_recipe(inputs=("2x4",)), str(file), {}))
            came = device_move.judge(seen, seen, Change())[0]
            wanted = Status.PASS if name.startswith("Passes") else Status.FAIL
            total[f"patterns: named {wanted.value}, accelerator {came.status.value}"] += 1
            if came.status is not wanted:
                say(f"pattern {file.stem}.{name}: {came}")


def sampled(every: list[Case], classes: int | None) -> list[Case]:
    if classes is None or len(every) <= classes:
        return every
    return random.Random(0).sample(every, classes)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main(arguments: Namespace) -> None:
    ends = time.monotonic() + arguments.seconds
    total = Counter[str]()
    if arguments.patterns is not None:
        patterns(arguments.patterns, total)
    every = sampled([case for path in arguments.paths for case in cases(path)], arguments.classes)

    def one(worker: Worker, case: Case) -> None:
        if time.monotonic() < ends:
            both(worker, case, total)
        else:
            total["left out for want of time"] += 1

    with Pool(sys.executable, arguments.jobs) as pool:
        pool.map(one, every, lambda case: None)
    say(f"{len(every)} classes")
    for what, count in sorted(total.items()):
        say(f"{count:6} {what}")


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--patterns", type=Path)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    main(parser.parse_args())
