"""Classes and files that would take too long are problems that say so; the steps are counted, so all machines agree."""

from __future__ import annotations

import cProfile
import pstats

import pytest

from bufferlint.engine import analyse, fix
from bufferlint.finding import Report
from bufferlint.ir import budget
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at
from tests.robustness.megabyte import SHAPES, text
from tests.test_growth import HEAD, chain, row

MOST_CALLS_IN_A_STEP = 40
LENGTH = 8_000
METHODS = "".join(f"    def f{n}(self, x):\n        return self.f{n + 1}(x) + self.mask\n\n" for n in range(100))
TANGLED = f"""{HEAD}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)

{METHODS}

class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)
"""


def checked(text: str) -> Report:
    return analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), text)}), Settings())


def test_a_class_that_takes_too_many_steps_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_OF_A_CLASS", 20_000)

    report = checked(TANGLED)

    (problem,) = [each for each in report.problems if "steps" in each.cause]
    assert problem.cause == "class Net takes more than 20,000 steps to analyse, and is left out"
    assert problem.advice == "split the class, or leave the file out with --exclude"
    assert problem.location is not None and TANGLED.splitlines()[problem.location.row - 1].startswith("class Net")
    assert [finding.class_name for finding in report.findings] == ["Plain"]
    assert report == checked(TANGLED)


def test_classes_that_together_take_too_many_steps_are_left_out_from_there_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_OF_A_FILE", 20_000)

    report = checked(row(60))

    (problem,) = report.problems
    left = int(
        problem.cause.removeprefix("its classes take more than 20,000 steps to analyse: those from N").split()[0]
    )
    assert 5 < left < 55 and len(report.findings) == left
    assert problem.advice == "split the file, or leave it out with --exclude"


def test_each_file_has_steps_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_OF_A_FILE", 20_000)
    files = {"a.py": row(60), "b.py": row(3)}

    report = analyse(
        [at(name) for name in files],
        MemoryWorkspace({name: Source(at(name), text) for name, text in files.items()}),
        Settings(),
    )

    assert {problem.path for problem in report.problems} == {at("a.py")}
    assert len([finding for finding in report.findings if finding.path == at("b.py")]) == 3


def test_nothing_is_rewritten_in_a_file_of_which_classes_were_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_OF_A_FILE", 20_000)
    workspace = MemoryWorkspace({"m.py": Source(at("m.py"), row(60))})

    result = fix([at("m.py")], workspace, Settings())

    assert result.changes == () and len(result.before.problems) == 1


def test_what_people_write_stays_far_below() -> None:
    assert checked(chain(60)).problems == ()
    assert checked(row(60)).problems == ()


def test_a_project_of_many_files_allows_more_steps() -> None:
    of_one, of_many = budget.Budget(), budget.Budget()
    of_many.allow_for(500)

    assert of_one.most_of_a_class == budget.MOST_OF_A_CLASS < of_many.most_of_a_class
    assert of_one.most_of_a_file == budget.MOST_OF_A_FILE < of_many.most_of_a_file


def test_classes_that_are_too_many_to_ask_are_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_OF_A_FILE", 20_000)

    plain = TANGLED[TANGLED.index("class Plain") :]

    report = checked(HEAD + plain + text("clean", 30_000))

    (problem,) = report.problems
    assert problem.cause.startswith("its classes take more than 20,000 steps to analyse: those from N")
    assert problem.cause.endswith(" on are left out")
    assert [finding.attribute for finding in report.findings] == ["mask"]  # there are steps left for what was asked
    assert checked(HEAD + plain + text("clean", 3_000)).problems == ()


def test_of_a_project_of_many_files_one_may_have_more_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_OF_A_FILE", 20_000)
    files = {"m.py": text("clean", 30_000)} | {f"a{number}.py": "x = 1\n" for number in range(200)}
    workspace = MemoryWorkspace({name: Source(at(name), code) for name, code in files.items()})

    assert analyse([at("m.py")], workspace, Settings()).problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_steps_keep_pace_with_the_work(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not counted has no bound."""
    steps, spend = 0.0, budget.Budget.spend

    def counted(self: budget.Budget, more: float) -> None:
        nonlocal steps
        steps += more
        spend(self, more)

    checked(text(shape, 1_000))  # what is loaded once
    monkeypatch.setattr(budget.Budget, "spend", counted)
    profile = cProfile.Profile()
    profile.enable()
    checked(text(shape, LENGTH))
    profile.disable()
    calls = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]  # the stubs leave it out
    assert calls < MOST_CALLS_IN_A_STEP * (steps + LENGTH)


CALLER = """
class Taking(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        self.mask = torch.ones(2)

    def forward(self, x):
        return x * self.scale


def build():
    return Taking(torch.ones(2))
"""


def test_a_caller_that_takes_too_many_steps_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = row(1) + CALLER
    assert "scale" in {finding.attribute for finding in checked(text).findings}

    monkeypatch.setattr(budget, "MOST_OF_A_CALLER", 20)

    report = checked(text)
    assert report.problems == ()
    assert {f.attribute for f in report.findings if f.class_name == "Taking"} == {"mask"}
