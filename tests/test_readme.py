"""The README cannot rot: its commands run, its pasted output is real, its tables come from the code.

``python -m tests.test_readme`` writes the tables and the pasted output anew.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from bufferlint.cli.main import cli
from bufferlint.project_files.config import Config, load
from bufferlint.project_files.options import OPTIONS, VERIFY_OPTIONS
from bufferlint.rules import catalogue
from bufferlint.settings import Settings
from tests.memory import check

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_RUN = re.compile(r"bufferlint (check|fix|rule|verify)\b")
_INLINE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:bufferlint|tests|fixtures|\.ci)(?:/[\w.-]+)+/?")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_ROOM = re.compile(r"^  (\w+)/", re.MULTILINE)
_BAD = re.compile(r"^Bad::\n\n(.*?)(?=^\S)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of the README that it begins on."""

    language: str
    text: str
    row: int

    def __str__(self) -> str:
        return f"line-{self.row}"

    @property
    def commands(self) -> list[tuple[str, str | None]]:
        """What it runs of ours, each with the output that is pasted below it; None where none is."""
        if self.language == "sh":
            return [(line, None) for line in self.text.splitlines() if _RUN.match(line)]
        return _ENTRY.findall(self.text) if self.language == "console" else []


def _blocks() -> list[Block]:
    text = README.read_text(encoding="utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 1) for found in _FENCE.finditer(text)]


BLOCKS = _blocks()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a reader's commands find in a checkout."""
    _check_out(tmp_path)
    return tmp_path


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.commands], ids=str)
def test_commands_run_and_print_what_is_pasted(block: Block, checkout: Path) -> None:
    for command, pasted in block.commands:
        code, output = _run(command, checkout)
        assert code in (0, 1), output
        if pasted is not None:
            assert _lines(output) == _lines(pasted), command


OURS = [block for block in BLOCKS if block.language == "toml" and not block.text.startswith("[language-server.")]


@pytest.mark.parametrize("block", OURS, ids=str)
def test_configuration_is_valid(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(block.text, encoding="utf-8")
    config = load(str(file))
    assert isinstance(config, Config), config
    assert config.values or config.verify or config.recipes


def test_the_workflow_uploads_what_it_writes(tmp_path: Path) -> None:
    [workflow] = [block.text for block in BLOCKS if block.language == "yaml" and "jobs:" in block.text]
    shutil.copy(ROOT / "fixtures/lesson/attention.py", tmp_path)
    commands = re.findall(r"- run: (bufferlint .*)$", workflow, re.MULTILINE)
    codes, outputs = zip(*[_run(command, tmp_path) for command in commands], strict=True)
    assert codes == (0, 1)
    assert outputs[1].startswith("::error title=bufferlint (BUF001),file=attention.py,line=14,")
    [uploaded] = re.findall(r"sarif_file: (\S+)", workflow)
    assert len(json.loads((tmp_path / uploaded).read_text(encoding="utf-8"))["runs"][0]["results"]) == 1


def test_the_hooks_exist() -> None:
    [hooks] = [block.text for block in BLOCKS if block.language == "yaml" and "repos:" in block.text]
    known = re.findall(r"id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert sorted(re.findall(r"id: (\S+)", hooks)) == sorted(known) == ["bufferlint", "bufferlint-fix"]


@pytest.mark.parametrize("name", ["rules", "options"])
def test_tables_are_up_to_date(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    start, end = _section(text, name)
    assert text[start:end] == TABLES[name](), "run `python -m tests.test_readme`"


def test_paths_exist() -> None:
    named = {path for span in _inline() for path in _PATH.findall(span) if "<" not in span}
    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_rooms_are_those_of_the_package() -> None:
    rooms = {name for block in BLOCKS if block.language == "text" for name in _ROOM.findall(block.text)}
    assert rooms == {folder.parent.name for folder in (ROOT / "bufferlint").glob("*/__init__.py")}


def test_options_exist() -> None:
    known = set(_options())
    used = {option for span in _inline() for option in _OPTION.findall(span)}
    assert used
    assert sorted(used - known) == []


def rules_table() -> str:
    """The catalogue, each rule with the mark that ``check`` gives to the bad example on its page."""
    rows = [
        f"| {rule.code} | `{rule.name}` | {_markdown(rule.summary)} | `{_mark(rule.code, rule.page)}` |"
        for rule in catalogue()
    ]
    return "".join(f"{line}\n" for line in ["| code | name | what it finds | fix |", "|---|---|---|---|", *rows])


def options_table() -> str:
    """The keys of ``[tool.bufferlint]`` and of its ``verify`` table."""
    named = [("", option) for option in OPTIONS] + [("verify.", option) for option in VERIFY_OPTIONS]
    rows = [
        f"| `{prefix}{each.key}` | {_markdown(each.expected)} | {_toml(each.default)} | {_markdown(each.help)} |"
        for prefix, each in named
    ]
    return "".join(f"{line}\n" for line in ["| key | value | default | what it says |", "|---|---|---|---|", *rows])


TABLES = {"rules": rules_table, "options": options_table}


def rewrite() -> None:
    """Write the tables, and what the commands print, into the README."""
    text = _FENCE.sub(_replayed, README.read_text(encoding="utf-8"))
    for name, table in TABLES.items():
        start, end = _section(text, name)
        text = text[:start] + table() + text[end:]
    README.write_text(text, encoding="utf-8")


def _replayed(fence: re.Match[str]) -> str:
    """A fenced block with the output that its commands have now."""
    block = Block(fence[1], fence[2], 0)
    if block.language != "console":
        return fence[0]
    with tempfile.TemporaryDirectory() as folder:
        _check_out(Path(folder))
        lines = [f"$ {command}\n" + "\n".join(_lines(_run(command, Path(folder))[1])) for command, _ in block.commands]
    return "\n".join(["```console", *lines, "```"])


def _check_out(folder: Path) -> None:
    shutil.copytree(ROOT / "fixtures", folder / "fixtures", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def _section(text: str, name: str) -> tuple[int, int]:
    """Where the table stands: between the two comments that mark it, each on a line of its own."""
    match = re.search(rf"<!-- {name}: generated by \S+ -m tests\.test_readme -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert match, f"the README has no section '{name}'"
    return match.span(1)


def _mark(code: str, page: str) -> str:
    example = _BAD.search(page)
    assert example, f"the page of {code} has no bad example"
    report = check({"model.py": _module(textwrap.dedent(example[1]).strip())}, Settings(select=(code,)))
    assert report.findings, f"{code} finds nothing in the bad example of its page"
    return report.findings[0].mark


def _module(example: str) -> str:
    """A file with an example in it: a class, methods of one, or statements of its ``__init__``."""
    if not example.startswith(("class ", "def ", "@")):
        example = "def __init__(self):\n    super().__init__()\n" + textwrap.indent(example, "    ")
    if not example.startswith("class "):
        example = "class Model(nn.Module):\n" + textwrap.indent(example, "    ")
    return f"import torch\nfrom torch import nn\n\n\n{example}\n"


def _run(command: str, folder: Path) -> tuple[int, str]:
    """The exit code, and all that a reader sees: both streams, in order."""
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "CONDA_PREFIX")}
    program, *arguments = shlex.split(command.replace("\\\n", " "), comments=True)
    assert program == "bufferlint", f"only our own output is pasted: {command}"
    run = subprocess.run(
        [sys.executable, "-m", "bufferlint", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    return run.returncode, run.stdout


def _lines(output: str) -> list[str]:
    """Lines without blanks at their ends, which editors take out of the README."""
    return [line.rstrip() for line in output.strip().splitlines()]


def _inline() -> list[str]:
    return _INLINE.findall(_FENCE.sub("", README.read_text(encoding="utf-8")))


def _options() -> Iterator[str]:
    context = click.Context(cli)
    for name in cli.list_commands(context) if isinstance(cli, click.Group) else ():
        command = cli.get_command(context, name)
        for parameter in command.params if command else ():
            yield from (*parameter.opts, *parameter.secondary_opts)
    yield from ("--help", "--version")


def _markdown(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def _toml(value: object) -> str:
    """A default as TOML writes it; empty where there is none."""
    if value is None:
        return ""
    return f"`{json.dumps(value)}`"


if __name__ == "__main__":
    rewrite()
