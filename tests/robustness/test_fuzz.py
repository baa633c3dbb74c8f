"""Generated classes and damaged files: fixes keep what code does, and what means the same is found alike.

Longer runs: ``python -m tests.robustness.fuzz``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from bufferlint.finding import Finding, Report
from tests import memory
from tests.robustness import around, mutations
from tests.robustness.generated import Parts, check, parts

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
IMPORTS = (
    "import torch\nimport torch.nn as nn\n",
    "import torch as torch\nimport torch.nn\nfrom torch import nn as nn\n",
    "try:\n    import torch\n    import torch.nn as nn\nexcept ImportError:\n    raise\n",
)

fuzzing = settings(
    deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], max_examples=200
)


@fuzzing
@given(parts())
def test_a_safe_fix_changes_nothing_but_the_registration(source: Parts) -> None:
    check(source)


@fuzzing
@given(around.around())
def test_a_safe_fix_changes_nothing_for_the_code_around_a_class(source: around.Around) -> None:
    around.check(source)


@settings(fuzzing, max_examples=40)
@given(around.benign())
def test_a_class_without_a_hazard_keeps_a_safe_fix(source: around.Around) -> None:
    assert around.check(source) > 0, source.text


@settings(fuzzing, max_examples=40)
@given(parts())
def test_what_means_the_same_is_found_alike(source: Parts) -> None:
    whole = memory.check({"m.py": source.text})
    expected = _found(whole)
    for imports in IMPORTS:
        assert _found(memory.check({"m.py": replace(source, imports=imports).text})) == expected, imports
    for other in (replace(source, local="renamed"), replace(source, comments=True), replace(source, reordered=True)):
        assert _found(memory.check({"m.py": other.text})) == expected, other.text
    apart = memory.check(source.files)
    assert _names(apart.findings) == _names(whole.findings), "in two files"
    fixable = [each for each in apart.findings if "in another file" not in (each.withheld or "")]
    assert Counter(map(_told, fixable)) <= expected, "in two files"


def _found(report: Report) -> Counter[tuple[str, str, str]]:
    assert not report.problems
    return Counter(map(_told, report.findings))


def _told(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.attribute, finding.mark


def _names(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter((each.code, each.attribute) for each in findings)


def test_damaged_files_are_read_or_named() -> None:
    files = list(mutations.modules(FIXTURES))
    rewritten = 0
    for number in range(400):
        text = mutations.damage(files[number % len(files)], number)
        rewritten += 0 if text is None else mutations.try_out(text)
    assert rewritten > 5, "most of what was tried was no Python"
