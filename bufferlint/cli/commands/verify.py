"""``bufferlint verify``: run a class as it stands and as rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bufferlint.cli.commands.parameters import chosen, configurable, provable, talkative
from bufferlint.cli.output import say
from bufferlint.text.escaping import visible

if TYPE_CHECKING:
    from bufferlint.cli.invocation import Invocation
    from bufferlint.engine import FixResult
    from bufferlint.verify.contract import Recipe


@click.command()
@click.argument("target", metavar="[PATH[::CLASS]]", required=False)
@click.option(
    "--from-tests",
    "tests",
    multiple=True,
    metavar="PATH",
    help="Run these pytest tests first, and build and call classes as they do.",
)
@provable
@configurable
@talkative
def verify(target: str | None, **others: Any) -> int:
    """Run a class before and after the fix, and compare.

    This runs your code, in a process of its own under your interpreter. The class is built twice from one seed, as it
    stands and as `bufferlint fix` would rewrite it (nothing is written): does it build, are its CPU results equal, does
    it run on another device, what is in its state_dict, does a checkpoint bring its values back. Without CLASS, every
    class with a finding is run.

    Constructor arguments and inputs that nobody gives are searched for, in bounded time, and printed as a recipe to
    keep. A class for which none are found is *not proven*, with what was tried: say how it is built and called.

    --from-tests runs your tests as pytest would, in the project's folder and outside that fence, and takes constructor
    arguments and inputs from them; what they do not show is searched for.

    \b
    Examples:
      bufferlint verify --from-tests tests/
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
    from bufferlint.cli.invocation import UsageError, prepare, say_problems

    if target is None and not others["tests"]:
        raise click.UsageError("Missing argument 'PATH[::CLASS]': the class to run, or a file or folder of them.")
    path, _, class_name = (target or ".").partition("::")
    setup = prepare([path], chosen(others), config_file=others["config"], verbose=others["verbose"], use_baseline=False)
    if setup.stdin is not None:
        raise UsageError("verify needs a file on the disk: save it and name it instead of '-'")
    result = engine.fix(setup.targets, setup.workspace, setup.settings)
    problems = tuple(dict.fromkeys((*setup.problems, *result.before.problems, *result.problems)))
    say_problems(problems, setup, others["quiet"])
    keys = [(target, class_name.replace("::", ".")) for target in setup.targets if class_name]
    if len(keys) > 1:
        raise UsageError(f"{path} holds {len(keys)} files: name the one with the class {class_name}")
    keys = keys or list(dict.fromkeys((f.path, f.class_name) for f in result.before.findings if f.class_name))
    if not keys and not problems and not others["quiet"]:
        say(visible(f"No class in {path} has a finding: name one to run it as it stands, {path}::Class"), err=True)
    return max(_run(setup, result, keys, others), 2 if problems else 0)


def _run(setup: Invocation, result: FixResult, keys: list[tuple[str, str]], keywords: dict[str, Any]) -> int:
    """Print each class's table; the exit code of the worst."""
    from bufferlint.cli.verification_cache import CachedVerifier
    from bufferlint.cli.verified_fixes import Recipes, interpreter, subject_of
    from bufferlint.report.summary import left_over
    from bufferlint.report.verdict import in_cells, render

    after = {change.before.path: change.after for change in result.changes}
    python = interpreter(setup, keywords["python"])
    recipes = Recipes(setup, keywords, _from_tests(setup, python, keywords))
    known = [(key, source) for key in keys if (source := setup.workspace.source(key[0])) is not None]
    runs = [(subject_of(source, key[1], after.get(key[0]), setup), recipes.at_least(key)) for key, source in known]
    with CachedVerifier(python, keywords) as prover:
        verdicts = prover.verdicts(runs)
    worst = 0
    for (key, source), (_, recipe), seen in zip(known, runs, verdicts, strict=True):
        verdict = in_cells(seen, source) if source.cells else seen
        name = f"{setup.view.path(key[0])}::{key[1]}"
        say(render(name, verdict, recipe, keep=key in recipes.recorded))
        if verdict.output and (keywords["verbose"] or not verdict.passed):
            say(verdict.output, err=True)
        unmended = [f for f in result.remaining.findings if (f.path, f.class_name) == key]
        if unmended and not keywords["quiet"]:
            say("\n".join(left_over(unmended, setup.view, {})), err=True)
        worst = max(worst, 2 if verdict.cause is not None else int(not verdict.passed))
    return worst


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
    return {(each.path, each.class_name): each.recipe for each in seen.found}
