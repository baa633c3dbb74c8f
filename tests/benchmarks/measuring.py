"""CPU time and memory of whole processes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Command:
    """A process to measure; ``before`` puts things as they must be, and is not measured."""

    words: Sequence[str]
    folder: Path
    before: Callable[[], None] | None = None


@dataclass(slots=True)
class Runs:
    """What the runs of one command took: CPU seconds (user and system), the peak of memory in MB."""

    seconds: list[float] = field(default_factory=list)
    memory: int = 0


def run(command: Command, runs: Runs) -> None:
    """Run a command once; whatever it exits with, its time counts. A command that cannot start raises OSError."""
    if command.before is not None:
        command.before()
    process = subprocess.Popen(
        list(command.words), cwd=command.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    runs.seconds.append(usage.ru_utime + usage.ru_stime)
    runs.memory = max(runs.memory, usage.ru_maxrss // 1024)


def interleaved(commands: Sequence[Command], rounds: int) -> list[Runs]:
    """Run commands in turn, round after round, so that a busy machine is busy for all of them."""
    every = [Runs() for _ in commands]
    for _ in range(rounds):
        for command, runs in zip(commands, every, strict=True):
            run(command, runs)
    return every


def ratio(of: Runs, to: Runs) -> float:
    """The median of the rounds' CPU ratios."""
    return median(a / max(b, 0.001) for a, b in zip(of.seconds, to.seconds, strict=True))
