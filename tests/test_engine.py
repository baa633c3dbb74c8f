"""The pipeline: the same answer in any order, problems instead of crashes, no rewrite that does not survive a look."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bufferlint import engine, rules
from bufferlint.finding import Applicability, Finding, Fix, Report
from bufferlint.model.module_class import ModuleClass
from bufferlint.rules._rule import Fault, Rule
from bufferlint.settings import Persistence, Settings, Style
from bufferlint.text.edits import Edit
from bufferlint.text.span import Location, Span
from tests.memory import MemoryWorkspace, at, check, mend, mended
from tests.rule_fixtures import cases

HEAD = "import torch\nfrom torch import nn\n\n\n"
MODEL = """\
class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)
"""
A, B, C = (HEAD + MODEL.format(name=name) for name in "ABC")
FIXED = A.replace("self.mask = torch.ones(2)", 'self.register_buffer("mask", torch.ones(2))')
BASE = HEAD + MODEL.format(name="Base") + "\n    def table(self):\n        return torch.zeros(2)\n"
DERIVED = """\
import torch
from base import Base


class Derived(Base):
    def __init__(self):
        super().__init__()
        self.mask = self.table()
        self.own = torch.ones(1)
"""


def attributes(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.class_name}.{finding.attribute}" for finding in findings]


# -- reports -------------------------------------------------------------------------------------------------------


def test_the_order_of_files_makes_no_difference() -> None:
    files = {"base.py": BASE, "derived.py": DERIVED, "a.py": A, "broken.py": "def f(:\n", "b.py": B}
    first = mend(files)
    for at_front in files:
        names = sorted(files, key=lambda name: (name != at_front, name), reverse=at_front == "a.py")
        other = mend({name: files[name] for name in names}, targets=names)
        assert (other.before, other.changes, other.remaining) == (first.before, first.changes, first.remaining)


def test_findings_come_by_path_then_place() -> None:
    report = check({"b.py": B + "\n\n" + MODEL.format(name="Z"), "a.py": A})
    assert attributes(report.findings) == ["A.mask", "B.mask", "Z.mask"]
    assert report.files == 2


def test_a_finding_says_where_and_why() -> None:
    (finding,) = check({"a.py": A}).findings
    assert (finding.code, finding.name, finding.path) == ("BUF001", "unregistered-tensor", at("a.py"))
    assert A[finding.span.start : finding.span.end] == "self.mask = torch.ones(2)"
    assert (finding.location, finding.end_location) == (Location(8, 9), Location(8, 34))
    assert (finding.kind, finding.reason, finding.persistent) == ("tensor", "tensor: torch.ones(2)", True)
    assert finding.fix is not None and finding.fix.adds_keys == ("mask",)


def test_code_that_several_classes_inherit_is_reported_once() -> None:
    report = check({"base.py": BASE, "derived.py": DERIVED, "more.py": DERIVED.replace("Derived", "More")})
    assert attributes(report.findings).count("Base.mask") == 1


def test_files_that_are_no_targets_are_context_only() -> None:
    report = check({"base.py": BASE, "derived.py": DERIVED, "broken.py": "def f(:\n"}, targets=["derived.py"])
    assert {finding.path for finding in report.findings} == {at("derived.py")}
    assert "Derived.own" in attributes(report.findings)
    assert report.problems == ()


def test_settings_name_bases_and_factories() -> None:
    code = (
        "import lib\n\n\nclass Model(lib.Layer):\n    def __init__(self):\n        super().__init__()\n"
        "        self.mask = lib.make_mask(2)\n"
    )
    both = Settings(module_bases=("lib.Layer",), tensor_factories=("lib.make_mask",))
    assert attributes(check({"m.py": code}, both).findings) == ["Model.mask"]
    assert check({"m.py": code}, replace(both, module_bases=())).findings == ()
    assert check({"m.py": code}, replace(both, tensor_factories=())).findings == ()


def test_single_files_may_ignore_rules() -> None:
    files = {"a.py": A + "        # noqa: BUF001\n", "b.py": B}
    ignores = Settings(file_ignores=((at("a.py"), ("BUF001",)),))
    assert [(finding.path, finding.code) for finding in check(files, ignores).findings] == [
        (at("a.py"), "BUF100"),
        (at("b.py"), "BUF001"),
    ]
    assert {change.before.path for change in mend({"a.py": A, "b.py": B}, ignores).changes} == {at("b.py")}


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (Settings(min_torch=(2, 4), style=Style.NN_BUFFER), "nn.Buffer needs torch 2.5, and min-torch is 2.4"),
        (Settings(min_torch=(2, 5), style=Style.NN_BUFFER), None),
        (
            Settings(min_torch=(1, 5), persistence=Persistence.NON_PERSISTENT),
            "persistent=False needs torch 1.6, and min-torch is 1.5",
        ),
        (Settings(min_torch=(1, 6), persistence=Persistence.NON_PERSISTENT), None),
        (Settings(min_torch=(1, 0)), None),
    ],
)
def test_nothing_is_written_that_the_oldest_torch_lacks(settings: Settings, reason: str | None) -> None:
    (finding,) = check({"a.py": A}, settings).findings
    assert finding.withheld == reason
    assert len(mend({"a.py": A}, settings).changes) == (reason is None)


def test_a_class_body_names_what_is_imported_below_it_where_no_python_evaluates_it() -> None:
    code = A.replace("self.mask =", "self.mask: Tensor =") + "\n\nfrom torch import Tensor\n"
    assert "        self.mask: Tensor\n" in mended({"a.py": code}, mend({"a.py": code}))["a.py"]
    newest = mend({"a.py": code}, Settings(target_version=(3, 14)))
    assert "\n    mask: Tensor\n" in mended({"a.py": code}, newest)["a.py"]


# -- problems ------------------------------------------------------------------------------------------------------


def deep(value: str) -> str:
    return A + f"        self.deep = {value}\n"


UNREADABLE = {
    "invalid": ("def f(:\n    pass\n", 1),
    "indentation": ("class Z:\npass\n", 2),
    "null": ("x = '\0'\n", 1),
    "unclosed": ("x = (1,\n", 1),
    "python 2": ("print 'x'\n", 1),
    "many parentheses": ("x = " + "(" * 300 + ")" * 300 + "\n", 1),
}
if sys.version_info >= (3, 11):  # what Python takes is no problem
    UNREADABLE["a long sum"] = ("x = " + "1 + " * 30000 + "1\n", 1)
TOO_DEEP = {
    "unary": deep("-" * 1500 + "1"),
    "strings": deep("'a' " * 2000),
    "attributes": deep("torch" + ".a" * 400),
    "calls": deep("torch" + "()" * 400),
    "sums": deep("1 + " * 600 + "1"),
}


@pytest.mark.parametrize(("text", "row"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_file_is_a_problem_and_the_others_go_on(text: str, row: int) -> None:
    files = {"a.py": A, "broken.py": text, "c.py": C}

    result = mend(files)

    (problem,) = result.before.problems
    assert problem.path == at("broken.py") and problem.cause and problem.advice
    assert problem.location is not None and problem.location.row == row
    assert result.before.exit_code == 2
    assert attributes(result.before.findings) == ["A.mask", "C.mask"]
    assert {change.before.path for change in result.changes} == {at("a.py"), at("c.py")}
    assert result.problems == ()


@pytest.mark.parametrize("text", TOO_DEEP.values(), ids=TOO_DEEP)
def test_code_of_any_depth_is_analysed_or_is_a_problem(text: str) -> None:
    report = check({"c.py": C, "deep.py": text})
    told = [problem.path for problem in report.problems] + [finding.path for finding in report.findings]
    assert attributes(report.findings)[0] == "C.mask"
    assert at("deep.py") in told
    assert all(problem.location and 5 < problem.location.row < 10 for problem in report.problems)


def test_a_target_that_nobody_has_is_passed_over() -> None:
    assert check({"a.py": ""}, targets=["gone.py"]) == Report((), (), 1)


# -- fixes ---------------------------------------------------------------------------------------------------------


def test_fix_changes_what_it_must_and_no_more() -> None:
    result = mend({"a.py": A, "plain.py": "x = 1\n"})
    (change,) = result.changes
    assert change.before.text == A and change.after == FIXED
    assert attributes(change.fixed) == ["A.mask"]
    assert result.remaining == Report((), (), 2)


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    code = A.replace("torch.ones(2)", "torch.ones(1).expand(2).clone() * 1e-9")
    assert mend({"a.py": code}).changes == ()
    assert attributes(mend({"a.py": code}).remaining.findings) == ["A.mask"]
    assert len(mend({"a.py": code}, Settings(unsafe_fixes=True)).changes) == 1


def test_only_wanted_files_are_rewritten() -> None:
    workspace = MemoryWorkspace({"a.py": A, "b.py": B})
    result = engine.fix(workspace.paths, workspace, Settings(), wanted=lambda report: {report.findings[0].path})
    assert [change.before.path for change in result.changes] == [at("a.py")]
    assert len(result.before.findings) == 2 and [each.path for each in result.remaining.findings] == [at("b.py")]


def test_a_class_that_is_to_be_left_stays_as_it_is() -> None:
    files = {"a.py": A + "\n\n" + MODEL.format(name="Other"), "b.py": B}
    workspace = MemoryWorkspace(files)

    result = engine.fix(workspace.paths, workspace, Settings(), skip=frozenset({(at("a.py"), "A")}))

    after = mended(files, result)
    assert after["a.py"] == A + "\n\n" + FIXED.removeprefix(HEAD).replace("class A", "class Other")
    assert after["b.py"] == FIXED.replace("class A", "class B")
    assert attributes(result.remaining.findings) == ["A.mask"]
    assert result.problems == ()


def test_what_a_fix_in_one_file_means_for_others_is_in_what_remains() -> None:
    result = mend({"base.py": BASE, "derived.py": DERIVED})
    assert attributes(result.before.findings) == ["Base.mask", "Derived.mask", "Derived.own"]
    assert {change.before.path for change in result.changes} == {at("base.py"), at("derived.py")}
    assert "self.mask = self.table()" in mended({"derived.py": DERIVED}, result)["derived.py"]
    assert result.remaining.findings == ()


@pytest.mark.slow
def test_all_rules_together_make_code_that_compiles_and_stays() -> None:
    files = {f"{case.rule}/{case.name}.py": case.text for kind in ("before", "clean") for case in cases(kind)}
    settings = Settings(select=("ALL",), unsafe_fixes=True)

    result = mend(files, settings)

    assert result.problems == result.before.problems == ()
    after = mended(files, result)
    for path, text in after.items():
        compile(text, path, "exec", dont_inherit=True)
    again = mend(after, settings)
    assert (again.changes, again.problems) == ((), ())
    assert again.before.findings == result.remaining.findings


# -- validate_rewrites ---------------------------------------------------------------------------------------------


def careless(after: str) -> Rule:
    """A rule that reports attributes called ``mask`` and puts something in the place of their assignments."""

    def check(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
        for event in module.timeline.construction.events:
            if event.attr in ("mask", "other"):
                wanted = after if module.name == "A" else "pass"
                fix = Fix(Applicability.SAFE, "", (Edit(event.span, wanted),))
                yield Fault(event.path, event.span, "", event.attr, "", "", fix=fix)

    return Rule("BUF000", "careless", "", "", check)


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ("self.mask = (", "does not parse"),
        ("return 1 +", "does not parse"),
        ("self.mask = 1", "does not fix the finding"),
        ("self.other = 1", "brings a new finding"),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_a_rewrite_that_fails_is_dropped_alone(
    after: str, cause: str, together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "selected", lambda settings: (careless(after),))
    good = MODEL.format(name="Good")
    files = {"a.py": A + "\n\n" + good} if together else {"a.py": A, "b.py": HEAD + good}

    result = mend(files)

    (problem,) = result.problems
    assert cause in problem.cause and re.search(r"\bA\b", problem.cause)
    assert "bug" in problem.advice and problem.location == Location(8, 9)
    assert "".join(mended(files, result).values()) == "".join(files.values()).replace(
        good, good.replace("self.mask = torch.ones(2)", "pass")
    )
    assert attributes(result.remaining.findings) == ["A.mask"]


def test_edits_that_collide_are_not_both_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(module: ModuleClass, settings: Settings) -> Iterator[Fault]:
        for event in module.timeline.construction.events:
            for name, words in (("first", "pass"), ("second", "...")):
                part = Span(event.span.start + 2, event.span.end) if name == "second" else event.span
                fix = Fix(Applicability.SAFE, "", (Edit(part, words),))
                yield Fault(event.path, part, "", name, "", "", fix=fix)

    monkeypatch.setattr(rules, "selected", lambda settings: (Rule("BUF000", "both", "", "", both),))
    result = mend({"a.py": A})
    assert mended({"a.py": A}, result)["a.py"] == A.replace("self.mask = torch.ones(2)", "pass")
    assert attributes(result.changes[0].fixed) == ["A.first"]


def test_a_fix_stays_within_one_file() -> None:
    base = (
        "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.seen = None\n\n"
        "    def forward(self, x):\n        self.seen = torch.ones(2)\n        return x\n"
    )
    child = (
        "from base import Base\n\n\nclass Child(Base):\n"
        "    def __init__(self):\n        super().__init__()\n        self.seen = None\n"
    )
    result = mend({"base.py": base, "child.py": child}, Settings(select=("BUF012",), unsafe_fixes=True))
    assert {(finding.class_name, finding.path) for finding in result.before.findings} >= {("Child", at("child.py"))}
    for change in result.changes:
        assert all(edit.span.end <= len(change.before.text) for edit in change.edits)
    reasons = [finding.withheld for finding in result.before.findings if finding.class_name == "Child"]
    assert reasons == ["it is set in several files: change them together, by hand"]
