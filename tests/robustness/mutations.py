"""Real files, damaged at random: nothing raises, hangs, or is rewritten into what does not parse."""

from __future__ import annotations

import random
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from bufferlint.settings import Settings
from bufferlint.syntax.reader import compiles
from bufferlint.text.source import Undecodable, decode
from tests.memory import mend

_TOKEN = re.compile(r"\w+|[ \t]+|\r\n|\n|[^\w\s]")
_BYTES = (
    b"\0",
    b"\r",
    b"\f",
    b"\t",
    b"\xff",
    b"\xe2\x80\xa8",
    b"(",
    b")",
    b"[",
    b'"',
    b"'",
    b'"""',
    b"\\",
    b"#",
    b":",
    b"\n",
)
_TOKENS = (
    "self",
    "(",
    ")",
    ",",
    "=",
    ":",
    ".",
    "*",
    "None",
    "lambda",
    "\n",
    "    ",
    "if",
    "else",
    "@",
    "await",
    "not",
    "-",
)
SECONDS = 20


def damaged_bytes(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, lost, doubled, moved or put in."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 2, 10, 200)))
        piece = chance.choice((b"", chance.choice(_BYTES), bytes([chance.randrange(256)]), data[at:end] * 2))
        data = data[:at] + piece + data[end:]
    return data


def damaged_tokens(text: str, chance: random.Random) -> str:
    """A few words or signs changed, lost, doubled or exchanged."""
    tokens = _TOKEN.findall(text) or [""]
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        how = chance.randrange(5)
        if how == 0:
            tokens[at] = chance.choice(_TOKENS)
        elif how == 1:
            tokens[at] = ""
        elif how == 2:
            tokens[at] *= 2
        elif how == 3:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens[at] = tokens[other]
    return "".join(tokens)


def try_out(text: str) -> int:
    """Check and fix a text in every way; the number of rewrites. AssertionError when one is not Python."""
    result = mend({"m.py": text}, Settings(select=("ALL",), unsafe_fixes=True))
    parses = compiles(text)
    for change in result.changes:
        assert parses and compiles(change.after), change.after
    return len(result.changes)


def damage(data: bytes, number: int) -> str | None:
    """The damaged file of a number; None when it is no text any more."""
    chance = random.Random(number)
    if number % 2:
        decoded = decode(damaged_bytes(data, chance))
        return None if isinstance(decoded, Undecodable) else decoded[0]
    return damaged_tokens(data.decode(errors="ignore"), chance)


def modules(folder: Path, longest: int = 12_000) -> Iterator[bytes]:
    """Files that are worth it: short ones with a module in them."""
    for path in sorted(folder.rglob("*.py")):
        data = path.read_bytes()
        if b"nn.Module" in data and len(data) <= longest:
            yield data


def main(folder: Path, count: int, first: int = 0) -> None:
    """Try so many, from a number on; print what fails with its number."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {SECONDS} seconds of processor time")

    signal.signal(signal.SIGPROF, ring)
    files = list(modules(folder))
    undecodable = rewrites = parsed = failed = 0
    for number in range(first, first + count):
        text = damage(files[number % len(files)], number)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            if text is None:
                undecodable += 1
            else:
                rewrites += try_out(text)
                parsed += compiles(text)
        except Exception as error:  # the point is to see them all
            failed += 1
            print(f"number {number}: {type(error).__name__}: {str(error)[:300]}", flush=True)  # noqa: T201
        signal.setitimer(signal.ITIMER_PROF, 0)
        if (number - first) % 500 == 499 or number == first + count - 1:
            done = f"{number - first + 1} mutations of {len(files)} files: {parsed} still Python, {undecodable} no text"
            print(f"{done}, {rewrites} rewritten, {failed} failed", flush=True)  # noqa: T201
