"""The picture in the README is what a terminal shows; ``python -m tests.test_terminal_picture`` draws it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import escape
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "fixtures/pictures/terminal.svg"
COMMANDS = ("bufferlint check fixtures/lesson/attention.py", "bufferlint fix fixtures/lesson/attention.py")

_SGR = re.compile(r"\x1b\[([\d;]*)m")
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#56d4dd"}
_FONT = "font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; white-space: pre"
_LINE, _CHARACTER, _COLUMNS = 19, 7.85, 112
Painted = list[tuple[str, frozenset[str]]]
"""Characters, each with the SGR codes in force."""


def picture() -> str:
    """The commands with what they print, in colour, as SVG."""
    lines: list[Painted] = []
    for command in COMMANDS:
        lines.append([("$", frozenset({"32"})), *((c, frozenset({"1"})) for c in f" {command}")])
        lines += [row for line in _output(command) for row in _rows(_painted(line))]
        lines.append([])
    width, height = round(_CHARACTER * _COLUMNS) + 32, _LINE * len(lines) + 10
    texts = [
        f'<text x="16" y="{_LINE * at + 24}" fill="#e6edf3">{_markup(line)}</text>' for at, line in enumerate(lines)
    ]
    size = f'viewBox="0 0 {width} {height}" width="{width}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" {size} style="{_FONT}">'
    return "\n".join((head, '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>', *texts, "</svg>\n"))


def test_the_picture_shows_what_the_commands_print() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "run `python -m tests.test_terminal_picture`"


def test_the_picture_holds_every_character_of_the_output() -> None:
    root = ElementTree.parse(PICTURE).getroot()
    shown = "".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    printed = "".join(f"$ {command}" + _SGR.sub("", "".join(_output(command))) for command in COMMANDS)
    assert shown == printed


def _output(command: str) -> list[str]:
    """The lines that a terminal shows."""
    run = subprocess.run(
        [sys.executable, "-m", "bufferlint", *command.split()[1:]],
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
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")
