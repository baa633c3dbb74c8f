"""Each rule has its names, its page and its fixtures; its bad example is reported, its good one is silent."""

from __future__ import annotations

import re
import textwrap
from itertools import takewhile
from pathlib import Path

import pytest
import torch
from torch import nn

from bufferlint import rules
from bufferlint.rules import catalogue, is_selector, selected
from bufferlint.rules._rule import Rule
from bufferlint.settings import Settings
from tests.memory import check, mend, mended
from tests.rule_fixtures import RULES

HEADINGS = ["What it does", "Why it is bad", "Example", "Fix", "References"]
FILE = "model.py"
SHELL = """\
import torch
from torch import nn


"""
EACH = pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.name)


def test_codes_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in catalogue()]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"BUF\d{3}", code) for code in codes)


def test_every_public_file_of_the_room_is_a_rule() -> None:
    files = {path.stem for folder in rules.__path__ for path in Path(folder).glob("[!_]*.py")}
    assert {rule.name.replace("-", "_") for rule in catalogue()} == files


@EACH
def test_a_rule_has_fixtures_under_its_name(rule: Rule) -> None:
    names = {path.name for path in (RULES / rule.name).glob("*.py")}
    assert {"before.py", "clean.py"} <= names


def test_many_fixtures_of_a_rule_lie_in_folders_by_theme() -> None:
    for rule in catalogue():
        beside = {path.name.split(".")[0] for path in (RULES / rule.name).glob("*.py")}
        themes = [path for path in (RULES / rule.name).iterdir() if path.is_dir()]
        assert len(beside) <= 20, f"{rule.name}: group these fixtures in folders by theme"
        assert not themes or beside <= {"before", "after", "clean"}, f"{rule.name}: {beside} belong in a theme's folder"


def test_every_folder_of_fixtures_is_a_rule() -> None:
    assert {path.name for path in RULES.iterdir()} <= {rule.name for rule in catalogue()}


@EACH
def test_a_page_has_its_headings(rule: Rule) -> None:
    assert re.findall(r"^(.+)\n-{3,}$", rule.page, re.MULTILINE) == HEADINGS
    for heading, underline in re.findall(r"^(.+)\n(-{3,})$", rule.page, re.MULTILINE):
        assert len(heading) == len(underline)
    assert rule.summary == rule.page.splitlines()[0]
    assert rule.summary.endswith(".") and len(rule.summary) <= 100
    assert all(_section(rule, heading) for heading in HEADINGS)


@EACH
def test_the_bad_example_is_reported(rule: Rule) -> None:
    report = check({FILE: _module(_example(rule, "Bad"))}, Settings(select=(rule.code,)))
    assert report.problems == ()
    assert [finding.code for finding in report.findings] == [rule.code] * max(len(report.findings), 1)


@EACH
def test_the_good_example_is_not(rule: Rule) -> None:
    report = check({FILE: _module(_example(rule, "Good"))}, Settings(select=("ALL",)))
    assert (report.findings, report.problems) == ((), ())


@EACH
def test_the_fix_makes_the_good_example_of_the_bad_one(rule: Rule) -> None:
    bad, good = (_module(_example(rule, which)) for which in ("Bad", "Good"))
    result = mend({FILE: bad}, Settings(select=(rule.code,), unsafe_fixes=True))
    assert result.problems == ()
    assert mended({FILE: bad}, result)[FILE] == (good if result.changes else bad)


@EACH
def test_the_good_example_constructs(rule: Rule) -> None:
    namespace: dict[str, type[nn.Module]] = {}
    exec(compile(_module(_example(rule, "Good")), FILE, "exec", dont_inherit=True), namespace)
    module = namespace["Model"]()
    assert module._buffers or list(module.parameters())
    assert not any(map(torch.is_tensor, vars(module).values()))


@EACH
def test_selectors(rule: Rule) -> None:
    alone = (rule,)
    assert selected(Settings(select=(rule.code,))) == alone
    assert selected(Settings(select=(rule.code.lower(),))) == alone
    assert selected(Settings(select=(rule.name,))) == alone
    assert rule not in selected(Settings(ignore=(rule.name,)))
    assert rule not in selected(Settings(select=("ALL",), ignore=(rule.code,)))
    assert is_selector(rule.code) and is_selector(rule.name)


def test_selectors_of_several_rules() -> None:
    assert selected(Settings(select=("ALL",))) == catalogue()
    assert selected(Settings(select=("BUF",))) == catalogue()
    assert selected(Settings(select=("BUF0",), ignore=("BUF001",))) == tuple(
        rule for rule in catalogue() if rule.code.startswith("BUF0") and rule.code != "BUF001"
    )
    assert selected(Settings()) == tuple(rule for rule in catalogue() if rule.on_by_default)
    assert selected(Settings(ignore=("ALL",))) == ()
    assert {rule.code for rule in selected(Settings(extend_select=("BUF008",)))} == {
        "BUF008",
        *(rule.code for rule in selected(Settings())),
    }
    both = selected(Settings(select=("BUF001",), extend_select=("pinned-device", "BUF002"), ignore=("BUF002",)))
    assert [rule.code for rule in both] == ["BUF001", "BUF009"]
    assert is_selector("ALL") and is_selector("BUF")
    assert not is_selector("BUF999") and not is_selector("no-such-rule")


def _section(rule: Rule, heading: str) -> str:
    after = rule.page.partition(f"\n{heading}\n{'-' * len(heading)}\n")[2]
    return re.split(r"\n.+\n-{3,}\n", f"\n{after}")[0].strip()


def _example(rule: Rule, which: str) -> str:
    """The literal block below ``Bad::`` or ``Good::``."""
    block = _section(rule, "Example").partition(f"{which}::\n\n")[2]
    lines = takewhile(lambda line: not line or line.startswith("    "), block.splitlines())
    return textwrap.dedent("\n".join(lines)).strip() + "\n"


def _module(example: str) -> str:
    """A file with the example in it: a class stays, methods go into a class, statements into its constructor."""
    if example.startswith("class "):
        return SHELL + example
    lines = example.splitlines(keepends=True)
    statements = list(takewhile(lambda line: not line.startswith(("def ", "@")), lines))
    methods = lines[len(statements) :]
    head = "class Model(nn.Module):\n"
    if statements:
        head += "    def __init__(self, n=3):\n        super().__init__()\n"
        head += textwrap.indent("".join(statements).rstrip() + "\n", " " * 8)
    return SHELL + head + ("\n" if statements and methods else "") + textwrap.indent("".join(methods), " " * 4)
