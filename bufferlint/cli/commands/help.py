"""``bufferlint help``: the help of a command, as ``bufferlint COMMAND --help`` prints it."""

from __future__ import annotations

import click

from bufferlint.cli.output import deliver


@click.command("help")
@click.argument("command", required=False, metavar="[COMMAND]")
@click.pass_context
def help(context: click.Context, command: str | None) -> int:
    """Print the help of a command, or that of bufferlint itself.

    \b
    Examples:
      bufferlint help check                     the options of check
    """
    from bufferlint.cli.errors import unknown_command

    top = context.find_root()
    group = top.command
    assert isinstance(group, click.Group)
    if command is None:
        deliver(group.get_help(top))
        return 0
    found = group.get_command(top, command)
    if found is None:
        raise unknown_command(command, group.list_commands(top))
    deliver(found.get_help(click.Context(found, info_name=command, parent=top)))
    return 0
