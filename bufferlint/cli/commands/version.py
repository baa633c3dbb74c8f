"""``bufferlint version``: what ``bufferlint --version`` prints."""

from __future__ import annotations

import click

from bufferlint import __version__
from bufferlint.cli.output import say


@click.command()
def version() -> int:
    """Print the version.

    \b
    Examples:
      bufferlint version                        what is installed
    """
    say(f"bufferlint {__version__}")
    return 0
