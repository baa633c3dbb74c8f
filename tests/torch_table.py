"""The table of torch's names beside that of another version: ``python -m tests.torch_table --against 2.14.1``.

The version is installed from the package index into an environment of its own, unless ``--python`` names an interpreter
that has it. Prints what the other version has more, has no longer and gives otherwise; nothing is written.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bufferlint.torch_model import table

_ROOT = Path(__file__).parents[1]
_PRINT = "from tests.torch_model.generate_torch_table import table_text; print(table_text(), end='')"
_KEYED_BY_NAME = frozenset({
    "OVERLOADED_FUNCTIONS", "OVERLOADED_METHODS", "FIELDS", "MODULE_ATTRIBUTES",
})  # fmt: skip
"""Sections whose keys are names; those of the others are what the names have in common."""
Section = dict[str, str]


def differences(ours: str, others: str) -> list[str]:
    """One line for each name that two tables, as texts of Python modules, know differently: ``+``, ``-`` or ``~``."""
    mine, theirs = _sections(ours), _sections(others)
    return [line for title in mine | theirs for line in _compared(title, mine.get(title, {}), theirs.get(title, {}))]


def _compared(title: str, mine: Section, theirs: Section) -> Iterator[str]:
    for name in sorted(mine.keys() | theirs.keys()):
        if name not in mine:
            yield f"+ {title} {name}: {theirs[name]}".rstrip(": ")
        elif name not in theirs:
            yield f"- {title} {name}: {mine[name]}".rstrip(": ")
        elif mine[name] != theirs[name]:
            yield f"~ {title} {name}: {mine[name]} -> {theirs[name]}"


def _sections(text: str) -> dict[str, Section]:
    """The names of each section, with what the table says of them."""
    found: dict[str, Section] = {}
    for statement in ast.parse(text).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=title)], value=ast.Constant(value=str(records))) if "\n" in records:
                found[title] = dict(_named(title, records))
    return found


def _named(title: str, records: str) -> Iterator[tuple[str, str]]:
    for record in records.replace("\n ", " ").splitlines():
        key, _, words = record.partition(" =")
        if title in _KEYED_BY_NAME:
            yield key, words.strip()
        else:
            space = f"{key.partition(' ')[2]}." if " " in key else ""
            yield from ((f"{space}{name}", key.partition(" ")[0]) for name in words.split())


def table_of(python: str) -> str:
    """The table that the torch of an interpreter gives."""
    command = [python, "-W", "ignore", "-c", _PRINT]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True).stdout


def _installed(version: str, folder: Path) -> str:
    """An interpreter of an environment in which that version of torch is installed."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"torch=={version}"], check=True)
    return python


def main(arguments: list[str] | None = None) -> int:
    """Compare the table that the project ships with that of another version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", required=True, metavar="VERSION", help="the version of torch to compare with")
    parser.add_argument("--python", metavar="PROGRAM", help="an interpreter that has that version")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        other = table_of(asked.python or _installed(asked.against, Path(folder)))
    found = f'TORCH_VERSION = "{asked.against.partition("+")[0]}"'
    if found not in other:
        sys.stderr.write(f"the interpreter has another torch than {asked.against}\n")
        return 2
    lines = differences(Path(table.__file__).read_text(encoding="utf-8"), other)
    lines.append(f"torch {table.TORCH_VERSION} -> {asked.against}: {len(lines)} differences")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
