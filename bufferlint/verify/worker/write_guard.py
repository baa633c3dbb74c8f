"""Makes the project's folders read-only for this process and all that it starts, where Linux has Landlock (5.19).

The kernel refuses what no audit hook is asked about: files that C++ opens (``torch.save``), SQLite, other processes.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The numbers of landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2): the same everywhere."""
_NO_NEW_PRIVILEGES, _VERSION, _BENEATH = 38, 1, 1
_WRITE_FILE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_CHANGES = sum(1 << bit for bit in range(4, 13))
"""Removing and making entries of a folder: landlock(7)."""
_MOST = 20_000


def restrict(roots: Sequence[str], free: str) -> bool:
    """From now on, for good: no writes below ``roots`` other than below ``free``; false where the kernel cannot."""
    if sys.platform != "linux" or not roots:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, _VERSION)
    if version < 2:  # without LANDLOCK_ACCESS_FS_REFER no file could be moved to another folder anywhere
        return False
    whole = _WRITE_FILE | _CHANGES | _REFER | (_TRUNCATE if version >= 3 else 0)
    wanted = [*_beside(roots), free]
    if len(wanted) > _MOST:
        return False
    handled = struct.pack("=Q", whole)
    rules = libc.syscall(_CREATE, handled, len(handled), 0)
    if rules < 0:
        return False
    try:
        for path in wanted:
            _allow(libc, rules, path, whole)
        return bool(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _beside(roots: Sequence[str]) -> Iterator[str]:
    """All that does not lie below a root, nor leads to one: Landlock knows what is allowed, not what is forbidden."""
    closed = set(roots)
    leading = {root[:end] or "/" for root in roots for end in (at for at, sign in enumerate(root) if sign == os.sep)}
    for folder in sorted(leading):
        if any(folder == root or folder.startswith(root + os.sep) for root in closed):
            continue
        with suppress(OSError):
            entries = (os.path.join(folder, name) for name in os.listdir(folder))  # noqa: PTH118, PTH208
            inner = (path for path in entries if path not in closed and path not in leading)
            yield from (path for path in inner if not os.path.islink(path))  # noqa: PTH114 (it may lead into a root)


def _allow(libc: ctypes.CDLL, rules: int, path: str, whole: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # gone meanwhile
        return
    try:
        access = whole if os.path.isdir(path) else whole & (_WRITE_FILE | _TRUNCATE)  # noqa: PTH112
        libc.syscall(_ADD, rules, _BENEATH, struct.pack("=Qi", access, descriptor), 0)
    finally:
        os.close(descriptor)
