"""Fixtures of rules: code with its findings written on the lines that they are about, and the same code mended.

``before.py`` and ``before_<case>.py`` hold findings, ``after...`` is what all fixes, unsafe ones too, make of them;
``after_<case>.<option>.py`` the same under other settings; ``clean...`` holds none. A rule with many has a folder for
each theme, and ``before.py`` and ``clean.py`` beside them. A line with findings ends with
``# expect: BUF001 safe``, ``... unsafe: <part of the caveat>``, ``... withheld: <part of the reason>`` or
``... display: <part of the caveat>``; several are separated by `` & ``. A comment on any line of a statement stands for
its first one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bufferlint.engine import FixResult
from bufferlint.finding import Applicability, Finding
from bufferlint.settings import Persistence, Settings, Style
from bufferlint.text.source import Source
from tests.memory import mend

FIXTURES = Path(__file__).parents[1] / "fixtures"
RULES = FIXTURES / "rules"
FILE = "model.py"
"""The name under which a fixture is analysed."""

_EXPECT = re.compile(r"# expect: (.+)$")
_ONE = re.compile(r"(BUF\d{3}) (?:(safe)|(unsafe|withheld|display): (\S.*\S))\Z")
_OPTIONS = {
    "nn_buffer": Settings(style=Style.NN_BUFFER),
    "non_persistent": Settings(persistence=Persistence.NON_PERSISTENT),
    "nn_buffer_non_persistent": Settings(style=Style.NN_BUFFER, persistence=Persistence.NON_PERSISTENT),
    "auto": Settings(persistence=Persistence.AUTO),
    "old_checkpoints": Settings(load_old_checkpoints=True),
}


@dataclass(frozen=True)
class Case:
    """One fixture file of a rule's folder; ``after`` is None for a file that must stay as it is.

    ``name`` is the path within the rule's folder, without the suffix.
    """

    rule: str
    name: str
    text: str
    after: str | None
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule}/{self.name}"

    @property
    def settings(self) -> Settings:
        """The folder's rule and those that the comments name, with unsafe fixes."""
        named = {one.code for one in expected(Source(self.name, self.text))}
        return Settings(select=(self.rule, *sorted(named)), unsafe_fixes=True)

    def mended_with(self, option: str) -> tuple[Settings, str]:
        """Other settings, and what the file becomes under them."""
        chosen = replace(_OPTIONS[option], select=self.settings.select, unsafe_fixes=True)
        return chosen, _read(RULES / self.rule / f"{_after(self.name)}.{option}.py")


@dataclass(frozen=True, order=True)
class Expected:
    """One finding that a comment announces; ``verdict`` is ``safe``, ``unsafe``, ``display`` or ``withheld``."""

    row: int
    code: str
    verdict: str
    words: str = ""

    def fits(self, finding: Finding) -> bool:
        verdict, words = verdict_of(finding)
        same = (finding.location.row, finding.code, verdict) == (self.row, self.code, self.verdict)
        return same and self.words in words

    def __str__(self) -> str:
        return f"line {self.row}: {self.code} {self.verdict}" + (f": ...{self.words}..." if self.words else "")


@cache
def fixed(case: Case, option: str = "") -> FixResult:
    """What ``fix`` makes of a case, under its own settings or those of an option."""
    return mend({FILE: case.text}, case.mended_with(option)[0] if option else case.settings)


def cases(kind: str) -> list[Case]:
    """All fixtures of all rules whose name begins with ``before`` or with ``clean``."""
    paths = sorted(path for path in RULES.glob(f"*/**/{kind}*.py") if "." not in path.stem)
    return [_case(path) for path in paths]


def expected(source: Source) -> list[Expected]:
    """The findings that the comments of a file announce."""
    found: list[Expected] = []
    beginnings = dict(_beginnings(source.text))
    for row in range(1, source.line_count() + 1):
        comment = _EXPECT.search(source.line(row))
        if comment:
            first = beginnings.get(row, row)
            found += [_one(words, first, source.path) for words in comment[1].split(" & ")]
    return found


def disagreements(wanted: Iterable[Expected], findings: Iterable[Finding]) -> list[str]:
    """What was announced and not found, and the reverse, a line each."""
    left = list(findings)
    missing: list[Expected] = []
    for one in wanted:
        fitting = next((finding for finding in left if one.fits(finding)), None)
        if fitting is None:
            missing.append(one)
        else:
            left.remove(fitting)
    return sorted([f"missing    {one}" for one in missing] + [f"unexpected {_described(f)}" for f in left])


def verdict_of(finding: Finding) -> tuple[str, str]:
    """``safe``, ``unsafe``, ``display`` or ``withheld``, and the words that say why."""
    if finding.fix is None:
        return "withheld", finding.withheld or ""
    if finding.fix.applicability is Applicability.SAFE:
        return "safe", finding.fix.caveat or ""
    return finding.fix.applicability.value, finding.fix.caveat or ""


def applied(wanted: Iterable[Expected], unsafe: bool) -> Iterator[Expected]:
    """Those whose fix is applied, with unsafe ones or without."""
    return (one for one in wanted if one.verdict == "safe" or (unsafe and one.verdict == "unsafe"))


def _case(path: Path) -> Case:
    after = path.with_stem(_after(path.stem))
    mended = _read(after) if path.stem.startswith("before") and after.exists() else None
    options = tuple(sorted(other.stem.rpartition(".")[2] for other in path.parent.glob(f"{after.stem}.*.py")))
    rule, *inner = path.relative_to(RULES).with_suffix("").parts
    return Case(rule, "/".join(inner), _read(path), mended, options)


def _after(name: str) -> str:
    return name.replace("before", "after", 1)


def _read(path: Path) -> str:
    return path.read_bytes().decode()


def _beginnings(text: str) -> Iterator[tuple[int, int]]:
    """Each line of a statement that has several, with the line that the statement begins on."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr):
            for row in range(node.lineno + 1, (node.end_lineno or node.lineno) + 1):
                yield row, node.lineno


def _one(words: str, row: int, path: str) -> Expected:
    match = _ONE.match(words.strip())
    assert match, f"{path}:{row}: cannot read the expectation '{words}'"
    return Expected(row, match[1], match[2] or match[3], match[4] or "")


def _described(finding: Finding) -> str:
    verdict, words = verdict_of(finding)
    return f"line {finding.location.row}: {finding.code} {verdict}: {words} ({finding.class_name}.{finding.attribute})"
