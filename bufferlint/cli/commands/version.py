"""``bufferlint version``: what ``bufferlint --version`` prints."""

from __future__ import annotations

import click

from bufferlint import __version__
from bufferlint.cli.commands.parameters import OneOf
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say


@click.command(cls=Sectioned)
@click.option(
    "--output-format", "form", type=OneOf(["text", "json"]), default="text", show_default=True, help="How to print it."
)
def version(form: str) -> int:
    """Print the version.

    \b
    Examples:
      bufferlint version                        what is installed
    """
    if form == "json":
        import json

        say(json.dumps({"version": __version__}))
    else:
        say(f"bufferlint {__version__}")
    return 0
