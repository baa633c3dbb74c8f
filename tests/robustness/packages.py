"""Whole packages through check, fix and check again: ``python -m tests.robustness.packages FOLDER [NAME...]``.

Each folder below FOLDER is a package; nothing in it is written. A row for each: files, lines, findings by rule, fixes
by applicability, fixes withheld, seconds of CPU, and every promise that did not hold.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bufferlint.engine import FixResult, analyse, fix
from bufferlint.finding import Report
from bufferlint.project_files.files import collect, project_root
from bufferlint.project_files.workspace import DiskWorkspace
from bufferlint.settings import Settings
from bufferlint.syntax.reader import compiles

EVERY = ("ALL",)
LEVELS = {"safe": Settings(select=EVERY), "unsafe": Settings(select=EVERY, unsafe_fixes=True)}


@dataclass(slots=True)
class Row:
    """What was seen in one package; ``broken`` says which promise did not hold, and where."""

    name: str
    files: int = 0
    lines: int = 0
    problems: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = " ".join(f"{code} {count}" for code, count in sorted(self.findings.items()))
        fixes = " ".join(f"{level} {count}" for level, count in self.fixed.items())
        cells = (self.name, self.files, self.lines, self.problems, counts, fixes, sum(self.withheld.values()))
        return " | ".join([*map(str, cells), f"{self.seconds:.0f}", "; ".join(self.broken) or "ok"])


def look_at(folder: Path) -> Row:
    """All the promises, tried on one package."""
    row = Row(folder.name)
    start = time.process_time()
    targets, unreadable = _opened(folder)
    files, root = list(targets.values()), project_root([folder.as_posix()])
    row.files, row.problems = len(files) + unreadable, unreadable
    workspace = DiskWorkspace(root, targets)
    row.lines = sum(raw.count(b"\n") for raw in files)
    paths = list(targets)
    report = analyse(paths, workspace, Settings(select=EVERY))
    row.problems += len(report.problems)
    row.findings = Counter(finding.code for finding in report.findings)
    row.withheld = Counter(finding.withheld for finding in report.findings if finding.withheld)
    random.Random(0).shuffle(paths)
    if analyse(paths, DiskWorkspace(root, targets), Settings(select=EVERY)) != report:
        row.broken.append("another order of files gives other findings")
    for level, settings in LEVELS.items():
        result = fix(paths, workspace, settings)
        row.fixed[level] = sum(len(change.fixed) for change in result.changes)
        row.broken += _broken(result, report, targets, root, settings)
    row.seconds = time.process_time() - start
    return row


def _opened(folder: Path) -> tuple[dict[str, bytes], int]:
    """The content of the readable files, and how many are not readable."""
    paths = collect([folder.as_posix()], ()).files
    workspace = DiskWorkspace(project_root([folder.as_posix()]))
    readable, problems = workspace.readable(paths)
    return {path: Path(path).read_bytes() for path in readable}, len(problems)


def _broken(
    result: FixResult, before: Report, targets: Mapping[str, bytes], root: str, settings: Settings
) -> Sequence[str]:
    """What the fixes do that they must not."""
    said = [f"{problem.path}: {problem.cause}" for problem in result.problems]
    if result.before != before:
        said.append("fix sees other findings than check")
    workspace = DiskWorkspace(root, targets)
    after = dict(targets)
    for change in result.changes:
        new = workspace.rewritten(change)
        if not isinstance(new, bytes):
            said.append(f"{change.before.path}: {new.cause}")
        elif not compiles(change.after):
            said.append(f"{change.before.path}: does not compile")
        else:
            after[change.before.path] = new
    again = fix(sorted(after), DiskWorkspace(root, after), settings)
    said += [f"{change.before.path}: is changed again" for change in again.changes]
    if result.changes and again.before.findings != result.remaining.findings:
        said.append("what remains is not what is found afterwards")
    return said


def main(folder: Path, names: Sequence[str]) -> None:
    print("package | files | lines | problems | findings | fixed | withheld | CPU s | promises")  # noqa: T201
    findings, fixed, withheld = Counter[str](), Counter[str](), Counter[str]()
    for package in sorted(each for each in folder.iterdir() if each.is_dir() and (not names or each.name in names)):
        row = look_at(package)
        findings, fixed, withheld = findings + row.findings, fixed + row.fixed, withheld + row.withheld
        print(row, flush=True)  # noqa: T201
    print(f"all: {dict(findings)}, fixed {dict(fixed)}", flush=True)  # noqa: T201
    for reason, count in withheld.most_common(40):
        print(f"withheld {count}: {reason}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
