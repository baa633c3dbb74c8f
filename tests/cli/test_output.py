"""Reports as text, line by line."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import click
import pytest

from bufferlint.finding import Applicability, Finding, Fix, Problem, Report, Severity
from bufferlint.report import concise, summary, text, verdict
from bufferlint.report import json as json_output
from bufferlint.report.view import View, fitted
from bufferlint.text.edits import Edit
from bufferlint.text.source import Cell, Source
from bufferlint.text.span import Location, Span
from bufferlint.verify.contract import Check, InputSpec, Outcome, Recipe, Status, Verdict

CODE = "class Net(nn.Module):\n    def __init__(self):\n        self.mask = triu(n)\n"
SAFE = Fix(Applicability.SAFE, "register it", (Edit(Span(54, 66), "self.register_buffer('mask', "),), None, ("mask",))


def finding_of(code: str = CODE, path: str = "/p/model.py", cells: tuple[Cell, ...] = (), **changes: Any) -> Finding:
    source = Source(path, code, cells)
    start = code.index("self.mask")
    span = Span(start, code.index("\n", start))
    finding = Finding(
        code="BUF001",
        name="unregistered-tensor",
        message="'mask' is a plain tensor",
        path=path,
        span=span,
        location=source.location(span.start),
        end_location=source.location(span.end),
        severity=Severity.WARNING,
        class_name="Net",
        attribute="mask",
        kind="tensor",
        reason="tensor: triu(n)",
        persistent=True,
        fix=SAFE,
    )
    return replace(finding, **changes)


def _view(code: str = CODE, unsafe_fixes: bool = False, cells: tuple[Cell, ...] = ()) -> View:
    return View("/p", lambda path: Source(path, code, cells), unsafe_fixes)


def _text(finding: Finding, view: View) -> list[str]:
    return click.unstyle(text.render(Report((finding,)), view)).splitlines()


def test_text_shows_the_line_what_it_covers_and_the_reason() -> None:
    assert _text(finding_of(), _view()) == [
        "model.py:3:9: BUF001 [*] 'mask' is a plain tensor",
        "  |",
        "3 |         self.mask = triu(n)",
        "  |         ^^^^^^^^^^^^^^^^^^^",
        "  = tensor: triu(n)",
        "",
    ]


UNSAFE = replace(SAFE, applicability=Applicability.UNSAFE, caveat="the tensor is handed in")


@pytest.mark.parametrize(
    ("changes", "unsafe_fixes", "mark", "note"),
    [
        ({"fix": UNSAFE}, False, "[~]", "needs --unsafe-fixes: the tensor is handed in"),
        ({"fix": UNSAFE}, True, "[~]", "the fix is unsafe: the tensor is handed in"),
        ({"fix": None, "withheld": "'mask' is a property"}, False, "[ ]", "not fixed: 'mask' is a property"),
    ],
)
def test_text_says_why_a_fix_is_not_made(changes: dict[str, Any], unsafe_fixes: bool, mark: str, note: str) -> None:
    lines = _text(finding_of(**changes), _view(unsafe_fixes=unsafe_fixes))
    assert f" BUF001 {mark} " in lines[0]
    assert lines[-2] == f"  = {note}"


@pytest.mark.parametrize(
    ("line", "shown", "carets"),
    [
        ("\tself.mask = t\t# c", "    self.mask = t    # c", "    " + "^" * 13),
        ("x = '日本'; self.mask = t", "x = '日本'; self.mask = t", " " * 12 + "^" * 13),
        ("x = 'e\u0301'; self.mask = t", "x = 'e\u0301'; self.mask = t", " " * 9 + "^" * 13),
        ("x = '\x1b[2J'; self.mask = t", "x = '\ufffd[2J'; self.mask = t", " " * 12 + "^" * 13),
    ],
)
def test_carets_stand_below_what_is_meant(line: str, shown: str, carets: str) -> None:
    start = line.index("self.mask")
    finding = replace(finding_of(), span=Span(start, start + 13), location=Location(1, start + 1))
    assert _text(finding, _view(line))[2:4] == [f"1 | {shown}", f"  | {carets}"]


def test_of_several_lines_the_first_is_shown() -> None:
    code = "self.mask = triu(\n    n,\n)\n"
    finding = replace(finding_of(), span=Span(0, len(code) - 1), location=Location(1, 1))
    assert _text(finding, _view(code))[2:5] == ["1 | self.mask = triu(", "  | ^^^^^^^^^^^^^^^^^", "  = tensor: triu(n)"]


def test_concise_is_one_line_each() -> None:
    outside = finding_of(path="/elsewhere/a.py")
    cells = (Cell(2, Span(0, 10)), Cell(4, Span(10, len(CODE))))
    notebook = finding_of(path="/p/nb.ipynb", cells=cells)
    assert concise.render(Report((finding_of(), notebook, outside)), _view()).splitlines() == [
        "model.py:3:9: BUF001 [*] 'mask' is a plain tensor",
        "nb.ipynb:cell 4:3:9: BUF001 [*] 'mask' is a plain tensor",
        "/elsewhere/a.py:3:9: BUF001 [*] 'mask' is a plain tensor",
    ]


def test_json_holds_these_fields_and_no_others() -> None:
    problem = Problem("/p/b.py", "cannot decode it", "save it as UTF-8", Location(3, 1))
    report = Report((finding_of(),), (problem,), 2)
    assert json.loads(json_output.render(report, _view())) == {
        "version": 1,
        "findings": [
            {
                "code": "BUF001",
                "name": "unregistered-tensor",
                "message": "'mask' is a plain tensor",
                "filename": "model.py",
                "cell": None,
                "location": {"row": 3, "column": 9},
                "end_location": {"row": 3, "column": 28},
                "severity": "warning",
                "url": None,
                "class": "Net",
                "attribute": "mask",
                "kind": "tensor",
                "reason": "tensor: triu(n)",
                "persistent": True,
                "fix": {
                    "applicability": "safe",
                    "message": "register it",
                    "edits": [
                        {
                            "cell": None,
                            "location": {"row": 3, "column": 9},
                            "end_location": {"row": 3, "column": 21},
                            "content": "self.register_buffer('mask', ",
                        }
                    ],
                    "caveat": None,
                    "adds_keys": ["mask"],
                },
                "withheld": None,
            }
        ],
        "problems": [
            {
                "filename": "b.py",
                "cell": None,
                "location": {"row": 3, "column": 1},
                "cause": "cannot decode it",
                "advice": "save it as UTF-8",
            }
        ],
        "summary": {"files": 2, "findings": 1, "fixable": 1, "unsafe": 0, "withheld": 0, "known": 0, "problems": 1},
    }


def test_json_counts_what_is_hidden_and_withheld() -> None:
    withheld = finding_of(fix=None, withheld="taken")
    report = Report((finding_of(), finding_of(fix=UNSAFE), withheld), (), 1)
    counts = {"files": 1, "findings": 3, "known": 0, "problems": 0}
    assert json_output.summary(report, _view()) == {**counts, "fixable": 1, "unsafe": 1, "withheld": 1}
    assert json_output.summary(report, _view(unsafe_fixes=True)) == {**counts, "fixable": 2, "unsafe": 0, "withheld": 1}


def test_the_summary_of_check() -> None:
    problem = Problem("/p/b.py", "cause", "advice")
    assert summary.found(Report(files=1), _view(), 1) == "No findings in 1 file."
    assert summary.found(Report((), (problem,), 2), _view(), 1) == "No findings in 1 file; 1 could not be read."
    one = Report((finding_of(),), files=1)
    assert summary.found(one, _view(), 1) == "Found 1 finding (1 fixable with `fix --apply`)."
    two = Report((finding_of(), finding_of(fix=UNSAFE)), files=1)
    assert summary.found(two, _view(), 1) == "Found 2 findings (1 fixable with `fix --apply`, 1 with `--unsafe-fixes`)."


def test_the_summary_of_fix() -> None:
    left = finding_of(fix=None, withheld="'mask' is a property")
    assert (
        summary.fixed([finding_of()], [], written=False)
        == "Would fix 1 finding in 1 file (written with `fix --apply`)."
    )
    assert summary.fixed([finding_of()] * 2, [left], written=True) == "Fixed 2 findings in 1 file; 1 finding left."
    assert summary.fixed([], [], written=True) == "Nothing to fix."
    fixed, *kept = summary.fixed_findings([finding_of()], _view()), summary.left_over([left], _view(), {})
    assert [click.unstyle(line) for line in fixed] == ["fixed model.py:3:9: BUF001 Net.mask"]
    kept += [summary.left_over([finding_of()], _view(), {("/p/model.py", "Net"): "it crashed"})]
    assert [click.unstyle(line) for lines in kept for line in lines] == [
        "left model.py:3:9: BUF001 Net.mask: 'mask' is a property",
        "left model.py:3:9: BUF001 Net.mask: it crashed",
    ]
    further = replace(finding_of(), location=Location(1003, 9), attribute="rope")
    assert [click.unstyle(line) for line in summary.fixed_findings([finding_of(), further], _view())] == [
        "fixed model.py:3:9:    BUF001 Net.mask",
        "fixed model.py:1003:9: BUF001 Net.rope",
    ]


def test_added_keys_are_counted_by_class_and_named_once() -> None:
    assert summary.added_keys([finding_of(fix=None)]) == ""
    said = summary.added_keys([finding_of(), finding_of(), finding_of(path="/p/other.py")])
    assert said.startswith("2 state_dict keys added: Net.mask. Checkpoints saved before load with strict=False")
    many = [finding_of(class_name=f"Net{number:02}") for number in range(25)]
    assert "Net19.mask and 5 more. " in summary.added_keys(many)


RECIPE = Recipe(
    init=(("d_in", 3), ("name", "x")),
    inputs=(InputSpec((2, 6)), InputSpec((4,), "int64", 0, 10), InputSpec(None, value=None, name="m"), InputSpec(())),
    seed=7,
)


def test_a_verdict_is_a_table_with_details_below() -> None:
    checks = (
        Check("constructs", "constructs", Outcome(Status.PASS), Outcome(Status.PASS)),
        Check("moves", "moves to a device", Outcome(Status.FAIL, "mask on cpu"), Outcome(Status.PASS)),
        Check("loads", "old checkpoint", Outcome(Status.NOT_RUN, "same"), Outcome(Status.NOT_RUN, "same")),
    )
    shown = verdict.render("model.py::Net", Verdict(checks, "cpu stand-in"), RECIPE)
    assert click.unstyle(shown).splitlines() == [
        "model.py::Net",
        "  recipe  init(d_in=3, name='x'); forward(2x6 float32, 4 int64 0..10, m=None, scalar float32); seed 7",
        "  device  cpu stand-in",
        "",
        "  check              before   after",
        "  constructs         pass     pass",
        "  moves to a device  fail     pass",
        "      before: mask on cpu",
        "  old checkpoint     not run  not run",
        "      same",
        "  not asked for: torch.compile (--compile), DistributedDataParallel (--distributed)",
    ]
    assert verdict.counted(Verdict(checks, "cpu stand-in")) == "2 passed, 1 not run (cpu stand-in)"


def test_a_class_with_nothing_to_rewrite_has_one_column() -> None:
    checks = (Check("constructs", "constructs", Outcome(Status.PASS, "3 parameters"), Outcome(Status.NOT_RUN)),)
    shown = verdict.render("a.py::A", Verdict(checks, "", rewritten=False), Recipe())
    assert click.unstyle(shown).splitlines()[2:] == [
        "",
        "  check       as it stands",
        "  constructs  pass",
        "      3 parameters",
        "  not asked for: torch.compile (--compile), DistributedDataParallel (--distributed)",
    ]


def test_a_class_that_could_not_be_run_says_why() -> None:
    nothing = Check("constructs", "constructs", Outcome(Status.NOT_RUN), Outcome(Status.NOT_RUN))
    shown = verdict.render("a.py::A", Verdict((nothing,), cause="no torch", advice="pass --python"), Recipe())
    assert click.unstyle(shown).endswith("forward not run; seed 0\n\n  not proven: no torch\n  pass --python\n")


def test_several_verdicts_are_summed_up_with_what_comes_next() -> None:
    done = Outcome(Status.PASS)
    passed = Verdict((Check("constructs", "constructs", done, done),), "")
    unproven = Verdict((), cause="no torch", advice="pass --python")
    assert verdict.summed([passed, unproven, passed]).endswith("; write those that passed with `fix --apply --verify`.")
    assert verdict.summed([passed, unproven, passed]).startswith("3 classes: ")
    assert verdict.summed([unproven, unproven]) == "2 classes: 2 not proven."


def test_a_table_is_folded_to_the_width_of_the_terminal() -> None:
    text = f"  recipe  init({', '.join(f'a{n}={n}' for n in range(20))})\nshort\n"
    folded = fitted(text, 60)
    assert all(len(line) <= 60 for line in folded.splitlines())
    assert folded.splitlines()[1].startswith("    ") and folded.endswith("\nshort\n")
    assert fitted(text, None) == text
