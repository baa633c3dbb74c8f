"""The one door for text that leaves: nothing else of the command line prints."""

from __future__ import annotations

import os
import sys

import click

_SILENT = "bufferlint.silent"


def silence(context: click.Context) -> None:
    """Print nothing from now on but what the next program reads: the text of stdin, fixed."""
    context.meta[_SILENT] = True


def is_silent(context: click.Context | None) -> bool:
    return context is not None and bool(context.meta.get(_SILENT))


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print lines for a person, on stderr with ``err``: what would steer a terminal or a CI runner is made visible."""
    deliver(safe(text), err=err, nl=nl)


def safe(text: str) -> str:
    """Text as `say` prints it."""
    from bufferlint.text.escaping import printed  # not on the way to a kept answer

    return printed(text)


def deliver(text: str, *, err: bool = False, nl: bool = True, color: bool | None = None) -> None:
    """Print text that is `safe` already, or that its format made so."""
    if not is_silent(click.get_current_context(silent=True)):
        click.echo(text, err=err, nl=nl, color=color)


def deliver_patch(patch: bytes) -> None:
    """Print a patch, byte for byte where a program may read it, and in colour on a terminal.

    In the log of GitHub Actions, lines around it say that none of it is a command; what applies patches passes over
    such lines.
    """
    from bufferlint.text.escaping import has_commands

    if is_silent(click.get_current_context(silent=True)):
        return
    if os.environ.get("GITHUB_ACTIONS") == "true" and has_commands(patch.decode(errors="replace")):
        import secrets

        token = secrets.token_hex(16)
        patch = f"::stop-commands::{token}\n".encode() + patch + f"::{token}::\n".encode()
    if sys.stdout.isatty():
        lines = safe(patch.decode(errors="backslashreplace")).splitlines(keepends=True)
        deliver("".join(map(_painted, lines)), nl=False)
    else:
        deliver_bytes(patch)


def _painted(line: str) -> str:
    if line.startswith(("--- ", "+++ ", "diff ")):
        return click.style(line, bold=True)
    colours = {"+": "green", "-": "red", "@": "cyan"}
    return click.style(line, fg=colours[line[0]]) if line[0] in colours else line


def deliver_bytes(data: bytes) -> None:
    """Print a file's bytes as they are, for a program to read; on a terminal as `say` would."""
    if sys.stdout.isatty():
        say(data.decode(errors="backslashreplace"), nl=False)
    else:
        click.echo(data, nl=False)


def complain(error: click.ClickException) -> None:
    """Print what is wrong with a command line, on stderr."""
    import io

    said = io.StringIO()
    error.show(said)
    deliver(safe(said.getvalue()), err=True, nl=False, color=getattr(error, "color", None))


def labelled(label: str, text: str) -> str:
    """A line that begins with ``error:`` or ``warning:``."""
    return f"{click.style(label, fg='red' if label == 'error' else 'yellow', bold=True)}: {text}"
