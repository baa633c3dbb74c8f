"""Tables of findings in public packages, each read and judged by hand: ``python -m tests.triage PACKAGE FOLDER``.

Runs ``check`` in the folder of an unpacked package and writes ``fixtures/triage/PACKAGE.md`` anew. A finding that the
table has keeps its verdict and its sentence, one that is gone is left out, and a new one has an empty verdict, which a
test refuses: read the code, and fill it in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

TABLES = Path(__file__).parents[1] / "fixtures" / "triage"
VERDICTS = ("real", "harmless", "wrong")
_HEAD = "| finding | in | mark | verdict | why |\n| --- | --- | --- | --- | --- |\n"


class Row(NamedTuple):
    """A finding: its rule and ``Class.attribute``, the file, how it is fixed, and what a reader of the code says."""

    finding: str
    file: str
    mark: str
    verdict: str = ""
    why: str = ""


def read(table: Path) -> list[Row]:
    """The rows of a table; none if there is no such file."""
    if not table.exists():
        return []
    lines = table.read_text(encoding="utf-8").splitlines()
    return [Row(*(cell.strip() for cell in line.strip("|").split(" | "))) for line in lines if line.startswith("| BUF")]


def found(folder: Path) -> list[Row]:
    """What ``check`` reports in a folder by default, one row for each attribute of a class."""
    command = [sys.executable, "-m", "bufferlint", "check", "--no-cache", "--output-format", "json", "."]
    apart = {**os.environ, "PYTHONSAFEPATH": "1"}  # a package may have a types.py of its own
    result = subprocess.run(command, cwd=folder, env=apart, capture_output=True, text=True, check=False)
    rows: dict[tuple[str, str], Row] = {}
    for each in json.loads(result.stdout)["findings"]:
        fix, subject = each["fix"], f"{each['class']}.{each['attribute']}"
        mark = fix["applicability"] if fix else "withheld"
        row = Row(f"{each['code']} {subject}", each["filename"], mark)
        rows.setdefault((row.finding, row.file), row)
    return list(rows.values())


def written(package: str, rows: list[Row]) -> str:
    """The text of a table."""
    counts = Counter(row.verdict for row in rows)
    total = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS)
    body = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    intro = (
        "Written by `python -m tests.triage`; verdicts and sentences by a reader of the code. *Real*: a result,\n"
        "a move, a checkpoint or a resumed run goes wrong. *Harmless*: true, and the code lives with it.\n"
        "*Wrong*: what the finding says is not so.\n"
    )
    return f"# {package}\n\n{intro}\n{len(rows)} findings: {total}.\n\n{_HEAD}{body}"


def main(package: str, folder: str) -> None:
    """Write the table of a package anew."""
    table = TABLES / f"{package}.md"
    known = {(row.finding, row.file): row for row in read(table)}
    rows = [row._replace(**_judged(known.get((row.finding, row.file)))) for row in found(Path(folder))]
    table.write_text(written(package, rows), encoding="utf-8")


def _judged(known: Row | None) -> dict[str, str]:
    return {"verdict": known.verdict, "why": known.why} if known else {}


if __name__ == "__main__":
    main(*sys.argv[1:3])
