"""Serves one request: each side in its own process, then the verdict."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from bufferlint.verify.contract import AuditRequest, Inventory, Request, Verdict, dumps, loads
from bufferlint.verify.worker import evidence, judging, process, side
from bufferlint.verify.worker.evidence import Evidence


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


def audit(request: AuditRequest, folder: Path, spawn: bool, private: int) -> Inventory:
    """The inventory; ``folder`` is made and removed; ``private`` is a descriptor that user code must not inherit."""
    try:
        folder.mkdir(parents=True)
        (folder / "request").write_text(dumps(request))
        code = process.run(folder, request.recipe.seconds, spawn, private)
        log, result = folder / "log", folder / "inventory"
        output = log.read_text(encoding="utf-8", errors="replace")[-evidence.OUTPUT :] if log.exists() else ""
        if result.exists():
            found: Inventory = loads(result.read_text())
            return dataclasses.replace(found, output=output)
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else process.ending(code)
        return Inventory(cause=f"{request.factory} {ending}", advice="what it printed last may say why", output=output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _look(request: Request, folder: Path, name: str, spawn: bool, private: int) -> tuple[Evidence, str]:
    place = side.prepare(folder, request, name)
    code = process.run(place, request.recipe.seconds, spawn, private)
    seen = evidence.read(place, side.NAMES)
    if seen.stage is not None:
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else process.ending(code)
        seen = dataclasses.replace(seen, ending=ending, timed_out=code is None)
    log = place / "log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return seen, text[-evidence.OUTPUT :]
