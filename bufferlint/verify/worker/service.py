"""Serves one request: each side in its own process, then the verdict."""

from __future__ import annotations

import dataclasses
import shutil
import time
from pathlib import Path

from bufferlint.verify.contract import AuditRequest, Inventory, Recipe, Request, Verdict, dumps, loads
from bufferlint.verify.worker import checks, discovery, judging, observations, process, run_side
from bufferlint.verify.worker.checks import MAY_END, OPTIONAL, constructs
from bufferlint.verify.worker.discovery import Found
from bufferlint.verify.worker.evidence_pipe import STAGE, SUFFIX, Ledger
from bufferlint.verify.worker.observations import Evidence

_WRITE_ONE = (
    "say how it is built and called, as --init dim=8 --input 2x6x8, or in pyproject.toml as init, inputs, or "
    'recipe = "module:function" with a function that returns (module, inputs)'
)

_SENT = "a function that writes to descriptors or folders that it did not open cannot be audited"
_LEAST = 0.5
"""Seconds that are too few to begin another check in."""


def serve(request: Request, folder: Path, spawn: bool, private: int) -> Verdict:
    """The verdict; ``folder`` is made and removed; ``private`` is a descriptor that user code must not inherit."""
    try:
        found = None
        if request.find and request.recipe.factory is None:
            found = find(request, folder, spawn, private)
            if isinstance(found, Verdict):
                return found
            request = dataclasses.replace(request, recipe=found.recipe or request.recipe)
        ledgers: list[Ledger] = []
        before, output = _look(request, folder, run_side.BEFORE, spawn, private, ledgers)
        after = None
        if request.subject.after is not None and judging.stands(before, request):
            after, more = _look(request, folder, run_side.AFTER, spawn, private, ledgers)
            output += more
        verdict = judging.verdict(before, after, request, output)
        if found is not None and found.recipe is not None:
            verdict = dataclasses.replace(verdict, recipe=found.recipe, tried=found.tried)
        return dataclasses.replace(verdict, rests_on=_rests_on(ledgers))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rests_on(ledgers: list[Ledger]) -> tuple[tuple[str, str], ...] | None:
    sides = [observations.files(ledger) for ledger in ledgers]
    known = [each for each in sides if each is not None]
    return tuple(sorted({item for each in known for item in each})) if len(known) == len(sides) else None


def audit(request: AuditRequest, folder: Path, spawn: bool, private: int) -> Inventory:
    """The inventory; ``folder`` is made and removed; ``private`` is a descriptor that user code must not inherit."""
    try:
        folder.mkdir(parents=True)
        (folder / "request").write_text(dumps(request))
        ledger = Ledger(folder)
        code = process.run(ledger, request.recipe.seconds, spawn, private)
        log, result = folder / "log", ledger.content("inventory")
        output = log.read_text(encoding="utf-8", errors="replace")[-observations.OUTPUT :] if log.exists() else ""
        if ledger.refused:
            return Inventory(cause=f"{ledger.refused}: what was found is not believed", advice=_SENT, output=output)
        if result is not None:
            found: Inventory = loads(result.decode())
            return dataclasses.replace(found, output=output)
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else process.ending(code)
        return Inventory(cause=f"{request.factory} {ending}", advice="what it printed last may say why", output=output)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find(request: Request, folder: Path, spawn: bool, private: int) -> Found | Verdict:
    """Returns what was found of the recipe; no recipe when not even importing worked; a verdict when nothing could be
    found."""
    place = run_side.prepare(folder, request, discovery.NAME)
    ledger = Ledger(place)
    code = process.run(ledger, request.recipe.timeout + discovery.SECONDS, spawn, private)
    seen, found = observations.evidence(ledger, ()), discovery.read(ledger)
    if found.recipe is not None or seen.failure is not None or seen.stage == observations.IMPORT:
        return found
    tried = found.tried
    if seen.stage is not None:
        tried = (*tried, f"the search {'took too long' if code is None else process.ending(code)}")
    cause = f"no constructor arguments were found for {request.subject.class_name}"
    return Verdict((), cause=cause, advice=_WRITE_ONE, rewritten=request.subject.after is not None, tried=tried)


def _look(
    request: Request, folder: Path, name: str, spawn: bool, private: int, ledgers: list[Ledger]
) -> tuple[Evidence, str]:
    """Returns what a side showed. A check that is given up, or that ends the process, costs that check and not the
    others."""
    place = run_side.prepare(folder, request, name)
    ledger, left = Ledger(place), request.recipe.seconds
    ledgers.append(ledger)
    while True:
        started = time.monotonic()
        code = process.run(ledger, left, spawn, private, _Patience(place, request.recipe).is_over)
        left -= time.monotonic() - started
        seen = observations.evidence(ledger, run_side.NAMES)
        stage, begun = seen.stage or "", constructs.NAME in seen.observed
        if stage in OPTIONAL and code is None:
            observations.ended(
                ledger, stage, f"was still running and was given up; raise 'timeout' (now {request.recipe.timeout:g} s)"
            )
        elif stage in MAY_END and code is not None and code < 0:
            observations.ended(ledger, stage, f"the process {process.ending(code)}")
        elif ledger.refused or not (stage == observations.IMPORT and begun and code is None):
            break
        if left < _LEAST:
            _leave_out(ledger, request)
            seen = observations.evidence(ledger, run_side.NAMES)
            break
    if seen.stage is not None:
        ending = f"was still running after {request.recipe.seconds:g} s" if code is None else process.ending(code)
        seen = dataclasses.replace(seen, ending=ending, timed_out=code is None)
    log = place / "log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return seen, text[-observations.OUTPUT :]


def _leave_out(ledger: Ledger, request: Request) -> None:
    """Say of each check that there is no time left for it."""
    for check in checks.chosen(request.recipe):
        if not ledger.has(f"{check.NAME}{SUFFIX}"):
            said = f"the time was up; raise 'timeout' (now {request.recipe.timeout:g} s)"
            observations.ended(ledger, check.NAME, said)
    ledger.forget(STAGE)


class _Patience:
    """Says when the check that a side is at has had its share of the side's time."""

    def __init__(self, place: Path, recipe: Recipe) -> None:
        self._stage, self._recipe = place / "stage", recipe
        self._at, self._since, self._looked = "", time.monotonic(), 0.0

    def is_over(self) -> bool:
        now = time.monotonic()
        if now - self._looked < 0.1:
            return False
        self._looked = now
        try:
            at = self._stage.read_text()
        except OSError:
            return False
        if at != self._at:
            self._at, self._since = at, now
        return at in OPTIONAL and now - self._since > checks.patience(at, self._recipe)
