"""``bufferlint fix``: the changes as a patch, or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from bufferlint.cli.commands.parameters import OneOf, configurable, provable, stdin_filename, talkative
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import deliver_bytes, deliver_patch, say
from bufferlint.project_files.signals import uninterrupted
from bufferlint.text.escaping import visible

if TYPE_CHECKING:
    from bufferlint.cli.fixing import Delivered
    from bufferlint.cli.invocation import Invocation
    from bufferlint.engine import Change, FixResult
    from bufferlint.finding import Finding, Problem

Refused = Mapping[tuple[str, str], str]


class _Fix(Sectioned):
    """Takes ``--verify`` alone for ``--verify=safe``, and never the word after it for its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        full = ["--verify=safe" if word == "--verify" else word for word in args[:end]]
        return super().parse_args(ctx, full + args[end:])


@click.command(cls=_Fix)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--apply/--diff", "apply", default=None, help="Write the changes, or print them as a patch (the default)."
)
@click.option(
    "--verify",
    type=OneOf(["safe", "all"]),
    metavar="[=safe|all]",
    help="Run each changed class before and after, keep what passes; =all also makes proven unsafe fixes.",
)
@click.option(
    "--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 if something was fixed, even if nothing is left."
)
@click.option(
    "--show-fixes/--no-show-fixes", default=True, help="List each fix that is made, and each finding that is left."
)
@click.option(
    "--allow-dirty", is_flag=True, help="Make unsafe fixes also in files with changes that are not committed to git."
)
@click.option(
    "--output-format",
    "form",
    type=OneOf(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print what was done; json also lists the state_dict keys that are new.",
)
@configurable
@stdin_filename
@provable
@talkative
def fix(
    paths: tuple[str, ...],
    apply: bool | None,
    verify: str | None,
    exit_non_zero_on_fix: bool,
    show_fixes: bool,
    allow_dirty: bool,
    form: str,
    **others: Any,
) -> int:
    """Register the tensors as buffers: as a patch, or in the files.

    PATHS are files and folders (the current folder if there are none); '-' reads stdin and prints the fixed text.
    Without --apply nothing is written. A file is written whole or not at all, and never if it changed meanwhile.
    Unsafe fixes are not made in files with changes that git does not know, but with --allow-dirty.

    \b
    Examples:
      bufferlint fix src                       print a patch
      bufferlint fix src | git apply           the same as --apply
      bufferlint fix --apply src
      bufferlint fix --apply --non-persistent  leave the state_dict keys as they are
      bufferlint fix --load-old-checkpoints    checkpoints saved before load strictly
      bufferlint fix --clean-up                remove moves of what is registered too
      bufferlint fix --apply --verify model.py --init d_in=3 --input 2x6x3

    --verify runs your code: each changed class is built and called as it stands and as rewritten, with the recipe
    from the command line or from [tool.bufferlint.verify], or with one that is searched for; a class that fails, or
    that could not be run (not proven), is left as it was.
    --verify=all also makes the unsafe fixes of classes that pass every check bit for bit, and calls them proven.

    \b
    Exit code: 0 nothing to do, 1 a patch was printed or findings are left, 2 wrong usage or unreadable input.
    """
    from bufferlint.cli.checking import prepared
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.invocation import say_problems

    setup = prepared(paths, others)
    if verify and setup.stdin is not None:
        raise UsageError("--verify needs a file on the disk: save it and name it instead of '-'")
    as_patch = not (apply or (setup.stdin is not None and apply is None and form == "text"))
    result, refused, proven = _result(setup, others, verify)
    # What was written is said, whatever comes in between.
    with nullcontext(()) if as_patch else uninterrupted(patience=1) as waiting:
        delivered = _deliver(result.changes, setup, paths, as_patch, allow_dirty, form == "json", waiting)
        told = (*setup.problems, *result.before.problems, *result.problems, *delivered.problems)
        problems = tuple(dict.fromkeys(told))
        fixed = [finding for file in delivered.done for finding in file.change.fixed]
        kept = {file.change for file in delivered.done}
        not_made = [finding for change in result.changes if change not in kept for finding in change.fixed]
        left = [*result.remaining.findings, *not_made]
        if form == "json":
            _say_json(fixed, left, problems, delivered, setup, as_patch)
        say_problems(problems, setup, others["quiet"])
        if setup.targets and not others["quiet"]:
            _say(fixed, left, setup, refused, proven, written=not as_patch, listed=show_fixes)
    if problems:
        return 2
    return int(bool(fixed) if as_patch else bool(left) or (exit_non_zero_on_fix and bool(fixed)))


def _result(
    setup: Invocation, keywords: Mapping[str, Any], verify: str | None
) -> tuple[FixResult, Refused, frozenset[tuple[str, str]]]:
    """The fixes; with ``verify`` those that passed, with why others did not, and the classes that are proven."""
    if verify is None:
        from bufferlint import engine
        from bufferlint.cli.progress import working
        from bufferlint.project_files.process_pool import spread
        from bufferlint.report.view import plural

        how = spread(None, setup.workspace, len(setup.targets))
        with working(f"checking {plural(len(setup.targets), 'file')}", keywords["quiet"]) as step:
            result = engine.fix(setup.targets, setup.workspace, setup.settings, spread=how, on_class=step)
        return result, result.refused, frozenset()
    from bufferlint.cli.verified_fixes import Recipes, gate, interpreter
    from bufferlint.report.verdict import counted

    python = interpreter(setup, keywords["python"])
    gated = gate(setup, Recipes(setup, keywords), python, everything=verify == "all")
    for (path, class_name), verdict in gated.verdicts.items():
        if not keywords["quiet"]:
            say(f"verified {setup.view.path(path)}::{visible(f'{class_name}: {counted(verdict)}')}", err=True)
    for report in gated.reports:
        say(report, err=True)
    return gated.result, gated.refused, frozenset(key for key, verdict in gated.verdicts.items() if verdict.proven)


def _deliver(
    changes: Sequence[Change],
    setup: Invocation,
    paths: Sequence[str],
    as_patch: bool,
    allow_dirty: bool,
    as_json: bool,
    waiting: Sequence[int],
) -> Delivered:
    """Print the patch, print stdin's text, or write the files: what was delivered, and what could not be.

    What reads stdin's text from us never gets less than was sent: without a fix it comes back as it came. A signal
    among those ``waiting`` ends the writing between two files.
    """
    from bufferlint.cli import fixing
    from bufferlint.cli.invocation import boundaries

    ready, problems = fixing.rewritten(changes, setup.workspace)
    if as_patch and as_json:
        pass  # it is part of the document
    elif as_patch:
        deliver_patch(fixing.patch(ready, setup.view.folder))
    elif setup.stdin is not None:
        deliver_bytes(ready[0].after if ready else setup.stdin)
    else:
        inside = fixing.within(ready, boundaries(setup, paths))
        chosen_ = inside if allow_dirty else fixing.only_committed(inside.done)
        outcome = fixing.written(chosen_.done, waiting)
        refused = dict.fromkeys((*inside.problems, *chosen_.problems))
        return replace(outcome, problems=(*problems, *refused, *outcome.problems))
    return fixing.Delivered(ready, problems)


def _say_json(
    fixed: Sequence[Finding],
    left: Sequence[Finding],
    problems: Sequence[Problem],
    delivered: Delivered,
    setup: Invocation,
    as_patch: bool,
) -> None:
    """Print what was done as one document; a patch in it is read as UTF-8."""
    from bufferlint import engine
    from bufferlint.cli import fixing
    from bufferlint.report import fix_json

    classes = list(dict.fromkeys((f.path, f.class_name) for f in fixed if f.fix and f.fix.adds_keys))
    models = list(setup.config.recipes) if classes else []
    places = engine.places(models, classes, setup.workspace, setup.settings)
    patch = fixing.patch(delivered.done, setup.view.folder).decode("utf-8", "backslashreplace") if as_patch else None
    say(fix_json.render(fixed, left, problems, places, setup.view, patch=patch), nl=False)


def _say(
    fixed: Sequence[Finding],
    left: Sequence[Finding],
    setup: Invocation,
    refused: Refused,
    proven: frozenset[tuple[str, str]],
    *,
    written: bool,
    listed: bool,
) -> None:
    """Tells what was done, what was not and why, and what it means for checkpoints: all on stderr."""
    from bufferlint.report import summary

    ordered = sorted(left, key=lambda finding: finding.sort_key)
    lines = summary.fixed_findings(fixed, setup.view, proven) if written and listed else []
    lines += summary.left_over(ordered, setup.view, refused) if listed else []
    keys = summary.added_keys(fixed, setup.settings.load_old_checkpoints)
    sources = [setup.workspace.source(path) for path in setup.targets] if fixed else []
    whole = summary.pickled_whole([source for source in sources if source is not None], setup.view)
    lines += [summary.fixed(fixed, left, written=written), *filter(None, (keys, whole))]
    say("\n".join(lines), err=True)
