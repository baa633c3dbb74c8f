"""The streams of the process: closed ones are held, and what cannot be written is said where that is still possible."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress

from bufferlint.cli.output import labelled, say

_ADVICE = {
    errno.ENOSPC: "free some space and run again",
    errno.EFBIG: "free some space and run again",
    errno.EDQUOT: "free some space and run again",
    errno.EIO: "look at the device that it goes to",
    errno.EBADF: "it is closed: give it a file or a pipe",
}


def hold() -> None:
    """Put something in place of streams that are closed: the next file to be opened would get their number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            # what is printed to a closed stdout fails, as it would for any other program
            how = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            handle = os.open(os.devnull, how)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_unwritable(error: BaseException) -> bool:
    """Is it a stream that takes nothing more? An error of a file names the file."""
    return isinstance(error, OSError) and error.errno in _ADVICE and error.filename is None


def say_unwritable(error: OSError) -> None:
    """Say why the output could not be written, if stderr takes it."""
    drop(1)
    cause = error.strerror or str(error)
    try:
        say(labelled("error", f"cannot write the output: {cause}; {_ADVICE[error.errno or 0]}"), err=True)
    except OSError:
        drop(2)


def drop(number: int) -> None:
    """Let what is still to be printed vanish, so that the end of the process does not fail on it again."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)
