"""``bufferlint config``: what can be configured."""

from __future__ import annotations

import json

import click

from bufferlint.cli.commands.parameters import OneOf
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say


@click.command(cls=Sectioned)
@click.argument("key", required=False, metavar="[KEY]")
@click.option("--schema", is_flag=True, help="Print a JSON schema, for editors that complete TOML.")
@click.option(
    "--output-format",
    "--format",
    "form",
    type=OneOf(["text", "json"]),
    default="text",
    help="How to print the options.",
)
def config(key: str | None, schema: bool, form: str) -> int:
    """Print every option of the configuration with its type and default.

    Options stand in [tool.bufferlint] of pyproject.toml, or at the top of bufferlint.toml; the nearest file above the
    paths counts, and the command line wins over it. What holds for some files: bufferlint check --show-settings.

    \b
    Examples:
      bufferlint config
      bufferlint config persistent
      bufferlint config --schema > bufferlint.schema.json
    """
    from bufferlint.cli import introspection as showing
    from bufferlint.cli.errors import UsageError
    from bufferlint.project_files.suggestions import nearest

    if schema:
        say(json.dumps(showing.schema(), indent=2))
        return 0
    every = showing.every_option()
    shown = [(name, option) for name, option in every if key in (None, name)]
    if not shown:
        raise UsageError(f"unknown key '{key}'; {nearest(str(key), [name for name, _ in every])}")
    if form == "json":
        rows = [
            {"key": name, "type": option.expected, "default": option.default, "help": option.help}
            for name, option in shown
        ]
        say(json.dumps(rows, indent=2))
    else:
        say("\n".join(showing.page(name, option) for name, option in shown), nl=False)
    return 0
