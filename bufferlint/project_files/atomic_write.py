"""Putting a file's new bytes on the disk, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bufferlint.finding import Problem

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def write(path: str, new: bytes, expected: bytes) -> Problem | None:
    """Replace a file's content in one step, if it still is what was read (``expected``); otherwise say why not.

    A symlink stays one (the file it points at is replaced), mode bits and, where permitted, the owner are kept. When
    the Problem is returned, the file is as it was and nothing lies beside it.
    """
    real = Path(os.path.realpath(path))
    try:
        state = real.stat()
        if not stat.S_ISREG(state.st_mode):
            return Problem(path, "it is not a regular file, so it was not written", "name the file itself")
        if not os.access(real, os.W_OK):
            return Problem(path, "it is read-only, so it was not written", "make it writable and run again")
        if not _replace(real, state, new, expected):
            cause = "it changed on disk since it was read, so it was left alone"
            return Problem(path, cause, "run again to fix the file as it is now")
    except OSError as error:
        cause = f"it could not be written: {error.strerror or error}"
        return Problem(path, cause, "the file is as it was; free the space or the permission and run again")
    return None


def _replace(real: Path, state: os.stat_result, new: bytes, expected: bytes) -> bool:
    """Write beside the file, then rename over it; False when the file no longer holds ``expected``."""
    handle, name = tempfile.mkstemp(prefix=".bufferlint-", suffix=".tmp", dir=real.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        _adopt(temporary, state)
        with _alone(real):
            if real.read_bytes() != expected:
                return False
            temporary.replace(real)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(real.parent)
    return True


@contextlib.contextmanager
def _alone(real: Path) -> Iterator[None]:
    """Keep other runs of bufferlint from replacing the same file meanwhile, on systems that have such locks.

    The lock is on the old file. Who waited for it finds the new one in its place, with content that was not expected.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(real, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _adopt(temporary: Path, state: os.stat_result) -> None:
    """Give the new file the old one's owner, where the system lets us, and its mode bits."""
    made = temporary.stat()
    if hasattr(os, "chown") and (made.st_uid, made.st_gid) != (state.st_uid, state.st_gid):
        with contextlib.suppress(OSError):
            os.chown(temporary, state.st_uid, state.st_gid)
    temporary.chmod(stat.S_IMODE(state.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, on systems where a folder can be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
