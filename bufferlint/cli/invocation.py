"""From what a user typed to what the engine needs: settings, files, and the workspace they lie in."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bufferlint.cli.errors import UsageError
from bufferlint.cli.output import labelled, say
from bufferlint.finding import Problem, Report
from bufferlint.project_files import config as configuration
from bufferlint.project_files.boundaries import Boundaries
from bufferlint.project_files.config import SELECTORS, Config, selectors_of
from bufferlint.project_files.files import Targets, absolute, collect, project_root
from bufferlint.project_files.membership import MOST_FILES, Membership
from bufferlint.project_files.suggestions import nearest_rule
from bufferlint.project_files.workspace import LARGEST, DiskWorkspace
from bufferlint.report.view import View
from bufferlint.settings import Known, Settings
from bufferlint.text.escaping import visible

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Invocation:
    """``targets`` are readable files; ``problems`` say which of the paths are not. ``stdin`` is what was read there.

    ``values`` are all that the configuration and the command line say, by option key.
    """

    config: Config
    settings: Settings
    targets: tuple[str, ...]
    workspace: DiskWorkspace
    problems: tuple[Problem, ...]
    view: View
    membership: Membership
    stdin: bytes | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    baseline: str | None = None
    walked: tuple[str, ...] = ()
    """The folders that were walked to find the targets."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that were walked to find the targets and, so far, the files of their projects."""
        return (*self.walked, *self.membership.folders)

    @property
    def warnings(self) -> list[str]:
        """Tells what a person has to know of the projects, a line each."""
        warnings = [
            labelled(
                "warning",
                f"{self.view.path(top)} holds more than {MOST_FILES:,} files, so subclasses and callers are looked for "
                "in the named paths only; leave out what is no part of the project with 'exclude'",
            )
            for top in self.membership.too_large
        ]
        if self.settings.ignore and self._runs_nothing():
            left = "no rule is left to run: 'ignore' holds all that are selected; take some out of it"
            warnings.append(labelled("warning", left))
        return warnings

    def _runs_nothing(self) -> bool:
        from bufferlint.rules import selected

        return not selected(self.settings)

    @property
    def read(self) -> frozenset[str]:
        """The files that the answer rests on so far, those looked for in vain among them."""
        named = (file for file in (*self.config.files, self.baseline) if file is not None)
        absent = (problem.path for problem in self.problems)
        recorded = (known.path for known in self.settings.baseline if known.path is not None)
        return self.workspace.asked_for.union(named, absent, recorded)


def prepare(
    paths: Sequence[str],
    given: Mapping[str, object],
    *,
    config_file: str | None = None,
    isolated: bool = False,
    stdin_filename: str | None = None,
    verbose: bool = False,
    use_baseline: bool = True,
) -> Invocation:
    """Read the configuration, find the files and open them. UsageError when the options make no sense.

    ``isolated`` means without any configuration file. ``use_baseline`` is whether what the baseline holds is left out;
    otherwise its file need not be there.
    """
    try:
        folder = absolute(".")
    except FileNotFoundError as error:
        raise UsageError("the current folder does not exist any more: change to one that does") from error
    from_stdin = STDIN in paths
    if from_stdin and len(paths) > 1:
        raise UsageError("'-' (stdin) stands alone: give it without other paths")
    if stdin_filename is not None and not from_stdin:
        raise UsageError(
            "--stdin-filename goes with the path '-': bufferlint check --stdin-filename model.py - < model.py"
        )
    if isolated and config_file is not None:
        raise UsageError("--isolated reads no configuration file, and --config names one: give one of them")
    places = [stdin_filename or STDIN] if from_stdin else list(paths) or ["."]
    file = absolute(config_file) if config_file else None if isolated else configuration.find(places)
    config = configuration.load(file)
    if not isinstance(config, Config):
        raise UsageError.of(config, View(folder))
    values = configuration.merged(config, given)
    refuse_unknown_rules(values, given, config)
    git = bool(values.get("respect-gitignore", True))
    stdin = sys.stdin.buffer.read(LARGEST + 1) if from_stdin else None
    if stdin is not None:
        targets = Targets((absolute(places[0]),))
    else:
        excludes = configuration.excludes(config, given)
        targets = collect(places, excludes, force=bool(values.get("force-exclude")), git=git)
    named = targets.named if stdin is None else frozenset(targets.files)
    forced = isolated or config_file is not None
    membership = Membership(configuration.excludes_by_project(config, given, forced), named, respects_git=git)
    overlay = {} if stdin is None else {targets.files[0]: stdin}
    workspace = DiskWorkspace(project_root(targets.files or places), overlay, membership)
    settings = configuration.settings_for(targets.files, config, given)
    baseline = configuration.baseline_file(config, given)
    if baseline is not None and use_baseline:
        settings = replace(settings, baseline=_known(baseline, View(folder)))
    readable, unreadable = workspace.readable(targets.files)
    if verbose:
        said = (f"configuration: {file or 'none'}", f"project: {workspace.root}", f"files: {len(targets.files)}")
        say("\n".join(map(visible, said)), err=True)
    view = View(folder, workspace.source, settings.unsafe_fixes)
    problems = (*targets.problems, *unreadable)
    return Invocation(
        config, settings, readable, workspace, problems, view, membership, stdin, values, baseline, targets.folders
    )


def boundaries(setup: Invocation, paths: Sequence[str]) -> Boundaries:
    """Returns where a run over these paths may write."""
    return Boundaries(setup.workspace.root, tuple(paths) or (".",))


def joined(report: Report, problems: Sequence[Problem]) -> Report:
    """The engine's report with the problems that the shell met, each once."""
    every = sorted({*report.problems, *problems}, key=lambda problem: problem.sort_key)
    return replace(report, problems=tuple(every))


def complaints(problems: Sequence[Problem], view: View) -> list[str]:
    """Returns what could not be read, checked or written, a line each."""
    return [labelled("error", view.problem(problem)) for problem in problems]


def say_problems(problems: Sequence[Problem], setup: Invocation, quiet: bool) -> None:
    """The complaints on stderr; a warning when there was nothing to look at."""
    for line in complaints(problems, setup.view):
        say(line, err=True)
    if not quiet:
        for line in setup.warnings:
            say(line, err=True)
    if not (setup.targets or problems or quiet):
        say(labelled("warning", "no Python file or notebook found under the given paths"), err=True)


def _known(file: str, view: View) -> tuple[Known, ...]:
    from bufferlint.project_files import baseline_file

    loaded = baseline_file.load(file)
    if isinstance(loaded, Problem):
        raise UsageError.of((loaded,), view)
    return loaded


def refuse_unknown_rules(values: Mapping[str, object], given: Mapping[str, object], config: Config) -> None:
    """UsageError when an option names a rule that does not exist."""
    named = [(key, selector) for key in SELECTORS for selector in selectors_of(values.get(key))]
    if not named:
        return
    from bufferlint.rules import is_selector

    for key, selector in named:
        if not is_selector(selector):
            origin = config.origin(key)
            place = f"{origin.file}: '{key}'" if origin and key not in given else f"--{key}"
            raise UsageError(f"{place}: unknown rule '{selector}'; {nearest_rule(selector)}")


def homepage() -> str | None:
    """The documentation's address, if the installed package names one."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        entries = metadata("bufferlint").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    named = dict(entry.split(", ", 1) for entry in entries)
    return named.get("Documentation")
