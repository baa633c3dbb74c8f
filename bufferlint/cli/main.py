"""The command line. Importing it loads click and nothing heavy: subcommands are loaded when they are asked for."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from bufferlint import __version__
from bufferlint.cli.commands.parameters import coloured
from bufferlint.cli.commands.sections import write_commands
from bufferlint.cli.output import complain, say
from bufferlint.cli.streams import drop, hold, is_unwritable, say_unwritable
from bufferlint.project_files.signals import die_of_termination, unwind_on_termination

INTERRUPTED = 130
"""128 + SIGINT, as shells count it."""
_RARELY = (20_000, 20, 100)
"""When Python looks for garbage in cycles: facts are many and hold none, a class that was looked at leaves some."""


class Subcommands(click.Group):
    """A group whose commands lie in ``bufferlint.cli.commands``, one module each, loaded on demand."""

    NAMES = ("check", "fix", "verify", "audit", "rule", "config", "server", "editor", "clean", "version", "help")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.NAMES:
            return None
        command = getattr(import_module(f"bufferlint.cli.commands.{cmd_name}"), cmd_name)
        return command if isinstance(command, click.Command) else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_empty = not args
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if is_empty:  # the help, on stderr
                raise
            raise self._explained(error, ctx) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.NAMES and not args[0].startswith("-") and not ctx.resilient_parsing:
            from bufferlint.cli.errors import unknown_command

            raise unknown_command(args[0], self.NAMES)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_commands(ctx, self, formatter)

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run a command; what it returns is the exit code."""
        try:
            code = super().invoke(ctx)
        except click.UsageError as error:
            raise self._explained(error, ctx) from error
        ctx.exit(code)

    def _explained(self, error: click.UsageError, ctx: click.Context) -> click.ClickException:
        """The error in the form that all of ours have."""
        from bufferlint.cli.errors import explained

        commands = ((name, self.get_command(ctx, name)) for name in self.NAMES)
        known = {
            name: [spelling for each in command.get_params(ctx) for spelling in (*each.opts, *each.secondary_opts)]
            for name, command in commands
            if command is not None
        }
        return explained(error, ctx.invoked_subcommand, known)


@click.group(
    "bufferlint", cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@coloured
@click.version_option(__version__, "-V", "--version", message="bufferlint %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Find tensors that an nn.Module forgot to register as buffers, and register them.

    A tensor stored as a plain attribute (self.mask = torch.triu(...)) stays on the CPU when the module moves to a
    GPU, and is missing from its state_dict. bufferlint finds such tensors, rewrites them to
    self.register_buffer("mask", ...), and can run the class before and after to show the difference.

    \b
    Start here:
      bufferlint check src                 what is wrong, and why
      bufferlint fix src                   the changes as a diff
      bufferlint fix --apply src           make them
      bufferlint verify 'model.py::Net' --init d_in=3 --input 2x6x3
                                           run the class as it stands and as rewritten
      bufferlint audit pkg.models:make     build a model, list the tensors it does not register
      bufferlint rule BUF001               what a rule means
      bufferlint config                    what can be configured
      bufferlint server                    the same in your editor (started by it)
      bufferlint editor vscode             set up an editor
      bufferlint clean                     forget the answers of earlier runs
      bufferlint version                   the version
      bufferlint help check                how a command is used

    check and fix read code, they never import or run it. `verify`, `fix --verify` and `audit` do run your code: only
    they, in a process of its own.
    """
    if ctx.color is None:
        ctx.color = _colour()


def main(command: click.Command = cli) -> None:
    """Run the command line and exit: 0 clean, 1 findings, 2 wrong usage, bad input or a bug, 130 interrupted."""
    gc.set_threshold(*_RARELY)
    hold()
    unwind_on_termination()
    try:
        code = command.main(prog_name="bufferlint", standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        say("interrupted", err=True)
        die_of_termination()
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        try:
            complain(error)
        except OSError:
            drop(2)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        drop(1)
        sys.exit(1)
    except Exception as error:
        if isinstance(error, OSError) and is_unwritable(error):
            say_unwritable(error)
            sys.exit(2)
        import traceback

        say(traceback.format_exc(), err=True)
        say(
            f"bufferlint {__version__} failed: this is a bug of bufferlint. Please report it with the text above and "
            "the file that it was reading.",
            err=True,
        )
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _colour() -> bool | None:
    """https://no-color.org and https://force-color.org; None leaves it to whether the stream is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None
