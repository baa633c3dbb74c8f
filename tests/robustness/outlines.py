"""Scans for headers against parses of whole files: ``python -m tests.robustness.outlines FOLDER [COUNT]``.

Compares every file below FOLDER, and COUNT damaged ones; prints how many were scanned, and each that differs.
"""

from __future__ import annotations

import ast
import random
import sys
import time
import warnings
from pathlib import Path

from bufferlint.ir.definitions import Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.header_scan import scanned
from bufferlint.syntax.outline import whole_outline
from bufferlint.text.source import Source, Undecodable, decode

_PIECES = (
    *('"""', "'''", '"', "'", "\\", "\\\n", "\f", "\r", "\r\n", "\n", "\t", "    ", " ", "#", ";", ":", ","),
    *("(", ")", "[", "]", "=", "@", "@a\n", "def g(x):\n", "    def g(self): pass\n", "class B(C):\n    x = 1\n"),
    *("import z\n", "    import z\n", "from z import *\n", "if TYPE_CHECKING:\n    import t\n", "else:\n", "try:\n"),
    *("finally:\n", "async ", "lambda: ", "'def f():\\\n    import x'", '"""\ndef h():\n    pass\n"""\n', "x = 1\n"),
    *("match x:\n", "*, ", "/, ", "a=1, ", "None", ": int = 3\n", "in", "not "),
)


def damaged(text: str, chance: random.Random) -> str:
    """A text with a few lines indented otherwise, taken out, doubled, or moved, and with pieces put in."""
    for _ in range(chance.randint(1, 3)):
        how, lines = chance.randrange(6), text.splitlines(keepends=True) or ["\n"]
        at = chance.randrange(len(lines))
        if how == 0:
            lines[at] = chance.choice(("    ", " ", "\t")) + lines[at]
        elif how == 1:
            lines[at] = lines[at][chance.choice((1, 4)) :]
        elif how == 2:
            del lines[at : at + chance.randint(1, 3)]
        elif how == 3:
            lines.insert(chance.randrange(len(lines)), lines[at])
        elif how == 4:
            lines.insert(at, chance.choice(("", "    ", "        ")) + chance.choice(_PIECES))
        text = "".join(lines)
        if how == 5:
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(_PIECES) + text[at + chance.choice((0, 0, 1, 3)) :]
    return text


def difference(text: str) -> str | None:
    """How the outline of a text from a scan is wrong; None when it is right, or is left to the parser.

    Errors in the body of a function may go unnoticed: the text must be valid once each body is replaced.
    """
    source = Source("/p/a.py", text)
    found, whole = scanned(source), whole_outline(source)
    if found is None or found == whole:
        return None
    if not isinstance(whole, Unreadable):
        return "the outline is another one"
    emptied = Source(source.path, _emptied(text, found))
    left = whole_outline(emptied)
    return f"an error is not seen: {left.cause}" if isinstance(left, Unreadable) else None


def _emptied(text: str, outline: Outline) -> str:
    """The text with the bodies of its outermost functions taken out."""
    headers = [*outline.functions, *(method for header in outline.classes for method in header.methods)]
    kept, done = list[str](), 0
    for span in sorted({header.span for header in headers}, key=lambda span: (span.start, -span.end)):
        if span.start < done:
            continue
        kept += (text[done : span.start], _head(text[span.start : span.end]))
        done = span.end
    return "".join((*kept, text[done:]))


def _head(code: str) -> str:
    """A function with no more than a 0 in its body."""
    lines = code.splitlines(keepends=True)
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip(" \t"))]
    carrier = "if 1:\n" if indent else ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for count in range(1, len(lines) + 1):
            head = "".join(lines[:count]).rstrip() + "\n" + indent + " 0\n"
            try:
                ast.parse(carrier + head)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            return head
    return code


def main(folder: Path, count: int) -> None:
    compared = left = wrong = 0
    took, parsing = 0.0, 0.0
    texts = list[tuple[Path, str]]()
    for file in sorted(folder.rglob("*.py")):
        decoded = decode(file.read_bytes()) if file.is_file() else Undecodable("it is a folder")
        if isinstance(decoded, Undecodable):
            continue
        if len(texts) < 2_000:
            texts.append((file, decoded[0]))
        source, again = Source(file.as_posix(), decoded[0]), Source(file.as_posix(), decoded[0])
        start = time.process_time()
        found = scanned(source)
        middle = time.process_time()
        whole = whole_outline(again)
        took, parsing = took + middle - start, parsing + time.process_time() - middle
        compared += 1
        if found is None:
            left += 1
        elif found != whole and difference(decoded[0]):
            wrong += 1
            print(f"{file}: {difference(decoded[0])}")  # noqa: T201
    counts = f"{compared} files, {left} left to the parser, {wrong} differ"
    print(f"{counts}; CPU {took:.1f} s, of the parser {parsing:.1f} s")  # noqa: T201
    wrong = 0
    for number in range(count):
        file, text = texts[number % len(texts)]
        why = difference(damaged(text, random.Random(number)))
        if why:
            wrong += 1
            print(f"{file}, damaged with the number {number}: {why}")  # noqa: T201
    print(f"{count} damaged files, {wrong} differ")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
