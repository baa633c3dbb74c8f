"""``bufferlint check``: findings on stdout, nothing written."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bufferlint.shell.commands.parameters import chosen, configurable, stdin_filename, talkative

if TYPE_CHECKING:
    from bufferlint.finding import Report
    from bufferlint.shell.output.view import View
    from bufferlint.shell.prepare import Setup

FORMATS = ("text", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit")
FOR_PEOPLE = FORMATS[:2]


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", help="How to print findings.")
@click.option("-o", "--output-file", metavar="FILE", help="Write the findings there instead of to stdout.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--add-ignore", is_flag=True, help="Write a comment that suppresses it at each finding, for old code.")
@click.option("--explain-silence", metavar="FILE:CLASS.ATTR", help="Say why nothing is reported of one attribute.")
@configurable
@stdin_filename
@talkative
def check(
    paths: tuple[str, ...],
    output_format: str,
    output_file: str | None,
    exit_zero: bool,
    add_ignore: bool,
    explain_silence: str | None,
    **others: Any,
) -> int:
    """Report tensors that a module does not know as buffers.

    PATHS are files and folders (the current folder if there are none); '-' is stdin. Nothing is written, and the
    code that is looked at is never imported or run.

    \b
    Examples:
      bufferlint check                          this folder and all below it
      bufferlint check src notebooks/demo.ipynb
      bufferlint check --output-format json -o findings.json src
      bufferlint check --stdin-filename model.py - < model.py
      bufferlint check --add-ignore src         begin with a clean slate

    \b
    Each finding has a mark:
      [*]  `bufferlint fix --apply` mends it: same results, new state_dict keys announced
      [~]  mended with --unsafe-fixes only; the reason is printed
      [ ]  not mended by a tool; the reason is printed

    \b
    What is meant to be as it is:
      self.mask = ...  # noqa: BUF001
      self.mask = ...  # bufferlint: ignore[BUF001] the trainer moves it
      # bufferlint: ignore-file[BUF001]

    \b
    Exit code: 0 nothing found, 1 findings, 2 wrong usage or unreadable input.
    """
    from bufferlint.engine import analyse
    from bufferlint.shell.output.summary import found
    from bufferlint.shell.prepare import UsageError, homepage, joined, prepare, say_problems

    if explain_silence is not None:
        return _explain(explain_silence, others)
    quiet = others["quiet"]
    setup = prepare(
        paths,
        chosen(others),
        config_file=others["config"],
        stdin_filename=others["stdin_filename"],
        verbose=others["verbose"],
    )
    if add_ignore:
        return _add_ignores(setup, quiet)
    report = joined(analyse(setup.targets, setup.workspace, setup.settings), setup.problems)
    view = setup.view if output_format in FOR_PEOPLE else replace(setup.view, home=homepage())
    output = _rendered(report, view, output_format)
    if output_file is None:
        click.echo(output, nl=False)
    else:
        try:
            Path(output_file).write_text(click.unstyle(output), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {output_file}: {error.strerror}") from error
    say_problems(report.problems, setup, quiet)
    if setup.targets and not quiet:
        click.echo(found(report, setup.view), err=True)
    return 0 if exit_zero and report.exit_code == 1 else report.exit_code


def _rendered(report: Report, view: View, output_format: str) -> str:
    """The report in a format: each is a module of ``output`` with the format's name."""
    module = import_module(f"bufferlint.shell.output.{output_format.replace('-', '_')}")
    return str(module.render(report, view))


def _add_ignores(setup: Setup, quiet: bool) -> int:
    """Write a suppressing comment at each finding."""
    from bufferlint.engine import add_ignores
    from bufferlint.shell.fixing import rewritten, written
    from bufferlint.shell.output.view import plural
    from bufferlint.shell.prepare import UsageError, say_problems

    if setup.stdin is not None:
        raise UsageError("--add-ignore needs a file on the disk: save it and name it instead of '-'")
    result = add_ignores(setup.targets, setup.workspace, setup.settings)
    ready, unready = rewritten(result.changes, setup.workspace)
    done, unwritten = written(ready)
    problems = (*setup.problems, *result.before.problems, *unready, *unwritten)
    say_problems(problems, setup, quiet)
    if setup.targets and not quiet:
        count = sum(len(file.change.fixed) for file in done)
        click.echo(f"Suppressed {plural(count, 'finding')} in {plural(len(done), 'file')}.", err=True)
    return 2 if problems else 0


def _explain(place: str, others: dict[str, Any]) -> int:
    """Print why nothing is said of the attribute that ``FILE:CLASS.ATTR`` names."""
    from bufferlint.engine import explain
    from bufferlint.shell.prepare import UsageError, prepare

    file, _, dotted = place.rpartition(":")
    class_name, _, attribute = dotted.rpartition(".")
    if not file or not class_name:
        raise UsageError(f"--explain-silence {place}: give it as FILE:CLASS.ATTR, such as model.py:Attention.mask")
    setup = prepare((file,), chosen(others), config_file=others["config"], stdin_filename=None, verbose=False)
    if len(setup.targets) != 1:
        raise UsageError(f"--explain-silence {place}: {file} is not one file that can be read")
    try:
        click.echo(explain(setup.targets[0], class_name, attribute, setup.workspace, setup.settings))
    except KeyError as error:
        raise UsageError(f"--explain-silence {place}: {error.args[0]}") from error
    return 0
