"""What user code prints: read from a pipe by the process that started it, which keeps the last of it."""

from __future__ import annotations

import os
import threading
from collections import deque
from pathlib import Path
from types import TracebackType

KEPT = 64 << 10
"""Bytes of the output that are kept: the last ones."""


class Output:
    """A pipe for stdout and stderr of a process; what came is appended to a log when it has ended.

    Use as a context manager around the process's life: whatever it started has to be ended with it.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._source, self.descriptor = os.pipe()
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Output:
        return self

    def started(self) -> None:
        """The process has the pipe's other end: this one is closed here, and what comes is read."""
        os.close(self.descriptor)
        self._reader.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._reader.is_alive():
            self._reader.join(1.0)
        kept = b"".join(self._chunks)[-KEPT:]
        earlier = self._log.read_bytes() if self._log.exists() else b""
        self._log.write_bytes((earlier + kept)[-KEPT:])

    def _read(self) -> None:
        with os.fdopen(self._source, "rb", buffering=0) as source:
            while chunk := source.read(KEPT):
                self._chunks.append(chunk)
                self._size += len(chunk)
                while self._size - len(self._chunks[0]) >= KEPT:
                    self._size -= len(self._chunks.popleft())
