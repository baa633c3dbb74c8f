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
STAND_IN = {
    "Fails": (Status.FAIL, Status.PASS),
    "Breaks": (Status.PASS, Status.FAIL),
    "Spoils": (Status.SKIP, Status.FAIL),
    "Misses": (Status.FAIL, Status.FAIL),
    "Passes": (Status.PASS, Status.PASS),
    "Skips": (Status.SKIP, Status.SKIP),
}
ACCELERATOR = {**STAND_IN, "Spoils": (Status.PASS, Status.FAIL), "Skips": (Status.PASS, Status.PASS)}
"""What a real device does: it has the values that the stand-in lacks."""
CLASSES = re.findall(r"^class ((Fails|Breaks|Spoils|Misses|Passes|Skips)\w+)", BEFORE, re.MULTILINE)


@pytest.mark.parametrize(("name", "kind"), CLASSES, ids=[name for name, _ in CLASSES])
def test_the_name_says_what_happens(worker: Worker, name: str, kind: str) -> None:
    recipe = parse_recipe(inputs=("2x6x3",), device="meta")
    verdict = worker.verify(subject(str(FILE), name, BEFORE, AFTER), recipe)
    assert verdict.cause is None
    move = check(verdict, "device_move")
    assert (move.before.status, move.after.status) == STAND_IN[kind], move
    if kind == "Fails":
        assert "table' on cpu" in move.before.detail
    if name == "BreaksShared":
        assert move.after.detail.startswith("in new memory, as a move gives it, the result is another: ")
    if kind == "Skips":
        assert "the stand-in cannot run it" in move.after.detail and verdict.passed and not verdict.proven


@pytest.mark.skipif(devices.available() is None, reason="this machine has no accelerator")
@pytest.mark.parametrize(("name", "kind"), CLASSES, ids=[name for name, _ in CLASSES])
def test_an_accelerator_does_what_the_stand_in_says(worker: Worker, name: str, kind: str) -> None:
    verdict = worker.verify(subject(str(FILE), name, BEFORE, AFTER), parse_recipe(inputs=("2x6x3",)))
    assert verdict.cause is None and "stand-in" not in verdict.device
    move = check(verdict, "device_move")
    assert (move.before.status, move.after.status) == ACCELERATOR[kind], move
    if kind == "Fails":
        assert "table' on cpu" in move.before.detail
