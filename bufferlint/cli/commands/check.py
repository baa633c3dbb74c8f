"""``bufferlint check``: findings on stdout, nothing written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from bufferlint.cli.commands.parameters import cache_folder, configurable, stdin_filename, talkative
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say
from bufferlint.cli.reporting import columns, refuse_input, say_answer
from bufferlint.project_files.result_cache import Cache

if TYPE_CHECKING:
    from bufferlint.incremental.dependencies import Dependencies


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
    explained = next((each for each in ("explain_silence", "explain_fix") if others[each] is not None), None)
    if fixing is not None or explained is not None or others["watch"]:
        from bufferlint.cli import check_tasks as tasks

        if fixing is not None:
            return tasks.fixed(paths, others, apply=fixing == "fix")
        return tasks.watched(paths, others) if explained is None else tasks.explain(explained, others)
    cache = _cache(paths, others)
    answer = cache.answer() if cache else None
    if answer is None:
        from bufferlint.cli import checking

        setup = checking.prepared(paths, others)
        if any(others[task] for task in TASKS):
            from bufferlint.cli import check_tasks as tasks

            return tasks.run(setup, paths, others)
        if cache is not None:
            from bufferlint.project_files.notes import Notes

            setup.workspace.notes = Notes(others["cache_dir"])
        refuse_input(others["output_file"], setup)
        on_phase = checking.laps(others["timings"])
        on_phase("starting, finding and opening the files")
        sight = _sight() if cache is not None else None
        answer = checking.answer(setup, others, on_phase=on_phase, sight=sight)
        on_phase("writing the report")
        if cache is not None and sight is not None:
            from bufferlint.project_files.traces import traced

            traces = traced(setup.workspace, sight, setup.settings.module_bases)
            cache.keep(answer, setup.read, setup.folders, _above(paths), traces)
            if setup.workspace.notes is not None:
                setup.workspace.notes.save()
    return say_answer(answer, others)


TASKS = ("show_files", "show_settings", "add_ignore", "write_baseline", "prune_baseline")
"""Options that ask for something else than a report."""
_HOW = ("verbose", "jobs")
"""Options that make no difference to an answer; a quiet one has no warnings."""


def _cache(paths: tuple[str, ...], others: dict[str, Any]) -> Cache | None:
    """Returns where the answer may be kept; None when it rests on more than files."""
    more = (*TASKS, "diff_base", "no_cache", "stdin_filename", "timings")
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
