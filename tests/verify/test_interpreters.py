"""The worker runs where the user's torch is: another interpreter, without bufferlint and what bufferlint needs."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest
import torch

from bufferlint.verify.contract import Status, Subject, Verdict
from bufferlint.verify.launch import Worker, verify
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import FIXTURES, check

pytestmark = pytest.mark.slow

OURS = ("libcst", "click", "yaml", "pytest", "_pytest", "mypy", "bufferlint", "__editable__")


def attention() -> Subject:
    before = (FIXTURES / "attention.py").read_text()
    after = (FIXTURES / "rewrites" / "attention_buffer.py").read_text()
    return subject(str(FIXTURES / "attention.py"), "CausalAttention", before, after)


WITHOUT_INPUTS = parse_recipe(("d_in=3", "d_out=2", "context_length=6", "dropout=0.0"))
RECIPE = parse_recipe(inputs=("2x6x3",), base=WITHOUT_INPUTS)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with nothing installed."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True, with_pip=False)
    return folder


def python(environment: Path) -> str:
    return str(environment / "bin" / "python")


def test_an_interpreter_without_torch_is_a_verdict(bare: Path) -> None:
    verdict = verify(attention(), RECIPE, python(bare))
    assert verdict.cause is not None and "cannot import torch: No module named 'torch'" in verdict.cause
    assert verdict.advice is not None and "--python" in verdict.advice
    assert verdict.checks == () and not verdict.passed


def test_a_relative_path_to_an_interpreter(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    monkeypatch.chdir(bare)
    verdict = verify(attention(), RECIPE, "bin/python")
    assert verdict.cause is not None and "cannot import torch" in verdict.cause


@pytest.mark.parametrize("name", ["no/such/python", "/", "/bin/false"])
def test_what_is_no_interpreter_is_a_verdict(name: str) -> None:
    verdict = verify(attention(), RECIPE, name)
    assert verdict.cause is not None and name in verdict.cause
    assert verdict.advice is not None and "--python" in verdict.advice


def test_the_worker_needs_only_torch_there(bare: Path, tmp_path: Path) -> None:
    """The bare interpreter, given torch and its needs from here but nothing of the linter's own."""
    for item in Path(torch.__file__).parent.parent.iterdir():
        if not item.name.lower().startswith(OURS):
            (tmp_path / item.name).symlink_to(item)
    (next(bare.glob("lib/python3*")) / "site-packages" / "torch.pth").write_text(str(tmp_path))
    spying = f"""
import sys
import importlib.util
print("python", sys.prefix)
print("found", [name for name in {OURS[:5]!r} if importlib.util.find_spec(name)])
print("path", [entry for entry in sys.path if {str(Path(__file__).parent.parent.parent)!r} == entry or not entry])
"""
    asked = attention()
    asked = subject(asked.path, asked.class_name, asked.before + spying, asked.after)
    verdict = verify(asked, RECIPE, python(bare))
    assert verdict.proven, (verdict.cause, verdict.output, verdict.rows())
    assert verdict.output.splitlines() == [f"python {bare}", "found []", "path []"]


@pytest.fixture(scope="module")
def spawned() -> Verdict:
    with Worker(sys.executable, spawn=True) as worker:
        return worker.verify(attention(), WITHOUT_INPUTS)


def test_without_fork_the_verdict_is_the_same(worker: Worker, spawned: Verdict) -> None:
    assert spawned == worker.verify(attention(), WITHOUT_INPUTS)
    assert spawned.passed and check(spawned, "state_dict").before.status is Status.FAIL


def test_a_worker_that_was_ended_is_started_again(worker: Worker) -> None:
    ending = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time\ntime.sleep(600)\n"
    verdict = worker.verify(subject("/nowhere/ending.py", "Hostile", ending, None), RECIPE)
    assert verdict.cause == "the worker itself ended without an answer"
    assert worker.verify(attention(), RECIPE).proven
