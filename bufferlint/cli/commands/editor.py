"""``bufferlint editor``: the extension for VS Code, and the set-ups of other editors."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from bufferlint import __version__
from bufferlint.cli.commands.parameters import OneOf
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say

EDITORS = ("vscode", "neovim", "helix", "emacs")


@click.command(cls=Sectioned)
@click.argument("name", metavar="EDITOR", type=OneOf(EDITORS))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write to this file instead of stdout, or instead of bufferlint-VERSION.vsix.",
)
def editor(name: str, output: str | None) -> int:
    """Set up an editor: vscode, neovim, helix or emacs.

    For VS Code it writes the extension as a .vsix file and says how to install it; no marketplace is asked. For the
    others it prints what belongs into their configuration. All of them start `bufferlint server`, which needs the
    extra `server`: pip install 'bufferlint[server]'.

    \b
    Examples:
      bufferlint editor vscode
      bufferlint editor neovim >> ~/.config/nvim/init.lua
    """
    if name == "vscode":
        from bufferlint.editors.vsix import vsix

        target = output or f"bufferlint-{__version__}.vsix"
        _write(target, vsix(__version__, (sys.executable, "-m", "bufferlint")))
        say(f"Install it with `code --install-extension {target}`,")
        say("or in VS Code: Extensions, the menu of three dots, Install from VSIX.")
        return 0
    from bufferlint.editors import PLACES, setup

    text = setup(name)
    if output is not None:
        _write(output, text.encode())
        return 0
    say(text, nl=False)
    say(f"This belongs into {PLACES[name]}.", err=True)
    if shutil.which("bufferlint") is None:
        program = Path(sys.executable).with_name("bufferlint")
        say(f"bufferlint is not on PATH: write {program} in its place.", err=True)
    return 0


def _write(target: str, content: bytes) -> None:
    try:
        Path(target).write_bytes(content)
    except OSError as error:
        from bufferlint.cli.errors import UsageError

        raise UsageError(f"cannot write {target}: {error.strerror}; name another file with -o") from error
    say(f"Wrote {target}.")
