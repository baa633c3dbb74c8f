"""Evidence from the process that runs user code: sent through a pipe, written down by the process that started it.

User code shares the process that sends, so that it is kept from forging by order and by a secret: what comes without
the secret, out of its turn or a second time is refused, and refused evidence costs the side its verdict. Files are read
against the digests that were taken when they were written, which are kept in this process alone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
import threading
from pathlib import Path
from types import TracebackType

SECRET = 32
"""Bytes of a secret."""
_HEADER = struct.Struct(f"!{SECRET}s64sQ")
_CHUNK = 1 << 20
STAGE, DONE = "stage", "done"
_NOTES = ("failure", "read", "tried", "found", "inventory")
"""What may come at any time before the end."""
_ONCE = ("failure", "read", "inventory")
SUFFIX = ".pt"
"""How the name of what a check saw ends."""


class Sender:
    """The end of the process that runs user code."""

    def __init__(self, descriptor: int, secret: bytes) -> None:
        os.set_inheritable(descriptor, False)
        self._send = _sending(descriptor, secret)

    def send(self, name: str, content: bytes) -> None:
        self._send(name, content)


def _sending(descriptor: int, secret: bytes):  # type: ignore[no-untyped-def]
    """A function, not an object with fields: what it closes over is nobody's attribute."""
    write = os.write  # as it is before user code runs

    def send(name: str, content: bytes) -> None:
        data = memoryview(_HEADER.pack(secret, name.encode(), len(content)) + content)
        while data:
            data = data[write(descriptor, data) :]

    return send


class Ledger:
    """The files of evidence in a folder, with a digest of each as it was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused = ""
        self._digests: dict[str, str] = {}

    def write(self, name: str, content: bytes) -> None:
        self._digests[name] = hashlib.blake2b(content).hexdigest()
        path = self.folder / name
        path.unlink(missing_ok=True)  # what may stand there is nothing of ours, a link say
        path.write_bytes(content)

    def forget(self, name: str) -> None:
        self._digests.pop(name, None)
        (self.folder / name).unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        return name in self._digests

    def content(self, name: str) -> bytes | None:
        """Returns what was written under a name; None for nothing, and for what was changed since."""
        if name not in self._digests:
            return None
        try:
            found = (self.folder / name).read_bytes()
        except OSError:
            found = b""
        if hashlib.blake2b(found).hexdigest() != self._digests[name]:
            self.refused = f"the file of '{name}' was changed"
            return None
        return found

    def tidy(self) -> None:
        """Remove what a process left that was no evidence."""
        for path in [each for each in self.folder.iterdir() if each.name.endswith(SUFFIX)]:
            if path.name not in self._digests:
                path.unlink()


class Intake:
    """The end of the process that writes down, open as long as the other one lives. Use as a context manager."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.secret = secrets.token_bytes(SECRET)
        self._source, self.descriptor = os.pipe()
        self._stage = ""
        self._is_done = False
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Intake:
        self._ledger.tidy()
        return self

    def started(self) -> None:
        """The process has the pipe's other end: this one is closed here, and what comes is read."""
        os.close(self.descriptor)
        self._reader.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._reader.is_alive():
            self._reader.join(5.0)

    def leave(self) -> None:
        """Within a forked process: what is the other end's is closed."""
        os.close(self._source)

    def _read(self) -> None:
        with os.fdopen(self._source, "rb") as source:
            while header := source.read(_HEADER.size):
                if len(header) < _HEADER.size:
                    self._refuse("a piece of a message")
                    continue
                secret, name, size = _HEADER.unpack(header)
                if not secrets.compare_digest(secret, self.secret):
                    self._refuse("what the verifier did not send")
                    while source.read(_CHUNK):  # nothing more can be told apart
                        continue
                    return
                content = source.read(size)
                if len(content) == size:
                    self._take(name.rstrip(b"\0").decode(errors="replace"), content)

    def _take(self, name: str, content: bytes) -> None:
        is_seen = name == self._stage + SUFFIX or name in _NOTES
        is_again = self._ledger.has(name) and (name.endswith(SUFFIX) or name in _ONCE)
        if self._is_done or is_again or not (is_seen or name in (STAGE, DONE)):
            self._refuse(f"'{name}' out of its turn")
        elif name == DONE:
            self._is_done = True
            self._ledger.forget(STAGE)
        else:
            if name == STAGE:
                self._stage = content.decode(errors="replace")
            self._ledger.write(name, content)

    def _refuse(self, what: str) -> None:
        self._ledger.refused = self._ledger.refused or f"{what} came through the verifier's pipe"
