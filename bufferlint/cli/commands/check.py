"""``bufferlint check``: findings on stdout, nothing written."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from bufferlint.cli.commands.parameters import cache_folder, chosen, configurable, stdin_filename, talkative
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import complain, say
from bufferlint.cli.reporting import changed_since, columns, noted, refuse_input, rendered, say_answer
from bufferlint.project_files.result_cache import Answer, Cache

if TYPE_CHECKING:
    from bufferlint.cli.invocation import Invocation
    from bufferlint.incremental.dependencies import Dependencies
    from bufferlint.syntax.lowering_cache import LoweringCache


@click.command(cls=Sectioned)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("-o", "--output-file", metavar="FILE", help="Write the findings there instead of to stdout.")
@click.option("--statistics", is_flag=True, help="Print counts by rule instead of findings.")
@click.option("--diff-base", metavar="REV", help="Only findings on lines changed since the branch left this revision.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--fix", "fixing", flag_value="fix", help="The same as `bufferlint fix --apply`.")
@click.option("--diff", "fixing", flag_value="diff", help="The same as `bufferlint fix`: print the changes as a patch.")
@click.option(
    "--show-fixes/--no-show-fixes", default=None, help="Show what a fix would change, and with --fix what was fixed."
)
@click.option("-w", "--watch", is_flag=True, help="Run again whenever a file changes.")
@click.option("--add-ignore", is_flag=True, help="Add a suppression comment at each existing finding.")
@click.option("--write-baseline", is_flag=True, help="Record all findings in the file that --baseline names.")
@click.option("--prune-baseline", is_flag=True, help="Remove fixed findings from the baseline.")
@click.option(
    "--show-files", is_flag=True, help="Print the files that would be checked, then those that are read as context."
)
@click.option("--show-settings", is_flag=True, help="Print the settings in force, and where each comes from.")
@click.option("--explain-silence", metavar="FILE:CLASS.ATTR", help="Say why nothing is reported of one attribute.")
@click.option("--explain-fix", metavar="FILE:CLASS.ATTR", help="List what must be shown for a safe fix, and what was.")
@click.option("--timings", is_flag=True, help="Print the time of each phase to stderr; uses one process and no cache.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes to use (up to 4 from 200 files on, else 1)."
)
@click.option("-n", "--no-cache", is_flag=True, help="Do not read or write the cache.")
@cache_folder
@configurable
@stdin_filename
@talkative
def check(paths: tuple[str, ...], **others: Any) -> int:
    """Report tensors that should be registered as buffers.

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
      bufferlint check --baseline old.json --prune-baseline    remove what was fixed
      bufferlint check --add-ignore src                        or a comment at each

    \b
    Each finding has a mark:
      [*]  `bufferlint fix --apply` fixes it: same results, new state_dict keys announced
      [~]  fixed with --unsafe-fixes only; the reason is printed
      [ ]  not fixed by a tool; the reason is printed

    \b
    To suppress a finding, add a comment to any line of its statement:
      self.mask = ...  # noqa: BUF001
      self.mask = ...  # bufferlint: ignore[BUF001] the trainer moves it
      # bufferlint: ignore-file[BUF001]

    \b
    Exit code: 0 nothing found, 1 findings, 2 wrong usage or unreadable input.
    """
    fixing = others.pop("fixing")
    if fixing is not None:
        return _fixed(paths, others, apply=fixing == "fix")
    for option in ("explain_silence", "explain_fix"):
        if others[option] is not None:
            return _explain(option, others[option], others)
    if others["watch"]:
        return _watched(paths, others)
    cache = _cache(paths, others)
    answer = cache.answer() if cache else None
    if answer is None:
        setup = _prepared(paths, others)
        if any(others[task] for task in _TASKS):
            return _run(setup, paths, others)
        refuse_input(others["output_file"], setup)
        on_phase = _laps(others["timings"])
        on_phase("starting, finding and opening the files")
        sight = _sight() if cache is not None else None
        answer = _answer(setup, others, on_phase=on_phase, sight=sight)
        on_phase("writing the report")
        if cache is not None and sight is not None:
            from bufferlint.project_files.traces import traced

            traces = traced(setup.workspace, sight, setup.settings.module_bases)
            cache.keep(answer, setup.read, setup.folders, _above(paths), traces)
    return say_answer(answer, others)


_TASKS = ("show_files", "show_settings", "add_ignore", "write_baseline", "prune_baseline")
"""Options that ask for something else than a report."""
_HOW = ("quiet", "verbose", "jobs")
"""Options that make no difference to what is found."""


_NOT_WITH_FIX = ("watch", "explain_silence", "statistics", "diff_base", "output_file", "exit_zero")
"""Options of a report that make no sense when files are fixed."""


def _fixed(paths: tuple[str, ...], others: dict[str, Any], apply: bool) -> int:
    """Do what ``bufferlint fix`` does; the exit code."""
    from bufferlint.cli.commands.fix import fix
    from bufferlint.cli.errors import UsageError

    refused = [option for option in (*_TASKS, *_NOT_WITH_FIX) if others[option]]
    if refused:
        option = refused[0].replace("_", "-")
        raise UsageError(f"--{option} does not go with --{'fix' if apply else 'diff'}: give one of them")
    how = {"verify": None, "exit_non_zero_on_fix": False, "allow_dirty": False}
    others["show_fixes"] = others["show_fixes"] is not False
    assert fix.callback is not None
    return int(fix.callback(paths, apply=apply, **how, **others))


def _cache(paths: tuple[str, ...], others: dict[str, Any]) -> Cache | None:
    """Returns where the answer may be kept; None when it rests on more than files."""
    more = (*_TASKS, "diff_base", "no_cache", "stdin_filename", "timings")
    if any(others[option] for option in more) or not all(map(os.path.lexists, paths)):
        return None
    if _may_be_read(others["output_file"], paths):
        return None
    try:
        os.getcwd()  # noqa: PTH109 - pathlib is not loaded on the way to a kept answer
    except OSError:  # it is gone: whoever looks for the files says so
        return None
    told = sorted((key, repr(value)) for key, value in others.items() if key not in _HOW)
    request = (paths, [*told, ("columns", repr(columns(others["output_file"])))])
    return Cache(others["cache_dir"], request, _debug if others["verbose"] else lambda _: None)


def _may_be_read(output: str | None, paths: tuple[str, ...]) -> bool:
    """May the file for the findings be one that is checked?"""
    if output is None or not os.path.lexists(output):
        return False
    real = os.path.realpath(output)
    return real.endswith((".py", ".ipynb")) or real in map(os.path.realpath, paths)


def _sight() -> Dependencies:
    from bufferlint.incremental.dependencies import Dependencies

    return Dependencies()


def _debug(line: str) -> None:
    from bufferlint.text.escaping import visible

    say(visible(line), err=True)


def _above(paths: tuple[str, ...]) -> list[str]:
    """The paths and all folders above them."""
    from pathlib import Path

    absolute = [Path(path).absolute() for path in paths or (".",)]
    return sorted({str(folder) for path in absolute for folder in (path, *path.parents)})


def _prepared(paths: tuple[str, ...], others: dict[str, Any]) -> Invocation:
    from bufferlint.cli.invocation import prepare

    return prepare(
        paths,
        chosen(others),
        config_file=others["config"],
        isolated=others["isolated"],
        stdin_filename=others["stdin_filename"],
        verbose=others["verbose"],
        use_baseline=not (others["write_baseline"] or others["prune_baseline"]),
    )


def _run(setup: Invocation, paths: tuple[str, ...], others: dict[str, Any]) -> int:
    """Do what the options ask for instead of a report; the exit code."""
    from bufferlint.cli import introspection as showing
    from bufferlint.cli import onboarding as adoption

    quiet = others["quiet"]
    if others["show_files"] or others["show_settings"]:
        files = showing.files(setup) if others["show_files"] else ""
        say(files + (showing.settings(setup, chosen(others)) if others["show_settings"] else ""), nl=False)
        return 0
    if others["add_ignore"]:
        return adoption.add_ignores(setup, paths, quiet)
    named = others["baseline"] is not None
    if others["write_baseline"]:
        return adoption.write_baseline(setup, named, quiet)
    return adoption.prune_baseline(setup, named, quiet)


def _laps(on: bool) -> Callable[[str], None]:
    """Says after each part of the work what CPU time it took, if that is asked for."""
    if not on:
        return lambda _: None
    from time import process_time

    before = 0.0

    def on_phase(part: str) -> None:
        nonlocal before
        now = process_time()
        say(f"{now - before:8.3f} s  {part}", err=True)
        before = now

    return on_phase


def _answer(
    setup: Invocation,
    others: dict[str, Any],
    cache: LoweringCache | None = None,
    on_phase: Callable[[str], None] = lambda _: None,
    sight: Dependencies | None = None,
) -> Answer:
    """Returns what there is to report."""
    from bufferlint.cli.invocation import joined
    from bufferlint.cli.progress import working
    from bufferlint.engine import analyse
    from bufferlint.project_files.process_pool import spread
    from bufferlint.report.view import plural

    with working(f"checking {plural(len(setup.targets), 'file')}", others["quiet"]):
        jobs = 1 if cache or others["timings"] else others["jobs"]
        how = spread(jobs, setup.workspace, len(setup.targets))
        every = analyse(
            setup.targets, setup.workspace, setup.settings, cache, spread=how, on_phase=on_phase, sight=sight
        )
        report = joined(every, setup.problems)
    if others["diff_base"] is not None:
        report = changed_since(report, setup, others["diff_base"])
    form = str(setup.values.get("output-format", "text"))
    view = replace(setup.view, columns=columns(others["output_file"]), show_fixes=bool(others["show_fixes"]))
    code = 0 if others["exit_zero"] and report.exit_code == 1 else report.exit_code
    return Answer(rendered(report, view, form, others["statistics"]), noted(report, setup, others["quiet"]), code)


def _watched(paths: tuple[str, ...], others: dict[str, Any]) -> int:
    """Report, and again whenever a file changes or comes into one of their folders; until interrupted."""
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.invocation import STDIN
    from bufferlint.cli.watching import watch
    from bufferlint.project_files.files import absolute
    from bufferlint.syntax.lowering_cache import LoweringCache

    if STDIN in paths:
        raise UsageError("--watch needs files on the disk: name them instead of '-'")
    cache = LoweringCache()
    asked = {**others, "write_baseline": False, "prune_baseline": False}

    def again() -> tuple[str, ...]:
        places = list(paths) or ["."]
        read = [*map(absolute, places), *_configured(places, others)]
        try:
            setup = _prepared(paths, asked)
        except UsageError as error:
            complain(error)
            return tuple(read)
        refuse_input(others["output_file"], setup)
        say_answer(_answer(setup, asked, cache), asked)
        folders = (file.rpartition("/")[0] for file in setup.targets)
        return tuple(dict.fromkeys((*read, *setup.targets, *folders, *sorted(setup.read), *setup.folders)))

    watch(again)
    return 0


def _configured(places: list[str], others: dict[str, Any]) -> list[str]:
    """The configuration files that a run reads, with those that they extend."""
    from bufferlint.project_files.config import files_read, find, load

    file = others["config"] or find(places)
    return [] if others["isolated"] else list(files_read(file, load(file)))


def _explain(option: str, place: str, others: dict[str, Any]) -> int:
    """Print why nothing is said of the attribute that ``FILE:CLASS.ATTR`` names, or what its fix must show."""
    from bufferlint import engine
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.invocation import prepare

    flag = f"--{option.replace('_', '-')}"
    explain = engine.explain if option == "explain_silence" else engine.explain_fix
    file, _, dotted = place.rpartition(":")
    class_name, _, attribute = dotted.rpartition(".")
    if not file or not class_name:
        raise UsageError(f"{flag} {place}: give it as FILE:CLASS.ATTR, such as model.py:Attention.mask")
    setup = prepare((file,), chosen(others), config_file=others["config"], isolated=others["isolated"])
    if len(setup.targets) != 1:
        raise UsageError(f"{flag} {place}: {file} is not one file that can be read")
    try:
        say(explain(setup.targets[0], class_name, attribute, setup.workspace, setup.settings))
    except KeyError as error:
        raise UsageError(f"{flag} {place}: {error.args[0]}") from error
    return 0
