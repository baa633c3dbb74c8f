"""``bufferlint clean``: forget the answers of earlier runs."""

from __future__ import annotations

import click

from bufferlint.cli.commands.parameters import cache_folder
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say
from bufferlint.project_files import sealed_files


@click.command(cls=Sectioned)
@cache_folder
def clean(cache_dir: str) -> int:
    """Remove the cache of `check`.

    It lies in .bufferlint_cache of the current folder, or where --cache-dir says. Removing it costs the next run time,
    nothing else.

    \b
    Examples:
      bufferlint clean                          the cache of the current folder
      bufferlint clean --cache-dir /tmp/cache
    """
    try:
        removed = sealed_files.clean(cache_dir)
    except OSError as error:
        from bufferlint.cli.errors import UsageError

        raise UsageError(f"cannot remove {error.filename}: {error.strerror}; make it writable") from error
    said = f"{removed} answers" if removed != 1 else "1 answer"
    say(f"Nothing to remove: {cache_dir} is no cache." if removed is None else f"Removed {cache_dir} ({said}).")
    return 0
