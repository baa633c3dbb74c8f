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
    from bufferlint.syntax.fact_cache import FactCache

FOR_PEOPLE = ("text", "concise")
"""Formats that name no address of a rule's page."""


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("-o", "--output-file", metavar="FILE", help="Write the findings there instead of to stdout.")
@click.option("--statistics", is_flag=True, help="Print counts by rule instead of findings.")
@click.option("--diff-base", metavar="REV", help="Only findings on lines changed since the branch left this revision.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("-w", "--watch", is_flag=True, help="Run again whenever a file changes.")
@click.option("--add-ignore", is_flag=True, help="Write a comment that suppresses it at each finding, for old code.")
@click.option("--write-baseline", is_flag=True, help="Record all findings in the file that --baseline names.")
@click.option("--prune-baseline", is_flag=True, help="Take out of the baseline what is no longer found.")
@click.option("--show-files", is_flag=True, help="Print the files that would be checked.")
@click.option("--show-settings", is_flag=True, help="Print the settings in force, and where each comes from.")
@click.option("--explain-silence", metavar="FILE:CLASS.ATTR", help="Say why nothing is reported of one attribute.")
@configurable
@stdin_filename
@talkative
def check(paths: tuple[str, ...], **others: Any) -> int:
    """Report tensors that a module does not know as buffers.

    PATHS are files and folders (the current folder if there are none); '-' is stdin. Nothing is written, and the
    code that is looked at is never imported or run.

    \b
    Examples:
      bufferlint check                          this folder and all below it
      bufferlint check src notebooks/demo.ipynb
      bufferlint check --output-format json -o findings.json src
      bufferlint check --stdin-filename model.py - < model.py
      bufferlint check --diff-base origin/main  only what this branch changed
      bufferlint check --statistics             how much there is of what

    \b
    A code base with many findings:
      bufferlint check --baseline old.json --write-baseline    record them
      bufferlint check --baseline old.json                     only new ones
      bufferlint check --baseline old.json --prune-baseline    forget those that are mended
      bufferlint check --add-ignore src                        or a comment at each

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
    from bufferlint.shell.prepare import STDIN, UsageError

    if others["explain_silence"] is not None:
        return _explain(others["explain_silence"], others)
    if not others["watch"]:
        return _run(_prepared(paths, others), others)
    if STDIN in paths:
        raise UsageError("--watch needs files on the disk: name them instead of '-'")
    return _watched(paths, others)


def _prepared(paths: tuple[str, ...], others: dict[str, Any]) -> Setup:
    from bufferlint.shell.prepare import prepare

    return prepare(
        paths,
        chosen(others),
        config_file=others["config"],
        stdin_filename=others["stdin_filename"],
        verbose=others["verbose"],
        use_baseline=not (others["write_baseline"] or others["prune_baseline"]),
    )


def _run(setup: Setup, others: dict[str, Any]) -> int:
    """Do what the options ask for; the exit code."""
    from bufferlint.shell import adoption, showing

    quiet = others["quiet"]
    if others["show_files"] or others["show_settings"]:
        files = showing.files(setup) if others["show_files"] else ""
        click.echo(files + (showing.settings(setup, chosen(others)) if others["show_settings"] else ""), nl=False)
        return 0
    if others["add_ignore"]:
        return adoption.add_ignores(setup, quiet)
    if others["write_baseline"]:
        return adoption.write_baseline(setup, quiet)
    if others["prune_baseline"]:
        return adoption.prune_baseline(setup, quiet)
    return _report(setup, others)


def _report(setup: Setup, others: dict[str, Any], cache: FactCache | None = None) -> int:
    """Print the findings; the exit code."""
    from bufferlint.engine import analyse
    from bufferlint.shell.output.summary import found
    from bufferlint.shell.output.view import plural
    from bufferlint.shell.prepare import joined, say_problems
    from bufferlint.shell.progress import working

    with working(f"checking {plural(len(setup.targets), 'file')}", others["quiet"]):
        report = joined(analyse(setup.targets, setup.workspace, setup.settings, cache), setup.problems)
    if others["diff_base"] is not None:
        report = _changed(report, setup, others["diff_base"])
    form = str(setup.values.get("output-format", "text"))
    _deliver(_rendered(report, setup.view, form, others["statistics"]), others["output_file"])
    say_problems(report.problems, setup, others["quiet"])
    if setup.targets and not others["quiet"]:
        click.echo(found(report, setup.view), err=True)
    return 0 if others["exit_zero"] and report.exit_code == 1 else report.exit_code


def _watched(paths: tuple[str, ...], others: dict[str, Any]) -> int:
    """Report, and again whenever a file changes; until interrupted."""
    from bufferlint.shell.prepare import UsageError
    from bufferlint.shell.watching import watch
    from bufferlint.syntax.fact_cache import FactCache

    cache = FactCache()
    asked = {**others, "write_baseline": False, "prune_baseline": False}

    def again() -> tuple[str, ...]:
        try:
            setup = _prepared(paths, asked)
        except UsageError as error:
            error.show()
            return ()
        _report(setup, asked, cache)
        return (*setup.targets, *([setup.config.file] if setup.config.file else []))

    watch(again)
    return 0


def _changed(report: Report, setup: Setup, revision: str) -> Report:
    """The report of what changed since a revision."""
    from bufferlint.shell.changed_lines import ChangedLines, GitError
    from bufferlint.shell.prepare import UsageError

    try:
        return ChangedLines.since(revision, setup.view.folder, setup.workspace).only(report)
    except GitError as error:
        raise UsageError(f"--diff-base {revision}: {error}; name a revision of the repository you run in") from error


def _rendered(report: Report, view: View, form: str, statistics: bool) -> str:
    """The report in a format: each is a module of ``output`` with the format's name."""
    from bufferlint.shell.prepare import homepage

    if statistics:
        from bufferlint.shell.output import statistics as counts

        return counts.render_json(report, view) if form.startswith("json") else counts.render(report, view)
    module = import_module(f"bufferlint.shell.output.{form.replace('-', '_')}")
    return str(module.render(report, view if form in FOR_PEOPLE else replace(view, home=homepage())))


def _deliver(output: str, file: str | None) -> None:
    """Print the output, or write it into a file, without colours there."""
    from bufferlint.shell.prepare import UsageError

    if file is None:
        click.echo(output, nl=False)
        return
    try:
        Path(file).write_text(click.unstyle(output), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from error


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
