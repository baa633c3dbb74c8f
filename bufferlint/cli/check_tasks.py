"""What ``check`` does when something else than one report is asked for."""

from __future__ import annotations

from typing import Any

from bufferlint import engine
from bufferlint.cli import introspection, onboarding
from bufferlint.cli.checking import answer, prepared
from bufferlint.cli.commands.check import TASKS
from bufferlint.cli.commands.fix import fix
from bufferlint.cli.commands.parameters import chosen
from bufferlint.cli.errors import UsageError
from bufferlint.cli.invocation import STDIN, Invocation, prepare
from bufferlint.cli.output import complain, say
from bufferlint.cli.reporting import refuse_input, say_answer
from bufferlint.cli.watching import watch
from bufferlint.project_files.config import files_read, find, load
from bufferlint.project_files.files import absolute
from bufferlint.syntax.lowering_cache import LoweringCache

_NOT_WITH_FIX = ("watch", "explain_silence", "statistics", "diff_base", "output_file", "exit_zero")
"""Options of a report that make no sense when files are fixed."""


def fixed(paths: tuple[str, ...], others: dict[str, Any], apply: bool) -> int:
    """Do what ``bufferlint fix`` does; the exit code."""
    refused = [option for option in (*TASKS, *_NOT_WITH_FIX) if others[option]]
    if refused:
        option = refused[0].replace("_", "-")
        raise UsageError(f"--{option} does not go with --{'fix' if apply else 'diff'}: give one of them")
    how = {"verify": None, "exit_non_zero_on_fix": False, "allow_dirty": False, "form": "text"}
    others["show_fixes"] = others["show_fixes"] is not False
    assert fix.callback is not None
    return int(fix.callback(paths, apply=apply, **how, **others))


def run(setup: Invocation, paths: tuple[str, ...], others: dict[str, Any]) -> int:
    """Do what the options ask for instead of a report; the exit code."""
    quiet = others["quiet"]
    if others["show_files"] or others["show_settings"]:
        files = introspection.files(setup) if others["show_files"] else ""
        say(files + (introspection.settings(setup, chosen(others)) if others["show_settings"] else ""), nl=False)
        return 0
    if others["add_ignore"]:
        return onboarding.add_ignores(setup, paths, quiet)
    named = others["baseline"] is not None
    if others["write_baseline"]:
        return onboarding.write_baseline(setup, named, quiet)
    return onboarding.prune_baseline(setup, named, quiet)


def watched(paths: tuple[str, ...], others: dict[str, Any]) -> int:
    """Report, and again whenever a file changes or comes into one of their folders; until interrupted."""
    if STDIN in paths:
        raise UsageError("--watch needs files on the disk: name them instead of '-'")
    cache = LoweringCache()
    asked = {**others, "write_baseline": False, "prune_baseline": False}

    def again() -> tuple[str, ...]:
        places = list(paths) or ["."]
        read = [*map(absolute, places), *_configured(places, others)]
        try:
            setup = prepared(paths, asked)
        except UsageError as error:
            complain(error)
            return tuple(read)
        refuse_input(others["output_file"], setup)
        say_answer(answer(setup, asked, cache), asked)
        folders = (file.rpartition("/")[0] for file in setup.targets)
        return tuple(dict.fromkeys((*read, *setup.targets, *folders, *sorted(setup.read), *setup.folders)))

    watch(again)
    return 0


def _configured(places: list[str], others: dict[str, Any]) -> list[str]:
    """The configuration files that a run reads, with those that they extend."""
    file = others["config"] or find(places)
    return [] if others["isolated"] else list(files_read(file, load(file)))


def explain(option: str, others: dict[str, Any]) -> int:
    """Print why nothing is said of the attribute that ``FILE:CLASS.ATTR`` names, or what its fix must show."""
    flag, place = f"--{option.replace('_', '-')}", others[option]
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
