"""How paths, places and source lines are shown to a person."""

from __future__ import annotations

import os
import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bufferlint.finding import Applicability, Finding, Problem
from bufferlint.project_files.files import repository_top
from bufferlint.text.escaping import visible
from bufferlint.text.source import Source
from bufferlint.text.span import Location

TAB = "    "
LEAST_COLUMNS = 40
"""Columns below which nothing is made to fit."""


def _no_source(_path: str) -> Source | None:
    return None


@dataclass(frozen=True, slots=True)
class View:
    """``folder`` is what shown paths are relative to; ``unsafe_fixes`` whether unsafe fixes would be applied.

    ``home`` is the address of the documentation, where each rule's name is an anchor; None as long as there is none.
    """

    folder: str
    source: Callable[[str], Source | None] = _no_source
    unsafe_fixes: bool = False
    home: str | None = None
    columns: int | None = None
    """The width of a terminal that text is to fit; None for any."""
    show_fixes: bool = False
    """Are the changes of a fix shown below its finding?"""

    @property
    def top(self) -> str:
        """The top of the repository that the folder lies in; the folder itself outside of any."""
        return repository_top(self.folder) or self.folder

    def path(self, path: str) -> str:
        """The path for a person, on one line: what would steer a terminal is made visible."""
        return visible(self.exact_path(path))

    def exact_path(self, path: str) -> str:
        """Relative to the folder, absolute outside it; bytes that are no text are marked. For formats that escape."""
        prefix = self.folder.rstrip("/") + "/"
        shown = path.removeprefix(prefix)
        return os.fsencode(shown).decode(errors="replace")

    def from_top(self, path: str) -> str:
        """Relative to the repository's top, as services that show a repository want it; absolute outside of it."""
        return View(self.top).exact_path(path)

    def rule_url(self, name: str) -> str | None:
        """The address of a rule's page on the documentation site; None where there is no site."""
        return f"{self.home.rstrip('/')}/rules/{name}.html" if self.home else None

    def place(self, path: str, location: Location | None) -> str:
        """``path:row:column``, in a notebook ``path:cell number:row:column``."""
        if location is None:
            return self.path(path)
        cell = f"cell {location.cell}:" if location.cell is not None else ""
        return f"{self.path(path)}:{cell}{location.row}:{location.column}"

    def problem(self, problem: Problem) -> str:
        """One line: where, what is wrong, what to do."""
        return f"{self.place(problem.path, problem.location)}: {visible(f'{problem.cause}; {problem.advice}')}"

    def applies(self, finding: Finding) -> bool:
        """Returns whether ``fix`` would fix the finding."""
        if finding.fix is None:
            return False
        unsafe = finding.fix.applicability is Applicability.UNSAFE
        return finding.fix.applicability is Applicability.SAFE or (unsafe and self.unsafe_fixes)

    def hidden(self, finding: Finding) -> bool:
        """Returns whether ``fix`` would fix the finding with ``--unsafe-fixes`` only."""
        return finding.fix is not None and finding.fix.applicability is Applicability.UNSAFE and not self.unsafe_fixes


def reason_against(finding: Finding, view: View) -> str:
    """Returns why ``fix`` leaves a finding; empty when nothing speaks against its fix."""
    if view.hidden(finding):
        caveat = finding.fix.caveat if finding.fix else None
        return f"needs --unsafe-fixes: {caveat}" if caveat else "needs --unsafe-fixes"
    return finding.withheld or ""


def printable(text: str) -> str:
    """Source text for a terminal: tabs as blanks, characters that would steer the terminal as a mark."""
    return "".join(
        TAB
        if character == "\t"
        else "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character)[0] == "C"
        else character
        for character in text
    )


def width(text: str) -> int:
    """The columns that printable text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def fitted(text: str, columns: int | None) -> str:
    """Lines folded to the width of a terminal, what is folded a little further in; lines with styles are left."""
    if columns is None or columns < LEAST_COLUMNS:
        return text
    out = []
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\n")
        if width(bare) <= columns or "\x1b" in bare:
            out.append(line)
            continue
        indent = " " * (len(bare) - len(bare.lstrip()))
        rows = textwrap.wrap(bare, columns, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
        out.append("\n".join(rows) + line[len(bare) :])
    return "".join(out)


def plural(count: int, singular: str) -> str:
    return f"{count} {singular}" if count == 1 else f"{count} {singular}s"


def relative(path: str, folder: str) -> str:
    """A path as a patch names it: relative to the folder, through ``..`` if need be."""
    return Path(os.path.relpath(path, folder)).as_posix()
