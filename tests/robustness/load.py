"""Much at once: ``python -m tests.robustness.load files [COUNT] | runs [COUNT] | editor [FILES] [EDITS]``.

``files``: a folder of so many small files, without a cache, with a fresh and with a warm one.
``runs``: so many ``check`` at once on one folder and one cache, while the folder changes.
``editor``: a workspace of so many files, and edits of some of them; the server's memory must not grow.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cli.editor import Editor
from tests.robustness.hostile import BEFORE, model

PACKAGE = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE), "NO_COLOR": "1"}
PLAIN = "import os\n\n\ndef f{number}(x):\n    return x + {number}\n"
MOST_GROWTH = 1.10
"""How much memory may grow while an editor's files are edited."""


def _say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201


def lay_out(folder: Path, count: int) -> int:
    """So many files, a thousand to a folder; every hundredth has a finding. How many have."""
    (folder / "pyproject.toml").write_text("")
    found = 0
    for number in range(count):
        place = folder / f"p{number // 1000:03}"
        if number % 1000 == 0:
            place.mkdir()
        has_finding = number % 100 == 0
        found += has_finding
        text = model(name=f"Model{number}") if has_finding else PLAIN.format(number=number)
        (place / f"m{number}.py").write_text(text)
    return found


def _check(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bufferlint", "check", "--output-format", "concise", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=pipe, stderr=pipe, text=True)


def files(count: int = 100_000) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        expected = lay_out(folder, count)
        for name, options in (("without a cache", ("--no-cache",)), ("first, with a cache", ()), ("again", ())):
            time.sleep(3)  # a cache keeps nothing of files that were written just now
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            run = _check(folder, *options)
            out, err = run.communicate()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds, processor = time.monotonic() - began, after.ru_utime - before.ru_utime
            assert run.returncode == 1 and len(out.splitlines()) == expected, err[-2000:]
            most = after.ru_maxrss // 1024
            _say(f"{count} files {name}: {seconds:.1f} s, {processor:.1f} s of CPU, {most} MB, {expected} findings")


def runs(count: int = 64) -> None:
    """Every run gives what it gives alone, whatever the others write into the cache meanwhile."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        expected = lay_out(folder, 300)
        outcomes: dict[tuple[int | None, int], int] = {}
        began = time.monotonic()
        for _ in range(2):
            time.sleep(3)
            for run in [_check(folder) for _ in range(count)]:
                out, err = run.communicate()
                assert "Traceback" not in err, err[-2000:]
                outcome = run.returncode, len(out.splitlines())
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        left = [path.name for path in (folder / ".bufferlint_cache").iterdir() if path.suffix == ".part"]
        assert outcomes == {(1, expected): 2 * count} and not left, (outcomes, left)
        _say(f"2 times {count} runs at once: {time.monotonic() - began:.1f} s, all alike, nothing left over")


def editor(count: int = 3000, edits: int = 10_000) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lay_out(folder, count)
        asyncio.run(_edited(folder, edits))


async def _edited(folder: Path, edits: int) -> None:
    chance = random.Random(0)
    session = await Editor.start(folder)
    opened = [session.open(path) for path in sorted(folder.rglob("*.py")) if BEFORE in path.read_text()]
    for uri in opened:
        await session.diagnostics(uri)
    server = session.client._server
    assert server is not None
    sizes, began, steps = [], time.monotonic(), max(1, edits // 10)
    lines = dict.fromkeys(opened, BEFORE)
    for number in range(edits):
        uri = chance.choice(opened)
        has_finding = chance.random() < 0.5
        line = f"self.mask = torch.ones({number})" if has_finding else f"self.size = {number}"  # never the same again
        session.replace(uri, lines[uri], line)
        lines[uri] = line
        if number % 5 == 0:
            assert len(await session.diagnostics(uri)) == has_finding
        session.published[uri] = session.published.get(uri, [])[-1:]
        if number % steps == 0:
            sizes.append(_memory(server.pid))
            _say(f"{number} edits: {sizes[-1]} MB, {time.monotonic() - began:.0f} s")
    sizes.append(_memory(server.pid))
    growth = sizes[-1] / sizes[1]
    await session.stop()
    _say(f"{edits} edits of {len(opened)} open files: {sizes[1]} -> {sizes[-1]} MB ({growth:.2f} times)")
    assert growth < MOST_GROWTH


def _memory(pid: int) -> int:
    """The resident memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


if __name__ == "__main__":
    numbers = map(int, sys.argv[2:])
    {"files": files, "runs": runs, "editor": editor}[sys.argv[1]](*numbers)
