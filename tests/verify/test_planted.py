"""Faults planted in a rewrite, each found by one check; and the right rewrite beside each, which passes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bufferlint.verify.contract import Status, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import check

HEAD = """\
import copy
import torch
from torch import nn
from torch.distributions import Categorical

CONSTANT = torch.linspace(1, 2, 4)


class Layer(nn.Module):
"""


@dataclass(frozen=True)
class Planted:
    """The body of a class as it stands and as rewritten; ``found_by`` is None for the right rewrite."""

    before: str
    after: str
    found_by: str | None
    beside: str = ""


def body(made: str, forward: str) -> str:
    lines = [
        "    def __init__(self):",
        "        super().__init__()",
        f"        {made}",
    ]
    return (
        "\n".join([*lines, "    def forward(self, x):", *(f"        {line}" for line in forward.splitlines())]) + "\n"
    )


PLAIN, BUFFER = "self.table = torch.linspace(1, 2, 4)", 'self.register_buffer("table", torch.linspace(1, 2, 4))'
COUNT, COUNTED = "self.seen = torch.zeros(2)", 'self.register_buffer("seen", torch.zeros(2))'
SHIFTS = "return x + self.table"
LAYERED = "self.linear = nn.Linear(4, 4); "
GROWS = "return y + self.seen[0]"
FIRST = f"if not self.begun:\n    self.table = x[0] * 1\n    self.begun = torch.ones(1)\n{SHIFTS}"
TWIN = "class Child(Layer):\n    def __init__(self):\n        super().__init__()\n        self.table = {}\n"

PLANTED = {
    "state-made-anew": Planted(
        body(COUNT, "self.seen = self.seen + 1\nreturn x * self.seen[0]"),
        body(COUNTED, "seen = self.seen + 1\nreturn x * seen[0]"),
        "repeated_calls",
    ),
    "state-kept": Planted(
        body(COUNT, "self.seen = self.seen + 1\nreturn x * self.seen[0]"),
        body(COUNTED, "self.seen = self.seen + 1\nreturn x * self.seen[0]"),
        None,
    ),
    "state-in-evaluation-only": Planted(
        body(COUNT, "if self.training:\n    self.seen += 1\nreturn x * (1 + self.seen[0])"),
        body(COUNTED, "if not self.training:\n    self.seen += 1\nreturn x * (1 + self.seen[0] - (not self.training))"),
        "repeated_calls",
    ),
    "graph-kept-between-steps": Planted(
        body(LAYERED + COUNT, "y = self.linear(x)\nself.seen = y[:, 0].detach() + self.seen.sum()\n" + GROWS),
        body(LAYERED + COUNTED, "y = self.linear(x)\nself.seen = y[:, 0] + self.seen.sum()\n" + GROWS),
        "repeated_calls",
    ),
    "input-written-into": Planted(
        body(PLAIN, SHIFTS), body(BUFFER, "x += self.table\nreturn x"), "cpu_forward"
    ),
    "input-in-a-dictionary-written-into": Planted(
        body(PLAIN, 'return {"y": x + self.table, "x": x}'),
        body(BUFFER, 'return {"y": x.add_(self.table), "x": x}'),
        "cpu_forward",
    ),
    "result-lies-in-the-buffer": Planted(
        body(PLAIN, "return self.table * 1"), body(BUFFER, "return self.table"), "cpu_forward"
    ),
    "numbers-drawn-in-passing": Planted(
        body(PLAIN, SHIFTS), body(BUFFER, f"torch.rand(2)\n{SHIFTS}"), "cpu_forward"
    ),
    "numbers-drawn-in-construction": Planted(
        body(PLAIN, SHIFTS), body(f"{BUFFER}; torch.rand(1)", SHIFTS), "same_values"
    ),
    "generator-cut-short": Planted(
        body(PLAIN, "for row in self.table:\n    yield x * row"),
        body(BUFFER, "for row in self.table[1:]:\n    yield x * row"),
        "cpu_forward",
    ),
    "generator-kept": Planted(
        body(PLAIN, "for row in self.table:\n    yield x * row"),
        body(BUFFER, "for row in self.table:\n    yield x * row"),
        None,
    ),
    "distribution": Planted(
        body(PLAIN, "return Categorical(logits=x + self.table)"),
        body(BUFFER, "return Categorical(logits=x - self.table)"),
        "cpu_forward",
    ),
    "object-with-attributes": Planted(
        body(PLAIN, 'made = type("Result", (), {})()\nmade.y = x + self.table\nreturn made'),
        body(BUFFER, 'made = type("Result", (), {})()\nmade.y = x\nreturn made'),
        "cpu_forward",
    ),
    "array": Planted(
        body(PLAIN, "return (x + self.table).double().cpu().numpy()"),
        body(BUFFER, "return (x + self.table).double().cpu().numpy()"),
        None,
    ),
    "array-of-other-values": Planted(
        body(PLAIN, "return (x + self.table).double().cpu().numpy()"),
        body(BUFFER, "return (x - self.table).double().cpu().numpy()"),
        "cpu_forward",
    ),
    "gradient-of-the-input-lost": Planted(
        body(PLAIN, "return x * self.table"), body(BUFFER, "return x.data * self.table"), "gradients"
    ),
    "subclass-of-the-file": Planted(body(PLAIN, SHIFTS), body(BUFFER, SHIFTS), "constructs", TWIN),
    "unsaved-and-shared": Planted(
        body(PLAIN, SHIFTS), body('self.register_buffer("table", CONSTANT, persistent=False)', SHIFTS), "save_and_load"
    ),
    "shared-before-and-after": Planted(
        body("self.table = CONSTANT", SHIFTS),
        body('self.register_buffer("table", CONSTANT, persistent=False)', SHIFTS),
        None,
    ),
    "copied-once-it-was-called": Planted(
        body(LAYERED + COUNT, "y = self.linear(x)\nself.seen = y.sum(1).detach()\nreturn y"),
        body(LAYERED + COUNTED, "y = self.linear(x)\nself.seen = y.sum(1)\nreturn y"),
        "copies",
    ),
    "put-on-the-cpu": Planted(body(PLAIN, SHIFTS), body(BUFFER, "return (x + self.table).cpu()"), "device_move"),
    "put-on-the-cpu-as-before": Planted(
        body(PLAIN, "return (x + self.table).cpu()"), body(BUFFER, "return (x + self.table).cpu()"), None
    ),
    "another-choice-in-half": Planted(
        body("self.table = torch.arange(4096.0, 4100)", "return (x.float() * 0.1 + self.table).topk(2).indices"),
        body(
            'self.register_buffer("table", torch.arange(4096.0, 4100))', "return (x * 0.1 + self.table).topk(2).indices"
        ),
        "dtype_casts",
    ),
    "training-goes-on-elsewhere": Planted(
        body(f'self.register_buffer("begun", torch.zeros(1)); {BUFFER}', FIRST),
        body(f"self.begun = torch.zeros(1); {BUFFER}", FIRST),
        "resumes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_fault_is_found_and_the_right_rewrite_passes(worker: Worker, tmp_path: Path, name: str) -> None:
    planted = PLANTED[name]
    before, after = (f"{HEAD}{text}\n\n{planted.beside}" for text in (planted.before, planted.after))
    verdict = _verdict(worker, tmp_path, before, after)
    failed = {each.name: each.after.detail for each in verdict.checks if each.after.status is Status.FAIL}
    assert verdict.cause is None, verdict
    assert (planted.found_by in failed) if planted.found_by else not failed, failed


def test_a_class_that_differs_from_itself_is_not_compared(worker: Worker, tmp_path: Path) -> None:
    forward = "return x + self.table * torch.tensor(random.SystemRandom().random())"
    before, after = (f"import random\n{HEAD}{body(made, forward)}" for made in (PLAIN, BUFFER))
    verdict = _verdict(worker, tmp_path, before, after)
    outputs = check(verdict, "cpu_forward").after
    assert (outputs.status, "differs from itself" in outputs.detail) == (Status.SKIP, True)
    assert verdict.passed and not verdict.proven


def test_a_result_that_cannot_be_compared_is_skipped_with_its_type(worker: Worker, tmp_path: Path) -> None:
    forward = "return lambda: x + self.table"
    verdict = _verdict(worker, tmp_path, HEAD + body(PLAIN, forward), HEAD + body(BUFFER, forward))
    outputs = check(verdict, "cpu_forward").after
    assert (outputs.status, outputs.detail.startswith("the output is a function")) == (Status.SKIP, True)


def test_state_that_nothing_saves_fails_where_nothing_is_rewritten(worker: Worker, tmp_path: Path) -> None:
    text = HEAD + body(COUNT, "self.seen = self.seen + 1\nreturn x")
    verdict = _verdict(worker, tmp_path, text, None)
    failed = [each.name for each in verdict.checks if each.before.status is Status.FAIL]
    assert failed == ["save_and_load", "plain_tensors"]


def test_a_check_that_hangs_costs_that_check_and_not_the_verdict(worker: Worker, tmp_path: Path) -> None:
    hang = "if torch.compiler.is_exporting():\n    sum(range(10**14))\n"
    before, after = (HEAD + body(made, hang + SHIFTS) for made in (PLAIN, BUFFER))
    verdict = _verdict(worker, tmp_path, before, after, timeout=10)
    assert verdict.cause is None and verdict.passed
    export = check(verdict, "export").after
    assert (export.status, "raise 'timeout'" in export.detail) == (Status.SKIP, True)
    assert check(verdict, "copies").after.status is Status.PASS


def _verdict(worker: Worker, folder: Path, before: str, after: str | None, timeout: float = 60) -> Verdict:
    file = folder / "layer.py"
    file.write_text(before)
    recipe = parse_recipe((), ("2x4",), device="meta", timeout=timeout)
    return worker.verify(subject(str(file), "Layer", before, after), recipe)
