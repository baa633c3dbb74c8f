"""Progress is for a person at a terminal who has to wait."""

from __future__ import annotations

import io
import sys
import time

import pytest

from bufferlint.cli.progress import working
from bufferlint.engine import analyse
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at


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


def test_how_far_a_run_is_and_what_comes_next_fit_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with working("checking 3 files", quiet=False, after=0) as step:
        for done, name in ((0.25, "Net"), (0.5, "Decoder\x1b[31m" * 20)):
            step(done, name)
            limit = time.monotonic() + 30
            while f"{done:.0%}" not in stream.getvalue():
                assert time.monotonic() < limit
                time.sleep(0.01)
    lines = stream.getvalue().split("\r\x1b[K")
    assert "checking 3 files [#####---------------]  25%  Net" in lines
    assert all(len(line) < 60 and "\x1b" not in line for line in lines)
    assert lines[-1] == ""


def test_the_judging_tells_how_far_it_is() -> None:
    told: list[tuple[float, str]] = []
    text = "from torch import nn, ones\n" + "".join(
        f"class N{n}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.x = ones(2)\n"
        for n in range(4)
    )
    workspace = MemoryWorkspace({"m.py": Source(at("m.py"), text)})

    analyse([at("m.py")], workspace, Settings(), on_class=lambda done, name: told.append((done, name)))

    assert told == [(0.0, "N0"), (0.25, "N1"), (0.5, "N2"), (0.75, "N3")]


def test_a_short_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _said(Terminal(), monkeypatch, after=3600) == ""


def test_pipes_and_quiet_people_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _said(io.StringIO(), monkeypatch) == ""
    assert _said(Terminal(), monkeypatch, quiet=True) == ""
