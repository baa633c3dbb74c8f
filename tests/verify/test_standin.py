"""What forward may do with a tensor that stayed behind: on the stand-in, and on an accelerator if there is one."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import torch

from bufferlint.verify.contract import Status
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from bufferlint.verify.worker import devices, standin
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


ORACLE = """
import torch, torch._meta_registrations as python

python._meta_lib_dont_use_me_use_register_meta._destroy()  # what is left for meta is the TensorIterator of C++
there, number = torch.ones(2, 4, device="meta"), torch.tensor(0.5)
for call in CALLS:
    try:
        eval(call)
    except RuntimeError as error:
        print(call if "device" in str(error) or "CPU scalars" in str(error) else error)
"""
TAKES = (
    *("there + number", "number - there", "there / number", "there**number", "number**there", "there > number"),
    *("torch.maximum(there, number)", "torch.clamp_min(there, number)", "torch.atan2(number, there)"),
    *("torch.addcmul(there, there, number)", "torch.lerp(there, there, number)"),
    *("torch.add(number, there[0, 0])", "torch.xlogy(there, number)", "torch.heaviside(there, number)"),
)
REFUSES = (
    *("number.clone().add_(there[0, 0])", "number.clone().mul_(there.sum())", "torch.addcmul(there, number, number)"),
    *("torch.clamp(there, min=number)", "torch.clamp(there, number, number)", "torch.addcdiv(there, there, number)"),
)


def test_the_rules_for_numbers_are_those_of_torch() -> None:
    """What torch's C++ computes on *meta* takes and refuses numbers of the CPU as a kernel of CUDA does."""
    code = ORACLE.replace("CALLS", repr((*TAKES, *REFUSES)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    refused = done.stdout.splitlines()
    assert refused == list(REFUSES), done.stderr
    with standin.pretending():
        names = {"torch": torch, "there": torch.ones(2, 4).to("cuda:0"), "number": torch.tensor(0.5)}
        for call in TAKES:
            eval(call, names)
        for call in REFUSES:
            with pytest.raises(standin.Misplaced):
                eval(call, names)
