"""Asking git about the repository that files lie in. Nothing of the repository is changed, and no program that it names
runs: neither hooks nor monitors nor filters of its configuration. Those of the user's own configuration stay."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bufferlint.project_files.files import repository_top

_QUIET = ("--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false")


class GitError(Exception):
    """Git could not say what was asked, and why."""


def git(folder: str, *arguments: str, accept: tuple[int, ...] = (0,), given: bytes = b"") -> bytes:
    """Returns what git prints when run in a folder; GitError when it cannot be run or ends with another exit code."""
    filters = _run(folder, ("config", "--show-scope", "--name-only", "-z", "--get-regexp", r"^filter\."), b"", {})
    run = _run(folder, arguments, given, _switched_off(filters.stdout.decode(errors="surrogateescape").split("\0")))
    if run.returncode not in accept:
        lines = run.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(lines[-1].removeprefix("fatal: ") if lines else f"git {arguments[0]} failed")
    return run.stdout


def _run(
    folder: str, arguments: Sequence[str], given: bytes, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    command = ["git", *_QUIET, *arguments]
    environment = {**os.environ, **variables}
    try:
        return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False, env=environment)
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from error


def _switched_off(scopes_and_keys: Sequence[str]) -> dict[str, str]:
    """The variables by which git passes over the filters of a repository's own configuration, which came with it."""
    pairs = zip(scopes_and_keys[::2], scopes_and_keys[1::2], strict=False)
    names = sorted({key.rpartition(".")[0] for scope, key in pairs if scope in ("local", "worktree")})
    off = [
        (f"{name}.{what}", value)
        for name in names
        for what, value in (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false"))
    ]
    first = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    variables = {"GIT_CONFIG_COUNT": str(first + len(off))} if off else {}
    for at, (key, value) in enumerate(off, first):
        variables |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    return variables


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
            how = ("--porcelain", "-z", "--ignored", "--ignore-submodules=all")
            status = git(top, "status", *how, "--", real.as_posix())
        except GitError as error:
            found[path] = f"git does not say whether it has uncommitted changes ({error})"
        else:
            if status:
                found[path] = "it has changes that are not committed to git"
    return found
