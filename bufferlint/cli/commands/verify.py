"""``bufferlint verify``: run a class as it stands and as rewritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bufferlint.cli.commands.parameters import OneOf, chosen, configurable, provable, talkative
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say
from bufferlint.text.escaping import visible

if TYPE_CHECKING:
    from bufferlint.cli.invocation import Invocation
    from bufferlint.cli.verification_cache import Run
    from bufferlint.cli.verified_fixes import Recipes
    from bufferlint.engine import FixResult
    from bufferlint.finding import Report
    from bufferlint.text.source import Source
    from bufferlint.verify.contract import Recipe


@click.command(cls=Sectioned)
@click.argument("places", metavar="[PATH[::CLASS]]...", nargs=-1)
@click.option(
    "--from-tests",
    "tests",
    multiple=True,
    metavar="PATH",
    help="Run these pytest tests first, and build and call classes as they do.",
)
@click.option(
    "--against", metavar="PATH[::CLASS]", help="Judge this rewrite of the class, in place of the fix of bufferlint."
)
@click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="OLD=NEW",
    help="With --against: a tensor or submodule has another name there.",
)
@click.option(
    "--output-format", type=OneOf(["text", "json"]), default="text", show_default=True, help="How to write it."
)
@click.option(
    "--max-classes",
    "most",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    metavar="N",
    help="How many classes to run where none is named.",
)
@click.option("--html", "page", metavar="FILE", help="Write the tables as a page of HTML too.")
@provable
@configurable
@talkative
def verify(places: tuple[str, ...], **others: Any) -> int:
    """Run a class before and after the fix, and compare.

    This runs your code, in a process of its own under your interpreter. The class is built twice from one seed, as it
    stands and as `bufferlint fix` would rewrite it (nothing is written): does it build, are its CPU results equal, does
    it run on another device, what is in its state_dict, does a checkpoint bring its values back. Without CLASS, every
    module class is run that has a finding or holds a tensor unregistered.

    Constructor arguments and inputs that nobody gives are searched for, in bounded time, and printed as a recipe to
    keep. A class for which none are found is *not proven*, with what was tried: say how it is built and called.

    --from-tests runs your tests as pytest would, in the project's folder and outside that fence, and takes constructor
    arguments and inputs from them; what they do not show is searched for.

    --against judges a rewrite made by hand, by a codemod or by an assistant in the same way: the class as it stands
    against that of another file, or another class of the same one. Names that were changed are given as --rename.

    \b
    Examples:
      bufferlint verify --from-tests tests/
      bufferlint verify old.py::Net --against new.py::Net2 --rename mask=causal_mask --input 2x6x3
      bufferlint verify 'model.py::CausalAttention' --init d_in=3 --init d_out=2 --input 2x6x3 --seed 123
      bufferlint verify 'demo.ipynb::Net' --input 4x10:int64:0..100 --python .venv/bin/python

    \b
    The same recipe in pyproject.toml; values that TOML cannot write are Python after py:
      [tool.bufferlint.verify."model.py::CausalAttention"]
      init = { d_in = 3, d_out = 2, norm = "py:torch.nn.LayerNorm" }
      inputs = ["2x6x3"]
      seed = 123

    \b
    Or a function that returns the module, or (module, inputs), or (module, inputs, keyword inputs):
      recipe = "pkg.testing:make_attention"

    \b
    Exit code: 0 all checks of the rewritten class pass, 1 one fails, 2 not proven (could not be run) or wrong usage.
    """
    from bufferlint import engine
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.invocation import prepare, say_problems
    from bufferlint.project_files.boundaries import holds_code
    from bufferlint.project_files.process_pool import spread

    if others["page"] is not None and holds_code(others["page"]):
        raise UsageError(f"--html {others['page']}: it holds code or configuration; name another file for the page")
    if not places and not others["tests"]:
        raise UsageError("name the class to run, or a file or folder of them: bufferlint verify model.py::Net")
    asked = [(path or ".", name.replace("::", ".")) for path, _, name in (each.partition("::") for each in places)]
    setup = prepare(
        [*dict.fromkeys(path for path, _ in asked)] or ["."],
        chosen(others),
        config_file=others["config"],
        isolated=others["isolated"],
        verbose=others["verbose"],
        use_baseline=False,
    )
    if setup.stdin is not None:
        raise UsageError("verify needs a file on the disk: save it and name it instead of '-'")
    named = {place: _named(setup, *place) for place in asked if place[1]}
    rewritten = others["against"] is not None or others["renames"]
    whole = [path for path, name in asked if not name] or ([] if named else ["."])
    found = _found(setup, [] if rewritten else whole)

    def wanted(report: Report) -> set[str]:
        """The files of the classes to be run: what the fix would make of others is not asked for."""
        return set() if rewritten else {path for path, _ in (*named.values(), *found(report)[: others["most"]])}

    how = spread(others["jobs"], setup.workspace, len(setup.targets))
    result = engine.fix(setup.targets, setup.workspace, setup.settings, spread=how, wanted=wanted)
    problems = tuple(dict.fromkeys((*setup.problems, *result.before.problems, *result.problems)))
    say_problems(problems, setup, others["quiet"])
    if rewritten:
        if len(asked) != 1 or not named:
            raise UsageError("--against judges one class: name it, as FILE::Class --against OTHER_FILE[::Class]")
        return max(_run_against(setup, named[asked[0]], others), 2 if problems else 0)
    every = found(result.before)
    left = len(every) - others["most"]
    if left > 0 and not others["quiet"]:
        say(f"{left} of {len(every)} classes are left out: raise --max-classes, now {others['most']}", err=True)
    keys = [*named.values(), *every[: others["most"]]]
    if not keys and not problems and not others["quiet"]:
        path = " ".join(whole)
        say(visible(f"No class in {path} has a finding: name one to run it as it stands, {path}::Class"), err=True)
    return max(_run(setup, result, list(dict.fromkeys(keys)), others), 2 if problems else 0)


def _named(setup: Invocation, path: str, class_name: str) -> tuple[str, str]:
    """The file and name of a class that was asked for. UsageError where it is not there, before anything is run."""
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.named_classes import missing
    from bufferlint.project_files.files import absolute

    below = [target for target in setup.targets if _is_below(target, absolute(path))]
    if len(below) > 1:
        raise UsageError(f"{path} holds {len(below)} files: name the one with the class {class_name}")
    if not below:
        raise UsageError.of(setup.problems, setup.view) if setup.problems else UsageError(f"{path} is no file to read")
    why = missing(setup, below[0], class_name)
    if why:
        raise UsageError(why, "name the class as it is written after 'class', with a dot for one inside another")
    return below[0], class_name


def _found(setup: Invocation, paths: list[str]) -> Callable[[Report], list[tuple[str, str]]]:
    """Returns what tells, of a report, the classes below some paths that have a finding or an unregistered tensor."""
    from bufferlint import engine
    from bufferlint.project_files.files import absolute

    roots = [absolute(path) for path in paths]
    below = [target for target in setup.targets if any(_is_below(target, root) for root in roots)]
    plain = engine.classes_with_plain_tensors(below, setup.workspace, setup.settings) if below else ()

    def told(report: Report) -> list[tuple[str, str]]:
        found = [(f.path, f.class_name) for f in report.findings if f.class_name and f.path in below]
        return sorted(dict.fromkeys((*found, *plain)), key=lambda key: key[0])

    return told


def _is_below(target: str, root: str) -> bool:
    return target == root or target.startswith(f"{root.rstrip('/')}/")


def _run(setup: Invocation, result: FixResult, keys: list[tuple[str, str]], keywords: dict[str, Any]) -> int:
    """Run classes as they stand and as the fix writes them; the exit code of the worst."""
    from bufferlint.cli.verified_fixes import Recipes, interpreter, subject_of
    from bufferlint.report.summary import left_over

    after = {change.before.path: change.after for change in result.changes}
    python = interpreter(setup, keywords["python"])
    recipes = Recipes(setup, keywords, _from_tests(setup, python, keywords))
    known = [(key, source) for key in keys if (source := setup.workspace.source(key[0])) is not None]
    runs = [(subject_of(source, key[1], after.get(key[0]), setup), recipes.at_least(key)) for key, source in known]

    def unfixed(key: tuple[str, str]) -> None:
        left = [f for f in result.remaining.findings if (f.path, f.class_name) == key]
        if left and not keywords["quiet"]:
            say("\n".join(left_over(left, setup.view, {})), err=True)

    return _judge(setup, python, recipes, list(zip(known, runs, strict=True)), keywords, unfixed)


def _run_against(setup: Invocation, key: tuple[str, str], keywords: dict[str, Any]) -> int:
    """Run a class as it stands and another in its place; the exit code."""
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.verified_fixes import Recipes, interpreter, subject_of
    from bufferlint.project_files.files import absolute

    path, _, name = (keywords["against"] or "").partition("::")
    before = setup.workspace.source(key[0])
    rewritten = setup.workspace.source(absolute(path)) if path else before
    if not path and not name:
        raise UsageError("--rename says how names changed in a rewrite: name that as --against OTHER_FILE[::Class]")
    if before is None or rewritten is None:
        raise UsageError(f"{path if before else key[0]} cannot be read: --against takes a Python file or a notebook")
    renamed = []
    for item in keywords["renames"]:
        old, equals, new = item.partition("=")
        if not (old.strip() and equals and new.strip()):
            raise UsageError(f"'{item}' is no change of a name: write OLD=NEW, for example mask=causal_mask")
        renamed.append((old.strip(), new.strip()))
    other = subject_of(rewritten, name.replace("::", ".") or key[1], None, setup)
    subject = replace(subject_of(before, key[1], rewritten.text, setup), against=other, renamed=tuple(renamed))
    python = interpreter(setup, keywords["python"])
    recipes = Recipes(setup, keywords, _from_tests(setup, python, keywords))
    runs = [((key, before), (subject, recipes.at_least(key)))]
    return _judge(setup, python, recipes, runs, keywords, lambda _: None)


def _judge(
    setup: Invocation,
    python: str,
    recipes: Recipes,
    runs: list[tuple[tuple[tuple[str, str], Source], Run]],
    keywords: dict[str, Any],
    afterwards: Callable[[tuple[str, str]], None],
) -> int:
    """Run classes and print each one's table, or all as JSON; the exit code of the worst."""
    from bufferlint.cli.reporting import columns
    from bufferlint.cli.verification_cache import CachedVerifier
    from bufferlint.report import verdict_html, verdict_json
    from bufferlint.report.verdict import in_cells, render, summed
    from bufferlint.report.view import fitted
    from bufferlint.verify.contract import WITHOUT_FORWARD

    with CachedVerifier(python, keywords) as prover:
        verdicts = prover.verdicts([run for _, run in runs])
    worst = 0
    judged = []
    for ((key, source), (subject, recipe)), seen in zip(runs, verdicts, strict=True):
        verdict = in_cells(seen, source) if source.cells else seen
        other = subject.against
        against = f"{setup.view.path(other.path)}::{other.class_name}" if other is not None else None
        judged.append(verdict_json.Judged(setup.view.path(key[0]), key[1], against, recipe, verdict))
        name = f"{setup.view.path(key[0])}::{key[1]}"
        if keywords["output_format"] == "text":
            table = render(name, verdict, recipe, keep=key in recipes.recorded, against=against)
            say(fitted(table, columns(None)))
            if verdict.output and (keywords["verbose"] or not verdict.passed):
                say(verdict.output, err=True)
            afterwards(key)
        unrun = against is not None and verdict.forward_missing and WITHOUT_FORWARD not in verdict.tried
        worst = max(worst, 2 if verdict.cause is not None or unrun else int(not verdict.passed))
    if len(judged) > 1 and not keywords["quiet"]:
        say(summed([each.verdict for each in judged]), err=True)
    if keywords["output_format"] == "json":
        say(verdict_json.render(judged))
    if keywords["page"] is not None:
        _write(keywords["page"], verdict_html.render(judged))
    return worst


def _write(path: str, page: str) -> None:
    from bufferlint.cli.errors import UsageError

    try:
        Path(path).write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--html: {path} cannot be written: {error.strerror or error}") from error


def _from_tests(setup: Invocation, python: str, keywords: dict[str, Any]) -> dict[tuple[str, str], Recipe]:
    """The recipes that the named tests hold, with a word on what came of them."""
    from bufferlint.cli.verified_fixes import recorded

    if not keywords["tests"]:
        return {}
    seen = recorded(setup, python, keywords["tests"])
    if seen.cause is not None:
        say(f"{seen.output}\n{seen.cause}: what they built and called before that is used", err=True)
    if not keywords["quiet"]:
        called = sum(each.recipe.calls_forward for each in seen.found)
        say(f"The tests built {len(seen.found)} classes and called {called} of them.", err=True)
        for each in seen.found:
            if each.unwritten:
                said = f"{setup.view.path(each.path)}::{each.class_name}: no recipe can hold {each.unwritten}"
                say(f"{said}; a function can, as recipe = 'pkg.testing:make_model'", err=True)
    usable = (each for each in seen.found if not each.unwritten.startswith("constructor"))
    return {(each.path, each.class_name): each.recipe for each in usable}
