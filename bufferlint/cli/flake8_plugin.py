"""The flake8 plugin: bufferlint's findings among flake8's, with the configuration that bufferlint has."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache

from bufferlint import __version__
from bufferlint.project_files.files import absolute
from bufferlint.project_files.projects import Projects
from bufferlint.project_files.workspace import Opened
from bufferlint.text.escaping import visible
from bufferlint.text.source import Encoding, Source

PROBLEM = "BUF900"
"""What keeps a file from being checked; bufferlint itself gives problems no code, which flake8 wants."""


class Plugin:
    """One file, as flake8 hands it over."""

    name = "bufferlint"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self._path = absolute(filename)
        self._text = "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Rows from 1 and columns from 0, as flake8 counts them; its noqa comments and options are its own affair."""
        from bufferlint.engine import analyse

        project = _projects().of(self._path)
        if isinstance(project, tuple):
            yield from (
                (1, 0, visible(f"{PROBLEM} {each.path}: {each.cause}; {each.advice}"), Plugin) for each in project
            )
            return
        if project.excluded:
            return
        opened = Opened(Source(self._path, self._text), Encoding("utf-8"))
        workspace = project.workspace(self._path, {self._path: opened})
        report = analyse([self._path], workspace, project.settings, project.memory.facts)
        for finding in report.findings:
            yield (
                finding.location.row,
                finding.location.column - 1,
                visible(f"{finding.code} {finding.message}"),
                Plugin,
            )
        for problem in report.problems:
            row, column = (problem.location.row, problem.location.column) if problem.location else (1, 1)
            yield row, column - 1, visible(f"{PROBLEM} {problem.cause}; {problem.advice}"), Plugin


@cache
def _projects() -> Projects:
    """Those of this process: flake8 hands its files over one by one."""
    return Projects()
