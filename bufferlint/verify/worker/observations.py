"""What one side saw, told as it goes along, so that a crash loses nothing of what came before."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from bufferlint.verify.contract import digest
from bufferlint.verify.worker.evidence_pipe import DONE, STAGE, SUFFIX, Ledger, Sender

Observed = dict[str, Any]
"""What a check saw: tensors, numbers, text, None, dictionaries and lists of them; ``raised`` for an exception."""

IMPORT = "import"
OUTPUT = 10_000
"""Characters of a side's output that are kept: the last ones."""


@dataclass(frozen=True)
class Failure:
    """Why a side came to nothing, and what to do next."""

    cause: str
    advice: str


@dataclass(frozen=True)
class Evidence:
    """``stage`` is the check (or `IMPORT`) during which the side ended early, if it did; ``ending`` says how."""

    observed: dict[str, Observed] = field(default_factory=dict)
    stage: str | None = None
    failure: Failure | None = None
    ending: str = ""
    timed_out: bool = False


class Report:
    """Says what one side saw, as it goes along: the end of the process that runs user code."""

    def __init__(self, sender: Sender, finished: Iterable[str] = ()) -> None:
        self._sender, self._finished = sender, set(finished)

    def stage(self, name: str) -> None:
        self._sender.send(STAGE, name.encode())

    def saw(self, check: str, observed: Observed) -> None:
        self._sender.send(f"{check}{SUFFIX}", _dumped(observed))

    def has(self, check: str) -> bool:
        """Returns whether a process before this one saw it."""
        return check in self._finished

    def note(self, name: str, text: str) -> None:
        self._sender.send(name, text.encode())

    def read(self, files: Iterable[str]) -> None:
        self.note(_FILES, json.dumps([[path, digest(path)] for path in sorted(files)]))

    def failed(self, failure: Failure) -> None:
        self.note(_FAILURE, json.dumps([failure.cause, failure.advice]))
        self.done()

    def done(self) -> None:
        self._sender.send(DONE, b"")


def ended(ledger: Ledger, check: str, how: str) -> None:
    """Note that a check took the process with it, or was given up."""
    ledger.write(f"{check}{SUFFIX}", _dumped({"ended": how}))


def finished(folder: Path) -> list[str]:
    """The checks that a folder has evidence of, as a new process finds it."""
    return [path.stem for path in folder.glob(f"*{SUFFIX}")]


def files(ledger: Ledger) -> tuple[tuple[str, str], ...] | None:
    """The project's files that a side read, each with its digest; None when it did not come to say so."""
    kept = ledger.content(_FILES)
    return None if kept is None else tuple((path, known) for path, known in json.loads(kept))


def observed(folder: Path, checks: tuple[str, ...]) -> dict[str, Observed]:
    """Returns what an earlier side saw, for the process of the next one."""
    kept = ((check, folder / f"{check}{SUFFIX}") for check in checks)
    return {check: _loaded(path.read_bytes()) for check, path in kept if path.exists()}


def evidence(ledger: Ledger, checks: tuple[str, ...]) -> Evidence:
    """The evidence that a side gave. Nothing of it is run: tensors are read with ``weights_only``."""
    stage, failure = ledger.content(STAGE), ledger.content(_FAILURE)
    at = None if stage is None else stage.decode(errors="replace")
    kept = ((check, ledger.content(f"{check}{SUFFIX}")) for check in checks if check != at)
    seen = {check: _loaded(content) for check, content in kept if content is not None}
    told = None if failure is None else Failure(*json.loads(failure))
    if ledger.refused:
        told = Failure(f"{ledger.refused}, so that nothing the class showed is believed", _UNBELIEVED)
    return Evidence(seen, at, told)


def _dumped(observed: Observed) -> bytes:
    file = io.BytesIO()
    torch.save(observed, file)
    return file.getvalue()


def _loaded(content: bytes) -> Observed:
    found: Observed = torch.load(io.BytesIO(content), weights_only=True)
    return found


_FILES, _FAILURE = "read", "failure"
_UNBELIEVED = "a class that writes to descriptors or folders that it did not open cannot be verified"
