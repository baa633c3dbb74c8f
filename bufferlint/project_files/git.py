"""Asking git about the repository that files lie in. Nothing of the repository is changed, and no hook of it runs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from bufferlint.project_files.files import repository_top

_QUIET = ("--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false")


class GitError(Exception):
    """Git could not say what was asked, and why."""


def git(folder: str, *arguments: str, accept: tuple[int, ...] = (0,), given: bytes = b"") -> bytes:
    """Returns what git prints when run in a folder; GitError when it cannot be run or ends with another exit code."""
    try:
        run = subprocess.run(["git", *_QUIET, *arguments], cwd=folder, input=given, capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from error
    if run.returncode not in accept:
        lines = run.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(lines[-1].removeprefix("fatal: ") if lines else f"git {arguments[0]} failed")
    return run.stdout


def uncommitted(paths: Iterable[str]) -> dict[str, str]:
    """The files that git could not bring back as they are now, each with why; files outside of a repository are not
    among them."""
    found: dict[str, str] = {}
    for path in paths:
        real = Path(path).resolve()
        top = repository_top(real.parent.as_posix())
        if top is None:
            continue
        try:
            status = git(top, "status", "--porcelain", "-z", "--ignored", "--", real.as_posix())
        except GitError as error:
            found[path] = f"git does not say whether it has uncommitted changes ({error})"
        else:
            if status:
                found[path] = "it has changes that are not committed to git"
    return found
