"""Verdicts for the shell: from a cache where nothing has changed, else from as many workers as were asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from bufferlint import __version__
from bufferlint.cli.progress import counting
from bufferlint.project_files import sealed_files
from bufferlint.text.escaping import visible
from bufferlint.verify import contract
from bufferlint.verify.contract import Recipe, Request, Status, Subject, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.pool import Pool

Run = tuple[Subject, Recipe]
_MOST = 2000
"""Verdicts kept in a folder; the oldest go first."""


class CachedVerifier:
    """Runs classes under one interpreter, as the command line's ``keywords`` say. Use as a context manager.

    A verdict is kept under the content of what was run: both texts, the recipe, the interpreter with its packages; it
    holds as long as the project's files that the class read have the content that they had.
    """

    def __init__(self, python: str, keywords: Mapping[str, Any]) -> None:
        variables: Sequence[str] = keywords.get("variables", ())
        self._pool = Pool(python, keywords["jobs"], variables)
        self._quiet: bool = keywords["quiet"]
        self._folder: str | None = None if keywords["no_cache"] else keywords["cache_dir"]
        self._key = sealed_files.key()
        self._environment = (*_environment(python), *((name, os.environ.get(name)) for name in variables))

    def __enter__(self) -> CachedVerifier:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.__exit__(kind, error, at)

    def verdicts(self, runs: Sequence[Run]) -> list[Verdict]:
        """A verdict for each run, in their order; a recipe that says nothing of forward's inputs is completed."""
        kept = [self._kept(run) for run in runs]
        missing = [run for run, verdict in zip(runs, kept, strict=True) if verdict is None]
        on = f"verifying {missing[0][0].class_name}" if len(missing) == 1 else "verifying"
        with counting(len(missing), visible(on), self._quiet or not missing) as count:
            made = self._pool.map(_run, missing, lambda run: count(run[0].class_name))
        for run, verdict in zip(missing, made, strict=True):
            self._keep(run, verdict)
        new = iter(made)
        return [verdict or next(new) for verdict in kept]

    def _name(self, run: Run) -> str:
        text = repr((__version__, self._environment, contract.dumps(_request(run))))
        return f"{hashlib.sha256(text.encode(errors='backslashreplace')).hexdigest()}.verdict"

    def _kept(self, run: Run) -> Verdict | None:
        if self._folder is None or self._key is None:
            return None
        try:
            kept = sealed_files.read(self._folder, self._name(run), self._key)
        except sealed_files.Unsealed:
            return None
        verdict = None if kept is None else contract.loads(kept.decode())
        if not isinstance(verdict, Verdict) or verdict.rests_on is None:
            return None
        return verdict if all(contract.digest(path) == known for path, known in verdict.rests_on) else None

    def _keep(self, run: Run, verdict: Verdict) -> None:
        """Keep what would come out again: not what took too long, nor what came to no end."""
        told = verdict.cause is None and all(each.status is not Status.SKIP for each in verdict.judged)
        if self._folder is None or self._key is None or verdict.rests_on is None or not told:
            return
        with suppress(OSError):  # a folder that cannot be written keeps nothing
            sealed_files.store(self._folder, self._name(run), contract.dumps(verdict).encode(), self._key, _MOST)


def _run(worker: Worker, run: Run) -> Verdict:
    request = _request(run)
    return worker.verify(request.subject, request.recipe, find=request.find)


def _request(run: Run) -> Request:
    return Request(*run, find=not run[1].calls_forward)


def _environment(python: str) -> tuple[object, ...]:
    """Returns what tells one state of an interpreter, its packages and our own code from another: the state of its
    files."""
    program = Path(python)
    packages = sorted(program.parent.parent.glob("lib/python3*/site-packages"))
    ours = sorted(Path(contract.__file__).parent.rglob("*.py"))
    states = ((str(path), path.stat()) for path in (program, *packages, *ours) if path.exists())
    return (python, *((path, s.st_mtime_ns, s.st_ctime_ns, s.st_ino, s.st_size) for path, s in states))
