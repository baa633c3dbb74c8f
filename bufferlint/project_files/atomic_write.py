"""Putting a file's new bytes on the disk, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from bufferlint.finding import Problem
from bufferlint.project_files.signals import uninterrupted

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def write(path: str, new: bytes, expected: bytes) -> Problem | None:
    """Replace a file's content in one step, if it still is what was read (``expected``); otherwise say why not.

    A symlink stays one (the file it points at is replaced). Mode bits, extended attributes with access control lists
    and, where permitted, the owner are kept. A file with several names (hard links) keeps them: it is rewritten where
    it lies. When the Problem is returned, the file is as it was and nothing lies beside it. A signal that would end the
    run waits until the file is done.
    """
    real = Path(os.path.realpath(path))
    try:
        with uninterrupted():
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


def put(path: str, data: bytes) -> None:
    """Write a file that may be there already, in one step; OSError when that fails and the old one is as it was."""
    real = Path(os.path.realpath(path))
    with uninterrupted():
        if not real.exists():
            with _beside(real, data) as temporary:
                temporary.chmod(0o666 & ~_umask())
                temporary.replace(real)
            return
        state = real.stat()
        if stat.S_ISREG(state.st_mode):
            _replace(real, state, data, None)
        else:
            real.write_bytes(data)


def _replace(real: Path, state: os.stat_result, new: bytes, expected: bytes | None) -> bool:
    """Write beside the file, then rename over it; False when the file no longer holds what is ``expected``."""
    with _beside(real, new) as temporary:
        _adopt(temporary, real, state)
        with _alone(real):
            old = real.read_bytes()
            if expected is not None and old != expected:
                return False
            if state.st_nlink > 1:
                _overwrite(real, old, new)
            else:
                temporary.replace(real)
    _sync_folder(real.parent)
    return True


@contextlib.contextmanager
def _beside(real: Path, data: bytes) -> Iterator[Path]:
    """A temporary file with the data, beside a file; it is gone in the end, or has taken the other's place."""
    temporary = real.with_name(f".bufferlint-{secrets.token_hex(8)}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


_BINARY = getattr(os, "O_BINARY", 0)


def _overwrite(real: Path, old: bytes, new: bytes) -> None:
    """Give a file new content where it lies, for its other names to have it too; the old again when that fails.

    The new content lies on the disk as a temporary file by now: there is room for it.
    """
    with real.open("r+b", buffering=0) as file:
        try:
            _fill(file.fileno(), new)
        except OSError:
            _fill(file.fileno(), old)
            raise


def _fill(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.ftruncate(handle, len(data))
    os.fsync(handle)


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


def _adopt(temporary: Path, real: Path, state: os.stat_result) -> None:
    """Give the new file what the old one has besides its content: its owner and extended attributes, where the system
    lets us, and its mode bits. Access control lists are attributes, which a change of the mode would narrow."""
    made = temporary.stat()
    if hasattr(os, "chown") and (made.st_uid, made.st_gid) != (state.st_uid, state.st_gid):
        with contextlib.suppress(OSError):
            os.chown(temporary, state.st_uid, state.st_gid)
    temporary.chmod(stat.S_IMODE(state.st_mode))
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):  # a file system without them
        for name in os.listxattr(real):
            with contextlib.suppress(OSError):  # some are the system's own
                os.setxattr(temporary, name, os.getxattr(real, name))


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, on systems where a folder can be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
