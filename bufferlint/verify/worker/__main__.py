"""The worker's loop: a line of JSON in, a line of JSON out, until its input ends."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import IO

from bufferlint.verify.contract import AuditRequest, Hello, dumps, loads


def main(arguments: list[str]) -> None:
    """``FOLDER [--spawn]`` serves requests, working in the folder; ``--side JOB`` runs one side of one class.

    ``--record FILE ROOT TEST...`` runs tests and writes what they build and call to the file.
    """
    if arguments[0] == "--side":
        _run_side(Path(arguments[1]))
        return
    if arguments[0] == "--record":
        from bufferlint.verify.worker import recording

        sys.exit(recording.run(Path(arguments[1]), Path(arguments[2]), arguments[3:]))
    replies = _take_stdout()
    hello = _hello()
    _say(replies, hello)
    if hello.cause is None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        with contextlib.suppress(SystemExit):  # told to stop: whatever was running is ended on the way here
            _serve(Path(arguments[0]), "--spawn" in arguments, replies)


def _run_side(folder: Path) -> None:
    """Evidence goes where stdout led, and the secret for it comes from stdin: neither is left for user code to find."""
    from bufferlint.verify.worker import jobs
    from bufferlint.verify.worker.evidence_pipe import SECRET, Sender

    descriptor = os.dup(1)
    os.dup2(2, 1)
    jobs.run(folder, Sender(descriptor, sys.stdin.buffer.read(SECRET)))


def _serve(folder: Path, spawn: bool, replies: IO[str]) -> None:
    from bufferlint.verify.worker import process, resource_limits, service, warm_up

    resource_limits.adopt_orphans()
    if not spawn:
        warm_up.run()
        spawn = not process.can_fork()
    for number, line in enumerate(sys.stdin):
        request = loads(line)
        serve = service.audit if isinstance(request, AuditRequest) else service.serve
        _say(replies, serve(request, folder / str(number), spawn, replies.fileno()))


def _take_stdout() -> IO[str]:
    """The pipe to the linter, out of reach of prints: file descriptor 1 becomes the log."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _hello() -> Hello:
    try:
        import torch
    except (ImportError, OSError) as error:
        cause = f"{sys.executable} cannot import torch: {error}"
        return Hello(
            sys.version, cause=cause, advice="install torch there, or pass an interpreter that has it as --python"
        )
    torch.set_num_threads(1)
    return Hello(sys.version.split()[0], str(torch.__version__))


def _say(replies: IO[str], value: object) -> None:
    replies.write(dumps(value) + "\n")
    replies.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # taking torch down in order costs a second
