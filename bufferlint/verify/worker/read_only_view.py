"""Shows the project's folders read-only to this process and all that it starts, where Linux gives it mounts of its own.

The kernel then refuses all that changes a file there, its mode and its times too, whoever asks. A process of root gets
a view of its own by unshare(2) alone, another one within a user namespace; some systems and containers allow neither.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

_NEW_MOUNTS, _NEW_USER = 0x20000, 0x10000000
_BIND, _RECURSIVE, _PRIVATE = 1 << 12, 1 << 14, 1 << 18
_SET_ATTRIBUTES, _HERE, _ALL_BELOW = 442, -100, 0x8000
"""mount_setattr(2), since Linux 5.12: the same number everywhere, AT_FDCWD, AT_RECURSIVE."""
_READ_ONLY = struct.pack("=QQQQ", 1, 0, 0, 0)


def enter(roots: Sequence[str], free: str) -> bool:
    """From now on, for good: nothing below ``roots`` can be changed, but below ``free``; false where that is not to be
    had, and nothing has changed."""
    return sys.platform == "linux" and bool(roots) and available() and _entered(roots, free)


@cache
def available() -> bool:
    """Returns whether a process of this one gets such a view: tried in one that is there for nothing else."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if pid == 0:
            try:
                tried = _entered([os.path.realpath(folder)], os.path.realpath(folder) + "/none")
                os._exit(0 if tried and not _can_write(folder) else 1)
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _can_write(folder: str) -> bool:
    try:
        Path(folder, "file").touch()
    except OSError:
        return False
    return True


def _entered(roots: Sequence[str], free: str) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    if not _unshared(libc) or libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None) != 0:
        return False
    outermost = [root for root in roots if not any(root.startswith(other + os.sep) for other in roots)]
    inside = any(free.startswith(root + os.sep) for root in outermost) and os.path.isdir(free)  # noqa: PTH112
    writable = os.open(free, os.O_PATH | os.O_CLOEXEC) if inside else None
    try:
        done = all(_closed(libc, os.fsencode(root)) for root in outermost)
        if writable is not None:
            source = f"/proc/self/fd/{writable}".encode()
            done &= bool(libc.mount(source, os.fsencode(free), None, _BIND, None) == 0)
    finally:
        if writable is not None:
            os.close(writable)
    return done


def _unshared(libc: Any) -> bool:
    if libc.unshare(_NEW_MOUNTS) == 0:
        return True
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS | _NEW_USER) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:
        return False
    return True


def _closed(libc: Any, root: bytes) -> bool:
    if libc.mount(root, root, None, _BIND | _RECURSIVE, None) != 0:
        return False
    return bool(libc.syscall(_SET_ATTRIBUTES, _HERE, root, _ALL_BELOW, _READ_ONLY, len(_READ_ONLY)) == 0)
