"""Starting with a legacy code base: suppressing what it has, or recording it in a baseline."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bufferlint import baseline
from bufferlint.cli.errors import UsageError
from bufferlint.cli.fixing import rewritten, within, written
from bufferlint.cli.invocation import Invocation, boundaries, say_problems
from bufferlint.cli.output import say
from bufferlint.engine import add_ignores as comments_for
from bufferlint.engine import analyse
from bufferlint.finding import Problem
from bufferlint.project_files import baseline_file
from bufferlint.project_files.boundaries import holds_code, is_one_of
from bufferlint.project_files.files import is_ignored_by_git
from bufferlint.project_files.signals import uninterrupted
from bufferlint.report.view import View, plural
from bufferlint.settings import Known


def add_ignores(setup: Invocation, paths: Sequence[str], quiet: bool) -> int:
    """Write a suppressing comment at each finding; the exit code."""
    if setup.stdin is not None:
        raise UsageError("--add-ignore needs a file on the disk: save it and name it instead of '-'")
    result = comments_for(setup.targets, setup.workspace, setup.settings)
    ready, unready = rewritten(result.changes, setup.workspace)
    inside = within(ready, boundaries(setup, paths))
    with uninterrupted(patience=1) as waiting:
        delivered = written(inside.done, waiting)
        count = sum(len(file.change.fixed) for file in delivered.done)
        said = f"Suppressed {plural(count, 'finding')} in {plural(len(delivered.done), 'file')}."
        return _end(setup, (*result.before.problems, *unready, *inside.problems, *delivered.problems), said, quiet)


def write_baseline(setup: Invocation, named: bool, quiet: bool) -> int:
    """Record all findings; what the file holds of other files stays. ``named`` says that the command line names it.
    The exit code."""
    file = _file(setup, "--write-baseline", named)
    report = analyse(setup.targets, setup.workspace, setup.settings)
    is_new = not os.path.lexists(file)
    held = baseline_file.load(file)
    kept = _elsewhere(held, setup) if not isinstance(held, Problem) else ()
    _save(file, (*kept, *baseline.record(report.findings, setup.workspace)))
    place = View(setup.view.folder).path(file)
    said = f"Recorded {plural(len(report.findings), 'finding')} in {place}."
    if is_new and is_ignored_by_git(file):
        said += f" Git ignores that file: `git add --force {place}`, or other checkouts have no baseline."
    return _end(setup, report.problems, said, quiet)


def prune_baseline(setup: Invocation, named: bool, quiet: bool) -> int:
    """Take out of the baseline what is no longer found; the exit code."""
    file = _file(setup, "--prune-baseline", named)
    held = baseline_file.load(file)
    if isinstance(held, Problem):
        raise UsageError.of((held,), setup.view)
    report = analyse(setup.targets, setup.workspace, setup.settings)
    broken = {problem.path for problem in (*setup.problems, *report.problems)}
    _, known = baseline.partition(report.findings, held, setup.workspace)
    left = (*_elsewhere(held, setup, broken), *baseline.record(known, setup.workspace))
    _save(file, left)
    before, after = (sum(entry.count for entry in entries) for entries in (held, left))
    place = View(setup.view.folder).path(file)
    said = f"Removed {plural(before - after, 'finding')} from {place}, {plural(after, 'finding')} left."
    return _end(setup, report.problems, said, quiet)


def _file(setup: Invocation, option: str, named: bool) -> str:
    """The baseline to write. UsageError when there is none, or when it is not one to write."""
    if setup.baseline is None:
        raise UsageError(f"{option}: name the file, such as --baseline bufferlint-baseline.json, or set 'baseline'")
    if setup.stdin is not None:
        raise UsageError(f"{option} needs files on the disk: name them instead of '-'")
    if is_one_of(setup.baseline, setup.targets):
        raise UsageError(f"{option}: {setup.baseline} is one of the files that are checked; name another file")
    if not named and not boundaries(setup, ()).holds(setup.baseline):
        _refuse_foreign(setup.baseline, setup, option)
    if holds_code(setup.baseline) or (not named and baseline_file.is_other_file(setup.baseline)):
        raise UsageError(f"{option}: {setup.baseline} holds something else than a baseline; name another file")
    return setup.baseline


def _refuse_foreign(file: str, setup: Invocation, option: str) -> None:
    """UsageError unless the configuration names a file outside of the project by its whole path, and there is a
    baseline or nothing."""
    origin = setup.config.origin("baseline")
    if origin is not None and not Path(str(origin.values["baseline"])).is_absolute():
        place = f"{origin.file}: 'baseline' names {file}, which lies outside of the project"
        raise UsageError(f"{place}; give {option} with --baseline {file} to have it written there")
    held = baseline_file.load(file) if os.path.lexists(file) else ()
    if isinstance(held, Problem):
        raise UsageError.of((replace(held, advice="it is left as it is; name another file"),), setup.view)


def _elsewhere(held: Iterable[Known], setup: Invocation, broken: Iterable[str] = ()) -> tuple[Known, ...]:
    """The entries of files that this run did not look at, or could not."""
    seen = set(setup.targets).difference(broken)
    return tuple(entry for entry in held if entry.path is not None and entry.path not in seen)


def _save(file: str, entries: Iterable[Known]) -> None:
    try:
        baseline_file.save(file, entries)
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}; make its folder, or name another file") from error


def _end(setup: Invocation, problems: Iterable[Problem], said: str, quiet: bool) -> int:
    every = tuple(dict.fromkeys((*setup.problems, *problems)))
    say_problems(every, setup, quiet)
    if setup.targets and not quiet:
        say(said, err=True)
    return 2 if every else 0
