"""One side of a class, in a process of its own: load the text, build the class, let each check look at it."""

from __future__ import annotations

import os
import sys
from functools import cache, partial
from itertools import takewhile
from pathlib import Path

from bufferlint.verify.contract import Request, Subject, dumps
from bufferlint.verify.worker import audit_hook, discovery, expressions, loading, observations, resource_limits
from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.checks import CATALOGUE, ON_DEMAND, chosen, cpu_forward
from bufferlint.verify.worker.harness import Bench, raised, seed_everything

BEFORE, AFTER = "before", "after"
NAMES = tuple(check.NAME for check in (*CATALOGUE, *ON_DEMAND))


def prepare(folder: Path, request: Request, name: str) -> Path:
    """The folder of a side within that of a request, with what `run` needs to know in it."""
    side = folder / name
    side.mkdir(parents=True)
    (side / "request").write_text(dumps(request))
    return side


def run(folder: Path, request: Request, record: observations.Report) -> None:
    """Run the side that `prepare` described, and tell what it saw."""
    subject, recipe = request.subject, request.recipe
    text = subject.after if folder.name == AFTER else subject.before
    assert text is not None
    renamed = dict(subject.renamed)
    if folder.name == AFTER and subject.against is not None:
        subject = subject.against
    record.stage(observations.IMPORT)
    files_imported()
    sys.modules[__name__] = sys.modules.pop(__name__)  # at the end, for `_imported_since`
    earlier = observations.observed(folder.parent / BEFORE, NAMES) if folder.name == AFTER else {}
    resource_limits.enter(folder / "home", recipe.memory)
    opened = audit_hook.install((*subject.search, str(Path(subject.path).parent)), folder / "home")
    seed_everything(recipe.seed)
    found = attempt(lambda: loading.find_class(subject, text), subject.path)
    if isinstance(found, Raised):
        record.failed(loading.explain(found, subject))
        return
    whole = attempt(lambda: expressions.spread(recipe, found), subject.path)
    if isinstance(whole, Raised):
        cause = f"the constructor arguments of {subject.class_name} cannot be taken from the recipe's object: {whole}"
        record.failed(observations.Failure(cause, "name a class or a function that can be imported, as pkg.Config()"))
        return
    recipe = whole
    if folder.name == discovery.NAME:
        record.stage(discovery.NAME)
        discovery.tell(discovery.complete(found, recipe, partial(discovery.tell, note=record.note)), record.note)
        record.done()
        return
    bench = Bench(found, recipe, subject.path, earlier, renamed, request.subject.loads_strictly)
    for check in chosen(recipe):
        if record.has(check.NAME):
            continue  # this process goes on where the one before it ended
        record.stage(check.NAME)
        seen = bench.attempt(partial(check.observe, bench))
        record.saw(check.NAME, raised(seen) if isinstance(seen, Raised) else seen)
        if check is CATALOGUE[0] and isinstance(seen, Raised):
            break
        if check is cpu_forward and not earlier and not isinstance(seen, Raised) and cpu_forward.hopeless(seen):
            break  # a class that runs on no input is not proven, whatever else it does
    record.read(_files(opened, subject))
    record.done()


@cache
def files_imported() -> str:
    """The files of the modules that were imported when it was first called, each in a line and after a line's end.

    One text, made before processes are forked: in each of those, looking at thousands of modules would copy the memory
    that they lie in, for each look counts references there.
    """
    files = [file for module in list(sys.modules.values()) if (file := _file(module))]
    return "".join(f"\n{file}" for file in files)


def _file(module: object) -> str:
    # read off __dict__: a module that loads itself when it is asked for something must not do so here
    file = getattr(module, "__dict__", {}).get("__file__")
    return file if isinstance(file, str) else ""


def _imported_since() -> list[str]:
    """The files of the modules that were imported after this one was put at the end of them."""
    newer = takewhile(lambda name: name != __name__, reversed(sys.modules))
    return [_file(sys.modules.get(name)) for name in list(newer)]


def _files(opened: set[str], subject: Subject) -> set[str]:
    """The project's files that this side rests on, but for the class's own, whose text it was given."""
    roots = tuple(f"{folder.rstrip('/')}/" for folder in subject.search)
    imported = {file for file in _imported_since() if file.startswith(roots)}
    if any(f"\n{root}" in files_imported() for root in roots):
        imported |= {file for file in files_imported().splitlines() if file.startswith(roots)}
    installed = f"{os.sep}site-packages{os.sep}"
    return {file for file in opened | imported if not file.endswith(".pyc") and installed not in file} - {subject.path}
