"""Classes of real packages, built and called by the recipes that `verify` finds:
``python -m tests.robustness.constructible LIST FOLDER``.

LIST names a package and a dotted class a line, FOLDER holds the packages, and the interpreter that runs this what they
import. ``--packages NAME...`` takes those only, ``--classes N`` a sample of N, the same each time, ``--seconds S``
begins no class after S seconds, ``--fixed`` takes only classes that get a safe fix, ``--unsafe`` makes unsafe ones too.

A line for each class, as they end: ``constructed``, ``forward`` and, where the fix rewrites it, ``proven``, ``passed``
(some checks were skipped), ``failed`` with the checks, or the cause why nothing could be told. Sums at the end, with
CPU seconds and peak memory. A class whose file cannot be imported is counted apart. Needs a system that can fork.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bufferlint import engine
from bufferlint.cli.invocation import prepare
from bufferlint.cli.verified_fixes import subject_of
from bufferlint.verify.contract import Recipe, Request, Status, Subject, Verdict
from bufferlint.verify.worker import service


@dataclass(frozen=True)
class Case:
    name: str
    subject: Subject


def listed(file: Path, folder: Path, packages: list[str]) -> dict[Path, list[tuple[str, str]]]:
    """The classes of the list by the folder of their package: the file of each, and its name there."""
    found: dict[Path, list[tuple[str, str]]] = {}
    for line in file.read_text().splitlines():
        package, _, dotted = line.partition(" ")
        if not dotted or (packages and package not in packages):
            continue
        for place in _places(folder / package, dotted):
            found.setdefault(folder / package, []).append(place)
            break
    return found


def sampled(wanted: dict[Path, list[tuple[str, str]]], classes: int) -> dict[Path, list[tuple[str, str]]]:
    """Some of the classes, the same each time: what their files rest on is all that is looked at."""
    every = [(root, place) for root, places in wanted.items() for place in places]
    found: dict[Path, list[tuple[str, str]]] = {}
    for root, place in random.Random(0).sample(every, min(classes, len(every))):
        found.setdefault(root, []).append(place)
    return found


def _places(root: Path, dotted: str) -> Iterator[tuple[str, str]]:
    parts = dotted.split(".")
    for split in range(len(parts) - 1, 0, -1):
        for base in (root, root / "src"):
            below = base.joinpath(*parts[:split])
            for file in (below.with_suffix(".py"), below / "__init__.py"):
                if file.is_file():
                    yield file.as_posix(), ".".join(parts[split:])


def cases(root: Path, wanted: list[tuple[str, str]], unsafe: bool) -> Iterator[Case]:
    """The classes of one package, each with its rewritten text where it gets a fix."""
    setup = prepare([*dict.fromkeys(file for file, _ in wanted)], {"unsafe-fixes": unsafe})
    result = engine.fix(setup.targets, setup.workspace, setup.settings)
    after = {change.before.path: change.after for change in result.changes}
    fixed = {(f.path, f.class_name) for change in result.changes for f in change.fixed}
    for file, name in wanted:
        source = setup.workspace.source(file)
        if source is not None:
            text = after.get(file) if (file, name) in fixed else None
            yield Case(f"{root.name} {name}", subject_of(source, name, text, setup))


def run(case: Case, timeout: float) -> str:
    """What came of a class, in a word or two."""
    request = Request(case.subject, Recipe(device="meta", timeout=timeout), find=True)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("rb") as private:
        found = service.find(request, Path(folder) / "find", False, os.dup(private.fileno()))
        if isinstance(found, Verdict):
            return f"not constructed: {'; '.join(found.tried)}"
        if found.recipe is None:
            return "not imported"
        called = "forward" if found.recipe.calls_forward else "constructed"
        if case.subject.after is None:
            return called if called == "forward" else f"{called}: {'; '.join(found.tried)}"
        request = Request(case.subject, found.recipe)
        verdict = service.serve(request, Path(folder) / "serve", False, os.dup(private.fileno()))
    return f"{called}, {told(verdict)}"


def told(verdict: Verdict) -> str:
    if verdict.cause is not None:
        return f"not proven: {verdict.cause}"
    of = {status: [f"{each.title}: {each.after.detail}" for each in verdict.checks if each.after.status is status]
          for status in Status}  # fmt: skip
    if of[Status.FAIL]:
        return f"failed: {'; '.join(of[Status.FAIL])}"
    if verdict.proven:
        return "proven"
    left = of[Status.SKIP] or of[Status.NOT_RUN]
    return f"{'skipped' if of[Status.SKIP] else 'passed'}: {'; '.join(left)}"


def main(arguments: Namespace) -> None:
    ends, total = time.monotonic() + arguments.seconds, Counter[str]()
    wanted = listed(arguments.list, arguments.folder, arguments.packages)
    if arguments.classes is not None and not arguments.fixed:
        wanted = sampled(wanted, arguments.classes)
    every = [case for root, places in wanted.items() for case in cases(root, places, arguments.unsafe)]
    if arguments.fixed:
        every = [case for case in every if case.subject.after is not None]
    random.Random(0).shuffle(every)
    seconds: list[float] = []
    print(f"{len(every)} classes", flush=True)  # noqa: T201
    for case in every[: arguments.classes]:
        if time.monotonic() > ends:
            total["left out for want of time"] += 1
            continue
        before = _spent()
        came = run(case, arguments.timeout)
        seconds.append(_spent() - before)
        total[came.partition(":")[0]] += 1
        print(f"{case.name}: {seconds[-1]:.1f} s: {came[:400]}", flush=True)  # noqa: T201
    summed(total, seconds)


def summed(total: Counter[str], seconds: list[float]) -> None:
    for what, count in sorted(total.items()):
        print(f"{count:6} {what}")  # noqa: T201
    built = sum(count for what, count in total.items() if what.startswith(("constructed", "forward")))
    called = sum(count for what, count in total.items() if what.startswith("forward"))
    tried = built + total["not constructed"]
    print(f"constructed {built} of {tried} that can be imported, forward runs in {called}")  # noqa: T201
    if seconds:
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"median {statistics.median(seconds):.1f} CPU seconds, peak of a process {peak} MiB")  # noqa: T201


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("list", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--packages", nargs="*", default=[])
    parser.add_argument("--classes", type=int)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--fixed", action="store_true")
    parser.add_argument("--unsafe", action="store_true")
    main(parser.parse_args())
