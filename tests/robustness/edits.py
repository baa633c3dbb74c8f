"""``python -m tests.robustness.edits FOLDER...``: do edits that an answer is said to outlive leave it as it is?

In every function of a folder that an edit may change without a word, something is planted that would matter if anybody
looked; then everything is analysed anew.
"""

from __future__ import annotations

import ast
import random
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bufferlint.engine import analyse
from bufferlint.finding import Report
from bufferlint.incremental.dependencies import Dependencies, Fingerprint, Questions, trace
from bufferlint.incremental.revalidation import revalidated
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from bufferlint.text.workspace import Gathered, Workspace, pieces_of

_NAMES = re.compile(r"(?:\bclass |\bdef |\bimport |\bself\.)(\w+)")
PLANTS = (
    "{receiver}.planted = torch.ones(2)",
    "return torch.ones(2)",
    "{receiver}.register_buffer('planted', None)",
    "raise ValueError",
    "{receiver}.__dict__['planted'] = torch.ones(2)",
    "{receiver}.weight = {receiver}.helper = torch.ones(2)\n{indent}return {receiver}",
    "planted = 3",
    "{receiver}.planted = 3",
    "{receiver}.planted = {name}",
    "{receiver}.planted = {name}(3)",
    "{receiver}.planted = {name}(torch.ones(2))",
    "{receiver}.planted = {receiver}.{name}",
    "return {name}",
)


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A workspace with other texts for some of its files."""

    behind: Workspace
    texts: Mapping[str, str]

    @property
    def root(self) -> str:
        return self.behind.root

    @property
    def files(self) -> Sequence[str]:
        return self.behind.files

    def may_mention(self, path: str, word: str) -> bool:
        return word in self.texts[path] if path in self.texts else self.behind.may_mention(path, word)

    def pieces(self, path: str) -> frozenset[str]:
        return pieces_of(self.texts[path]) if path in self.texts else self.behind.pieces(path)

    @property
    def remembers(self) -> bool:
        return False

    def gathered(self, path: str, gather: Callable[[Source], Gathered]) -> Gathered:
        source = self.source(path)
        return gather(source) if source is not None else Gathered()

    def by_project(self, targets: Sequence[str]) -> Sequence[tuple[Workspace, Sequence[str]]]:
        return [(self, targets)]

    def source(self, path: str) -> Source | None:
        return Source(path, self.texts[path]) if path in self.texts else self.behind.source(path)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``planted`` of all functions were edited without notice; then the report was the same or not."""

    functions: int
    planted: int
    same: bool
    findings: int


def functions(text: str) -> Iterator[tuple[int, str, str]]:
    """The line that each function's body begins in, from the last one up, with its indent and the first parameter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.body[0].lineno > node.lineno:
            first = node.body[0]
            lines = [first.lineno, *(each.lineno for each in getattr(first, "decorator_list", ()))]
            arguments = [*node.args.posonlyargs, *node.args.args]
            found.append((min(lines), " " * first.col_offset, arguments[0].arg if arguments else "given"))
    return iter(sorted(found, reverse=True))


@dataclass(slots=True)
class Edited:
    """A workspace under edits that an answer about it outlives; ``traces`` are kept as the cache keeps them."""

    workspace: Workspace
    questions: Questions
    traces: dict[str, Fingerprint]
    texts: dict[str, str] = field(default_factory=dict)

    def accepts(self, path: str, text: str) -> bool:
        """Whether the answer stands with this text too; it is taken in if so."""
        found = revalidated(path, Overlaid(self.workspace, {**self.texts, path: text}), self.traces, self.questions)
        if found is not None:
            self.traces[path], self.texts[path] = found, text
        return found is not None


def planted(source: Source, edited: Edited, chance: random.Random) -> tuple[int, int]:
    """Plant something in each function of a file where that goes unnoticed; how many there are, and how many got it."""
    lines, count, done = source.text.split("\n"), 0, 0
    names = sorted(set(_NAMES.findall(source.text))) or ["nothing"]
    for row, indent, receiver in functions(source.text):
        count += 1
        plant = indent + chance.choice(PLANTS).format(receiver=receiver, indent=indent, name=chance.choice(names))
        text = "\n".join([*lines[: row - 1], plant, *lines[row - 1 :]])
        if edited.accepts(source.path, text):
            lines, done = text.split("\n"), done + 1
    return count, done


def _has_plain_lines(text: str) -> bool:
    return text.count("\r") == text.count("\r\n") and "\f" not in text


def look_at(targets: Sequence[str], workspace: Workspace, settings: Settings, seed: int = 0) -> Outcome:
    """All that goes unnoticed in the targets, at once."""
    chance, sight = random.Random(seed), Dependencies()
    before = analyse(targets, workspace, settings, sight=sight)
    questions = sight.questions()
    sources = [source for source in map(workspace.source, targets) if source is not None]
    traces = {source.path: seen for source in sources if (seen := trace(source, sight, questions)) is not None}
    edited = Edited(workspace, questions, traces)
    every = done = 0
    for source in sources:
        if source.path in traces and _has_plain_lines(source.text):
            count, here = planted(source, edited, chance)
            every, done = every + count, done + here
    after: Report = analyse(targets, Overlaid(workspace, edited.texts), settings)
    return Outcome(every, done, before == after, len(before.findings))


def main(folders: Sequence[Path]) -> int:
    from bufferlint.cli.invocation import prepare

    differing = 0
    for folder in folders:
        for seed in range(3):
            setup = prepare([str(folder)], {})
            found = look_at(setup.targets, setup.workspace, setup.settings, seed)
            differing += not found.same
            said = "same" if found.same else "DIFFERENT"
            counts = f"{found.planted} of {found.functions} functions edited unnoticed, {found.findings} findings"
            print(f"{folder.name}: {said}, {counts}", flush=True)  # noqa: T201
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(list(map(Path, sys.argv[1:]))))
