"""Serves one request: each side in its own process, then the verdict."""

from __future__ import annotations

import dataclasses
import shutil
import signal
from pathlib import Path

from bufferlint.verify.contract import Request, Verdict
from bufferlint.verify.worker import evidence, judging, process, side
from bufferlint.verify.worker.evidence import Evidence

_OUTPUT = 10_000
"""Characters of a side's output that are kept: the last ones."""


def serve(request: Request, folder: Path, spawn: bool, private: int) -> Verdict:
    """The verdict; ``folder`` is made and removed; ``private`` is a descriptor that user code must not inherit."""
    try:
        before, output = _look(request, folder, side.BEFORE, spawn, private)
        after = None
        if request.subject.after is not None and judging.stands(before, request):
            after, more = _look(request, folder, side.AFTER, spawn, private)
            output += more
        return judging.verdict(before, after, request, output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _look(request: Request, folder: Path, name: str, spawn: bool, private: int) -> tuple[Evidence, str]:
    place = side.prepare(folder, request, name)
    code = process.run(place, request.recipe.seconds, spawn, private)
    seen = evidence.read(place, side.NAMES)
    if seen.stage is not None:
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else _ending(code)
        seen = dataclasses.replace(seen, ending=ending, timed_out=code is None)
    log = place / "log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return seen, text[-_OUTPUT:]


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended its process (exit code {code})"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
