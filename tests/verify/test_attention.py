"""The lesson's class, whose mask is a plain tensor, before and after the rewrite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bufferlint.verify.contract import Status, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import FIXTURES, check

FILE = FIXTURES / "attention.py"
BEFORE = FILE.read_text()
INIT = ("d_in=3", "d_out=2", "context_length=6", "dropout=0.5")
RECIPE = parse_recipe(INIT, ("2x6x3",), seed=123)


@pytest.fixture(scope="module")
def verdict(worker: Worker) -> Verdict:
    after = (FIXTURES / "rewrites" / "attention_buffer.py").read_text()
    return worker.verify(subject(str(FILE), "CausalAttention", BEFORE, after), RECIPE)


def test_every_check_passes_after_the_rewrite(verdict: Verdict) -> None:
    assert [each.after.status for each in verdict.checks] == [Status.PASS] * len(verdict.checks)
    assert verdict.passed and verdict.proven and verdict.cause is None


def test_before_it_fails_on_the_device_and_in_the_state_dict(verdict: Verdict) -> None:
    failed = [each.name for each in verdict.checks if each.before.status is Status.FAIL]
    assert failed == ["device_move", "state_dict", "save_and_load", "meta_device"]


def test_the_device_error_names_tensor_operator_and_line(verdict: Verdict) -> None:
    detail = check(verdict, "device_move").before.detail
    line = 1 + BEFORE[: BEFORE.index("scores.masked_fill_")].count("\n")
    assert "same device" in detail and "mask" in detail and "cpu" in detail and f"(line {line})" in detail


def test_the_stand_in_is_not_called_a_gpu(worker: Worker) -> None:
    recipe = parse_recipe(device="meta", base=RECIPE)
    verdict = worker.verify(subject(str(FILE), "CausalAttention", BEFORE, None), recipe)
    move = check(verdict, "device_move")
    assert "stand-in without an accelerator" in verdict.device and move.before.status is Status.FAIL
    assert not {"gpu", "cuda"} & set((verdict.device + " " + move.before.detail).lower().split())


def test_keys_and_checkpoints_are_spelled_out(verdict: Verdict) -> None:
    weights = "W_query.weight, W_key.weight, W_value.weight"
    assert check(verdict, "state_dict").before.detail == f"mask not in state_dict ({weights})"
    assert check(verdict, "state_dict").after.detail == f"mask, {weights}"
    assert check(verdict, "save_and_load").before.detail == "mask did not come back"
    announced = "strict=True: Missing key(s): mask, as announced; strict=False loads"
    assert check(verdict, "old_checkpoint").after.detail == announced
    left = check(verdict, "plain_tensors")
    assert (left.before.detail, left.after.detail) == ("mask", "none")


def test_a_strict_load_is_demanded_where_it_was_asked_for(worker: Worker) -> None:
    rewritten = (FIXTURES / "rewrites" / "attention_buffer.py").read_text()
    made = replace(subject(str(FILE), "CausalAttention", BEFORE, rewritten), loads_strictly=True)
    after = check(worker.verify(made, RECIPE), "old_checkpoint").after
    assert (after.status, after.detail) == (Status.FAIL, "strict=True: Missing key(s): mask")


def test_a_buffer_that_is_not_saved_says_so(worker: Worker) -> None:
    after = (FIXTURES / "rewrites" / "attention_not_saved.py").read_text()
    verdict = worker.verify(subject(str(FILE), "CausalAttention", BEFORE, after), RECIPE)
    assert check(verdict, "state_dict").before.status is Status.PASS
    assert check(verdict, "state_dict").after.detail.endswith("mask not saved, as asked")
    assert check(verdict, "save_and_load").after.detail.endswith("mask not saved, as asked")
    assert check(verdict, "old_checkpoint").after.detail == "strict=True loads"


def test_without_inputs_the_class_is_only_built(worker: Worker) -> None:
    after = (FIXTURES / "rewrites" / "attention_buffer.py").read_text()
    verdict = worker.verify(subject(str(FILE), "CausalAttention", BEFORE, after), parse_recipe(INIT))
    not_run = [each.name for each in verdict.checks if each.after.status is Status.NOT_RUN]
    called = ["cpu_forward", "gradients", "repeated_calls", "device_move", "dtype_casts", "resumes"]
    assert not_run == [*called, "export", "torchscript"]
    assert "--input" in check(verdict, "cpu_forward").after.detail
    assert verdict.passed and not verdict.proven


def test_without_a_rewrite_the_class_is_judged_as_it_stands(worker: Worker) -> None:
    verdict = worker.verify(subject(str(FILE), "CausalAttention", BEFORE, None), RECIPE)
    assert {each.after.status for each in verdict.checks} == {Status.NOT_RUN}
    assert not verdict.passed and verdict.cause is None
    mended = (FIXTURES / "rewrites" / "attention_buffer.py").read_text()
    assert worker.verify(subject(str(FILE), "CausalAttention", mended, None), RECIPE).passed


def test_a_device_that_is_not_there_fails_and_says_what_to_do(worker: Worker) -> None:
    after = (FIXTURES / "rewrites" / "attention_buffer.py").read_text()
    recipe = parse_recipe(device="no-such-device", base=RECIPE)
    verdict = worker.verify(subject(str(FILE), "CausalAttention", BEFORE, after), recipe)
    assert check(verdict, "device_move").after.status is Status.FAIL
    assert "device 'no-such-device' cannot be used here" in check(verdict, "device_move").after.detail
