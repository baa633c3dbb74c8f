"""Each rule on its fixtures: every finding stands on the line that says so, and the fixes give the text beside it."""

from __future__ import annotations

import difflib
from dataclasses import replace

import pytest

from bufferlint.finding import Finding, Report
from bufferlint.text.source import Source
from tests.memory import check, mend, mended
from tests.rule_fixtures import FILE, Case, Expected, applied, cases, disagreements, expected, fixed
from tests.variants import FEW, VARIANTS

BEFORE, CLEAN = cases("before"), cases("clean")
EVERY_WAY = "unregistered-tensor"
"""The rule whose fixtures are written in every way; those of the others in the few ways that say most."""
REWRITTEN = [
    (case, name)
    for case in (*BEFORE, *CLEAN)
    for name in (VARIANTS if case in BEFORE and case.rule == EVERY_WAY else FEW)
    if VARIANTS[name](case.text)
]
OPTIONS = [(case, option) for case in BEFORE for option in case.options]


@pytest.mark.parametrize("case", [*BEFORE, *CLEAN], ids=str)
def test_findings_and_fixes(case: Case) -> None:
    result, after = fixed(case), case.after or case.text

    assert _differences(expected(Source(FILE, case.text)), result.before) == ""
    assert result.problems == ()
    assert _difference(mended({FILE: case.text}, result)[FILE], after) == ""
    compile(after, FILE, "exec", dont_inherit=True)


@pytest.mark.parametrize("case", BEFORE, ids=str)
def test_a_second_fix_changes_nothing(case: Case) -> None:
    result, after = fixed(case), case.after or case.text

    again = mend({FILE: after}, case.settings)

    kept = [one for one in expected(Source(FILE, after)) if one.verdict not in ("safe", "unsafe")]
    assert _differences(kept, again.before) == ""
    assert again.changes == ()
    assert again.before.findings == result.remaining.findings


@pytest.mark.parametrize(("case", "variant"), REWRITTEN, ids=str)
def test_the_same_code_written_otherwise(case: Case, variant: str) -> None:
    write = VARIANTS[variant]
    text, after = write(case.text), write(case.after or case.text)
    assert text is not None and after is not None

    result = mend({FILE: text}, case.settings)

    assert _differences(expected(Source(FILE, text)), result.before) == ""
    assert result.problems == ()
    assert _difference(mended({FILE: text}, result)[FILE], after) == ""
    compile(after, FILE, "exec", dont_inherit=True)


@pytest.mark.parametrize("case", BEFORE, ids=str)
def test_safe_fixes_alone(case: Case) -> None:
    wanted = expected(Source(FILE, case.text))

    result = mend({FILE: case.text}, replace(case.settings, unsafe_fixes=False))

    fixed = [finding for change in result.changes for finding in change.fixed]
    assert _differences(list(applied(wanted, unsafe=False)), Report(tuple(fixed))) == ""
    assert result.problems == ()
    compile(mended({FILE: case.text}, result)[FILE], FILE, "exec", dont_inherit=True)
    left = {_attribute(finding) for finding in result.before.findings} - {_attribute(finding) for finding in fixed}
    assert {_attribute(finding) for finding in result.remaining.findings} == left


@pytest.mark.parametrize(("case", "option"), OPTIONS, ids=str)
def test_other_settings(case: Case, option: str) -> None:
    settings, after = case.mended_with(option)

    result = fixed(case, option)

    assert result.problems == ()
    assert _difference(mended({FILE: case.text}, result)[FILE], after) == ""
    compile(after, FILE, "exec", dont_inherit=True)
    assert mend({FILE: after}, settings).changes == ()


@pytest.mark.parametrize("case", CLEAN, ids=str)
def test_clean_files_announce_nothing(case: Case) -> None:
    assert "# expect" not in case.text
    assert check({FILE: case.text}, case.settings) == Report((), (), 1)


@pytest.mark.parametrize("case", BEFORE, ids=str)
def test_before_files_announce_something(case: Case) -> None:
    wanted = expected(Source(FILE, case.text))
    assert wanted
    assert bool(list(applied(wanted, unsafe=True))) == (case.after is not None)


def _attribute(finding: Finding) -> tuple[str, str]:
    return finding.class_name, finding.attribute


def _differences(wanted: list[Expected], report: Report) -> str:
    assert report.problems == ()
    return "\n".join(disagreements(wanted, report.findings))


def _difference(found: str, wanted: str) -> str:
    """A diff from what should be there to what is."""
    lines = (wanted.splitlines(keepends=True), found.splitlines(keepends=True))
    return "\n".join(map(repr, difflib.unified_diff(*lines, "after", "found", n=1)))
