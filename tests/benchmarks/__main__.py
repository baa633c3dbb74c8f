"""The table of targets: what was measured, beside what it should be.

Ratios are medians of interleaved rounds of whole processes, in CPU time, so that a busy machine moves both sides alike.
"""

from __future__ import annotations

import argparse
import compileall
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import corpora
from tests.benchmarks.measuring import Command, interleaved, ratio

ROOT = Path(__file__).parents[2]
RULE = "self.$X = torch.$F($$$)"
READ = "import sys, pathlib; [p.read_bytes() for p in pathlib.Path(sys.argv[1]).rglob('*.py')]"


@dataclass(frozen=True, slots=True)
class Row:
    """``measure`` gives a figure for a number of rounds; up to ``target`` it is met, up to ``stretch`` well met."""

    name: str
    target: float
    stretch: float
    measure: Callable[[int], float]
    unit: str = "x"

    def line(self, rounds: int) -> str:
        figure = self.measure(rounds)
        verdict = "well met" if figure <= self.stretch else "met" if figure <= self.target else "MISSED"
        shown = f"{figure:.3g} {self.unit}"
        return f"| {self.name} | {shown} | {self.target:g} | {self.stretch:g} | {verdict} |"


class Bench:
    """The measures, over a folder that holds corpora and tools."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache = folder / "cache"
        self._run = Path(tempfile.mkdtemp(prefix="run-", dir=folder))
        compileall.compile_dir(ROOT / "bufferlint", quiet=1)  # as pip does when it installs a package

    def rows(self) -> Iterator[Row]:
        big, calm = self._transformers, self._small("quiet", corpora.QUIET)
        loud = self._small("loud", corpora.LOUD)
        click, cst = self._python("import click"), self._python("import libcst")
        yield Row("--version / import click", 1.3, 0.6, self._against(lambda: self._ours("--version"), click))
        yield Row("20 small files, nothing to report / import click", 2, 1.3, self._against(self._cold(calm), click))
        yield Row("20 small files with findings / import libcst", 2, 1.3, self._against(self._cold(loud), cst))
        yield Row("20 small files / TorchFix", 1 / 30, 0.01, self._against(self._cold(loud), self._torchfix(loud)))
        yield Row(
            "a file of 6,000 findings / ruff F", 40, 15, self._against(self._cold(self._huge), self._ruff(self._huge))
        )
        yield Row("... its memory", 600, 300, self._memory(self._cold(self._huge)), "MB")
        yield Row("4x the tree / the tree (timm)", 4.8, 4.2, self._growth)
        yield Row("cold transformers / ruff F", 3, 1.5, self._against(self._cold(big), self._ruff(big)))
        yield Row("cold transformers / ast-grep", 0.5, 0.25, self._against(self._cold(big), self._ast_grep(big)))
        yield Row("cold transformers / reading the bytes", 50, 25, self._against(self._cold(big), self._bare(big)))
        yield Row("cold transformers, memory", 200, 80, self._memory(self._cold(big)), "MB")
        yield Row("warm transformers / import click", 2, 1.5, self._against(self._warm(big), click))
        yield Row("warm transformers / ruff F cached", 1.5, 0.9, self._against(self._warm(big), self._ruff(big, True)))
        yield Row("a forward edited, transformers / import click", 6, 3, self._against(self._edited(big), click))
        edited = self._edited(big, "__init__")
        yield Row("an __init__ edited, transformers / import click", 6, 3, self._against(edited, click))

    def close(self) -> None:
        shutil.rmtree(self._run, ignore_errors=True)

    # -- corpora -------------------------------------------------------------------------------------------------

    def _transformers(self) -> Path:
        return corpora.package(self._folder, "transformers")

    def _small(self, name: str, text: str) -> Callable[[], Path]:
        return lambda: corpora.small(self._folder, name, text)

    def _huge(self) -> Path:
        return corpora.huge(self._folder)

    # -- commands ------------------------------------------------------------------------------------------------

    def _ours(self, *words: str, before: Callable[[], None] | None = None) -> Command:
        command = [sys.executable, "-m", "bufferlint", *words]
        os.environ["PYTHONPATH"] = str(ROOT)
        return Command(command, self._run, before)

    def _cold(self, tree: Callable[[], Path]) -> Callable[[], Command]:
        return lambda: self._ours("check", "--no-cache", "--jobs", "1", "-q", str(tree()))

    def _warm(self, tree: Callable[[], Path], edited: str = "") -> Callable[[], Command]:
        def command() -> Command:
            place = tree()
            words = ("check", "-q", "--cache-dir", str(self._cache), str(place))
            interleaved([self._ours(*words)], 1)
            return self._ours(*words, before=(lambda: _edit(place, edited)) if edited else None)

        return command

    def _edited(self, tree: Callable[[], Path], function: str = "forward") -> Callable[[], Command]:
        return self._warm(tree, function)

    def _python(self, code: str) -> Callable[[], Command]:
        return lambda: Command([sys.executable, "-c", code], self._run)

    def _bare(self, tree: Callable[[], Path]) -> Callable[[], Command]:
        return lambda: Command([sys.executable, "-c", READ, str(tree())], self._run)

    def _ruff(self, tree: Callable[[], Path], cached: bool = False) -> Callable[[], Command]:
        cache = ["--cache-dir", str(self._folder / "ruff-cache")] if cached else ["--no-cache"]
        words = ["ruff", "check", "--isolated", "--select", "F", "-q", *cache]
        return lambda: Command([*words, str(tree())], self._run)

    def _ast_grep(self, tree: Callable[[], Path]) -> Callable[[], Command]:
        words = ["run", "-p", RULE, "-l", "python"]
        return lambda: Command([str(corpora.tools(self._folder) / "ast-grep"), *words, str(tree())], self._run)

    def _torchfix(self, tree: Callable[[], Path]) -> Callable[[], Command]:
        return lambda: Command([str(corpora.tools(self._folder) / "torchfix"), str(tree())], self._run)

    # -- measures ------------------------------------------------------------------------------------------------

    def _against(self, ours: Callable[[], Command], theirs: Callable[[], Command]) -> Callable[[int], float]:
        return lambda rounds: ratio(*interleaved([ours(), theirs()], rounds))

    def _memory(self, ours: Callable[[], Command]) -> Callable[[int], float]:
        return lambda _: interleaved([ours()], 1)[0].memory

    def _growth(self, rounds: int) -> float:
        once = corpora.copies(self._folder, corpora.package(self._folder, "timm"), 1)
        many = corpora.copies(self._folder, corpora.package(self._folder, "timm"), 4)
        return ratio(*interleaved([self._cold(lambda: many)(), self._cold(lambda: once)()], rounds))


def _edit(tree: Path, function: str) -> None:
    """Put another statement into the first function of that name in one long file of the tree."""
    file = max(tree.rglob("modeling_t5.py"), key=lambda path: path.stat().st_size)
    header = re.compile(rf"    def {function}\([^)]*\)[^:\n]*:\n(?:        edited = \d+\n)?")
    edited = f"        edited = {time.time_ns()}\n"
    text = header.sub(lambda found: found[0].partition("        edited")[0] + edited, file.read_text(), count=1)
    file.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "bufferlint-benchmarks")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each pair (5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="only rows whose name holds this")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.folder)
    print("| measure | figure | target | stretch | verdict |\n|---|--:|--:|--:|---|")
    try:
        for row in bench.rows():
            if given.only in row.name:
                print(row.line(given.rounds), flush=True)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
