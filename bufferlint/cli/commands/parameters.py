"""Options that several subcommands share, made from the table of what can be configured."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bufferlint.cli.output import is_silent, silence
from bufferlint.project_files.options import OPTIONS, Kind, Option
from bufferlint.project_files.result_cache import FOLDER

Command = TypeVar("Command", bound=Callable[..., Any])

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice


class OneOf(_Choice):
    """One of some words; another is answered with the nearest of them."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value not in self.choices:
            from bufferlint.project_files.suggestions import nearest

            self.fail(f"unknown value '{value}'; {nearest(str(value), self.choices)}", param, ctx)
        return super().convert(value, param, ctx)


def configurable(command: Command) -> Command:
    """Add ``--config``, ``--isolated`` and an option for each key of the configuration file, as keywords."""
    for option in reversed(OPTIONS):
        if not option.file_only and (not option.only or command.__name__ in option.only):
            command = _flag(option)(command)
    config = click.option(
        "--config",
        metavar="FILE",
        help="Read this pyproject.toml or bufferlint.toml instead of the nearest above the paths.",
    )
    return config(click.option("--isolated", is_flag=True, help="Read no configuration file.")(command))


def talkative(command: Command) -> Command:
    """Add ``--quiet``, ``--silent``, ``--verbose`` and ``--color``."""
    options = (
        click.option(
            "-q", "--quiet", is_flag=True, callback=_silence_is_quiet, help="Print no summary and no warnings."
        ),
        click.option(
            "-s",
            "--silent",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_silence,
            help="Print nothing at all: the exit code tells.",
        ),
        click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is read, from where."),
        coloured,
    )
    for option in reversed(options):
        command = option(command)
    return command


def coloured(command: Command) -> Command:
    """Add ``--color``."""
    return click.option(
        "--color",
        type=OneOf(["auto", "always", "never"]),
        is_eager=True,
        expose_value=False,
        callback=_colour,
        help="When to use colours; auto means on a terminal, as NO_COLOR and FORCE_COLOR say.",
    )(command)


def _colour(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value in ("always", "never"):
        context.color = value == "always"


def _silence(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        silence(context)


def _silence_is_quiet(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    return value or is_silent(context)


def cache_folder(command: Command) -> Command:
    """Add ``--cache-dir``."""
    return click.option(
        "--cache-dir",
        metavar="FOLDER",
        default=FOLDER,
        envvar="BUFFERLINT_CACHE_DIR",
        show_default=True,
        help="Where answers are kept.",
    )(command)


def _present(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in os.environ:
            raise click.BadParameter(f"there is no variable '{name}' in the environment", context, parameter)
    return names


environment = click.option(
    "--env",
    "variables",
    multiple=True,
    metavar="NAME",
    callback=_present,
    help="Hand this variable on to the code that is run; secrets are not, unless named.",
)


def provable(command: Command) -> Command:
    """Add what says how a class is built, called and where: ``--init``, ``--input`` and their like."""
    options = (
        click.option(
            "--init",
            multiple=True,
            metavar="NAME=VALUE",
            help="A constructor argument, such as d_in=3, or the fields of an object: **py:pkg.Config(d_in=3).",
        ),
        click.option(
            "--input",
            "inputs",
            multiple=True,
            metavar="SHAPE",
            help="An argument of forward: 2x6x3, 4x10:int64:0..100, mask=6x6:bool, value:None.",
        ),
        click.option("--seed", type=int, metavar="N", help="The random seed (0)."),
        click.option("--device", metavar="DEVICE", help="The device to move to (an accelerator if there is one)."),
        click.option("--timeout", type=float, metavar="SECONDS", help="The longest that one side may take (60)."),
        click.option(
            "--python",
            metavar="PROGRAM",
            help="The interpreter with torch and your project (the active environment's).",
        ),
        environment,
        click.option(
            "--compile", "compiled", is_flag=True, help="Check torch.compile too: minutes, and a C++ compiler."
        ),
        click.option("--distributed", is_flag=True, help="Check DistributedDataParallel too, on two gloo ranks."),
        click.option(
            "-j", "--jobs", type=click.IntRange(1), default=1, metavar="N", help="How many classes to run at once (1)."
        ),
        click.option("-n", "--no-cache", is_flag=True, help="Run again what has not changed since it was run."),
        cache_folder,
    )
    for option in reversed(options):
        command = option(command)
    return command


def stdin_filename(command: Command) -> Command:
    return click.option(
        "--stdin-filename", metavar="FILE", help="With the path '-': the name that the text on stdin goes by."
    )(command)


def chosen(keywords: Mapping[str, Any]) -> dict[str, object]:
    """Returns what the command line sets, by key of the configuration."""
    given = {option.key: keywords.get(option.key.replace("-", "_")) for option in OPTIONS}
    return {key: value for key, value in given.items() if value is not None}


def _flag(option: Option) -> Callable[[Command], Command]:
    name = option.key.replace("-", "_")
    if option.kind in (Kind.STRINGS, Kind.LISTS):
        separated = option.metavar.endswith(",...")
        callback = _table if option.kind is Kind.LISTS else _split if separated else _gather
        text = option.help if separated else f"{option.help} May be given more than once."
        completes = complete_rules if option.metavar == "RULE,..." else None
        return click.option(
            f"--{option.key}",
            name,
            multiple=True,
            metavar=option.metavar,
            callback=callback,
            help=text,
            shell_complete=completes,
        )
    if option.kind is Kind.FLAG:
        return click.option(f"--{option.key}/--no-{option.key}", name, default=None, help=option.help)
    if option.kind in (Kind.TEXT, Kind.VERSION):

        def taken(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
            if value is not None and not option.takes(value):
                raise click.BadParameter(f"it must be {option.expected}; got '{value}'", context, parameter)
            return value

        given = click.option(f"--{option.key}", name, metavar=option.metavar, callback=taken, help=option.help)
        if option.key != "baseline":
            return given
        none = click.option("--no-baseline", name, flag_value="", help="Ignore the configured baseline.")
        return lambda command: given(none(command))
    choices = {str(choice).lower() if isinstance(choice, bool) else str(choice): choice for choice in option.choices}

    def meant(_context: click.Context, _parameter: click.Parameter, value: str | None) -> bool | str | None:
        return None if value is None else choices[value]

    main = click.option(f"--{option.key}", name, type=OneOf(list(choices)), callback=meant, help=option.help)
    if option.key != "persistent":
        return main
    short = click.option(
        "--non-persistent", name, flag_value="false", callback=meant, help="The same as --persistent false."
    )
    return lambda command: main(short(command))


def complete_rules(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Codes and names of rules that a shell may complete a word to, behind the last comma in it."""
    from bufferlint.rules import catalogue

    before, comma, last = begun.rpartition(",")
    names = [name for rule in catalogue() for name in (rule.code, rule.name)]
    return [f"{before}{comma}{name}" for name in names if name.startswith(last)]


def _split(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """``--select A,B --select C`` as three values; None when the option is not given."""
    return tuple(item.strip() for value in values for item in value.split(",") if item.strip()) or None


def _table(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[str, ...]] | None:
    """``--per-file-ignores 'tests/*:BUF001,BUF002'`` as a table from pattern to rules."""
    table: dict[str, tuple[str, ...]] = {}
    for value in values:
        pattern, _, named = value.rpartition(":")
        rules = tuple(item.strip() for item in named.split(",") if item.strip())
        if not pattern or not rules:
            raise click.BadParameter(f"'{value}': give it as PATTERN:RULE, such as tests/*:BUF001", context, parameter)
        table[pattern] = (*table.get(pattern, ()), *rules)
    return table or None


def _gather(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    return values or None
