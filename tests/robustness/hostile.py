"""Input that breaks tools, and a table of what bufferlint does with each: ``python -m tests.robustness.hostile``.

The table runs the command by itself for each input and gives the CPU seconds of the whole process.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

HEAD = "import torch\nfrom torch import nn\n\n\n"
BEFORE = "self.mask = torch.ones(2)"
AFTER = 'self.register_buffer("mask", torch.ones(2))'


def model(construction: str = "", forward: str = "", name: str = "Model") -> str:
    """A module with one finding, and more code in its two methods."""
    return (
        f"{HEAD}class {name}(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        {BEFORE}\n"
        f"{_indented(construction)}\n    def forward(self, x):\n        n = x\n{_indented(forward)}"
        "        return x * self.mask\n"
    )


def _indented(code: str) -> str:
    return "".join(f"        {line}\n" for line in code.splitlines())


GOOD = model(name="Good")

SHAPES = {
    "3,000 nested brackets": "x = " + "[" * 3000 + "]" * 3000,
    "190 nested brackets": "x = " + "[" * 190 + "]" * 190,
    "10,000-term sum": "x = " + " + ".join(["n"] * 10000),
    "900-term sum": "x = " + " + ".join(["n"] * 900),
    "10,000 times or": "x = " + " or ".join(["n"] * 10000),
    "10,000 comparisons": "x = " + " < ".join(["n"] * 10000),
    "10,000 strings side by side": "x = " + "'a' " * 10000,
    "10,000 signs": "x = " + "-" * 10000 + "1",
    "3,000 method calls": "x = torch" + ".a()" * 3000,
    "450 method calls": "x = torch" + ".a()" * 450,
    "3,000 lambdas": "x = " + "lambda: " * 3000 + "0",
    "1,000 elif": "if n == 0:\n    pass\n" + "".join(f"elif n == {i}:\n    pass\n" for i in range(1000)),
    "300 indents": "".join(" " * i + "if n:\n" for i in range(300)) + " " * 300 + "pass\n",
    "90 indents": "".join(" " * i + "if n:\n" for i in range(90)) + " " * 90 + "pass\n",
    "90 functions in each other": "".join(" " * i + f"def f{i}():\n" for i in range(90)) + " " * 90 + "pass\n",
    "90 classes in each other": "".join(" " * i + f"class C{i}(nn.Module):\n" for i in range(90)) + " " * 90 + "pass\n",
    "15 loops in each other": "".join(" " * i + f"for i{i} in range(n):\n" for i in range(15)) + " " * 15 + "pass\n",
    "300 branches in a row": "".join(f"if n == {i}:\n    x{i} = 1\nelse:\n    x{i} = n\n" for i in range(300)),
    "1,000 decorators": "@nn\n" * 1000 + "def f():\n    pass\n",
    "90 patterns in each other": "match n:\n    case " + "[" * 90 + "a" + "]" * 90 + ":\n        pass\n",
    "100,000 items": "x = " + ", ".join(["n"] * 100000),
    "2,000 statements on a line": "; ".join(f"x{i} = torch.ones(1)" for i in range(2000)),
    "a list of 5 MB on one line": "x = [" + "1," * 2500000 + "]",
    "a string of 5 MB on one line": "x = '" + "a" * 5000000 + "'",
    "20,000 fields of an f-string": "x = f'" + "{n}" * 20000 + "'",
    "a comment of 5 MB": "# " + "a" * 5000000,
    "a number of 100,000 digits": "x = 0x" + "9" * 100000,
    "a name of 300 letters": "from " + "a" * 300 + " import b\nx = b()",
}
"""Statements that are extreme, by what they are. Each is tried at the top of a file and in two methods of a module."""

PLACES: dict[str, Callable[[str], str]] = {
    "at the top": lambda code: HEAD + code + "\n\n" + GOOD[len(HEAD) :],
    "in __init__": lambda code: model(construction=code),
    "in forward": lambda code: model(forward=code),
}

TEXTS: dict[str, bytes] = {
    "a NUL byte": GOOD.encode() + b"x = '\0'\n",
    "bytes that are not UTF-8": GOOD.encode() + b"# caf\xe9\n",
    "an unknown coding cookie": b"# coding: klingon\n" + GOOD.encode(),
    "a wrong coding cookie": b"# coding: ascii\n" + GOOD.encode() + "# \xe9\n".encode(),
    "a byte order mark and another cookie": b"\xef\xbb\xbf# coding: latin-1\n" + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "a codec that makes bytes": b"# coding: zlib\n" + GOOD.encode(),
    "a codec for names of hosts": b"# coding: idna\n" + GOOD.encode() + b"." * 300,
    "Python 2": GOOD.encode() + b'print "x"\n',
    "Jinja": b"{% if torch %}\n" + GOOD.encode() + b"{% endif %}\n",
    "Cython": GOOD.encode() + b"cdef int f(int x):\n    return x\n",
    "a merge conflict": GOOD.encode() + b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n",
    "a truncated file": GOOD.encode()[:-40],
    "blanks and tabs at odds": GOOD.replace("        self", "\tself").encode(),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
}
"""Files that Python refuses too."""

ODD: dict[str, bytes] = {
    "lone carriage returns": GOOD.replace("\n", "\r").encode(),
    "form feeds": GOOD.replace("class", "\f\nclass").replace("    def forward", "\f    def forward").encode(),
    "an empty file": b"",
    "a byte order mark alone": b"\xef\xbb\xbf",
    "blanks alone": b" \t\f\n\n   ",
    "a backslash at the end": GOOD.encode() + b"x = 1\\\n\n",
    "no line end after a comment": GOOD.encode() + b"# end",
    "tabs": GOOD.replace("    ", "\t").encode(),
    "UTF-7": b"# coding: utf-7\n" + GOOD.encode("utf-7"),
}
"""Files that Python takes."""

CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "source": GOOD}
NOTEBOOKS: dict[str, bytes] = {
    "no JSON": b"{",
    "an empty notebook file": b"",
    "a truncated notebook": json.dumps({"cells": [CELL]}).encode()[:-9],
    "nbformat 3": b'{"worksheets": [{"cells": []}], "nbformat": 3}',
    "no cells": b'{"nbformat": 4, "metadata": {}}',
    "cells that are no list": b'{"cells": 3}',
    "a source that is a number": b'{"cells": [{"cell_type": "code", "source": 3}]}',
    "raw bytes": bytes(range(256)),
    "JSON of 100,000 brackets": b"[" * 100000,
    "invalid UTF-8 in a notebook": b'{"cells": ["\xff"]}',
    "a NUL in a cell": json.dumps({"cells": [{**CELL, "source": "x = '\0'"}]}).encode(),
    "a lone surrogate in a cell": b'{"cells": [{"cell_type": "code", "source": "\\ud800"}]}',
    "numbers that are none": b'{"cells": NaN}',
    "a cell of Python 2": json.dumps({"cells": [{**CELL, "source": "print 'x'"}]}).encode(),
}


def file_name(name: str, suffix: str = ".py") -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name) + suffix


def without_privileges() -> None:
    """Let permissions count for root as they do for others (before exec, on Linux)."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def command(
    folder: Path, *arguments: str, before: Callable[[], None] | None = None, output: IO[str] | int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, as a user runs it."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "bufferlint", *arguments],
        cwd=folder,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        timeout=900,
        preexec_fn=before,
        check=False,
    )


def _row(name: str, content: bytes, suffix: str = ".py") -> str:
    with tempfile.TemporaryDirectory() as folder:
        hostile, good = Path(folder, file_name(name, suffix)), Path(folder, "good.py")
        hostile.write_bytes(content)
        good.write_text(GOOD)
        cells = [name]
        for arguments in (("check", "--output-format", "concise"), ("fix", "--apply", "--unsafe-fixes")):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            result = command(Path(folder), *arguments)
            seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            cells += [str(result.returncode), f"{seconds:.1f}"]
            broken = "Traceback" in result.stderr or result.returncode < 0 or "bug of" in result.stderr
            cells += ["BROKEN"] if broken else []
        said = next((line for line in result.stderr.splitlines() if line.startswith("error: ")), "")
        changed = hostile.read_bytes() != content
        cells += ["fixed" if AFTER in good.read_text() else "NOT FIXED", "rewritten" if changed else "same", said]
        return " | ".join(cells)


def _table(only: list[str]) -> None:
    print("input | check: exit | CPU s | fix: exit | CPU s | good.py | the file | problem")  # noqa: T201
    rows = [
        (f"{shape} {place}", put(code).encode(), ".py")
        for shape, code in SHAPES.items()
        for place, put in PLACES.items()
    ]
    rows += [(name, content, ".py") for name, content in (TEXTS | ODD).items()]
    rows += [(name, content, ".ipynb") for name, content in NOTEBOOKS.items()]
    for row in rows:
        if not only or any(part in row[0] for part in only):
            print(_row(*row), flush=True)  # noqa: T201


if __name__ == "__main__":
    _table(sys.argv[1:])
