"""``bufferlint audit``: build a model and list the tensors that it holds without having registered them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from bufferlint.cli.commands.parameters import OneOf, chosen, configurable, environment, talkative
from bufferlint.cli.commands.sections import Sectioned
from bufferlint.cli.output import say


@click.command(cls=Sectioned)
@click.argument("factory", metavar="MODULE:FUNCTION")
@click.option("--seed", type=int, default=0, metavar="N", help="The random seed (0).")
@click.option("--timeout", type=float, default=60.0, metavar="SECONDS", help="How long building it may take (60).")
@click.option(
    "--python", metavar="PROGRAM", help="The interpreter with torch and your project (the active environment's)."
)
@click.option(
    "--output-format", type=OneOf(["text", "json"]), default="text", show_default=True, help="How to write it."
)
@click.option("--no-cache", is_flag=True, help="Do not read or write the cache (an audit keeps nothing as it is).")
@environment
@configurable
@talkative
def audit(
    factory: str,
    seed: int,
    timeout: float,
    python: str | None,
    output_format: str,
    no_cache: bool,
    variables: tuple[str, ...],
    **others: Any,
) -> int:
    """Build a model and list the tensors that it does not register.

    This runs your code, in a process of its own under your interpreter: FUNCTION is called without arguments and
    returns the model (a class that needs no arguments will do). Listed by dotted path are plain tensors, tensors in
    containers, in functions (closures, default and partial arguments), in other objects, in modules that the model does
    not know, in hooks, in classes and in globals that methods name, each with shape, type, device and the line that
    made it, and with what `bufferlint check` says of it; then what each class holds together, and equal buffers of
    many layers. Where the search stopped before the end is said.

    \b
    Examples:
      bufferlint audit pkg.models:make_model
      bufferlint audit src/model.py:Net

    \b
    Exit code: 0 every tensor is registered, 1 some are not, 2 the model could not be built, or wrong usage.
    """
    from bufferlint.cli.audit_findings import audit_findings
    from bufferlint.cli.errors import UsageError
    from bufferlint.cli.invocation import prepare
    from bufferlint.cli.progress import working
    from bufferlint.cli.verified_fixes import interpreter
    from bufferlint.report.audit import render, to_json
    from bufferlint.report.view import relative
    from bufferlint.text.escaping import visible
    from bufferlint.verify.contract import AuditRequest, Recipe
    from bufferlint.verify.launch import Worker
    from bufferlint.verify.plan import subject

    module, _, function = factory.rpartition(":")
    if not module or not all(part.isidentifier() for part in function.split(".")):
        raise UsageError(f"'{factory}' names no function: write module:function or file.py:function")
    paths = [module] if module.endswith(".py") else _files(module)
    setup = prepare(paths, chosen(others), config_file=others["config"], isolated=others["isolated"])
    roots = dict.fromkeys([Path.cwd().as_posix(), setup.workspace.root])
    search = [folder for root in roots for folder in (root, f"{root}/src") if Path(folder).is_dir()]
    if module.endswith(".py"):
        if not setup.targets:
            raise UsageError.of(setup.problems, setup.view)
        file = subject(setup.targets[0], function, "", None, search=search)
        module, search = file.module, list(file.search)
    request = AuditRequest(f"{module}:{function}", tuple(search), Recipe(seed=seed, timeout=timeout))
    started = Worker(interpreter(setup, python), variables=variables)
    with working(f"building {visible(factory)}", quiet=False), started as worker:
        found = worker.audit(request)
    if found.output and (others["verbose"] or found.cause is not None):
        say(found.output, err=True)
    if found.cause is not None:
        raise UsageError("; ".join(filter(None, (found.cause, found.advice))))
    entries = audit_findings(found.unregistered_tensors, setup.settings)
    if output_format == "json":
        say(to_json(entries, found.model, found.equal_buffers, found.limits))
    else:
        shown = partial(relative, folder=setup.view.folder)
        say(render(entries, found.model, shown, found.equal_buffers, found.limits))
    return int(bool(entries))


def _files(module: str) -> list[str]:
    """The file of a module of the project in this folder, so that no other is read; none if it lies elsewhere."""
    stem = module.replace(".", "/")
    places = [f"{folder}{stem}{end}" for folder in ("", "src/") for end in (".py", "/__init__.py")]
    return [place for place in places if Path(place).is_file()][:1]
