"""Progress is for a person at a terminal who has to wait."""

from __future__ import annotations

import io
import sys
import time

import pytest

from bufferlint.cli.progress import working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _said(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, quiet: bool = False, after: float = 0) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with working("checking 3 files", quiet, after):
        limit = time.monotonic() + 30
        while after == 0 and stream.isatty() and not quiet and "..." not in stream.getvalue():
            assert time.monotonic() < limit
            time.sleep(0.01)
    return stream.getvalue()


def test_a_long_run_says_what_it_does_and_takes_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _said(Terminal(), monkeypatch) == "checking 3 files ...\r\x1b[K"


def test_a_short_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _said(Terminal(), monkeypatch, after=3600) == ""


def test_pipes_and_quiet_people_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _said(io.StringIO(), monkeypatch) == ""
    assert _said(Terminal(), monkeypatch, quiet=True) == ""
