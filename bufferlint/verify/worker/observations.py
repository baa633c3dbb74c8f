"""What one side saw, kept in a folder as it goes along, so that a crash loses nothing of what came before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from bufferlint.verify.contract import digest

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


class Record:
    """Writes the evidence of one side."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stage(self, name: str) -> None:
        (self._folder / "stage").write_text(name)

    def saw(self, check: str, observed: Observed) -> None:
        torch.save(observed, self._folder / f"{check}.pt")

    def ended(self, check: str, how: str) -> None:
        """The check took the process with it, or was given up."""
        self.saw(check, {"ended": how})

    def has(self, check: str) -> bool:
        return (self._folder / f"{check}.pt").exists()

    def read(self, files: Iterable[str]) -> None:
        (self._folder / "read").write_text(json.dumps([[path, digest(path)] for path in sorted(files)]))

    def failed(self, failure: Failure) -> None:
        (self._folder / "failure").write_text(json.dumps([failure.cause, failure.advice]))
        self.done()

    def done(self) -> None:
        (self._folder / "stage").unlink()


def files(folder: Path) -> tuple[tuple[str, str], ...] | None:
    """The project's files that a side read, each with its digest; None when it did not come to say so."""
    kept = folder / "read"
    return tuple((path, known) for path, known in json.loads(kept.read_text())) if kept.exists() else None


def read(folder: Path, checks: tuple[str, ...]) -> Evidence:
    """The evidence that a side left in a folder. Nothing of it is run: tensors are read with ``weights_only``."""
    stage, failure = folder / "stage", folder / "failure"
    at = stage.read_text() if stage.exists() else None
    finished = [check for check in checks if check != at and (folder / f"{check}.pt").exists()]
    return Evidence(
        {check: torch.load(folder / f"{check}.pt", weights_only=True) for check in finished},
        at,
        Failure(*json.loads(failure.read_text())) if failure.exists() else None,
    )
