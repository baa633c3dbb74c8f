"""What forward may do with a tensor that stayed behind: on the stand-in, and on an accelerator if there is one."""

from __future__ import annotations

import re

import pytest

from bufferlint.verify.contract import Status
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from bufferlint.verify.worker import devices
from tests.verify.conftest import FIXTURES, check

FILE = FIXTURES / "placements.py"
BEFORE = FILE.read_text()
AFTER = BEFORE.replace("self.table = table", 'self.register_buffer("table", table)')
OUTCOMES = {
    "Fails": (Status.FAIL, Status.PASS),
    "Breaks": (Status.PASS, Status.FAIL),
    "Misses": (Status.FAIL, Status.FAIL),
    "Passes": (Status.PASS, Status.PASS),
}
CLASSES = re.findall(r"^class ((Fails|Breaks|Misses|Passes)\w+)", BEFORE, re.MULTILINE)


@pytest.mark.parametrize(("name", "kind"), CLASSES, ids=[name for name, _ in CLASSES])
def test_the_name_says_what_happens(worker: Worker, name: str, kind: str) -> None:
    recipe = parse_recipe(inputs=("2x6x3",), device="meta")
    verdict = worker.verify(subject(str(FILE), name, BEFORE, AFTER), recipe)
    assert verdict.cause is None
    move = check(verdict, "device_move")
    assert (move.before.status, move.after.status) == OUTCOMES[kind], move
    if kind == "Fails":
        assert "table' on cpu" in move.before.detail
    if name == "BreaksShared":
        assert move.after.detail.startswith("the result there is not that of the CPU: ")


@pytest.mark.skipif(devices.available() is None, reason="this machine has no accelerator")
@pytest.mark.parametrize(("name", "kind"), CLASSES, ids=[name for name, _ in CLASSES])
def test_an_accelerator_does_what_the_stand_in_says(worker: Worker, name: str, kind: str) -> None:
    verdict = worker.verify(subject(str(FILE), name, BEFORE, AFTER), parse_recipe(inputs=("2x6x3",)))
    assert verdict.cause is None and "stand-in" not in verdict.device
    move = check(verdict, "device_move")
    assert (move.before.status, move.after.status) == OUTCOMES[kind], move
    if kind == "Fails":
        assert "table' on cpu" in move.before.detail
