"""``bufferlint rule``: a rule's page, offline."""

from __future__ import annotations

import json
import sys

import click

from bufferlint.cli.commands.parameters import OneOf, complete_rules
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say


@click.command(cls=Sectioned)
@click.argument("name", required=False, metavar="[RULE]", shell_complete=complete_rules)
@click.option("--all", "every", is_flag=True, help="Show every rule.")
@click.option(
    "--output-format",
    "--format",
    "form",
    type=OneOf(["text", "json"]),
    default="text",
    help="How to print the page.",
)
def rule(name: str | None, every: bool, form: str) -> int:
    """Explain a rule, and how safe its fix is.

    RULE is a code or a name.

    \b
    Examples:
      bufferlint rule BUF001
      bufferlint rule unregistered-tensor
      bufferlint rule --all --output-format json
    """
    from bufferlint.cli.errors import UsageError
    from bufferlint.project_files.suggestions import nearest_rule
    from bufferlint.rules import catalogue

    rules = catalogue()
    if every == (name is not None):
        raise UsageError("name one rule, such as BUF001, or give --all")
    shown = [each for each in rules if every or name in (each.code, each.name)]
    if not shown:
        raise UsageError(f"unknown rule '{name}'; {nearest_rule(str(name))}")
    if form == "json":
        pages = [{"code": r.code, "name": r.name, "summary": r.summary, "page": r.page} for r in shown]
        say(json.dumps(pages if every else pages[0], indent=2))
    else:
        text = "\n\n".join(f"{each.name} ({each.code})\n\n{each.page.strip()}" for each in shown)
        if every and sys.stdout.isatty():
            click.echo_via_pager(f"{text}\n")
        else:
            say(text)
    return 0
