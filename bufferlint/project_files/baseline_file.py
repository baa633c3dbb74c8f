"""The baseline as a file: JSON, an entry a line, so that version control shows and merges it well."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bufferlint.finding import Problem
from bufferlint.project_files.atomic_write import put
from bufferlint.project_files.files import absolute, read_bounded
from bufferlint.report.view import relative
from bufferlint.settings import Known

VERSION = 1
_MOST_BYTES = 100_000_000
_TYPES = {"path": str, "rule": str, "attribute": str, "count": int, "digests": list}
_AGAIN = "restore it, or make it anew with --write-baseline"


def load(file: str) -> tuple[Known, ...] | Problem:
    """The entries of a baseline; those of files that are gone have no path."""
    try:
        if not stat.S_ISREG(Path(file).stat().st_mode):
            return Problem(file, "the baseline is a folder, a pipe or a device", "name a file")
        document = json.loads(read_bounded(file, _MOST_BYTES))
    except FileNotFoundError:
        return Problem(file, "there is no such baseline", "make it with --write-baseline")
    except OSError as error:
        return Problem(file, f"cannot read the baseline: {error.strerror}", "make it readable, or name another file")
    except ValueError as error:
        return Problem(file, f"the baseline is not JSON: {error}", _AGAIN)
    except RecursionError:
        return Problem(file, "the baseline's JSON is nested too deeply", _AGAIN)
    entries = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(entries, list) or document.get("version") != VERSION:
        return Problem(file, f"it is no baseline of version {VERSION}", _AGAIN)
    wrong = next((entry for entry in entries if not _is_entry(entry)), None)
    if wrong is not None:
        return Problem(file, f"it holds an entry that is none: {json.dumps(wrong)}", _AGAIN)
    folder = absolute(file).rpartition("/")[0]
    return tuple(_known(entry, folder) for entry in entries)


def save(file: str, entries: Iterable[Known]) -> None:
    """Write a baseline; OSError when that fails. Paths are relative to its folder."""
    folder = absolute(file).rpartition("/")[0]
    lines = sorted(
        json.dumps(
            {
                "path": relative(entry.path, folder),
                "rule": entry.code,
                "attribute": entry.subject,
                "count": entry.count,
                "digests": list(entry.digests),
            }
        )
        for entry in entries
        if entry.path is not None
    )
    body = "".join(f"    {line}{',' if at < len(lines) else ''}\n" for at, line in enumerate(lines, 1))
    put(file, f'{{\n  "version": {VERSION},\n  "findings": [\n{body}  ]\n}}\n'.encode())


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or any(type(entry.get(key)) is not kind for key, kind in _TYPES.items()):
        return False
    return entry["count"] > 0 and all(isinstance(each, str) for each in entry["digests"])


def is_other_file(file: str) -> bool:
    """Does a file hold something that never was a baseline, damaged or not?"""
    try:
        return b'"findings"' not in (read_bounded(file, _MOST_BYTES).strip() or b'"findings"')
    except OSError:
        return False


def _known(entry: dict[str, Any], folder: str) -> Known:
    path: str | None = absolute(f"{folder}/{entry['path']}")
    path = path if path is not None and os.path.lexists(path) else None
    return Known(entry["rule"], path, entry["attribute"], entry["count"], tuple(entry["digests"]))
