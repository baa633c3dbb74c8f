"""Facts that runs gathered from the files of projects, kept on the disk for later ones: an edit of one file leaves the
others unread.

A note holds for as long as its file is as it was. What is wrong with the notes as a whole makes them none; only what
this user wrote is looked into (`bufferlint.project_files.sealed_files`).
"""

from __future__ import annotations

import marshal
import sys
import time
from contextlib import suppress
from typing import Any

from bufferlint import __version__
from bufferlint.project_files.result_cache import Mark, is_settled, mark_of
from bufferlint.project_files.sealed_files import Unsealed, key, read, store
from bufferlint.text.workspace import Gathered

_NAME = "names.notes"
_FORM = 2
"""Counts changes of what is gathered."""


class Notes:
    """The notes in a cache folder; without one, those of this process."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._key = key() if folder is not None else None
        self._started = time.time_ns()
        self._made_by = (__version__, _FORM, sys.version)
        self._known: dict[str, tuple[Mark, Any]] = self._load()
        self._is_new = False

    @property
    def is_empty(self) -> bool:
        return not self._known

    def of(self, path: str) -> tuple[Mark, Gathered | None]:
        """The state of a file, and what was gathered from it in that state if anything was."""
        mark = mark_of(path)
        known = self._known.get(path)
        return mark, Gathered(*known[1]) if known is not None and known[0] == mark else None

    def note(self, path: str, mark: Mark, found: Gathered) -> None:
        """Note what was gathered from a file that was in some state before it was read; not of one that changed so
        lately that a further change might not show."""
        if mark is not None and all(is_settled(moment, self._started) for moment in mark[:2]):
            self._known[path] = (mark, tuple(found))
            self._is_new = True

    def save(self) -> None:
        """Keep the notes of files that are still there, if there is something new in them and a place for them."""
        if self._is_new and self._folder is not None and self._key is not None:
            kept = {path: each for path, each in self._known.items() if mark_of(path) is not None}
            with suppress(OSError):  # without them a later run takes longer, no more
                store(self._folder, _NAME, marshal.dumps((self._made_by, kept)), self._key, 1)

    def _load(self) -> dict[str, tuple[Mark, Any]]:
        if self._folder is None or self._key is None:
            return {}
        try:
            body = read(self._folder, _NAME, self._key)
            made_by, known = marshal.loads(body) if body is not None else (None, {})
        except (Unsealed, EOFError, TypeError, ValueError):  # somebody else's, or of another Python
            return {}
        return known if made_by == self._made_by else {}
