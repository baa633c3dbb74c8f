"""Files of a cache folder, each sealed with a key that only this user has: what another wrote there counts as none.

A cache folder may come with a checkout, so nothing in it is believed before its seal is: the key lies in the user's own
state folder. Whoever cannot keep a key there keeps no cache.
"""

from __future__ import annotations

import os
import stat
import sys
from _operator import _compare_digest  # what hmac.compare_digest is, without importing OpenSSL
from contextlib import suppress

from bufferlint.project_files.signals import uninterrupted

_KEY_SIZE = 32
_SEAL_SIZE = 32
_MAGIC = b"bufferlint sealed 1\n"
_MOST_BYTES = 256 * 1024 * 1024
"""No answer is larger; a larger file is none of ours."""
_TAG = "CACHEDIR.TAG"
_TAG_TEXT = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by bufferlint; https://bford.info/cachedir\n"
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class Unsealed(Exception):
    """There is a file, but it cannot be used; says why."""


def state_folder() -> str | None:
    """The folder where this user's programs keep what is no configuration; None when there is no such place."""
    named = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(named):
        base = named
    elif sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.path.expanduser("~/.local/state")
    return os.path.join(base, "bufferlint") if os.path.isabs(base) else None


def key() -> bytes | None:
    """The key of this user, made when there is none yet; None when it cannot be kept."""
    folder = state_folder()
    if folder is None:
        return None
    file = os.path.join(folder, "cache.key")
    found = _read_key(file)
    if found is None:
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            _put(file, os.urandom(_KEY_SIZE), 0o600)
        except (OSError, ValueError):
            return None
        found = _read_key(file)  # another run may have been faster
    return found


def read(folder: str, name: str, secret: bytes) -> bytes | None:
    """Returns what was sealed under this name in a folder; None when there is no such file. Unsealed when it is not
    ours."""
    if not _is_folder(folder):
        return None
    try:
        data = _bytes_of(os.path.join(folder, name), _MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unsealed(f"cannot be read: {error.strerror}") from error
    head = len(_MAGIC) + _SEAL_SIZE
    if data is None or not data.startswith(_MAGIC) or len(data) < head:
        raise Unsealed("is damaged or of another version: ignored")
    if not _compare_digest(data[len(_MAGIC) : head], _seal(secret, name, data[head:])):
        raise Unsealed("is damaged or was not written by this user: ignored")
    return data[head:]


def store(folder: str, name: str, body: bytes, secret: bytes, most: int) -> None:
    """Seal and put a file into a cache folder, whole or not at all, and take out the oldest of its kind past ``most``.

    OSError when that fails.
    """
    if len(body) > _MOST_BYTES - len(_MAGIC) - _SEAL_SIZE:
        raise OSError(0, "the answer is too large")
    if os.path.lexists(folder) and not _is_folder(folder):
        raise OSError(0, "it is a link, or no folder")
    os.makedirs(folder, exist_ok=True)
    for mark, text in ((".gitignore", "*\n"), (_TAG, _TAG_TEXT)):
        path = os.path.join(folder, mark)
        if not os.path.exists(path):
            _put(path, text.encode())
    _put(os.path.join(folder, name), b"".join((_MAGIC, _seal(secret, name, body), body)))
    kind = os.path.splitext(name)[1]
    kept = [entry for entry in os.scandir(folder) if entry.name.endswith(kind)]
    for entry in sorted(kept, key=_age)[:-most]:
        with suppress(OSError):  # another run was faster, or it is no file
            os.remove(entry.path)


def clean(folder: str) -> int | None:
    """Remove a cache folder; how many answers it held, None when it is none of ours. OSError when it cannot go."""
    if not _is_folder(folder) or not os.path.isfile(os.path.join(folder, _TAG)):
        return None
    names = [entry.name for entry in os.scandir(folder) if not entry.is_dir(follow_symlinks=False)]
    for name in names:
        if name.endswith((".answer", ".verdict", ".notes", ".part")) or name in (".gitignore", _TAG):
            os.remove(os.path.join(folder, name))
    if not os.listdir(folder):
        os.rmdir(folder)
    return sum(name.endswith((".answer", ".verdict")) for name in names)


def _read_key(file: str) -> bytes | None:
    """The key in a file that is this user's alone."""
    try:
        found = _bytes_of(file, _KEY_SIZE, private=True)
    except (OSError, ValueError):
        return None
    return found if found is not None and len(found) == _KEY_SIZE else None


def _seal(secret: bytes, name: str, body: bytes) -> bytes:
    """A message authentication code over the name and what lies under it (BLAKE2 with a key, RFC 7693)."""
    from _blake2 import blake2b  # hashlib would import OpenSSL, which takes longer than all the rest

    made = blake2b(os.fsencode(name) + b"\0", key=secret, digest_size=_SEAL_SIZE)
    made.update(body)
    return made.digest()


def _bytes_of(path: str, most: int, private: bool = False) -> bytes | None:
    """The bytes of a file; None for what is no file, is larger than ``most``, or is not this user's to keep."""
    handle = os.open(path, os.O_RDONLY | _NO_LINKS | _BINARY)
    with open(handle, "rb") as file:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode) or state.st_size > most:
            return None
        if private and os.name == "posix" and (state.st_uid != os.getuid() or state.st_mode & 0o077):
            return None
        return file.read(most)


def _is_folder(path: str) -> bool:
    """Is this a folder, and no link to one?"""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _put(path: str, data: bytes, mode: int = 0o666) -> None:
    """Write a file in one step, whatever lies there; a link is replaced, not followed."""
    part = f"{path}.{os.urandom(8).hex()}.part"
    with uninterrupted():
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode), "wb") as file:
                file.write(data)
            os.replace(part, path)
        except OSError:
            with suppress(OSError):
                os.remove(part)
            raise


def _age(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns
    except FileNotFoundError:
        return 0
