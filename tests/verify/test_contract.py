from __future__ import annotations

import pytest

from bufferlint.verify.contract import (
    Check,
    InputSpec,
    Outcome,
    Recipe,
    Request,
    Status,
    Subject,
    Verdict,
    dumps,
    loads,
    worker_command,
)

PASS, FAIL, SKIP = (Outcome(status, "why") for status in (Status.PASS, Status.FAIL, Status.SKIP))
NOT_RUN = Outcome(Status.NOT_RUN)


def verdict(*afters: Outcome, cause: str | None = None) -> Verdict:
    return Verdict(tuple(Check("name", "Title", FAIL, after) for after in afters), cause=cause)


def test_messages_survive_the_way_to_the_worker_and_back() -> None:
    init = (
        ("sizes", (1, [2, (3,)])),
        ("table", {1: "one", (2, 3): None}),
        ("eps", float("inf")),
        ("name", "ü\n\ud800"),
    )
    recipe = Recipe(init, (True, -1.5), (InputSpec((2, 3), "int64", 0, 9), InputSpec(None, value=(1,), name="flag")))
    request = Request(Subject("/a.py", "A", "before\r\n", None, "a", ("/x",)), recipe)
    line = dumps(request)
    assert "\n" not in line
    assert loads(line) == request
    assert loads(dumps(verdict(PASS, SKIP))) == verdict(PASS, SKIP)


def test_what_is_no_literal_is_refused_before_it_is_sent() -> None:
    with pytest.raises(TypeError, match="a set cannot be sent"):
        dumps(Recipe(init=(("names", {1, 2}),)))


@pytest.mark.parametrize("line", ["", "{}", "hello", '{"type": "Popen", "fields": {}}'])
def test_what_is_no_message_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        loads(line)


@pytest.mark.parametrize(
    ("given", "passed", "proven"),
    [
        (verdict(PASS, PASS), True, True),
        (verdict(PASS, SKIP), True, False),
        (verdict(PASS, NOT_RUN), True, False),
        (verdict(PASS, FAIL), False, False),
        (verdict(PASS, cause="timeout"), False, False),
        (verdict(), False, False),
        (Verdict((Check("name", "Title", PASS, NOT_RUN),), rewritten=False), True, True),
        (Verdict((Check("name", "Title", FAIL, NOT_RUN),), rewritten=False), False, False),
    ],
)
def test_a_verdict_passes_when_nothing_failed_and_proves_when_all_passed(
    given: Verdict, passed: bool, proven: bool
) -> None:
    assert (given.passed, given.proven) == (passed, proven)


def test_the_table_has_a_row_for_each_check() -> None:
    assert verdict(PASS, NOT_RUN).rows() == (("Title", "fail: why", "pass: why"), ("Title", "fail: why", "not run"))


def test_the_worker_is_found_by_its_folder() -> None:
    python, option, code, folder, *rest = worker_command("python3", "more")
    assert (python, option, rest) == ("python3", "-c", ["more"])
    assert folder.endswith("bufferlint") and "site-packages" not in code
