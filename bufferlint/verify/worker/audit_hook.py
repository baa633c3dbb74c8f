"""What user code is refused, by an audit hook of this process: network, and writes into the project.

A guard against accidents and not a sandbox: code in C and the processes that user code starts are not asked. Writes of
those are refused by the kernel where it can (`read_only_view`, `write_guard`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bufferlint.verify.worker import read_only_view, write_guard

_NETWORK = frozenset(
    {
        *("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"),
        *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"),
    }
)
_WRITING = {
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.mkdir": ((0, 2),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.chmod": ((0, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
    "os.chown": ((0, 3),),
    "os.chflags": ((0, None),),
    "os.setxattr": ((0, None),),
    "os.removexattr": ((0, None),),
}
"""By event: where among its arguments the paths are that it changes, and the descriptors they are relative to."""
_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def install(project: Iterable[str], allowed: Path) -> set[str]:
    """From now on, for good: no network, no writes below the ``project``'s folders other than below ``allowed``.

    The set that is returned gets the project's files that are opened to be read.
    """
    roots = [os.path.realpath(folder) for folder in project]
    roots = [root for root in roots if root != os.path.dirname(root)]  # noqa: PTH120
    free = os.path.realpath(allowed)
    read_only_view.enter(roots, free)
    if not write_guard.restrict(roots, free):
        _WRITING["sqlite3.connect"] = ((0, None),)
        _watch_functions(roots, free)
    said: set[str] = set()
    read: set[str] = set()

    def refuse(message: str) -> None:
        if message not in said:
            said.add(message)
            os.write(2, f"refused: {message}\n".encode(errors="backslashreplace"))
        raise PermissionError(message)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _NETWORK:
            if not _is_local(event, args):
                refuse(f"the verifier allows no network ({event})")
        elif event == "open":
            path, _, flags = args
            if isinstance(flags, int) and flags & _FLAGS:
                _check(path, None, roots, free, refuse)
            elif isinstance(path, str) and any(_is_below(os.path.abspath(path), root) for root in roots):  # noqa: PTH100
                read.add(os.path.abspath(path))  # noqa: PTH100
        elif event in _WRITING:
            for place, relative in _WRITING[event]:
                _check(args[place], None if relative is None else args[relative], roots, free, refuse)

    sys.addaudithook(hook)
    return read


def _watch_functions(roots: list[str], free: str) -> None:
    """Tells where the kernel does not guard: refuse what writes without an event, torch.save and pipes with a name."""
    import torch

    core: Any = torch._C
    for holder, name in ((core, "PyTorchFileWriter"), (os, "mkfifo"), (os, "mknod")):
        original = getattr(holder, name, None)
        if original is not None:
            setattr(holder, name, _asking(original, roots, free))


def _asking(original: Callable[..., Any], roots: list[str], free: str) -> Callable[..., Any]:
    def refuse(message: str) -> None:
        raise PermissionError(message)

    def asked(path: Any, *args: Any, **kwargs: Any) -> Any:
        _check(path, kwargs.get("dir_fd"), roots, free, refuse)
        return original(path, *args, **kwargs)

    return asked


def _is_local(event: str, args: tuple[Any, ...]) -> bool:
    """Returns whether it is between processes of this machine by way of the file system (AF_UNIX)."""
    return event in ("socket.connect", "socket.bind", "socket.sendto") and isinstance(args[1], str | bytes)


def _check(path: Any, folder: Any, roots: list[str], free: str, refuse: Callable[[str], None]) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return
    name = os.fsdecode(path)
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(name):  # noqa: PTH117
        name = os.path.join(os.path.realpath(f"/proc/self/fd/{folder}"), name)  # noqa: PTH118
    parent, last = os.path.split(os.path.abspath(name))  # noqa: PTH100
    real = os.path.join(os.path.realpath(parent), last)  # noqa: PTH118
    if any(_is_below(real, root) for root in roots) and not _is_below(real, free):
        refuse(f"the verifier writes nothing into the project ({real})")


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)
