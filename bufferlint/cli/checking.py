"""One run of ``check``: from its command line to the answer that it prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING, Any

from bufferlint.cli.commands.parameters import chosen
from bufferlint.cli.invocation import Invocation, joined, prepare
from bufferlint.cli.output import say
from bufferlint.cli.progress import working
from bufferlint.cli.reporting import changed_since, columns, noted, rendered
from bufferlint.engine import analyse
from bufferlint.project_files.process_pool import spread
from bufferlint.project_files.result_cache import Answer
from bufferlint.report.view import plural

if TYPE_CHECKING:
    from bufferlint.incremental.dependencies import Dependencies
    from bufferlint.syntax.lowering_cache import LoweringCache


def prepared(paths: tuple[str, ...], others: dict[str, Any]) -> Invocation:
    """The run that a command line asks for."""
    return prepare(
        paths,
        chosen(others),
        config_file=others["config"],
        isolated=others["isolated"],
        stdin_filename=others["stdin_filename"],
        verbose=others["verbose"],
        use_baseline=not (others.get("write_baseline") or others.get("prune_baseline")),
    )


def laps(on: bool) -> Callable[[str], None]:
    """Says after each part of the work what CPU time it took, if that is asked for."""
    if not on:
        return lambda _: None
    before = 0.0

    def on_phase(part: str) -> None:
        nonlocal before
        now = process_time()
        say(f"{now - before:8.3f} s  {part}", err=True)
        before = now

    return on_phase


def answer(
    setup: Invocation,
    others: dict[str, Any],
    cache: LoweringCache | None = None,
    on_phase: Callable[[str], None] = lambda _: None,
    sight: Dependencies | None = None,
) -> Answer:
    """Returns what there is to report."""
    with working(f"checking {plural(len(setup.targets), 'file')}", others["quiet"]) as step:
        jobs = 1 if cache or others["timings"] else others["jobs"]
        how = spread(jobs, setup.workspace, len(setup.targets))
        options: dict[str, Any] = {"spread": how, "on_phase": on_phase, "on_class": step, "sight": sight}
        every = analyse(setup.targets, setup.workspace, setup.settings, cache, **options)
        report = joined(every, setup.problems)
    if others["diff_base"] is not None:
        report = changed_since(report, setup, others["diff_base"])
    form = str(setup.values.get("output-format", "text"))
    view = replace(setup.view, columns=columns(others["output_file"]), show_fixes=bool(others["show_fixes"]))
    code = 0 if others["exit_zero"] and report.exit_code == 1 else report.exit_code
    return Answer(rendered(report, view, form, others["statistics"]), noted(report, setup, others["quiet"]), code)
