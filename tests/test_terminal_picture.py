"""The pictures in the README are what a terminal shows; ``python -m tests.test_terminal_picture`` draws them anew."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from html import escape
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "fixtures/pictures"
PICTURES = {
    "terminal.svg": ("bufferlint check fixtures/lesson/attention.py", "bufferlint fix fixtures/lesson/attention.py"),
    "verify.svg": (
        "bufferlint verify fixtures/lesson/attention.py::CausalAttentionWithoutBuffers --init d_in=3 --init d_out=2 "
        "--init context_length=6 --init dropout=0.0 --input 2x6x3 --device meta",
    ),
}
NAMES = ("terminal.svg", pytest.param("verify.svg", marks=pytest.mark.slow))
HERE = {"verify": ("--python", sys.executable, "--no-cache")}
"""What a command is given besides, so that it is run as it is shown wherever the tests are."""

_SGR = re.compile(r"\x1b\[([\d;]*)m")
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#56d4dd"}
_FONT = "font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px"
_LINE, _CHARACTER, _COLUMNS = 19, 7.85, 112
Painted = list[tuple[str, frozenset[str]]]
"""Characters, each with the SGR codes in force."""


def picture(commands: tuple[str, ...]) -> str:
    """The commands with what they print, in colour, as SVG."""
    lines: list[Painted] = []
    for command in commands:
        lines += _rows([("$", frozenset({"32"})), *((c, frozenset({"1"})) for c in f" {command}")])
        lines += [row for line in _output(command) for row in _rows(_painted(line))]
        lines.append([])
    width, height = round(_CHARACTER * _COLUMNS) + 32, _LINE * len(lines) + 10
    texts = [
        f'<text xml:space="preserve" x="16" y="{_LINE * at + 24}" fill="#e6edf3">{_markup(line)}</text>'
        for at, line in enumerate(lines)
    ]
    size = f'viewBox="0 0 {width} {height}" width="{width}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{_FONT}">'
    kept = "<style>text { white-space: pre }</style>"  # of each text by itself: browsers let none inherit it
    return "\n".join((head, kept, '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>', *texts, "</svg>\n"))


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_shows_what_the_commands_print(name: str) -> None:
    drawn = (FOLDER / name).read_text(encoding="utf-8")
    assert drawn == picture(PICTURES[name]), "run `python -m tests.test_terminal_picture`"


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_holds_every_character_of_the_output(name: str) -> None:
    root = ElementTree.parse(FOLDER / name).getroot()
    shown = "".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    printed = "".join(f"$ {command}" + _SGR.sub("", "".join(_output(command))) for command in PICTURES[name])
    assert shown == printed


@functools.cache
def _output(command: str) -> list[str]:
    """The lines that a terminal shows."""
    run = subprocess.run(
        [sys.executable, "-m", "bufferlint", *command.split()[1:], *HERE.get(command.split()[1], ())],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"FORCE_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert run.returncode in (0, 1), run.stdout
    return run.stdout.rstrip("\n").split("\n")


def _painted(line: str) -> Painted:
    out: Painted = []
    state = frozenset[str]()
    for at, part in enumerate(_SGR.split(line)):
        if at % 2:
            codes = set(part.split(";")) - {""}
            state = frozenset() if codes <= {"0"} else state | codes
        else:
            out += [(character, state) for character in part]
    return out


def _rows(line: Painted) -> list[Painted]:
    """A line as a terminal of `_COLUMNS` wraps it."""
    return [line[at : at + _COLUMNS] for at in range(0, max(len(line), 1), _COLUMNS)]


def _markup(line: Painted) -> str:
    parts: list[str] = []
    for codes, characters in groupby(line, key=lambda painted: painted[1]):
        text = escape("".join(character for character, _ in characters), quote=False)
        colour = next((_COLOURS[code] for code in sorted(codes) if code in _COLOURS), None)
        paint = f' fill="{colour}"' if colour else ""
        weight = ' font-weight="bold"' if "1" in codes else ""
        parts.append(f"<tspan{paint}{weight}>{text}</tspan>" if codes else text)
    return "".join(parts)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, shown in PICTURES.items():
        (FOLDER / file).write_text(picture(shown), encoding="utf-8")
