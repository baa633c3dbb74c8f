"""``bufferlint editor NAME`` prints a set-up, and only that, to stdout."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bufferlint.cli.commands.editor import EDITORS
from bufferlint.editors import PLACES, SETUPS, setup
from tests.cli.conftest import Invoke

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def test_every_editor_has_a_set_up() -> None:
    assert {"vscode", *SETUPS} == {"vscode", *PLACES} == set(EDITORS)


@pytest.mark.parametrize("name", SETUPS)
def test_a_set_up_is_printed_with_its_place_beside(name: str, invoke: Invoke) -> None:
    done = invoke("editor", name)

    assert done.exit_code == 0
    assert done.stdout == setup(name)
    assert PLACES[name] in done.stderr


def test_a_set_up_goes_to_a_file(project: Path, invoke: Invoke) -> None:
    assert invoke("editor", "helix", "-o", "languages.toml").exit_code == 0
    assert (project / "languages.toml").read_text() == setup("helix")


def test_an_unknown_editor_is_told_the_others(invoke: Invoke) -> None:
    done = invoke("editor", "ed")

    assert done.exit_code == 2
    assert all(name in done.output for name in EDITORS)


def test_helix_gets_toml_that_starts_the_server() -> None:
    read = tomllib.loads(setup("helix"))
    assert read["language-server"]["bufferlint"] == {"command": "bufferlint", "args": ["server"]}
    assert "bufferlint" in read["language"][0]["language-servers"]
