"""One worker for all of these tests, as importing torch takes longer than most of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bufferlint.verify.contract import Check, Verdict
from bufferlint.verify.launch import Worker

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "verify"


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    with Worker(sys.executable) as started:
        yield started


def check(verdict: Verdict, name: str) -> Check:
    return {each.name: each for each in verdict.checks}[name]
