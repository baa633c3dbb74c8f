"""Serves one request: each side in its own process, then the verdict."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from bufferlint.verify.contract import AuditRequest, Inventory, Request, Verdict, dumps, loads
from bufferlint.verify.worker import discovery, judging, observations, process, run_side
from bufferlint.verify.worker.checks import MAY_END
from bufferlint.verify.worker.discovery import Found
from bufferlint.verify.worker.observations import Evidence

_WRITE_ONE = (
    "say how it is built and called, as --init dim=8 --input 2x6x8, or in pyproject.toml as init, inputs, or "
    'recipe = "module:function" with a function that returns (module, inputs)'
)


def serve(request: Request, folder: Path, spawn: bool, private: int) -> Verdict:
    """The verdict; ``folder`` is made and removed; ``private`` is a descriptor that user code must not inherit."""
    try:
        found = None
        if request.find and request.recipe.factory is None:
            found = _find(request, folder, spawn, private)
            if isinstance(found, Verdict):
                return found
            request = dataclasses.replace(request, recipe=found.recipe or request.recipe)
        before, output = _look(request, folder, run_side.BEFORE, spawn, private)
        after = None
        if request.subject.after is not None and judging.stands(before, request):
            after, more = _look(request, folder, run_side.AFTER, spawn, private)
            output += more
        verdict = judging.verdict(before, after, request, output)
        if found is not None and found.recipe is not None:
            verdict = dataclasses.replace(verdict, recipe=found.recipe, tried=found.tried)
        return dataclasses.replace(verdict, rests_on=_rests_on(folder, after is not None))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rests_on(folder: Path, rewritten: bool) -> tuple[tuple[str, str], ...] | None:
    sides = [observations.files(folder / name) for name in (run_side.BEFORE, run_side.AFTER)[: 1 + rewritten]]
    known = [each for each in sides if each is not None]
    return tuple(sorted({item for each in known for item in each})) if len(known) == len(sides) else None


def audit(request: AuditRequest, folder: Path, spawn: bool, private: int) -> Inventory:
    """The inventory; ``folder`` is made and removed; ``private`` is a descriptor that user code must not inherit."""
    try:
        folder.mkdir(parents=True)
        (folder / "request").write_text(dumps(request))
        code = process.run(folder, request.recipe.seconds, spawn, private)
        log, result = folder / "log", folder / "inventory"
        output = log.read_text(encoding="utf-8", errors="replace")[-observations.OUTPUT :] if log.exists() else ""
        if result.exists():
            found: Inventory = loads(result.read_text())
            return dataclasses.replace(found, output=output)
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else process.ending(code)
        return Inventory(cause=f"{request.factory} {ending}", advice="what it printed last may say why", output=output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find(request: Request, folder: Path, spawn: bool, private: int) -> Found | Verdict:
    """What was found of the recipe; no recipe when not even importing worked; a verdict when nothing could be found."""
    place = run_side.prepare(folder, request, discovery.NAME)
    code = process.run(place, request.recipe.timeout + discovery.SECONDS, spawn, private)
    seen, found = observations.read(place, ()), discovery.read(place)
    if found.recipe is not None or seen.failure is not None or seen.stage == observations.IMPORT:
        return found
    tried = found.tried
    if seen.stage is not None:
        tried = (*tried, f"the search {'took too long' if code is None else process.ending(code)}")
    cause = f"no constructor arguments were found for {request.subject.class_name}"
    return Verdict((), cause=cause, advice=_WRITE_ONE, rewritten=request.subject.after is not None, tried=tried)


def _look(request: Request, folder: Path, name: str, spawn: bool, private: int) -> tuple[Evidence, str]:
    place = run_side.prepare(folder, request, name)
    code = process.run(place, request.recipe.seconds, spawn, private)
    seen = observations.read(place, run_side.NAMES)
    while seen.stage is not None and seen.stage in MAY_END and code is not None and code < 0:
        observations.Record(place).ended(seen.stage, process.ending(code))
        code = process.run(place, request.recipe.seconds, spawn, private)
        seen = observations.read(place, run_side.NAMES)
    if seen.stage is not None:
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else process.ending(code)
        seen = dataclasses.replace(seen, ending=ending, timed_out=code is None)
    log = place / "log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return seen, text[-observations.OUTPUT :]
