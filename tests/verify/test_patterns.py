"""What forward does about devices, judged by the stand-in: the name of each class says what an accelerator would do."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.plan import parse_recipe
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks import device_move
from bufferlint.verify.worker.harness import Bench
from tests.verify.conftest import FIXTURES

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

FILES = sorted((FIXTURES / "patterns").glob("*.py"))
EXPECTED = {"Passes": Status.PASS, "Fails": Status.FAIL}


def loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"pattern_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def patterns(module: ModuleType) -> Iterator[tuple[Status, type[nn.Module]]]:
    for word, status in EXPECTED.items():
        for name, cls in inspect.getmembers(module, inspect.isclass):
            if name.startswith(word) and issubclass(cls, nn.Module):
                yield status, cls


def outcome(cls: type[nn.Module], file: Path) -> Outcome:
    bench = Bench(cls, parse_recipe(inputs=("2x4",), device="meta"), str(file), {})
    seen = device_move.observe(bench)
    return device_move.judge(seen, seen, Change())[0]


def test_no_pattern_gets_the_wrong_verdict_and_few_get_none(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[Status] = Counter()
    wrong = []
    for file in FILES:
        module = loaded(file)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        for status, cls in patterns(module):
            came = outcome(cls, file)
            counts[came.status] += 1
            if came.status not in (status, Status.SKIP):
                wrong.append(f"{file.stem}.{cls.__name__}: {came}")
    assert not wrong, "\n".join(wrong)
    assert sum(counts.values()) >= 150
    assert counts[Status.SKIP] <= sum(counts.values()) // 10
