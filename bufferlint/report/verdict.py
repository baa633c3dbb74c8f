"""What the verifier saw, as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import click

from bufferlint.report.recipe import table
from bufferlint.text.escaping import visible
from bufferlint.text.source import Source
from bufferlint.verify.contract import SPREAD, WITHOUT_FORWARD, Check, InputSpec, Outcome, Recipe, Status, Verdict
from bufferlint.verify.plan import source

NO_FORWARD = "  no inputs were found that forward runs on, so it was not run: give them, as --input 2x6x3"
_ON_DEMAND = {"compiled": "torch.compile (--compile)", "distributed": "DistributedDataParallel (--distributed)"}
_LINE = re.compile(r"\bline (\d+)\b")
_WIDTH = max(len(status.value) for status in Status)
_COUNTED = {Status.PASS: "passed", Status.FAIL: "failed", Status.SKIP: "skipped", Status.NOT_RUN: "not run"}
_COLOUR = {Status.PASS: "green", Status.FAIL: "red", Status.SKIP: "yellow", Status.NOT_RUN: "yellow"}


def state(verdict: Verdict) -> str:
    """A verdict in a word: ``proven``, ``passed``, ``failed`` or ``not proven``."""
    if verdict.not_proven:
        return "not proven"
    if not verdict.passed:
        return "failed"
    return "proven" if verdict.proven else "passed"


def render(name: str, verdict: Verdict, recipe: Recipe, *, keep: bool = False, against: str | None = None) -> str:
    """The class, how it was built and where it ran; then a line for each check, with what it has to say below.

    A recipe that was found, or with ``keep`` the given one, is written out for a configuration file. ``against`` is
    the file and class of a rewrite made by hand.
    """
    lines = [click.style(visible(name), bold=True)]
    if verdict.recipe is not None or not verdict.tried:
        lines.append(f"  recipe  {visible(described(verdict.recipe or recipe))}{', found' if verdict.recipe else ''}")
    if verdict.device:
        lines.append(f"  device  {visible(verdict.device)}")
    run = [check for check in verdict.checks if {check.before.status, check.after.status} != {Status.NOT_RUN}]
    checks = run if verdict.cause is not None else verdict.checks
    if checks and not _runs_on_no_input(verdict):
        lines += ["", *_table(checks, verdict.rewritten)]
        left_out = [text for name, text in _ON_DEMAND.items() if all(check.name != name for check in checks)]
        if left_out and verdict.cause is None:
            lines.append(f"  not asked for: {', '.join(left_out)}")
    if verdict.not_proven:
        lines += ["", f"  not proven: {visible(verdict.cause or '')}"]
        lines += [f"  {visible(verdict.advice)}"] if verdict.advice else []
    if verdict.tried:
        asked = verdict.recipe is not None and WITHOUT_FORWARD not in verdict.tried
        lines += ["", *([NO_FORWARD] if asked else []), "  tried:", *(f"    {visible(line)}" for line in verdict.tried)]
    if verdict.recipe is not None or keep:
        rows = table(name, verdict.recipe or recipe)
        lines += ["", "  To keep the recipe, in pyproject.toml:", *(f"    {each}" for each in rows)]
    return "".join(f"{line}\n" for line in lines)


def _runs_on_no_input(verdict: Verdict) -> bool:
    """Returns whether forward raised on the recipe's inputs, so that nothing but that was looked at."""
    outcomes = {check.name: check.before.status for check in verdict.checks}
    return verdict.not_proven and (outcomes.get("cpu_forward"), outcomes.get("state_dict")) == (
        Status.FAIL,
        Status.NOT_RUN,
    )


def in_cells(verdict: Verdict, notebook: Source) -> Verdict:
    """The verdict with lines of the notebook's code as it stands named as its reader knows them: cell and line."""

    def named(match: re.Match[str]) -> str:
        row = int(match[1])
        if row > notebook.line_count():
            return match[0]
        place = notebook.location(notebook.offset(row))
        return match[0] if place.cell is None else f"cell {place.cell}, line {place.row}"

    def placed(check: Check) -> Check:
        return replace(check, before=replace(check.before, detail=_LINE.sub(named, check.before.detail)))

    return replace(verdict, checks=tuple(map(placed, verdict.checks)))


def described(recipe: Recipe) -> str:
    """A recipe in one line."""
    if recipe.factory is not None:
        return f"{recipe.factory}(); seed {recipe.seed}"
    arguments = [
        *map(source, recipe.args),
        *(f"{name}{'=' * (name != SPREAD)}{source(value)}" for name, value in recipe.init),
    ]
    inputs = None if recipe.inputs is None else f"forward({', '.join(map(_input, recipe.inputs))})"
    return f"init({', '.join(arguments)}); {inputs or 'forward not run'}; seed {recipe.seed}"


def _input(spec: InputSpec) -> str:
    if spec.shape is None:
        text = source(spec.value)
    else:
        bounds = f" {spec.low:g}..{spec.high:g}" if spec.low is not None and spec.high is not None else ""
        text = f"{'x'.join(map(str, spec.shape)) or 'scalar'} {spec.dtype}{bounds}"
    return f"{spec.name}={text}" if spec.name else text


def counted(verdict: Verdict) -> str:
    """Returns how many checks came out how, and on what device."""
    counts = {status: sum(each.status is status for each in verdict.judged) for status in Status}
    parts = [f"{count} {_COUNTED[status]}" for status, count in counts.items() if count]
    return f"{', '.join(parts)} ({verdict.device})" if verdict.device else ", ".join(parts)


def summed(verdicts: Sequence[Verdict]) -> str:
    """Returns how many classes came out how, and what to do next."""
    states = Counter(map(state, verdicts))
    counts = ", ".join(
        f"{states[each]} {each}" for each in ("proven", "passed", "failed", "not proven") if states[each]
    )
    fixable = any(each.passed and each.rewritten and not each.not_proven for each in verdicts)
    advice = "; write those that passed with `fix --apply --verify`" if fixable else ""
    return f"{len(verdicts)} classes: {counts}{advice}."


def _table(checks: Sequence[Check], rewritten: bool) -> list[str]:
    titles = max(len(check.title) for check in checks)
    head = f"  {'check':<{titles}}  " + (f"{'before':<{_WIDTH}}  after" if rewritten else "as it stands")
    lines = [click.style(head, bold=True)]
    for check in checks:
        before = _status(check.before, _WIDTH if rewritten else 0)
        after = f"  {_status(check.after)}" if rewritten else ""
        lines.append(f"  {check.title:<{titles}}  {before}{after}")
        lines += [f"      {visible(detail)}" for detail in _details(check, rewritten)]
    return lines


def _status(outcome: Outcome, width: int = 0) -> str:
    return click.style(outcome.status.value, fg=_COLOUR[outcome.status]) + " " * (width - len(outcome.status.value))


def _details(check: Check, rewritten: bool) -> list[str]:
    before, after = check.before.detail, check.after.detail
    if before == after or not rewritten:
        return [before] if before else []
    return [f"{side}: {detail}" for side, detail in (("before", before), ("after", after)) if detail]
