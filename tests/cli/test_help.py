"""Help in sections: every option stands in one, and none twice."""

from __future__ import annotations

import click
import pytest

from bufferlint.cli.commands import sections
from bufferlint.cli.main import Subcommands, cli
from tests.cli.conftest import Invoke


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name) if isinstance(cli, click.Group) else None
    assert found is not None
    return found


@pytest.mark.parametrize("name", Subcommands.NAMES)
def test_every_option_stands_in_one_section(name: str) -> None:
    placed = [option for options in sections.OPTIONS.values() for option in options]
    assert len(placed) == len(set(placed))
    named = {param.name for param in command(name).params if isinstance(param, click.Option)}
    assert len(named - set(placed)) <= 2, "give them a section in bufferlint/cli/commands/sections.py"


def test_every_name_in_a_section_is_an_option() -> None:
    every = {param.name for name in Subcommands.NAMES for param in command(name).params}
    assert {option for options in sections.OPTIONS.values() for option in options} <= every


def test_sections_have_headings(invoke: Invoke) -> None:
    shown = invoke("check", "--help").stdout
    headings = [line[:-1] for line in shown.splitlines() if line.endswith(":") and line[:1].isupper()]
    wanted = ["What to do", "Rule selection", "File selection", "What counts as a tensor or a module"]
    wanted += ["How fixes are written", "Output", "Speed", "Configuration", "Options"]
    assert [each for each in headings if each in (*sections.OPTIONS, "Options")] == wanted
    assert "How a class is run:" not in shown and "How a class is run:" in invoke("verify", "--help").stdout
    assert shown.index("Rule selection:") < shown.index("--extend-per-file-ignores") < shown.index("File selection:")


def test_every_command_stands_in_one_section(invoke: Invoke) -> None:
    placed = [name for names in sections.COMMANDS.values() for name in names]
    assert sorted(placed) == sorted(Subcommands.NAMES)
    shown = invoke("--help").stdout
    for title in sections.COMMANDS:
        assert f"\n{title}:\n" in shown
