"""Running classes: how a user says what to run them with, and which fixes pass."""

from __future__ import annotations

import ast
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bufferlint.cli.errors import UsageError
from bufferlint.cli.invocation import Invocation
from bufferlint.cli.verification_cache import CachedVerifier
from bufferlint.engine import Change, FixResult, fix
from bufferlint.finding import Applicability, Finding
from bufferlint.report.bug_report import bug_report
from bufferlint.text.source import Source
from bufferlint.verify.contract import ON_DEMAND, WITHOUT_FORWARD, Recipe, Status, Subject, Verdict
from bufferlint.verify.plan import parse_recipe, recipe_from_table, subject
from bufferlint.verify.record import Recording, record

ClassKey = tuple[str, str]
"""An absolute path and a class's dotted name."""
_MOST_FILES = 5000
"""How many files are searched for a class that another file has a finding of."""


@dataclass(frozen=True, slots=True)
class Recipes:
    """What to build and call classes with: the command line's words over the configuration's over the tests'."""

    setup: Invocation
    keywords: Mapping[str, Any]
    recorded: Mapping[ClassKey, Recipe] = field(default_factory=dict)

    def at_least(self, key: ClassKey) -> Recipe:
        """The recipe for a class, an empty one if need be. UsageError when the command line's cannot be read."""
        config = self.setup.config
        words = {name: self.keywords[name] for name in ("init", "inputs", "seed", "device", "timeout")}
        defaults = {name: value for name, value in config.verify.items() if name != "python"}
        try:
            base = config.recipes.get(key) or recipe_from_table(defaults)
            if key in self.recorded and key not in config.recipes:
                seen = self.recorded[key]
                base = replace(base, init=seen.init, args=seen.args, inputs=seen.inputs)
            recipe = parse_recipe(**words, base=base)
        except ValueError as error:
            raise UsageError(str(error)) from error
        return replace(recipe, also=tuple(name for name in ON_DEMAND if self.keywords[name]))


@dataclass(frozen=True, slots=True)
class Gated:
    """Fixes of which all that the verifier could run passed; ``refused`` says why classes were left as they were.

    ``reports`` are safe fixes that failed: bugs of ours, each as a text to send in.
    """

    result: FixResult
    verdicts: Mapping[ClassKey, Verdict]
    refused: Mapping[ClassKey, str]
    reports: tuple[str, ...] = ()


def recorded(setup: Invocation, python: str, tests: Sequence[str]) -> Recording:
    """Returns what the tests build and call. UsageError when they could not be run at all."""
    seen = record(python, setup.workspace.root, tuple(str(Path(each).absolute()) for each in tests))
    if seen.cause is not None and not seen.found and not seen.output:
        raise UsageError(f"{seen.cause}; --from-tests runs pytest under the interpreter that --python names")
    return seen


def interpreter(setup: Invocation, given: str | None) -> str:
    """The Python to run classes under: the one named, else the active environment's, else one that has torch."""
    if given:
        return given
    configured = setup.config.verify.get("python")
    if isinstance(configured, str) and setup.config.file:
        other_stranded_attribute = Path(setup.config.file).parent / Path(configured).expanduser()
        return str(other_stranded_attribute) if other_stranded_attribute.exists() else configured
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        for place in ("bin/python", "Scripts/python.exe", "python.exe"):
            program = Path(os.environ.get(variable) or os.devnull) / place
            if program.is_file():
                return str(program)
    if find_spec("torch"):
        return sys.executable
    return shutil.which("python3") or shutil.which("python") or sys.executable


def gate(setup: Invocation, recipes: Recipes, python: str, *, everything: bool = False) -> Gated:
    """Fix, run each changed class, and take back the fixes of those that fail or could not be run.

    With ``everything`` unsafe fixes are made too, where every check of the class ran and passed; a class of which one
    did not gets its safe fixes only. Taking one back changes its file, so what stays in that file is run again: only a
    text that passed is written.
    """
    settings = replace(setup.settings, unsafe_fixes=setup.settings.unsafe_fixes or everything)
    refused: dict[ClassKey, str] = {}
    safe_only: dict[ClassKey, str] = {}
    reports: dict[ClassKey, str] = {}
    verdicts: dict[tuple[ClassKey, str], Verdict] = {}
    with CachedVerifier(python, recipes.keywords) as prover:
        while True:
            skip, safely = frozenset(refused), frozenset(safe_only)
            result = fix(setup.targets, setup.workspace, settings, skip, safe_only=safely)
            changed = [(key, change) for change in result.changes for key in classes_of(change)]
            new = [(key, change) for key, change in changed if (key, change.after) not in verdicts]
            runs = [(subject_of(each.before, key[1], each.after, setup), recipes.at_least(key)) for key, each in new]
            for (key, change), verdict in zip(new, prover.verdicts(runs), strict=True):
                verdicts[key, change.after] = verdict
            failed: dict[ClassKey, str] = {}
            for key, change in changed:
                verdict = verdicts[key, change.after]
                unsafe = any(map(_is_unsafe, (f for f in change.fixed if (f.path, f.class_name) == key)))
                if unsafe and everything and not setup.settings.unsafe_fixes:
                    if not verdict.proven:
                        safe_only[key] = unproven(verdict)
                elif not verdict.passed or verdict.forward_missing:
                    failed[key] = failure(verdict)
                    if not unsafe and _is_worse(verdict):
                        ran = verdict.recipe or recipes.at_least(key)
                        reports[key] = bug_report(setup.view.path(key[0]), key[1], change, verdict, ran)
            if not failed.keys() - refused.keys() and safely == frozenset(safe_only):
                told = {key: f"not proven, so not made: {why}" for key, why in safe_only.items()}
                told |= {**result.refused, **refused}
                last = {key: verdicts[key, change.after] for key, change in changed}
                return Gated(result, last, told, tuple(reports.values()))
            refused |= failed


def unproven(verdict: Verdict) -> str:
    """In one line why a verdict is no proof."""
    if not verdict.passed:
        return failure(verdict)
    titled = [(check.title, check.after) for check in verdict.checks]
    return next(f"{title}: {outcome}" for title, outcome in titled if outcome.status is not Status.PASS)


def _is_worse(verdict: Verdict) -> bool:
    """Returns whether a check fails that did not fail before: one that fails either way may be about what was left."""
    sides = [(check.before.status, check.after.status) for check in verdict.checks]
    return verdict.cause is None and any(before is not Status.FAIL is after for before, after in sides)


def _is_unsafe(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.applicability is Applicability.UNSAFE


def classes_of(change: Change) -> list[ClassKey]:
    """The classes that a change fixes, each once, in the order of the text; a comment belongs to none."""
    return list(dict.fromkeys((finding.path, finding.class_name) for finding in change.fixed if finding.class_name))


def subject_of(source: Source, class_name: str, after: str | None, setup: Invocation) -> Subject:
    """A class as the verifier takes it, importable from the project's root and its ``src`` folder."""
    root = setup.workspace.root
    search = [folder for folder in (root, f"{root}/src") if Path(folder).is_dir()]
    made = subject(source.path, class_name, source.text, after, notebook=source.path.endswith(".ipynb"), search=search)
    made = replace(made, loads_strictly=setup.settings.load_old_checkpoints)
    home = None if source.cells or _defines(source.text, class_name) else home_of(source.path, class_name, setup)
    if home is None:
        return made
    other = subject(home.path, class_name, home.text, None, search=search)
    return replace(made, home=other.module, search=tuple(dict.fromkeys((*made.search, *other.search))))


def home_of(path: str, class_name: str, setup: Invocation) -> Source | None:
    """The file that defines a class of which a base's file has a finding: the only one of the project that does."""
    folders = dict.fromkeys((Path(path).parent.as_posix(), setup.workspace.root))
    for folder in folders:
        sources = [source for file in _python_files(folder) if (source := setup.workspace.source(file)) is not None]
        found = [source for source in sources if _defines(source.text, class_name)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _python_files(folder: str) -> list[str]:
    """The Python files below a folder, but for those of environments and hidden folders."""
    skipped = ("site-packages", "node_modules")
    found = (path.relative_to(folder) for path in Path(folder).rglob("*.py"))
    kept = (path for path in found if not any(part in skipped or part.startswith(".") for part in path.parts))
    return sorted(f"{folder}/{path.as_posix()}" for path in kept)[:_MOST_FILES]


def _defines(text: str, class_name: str) -> bool:
    """Returns whether a text defines a class of that dotted name; one that is no Python is taken to."""
    if f"class {class_name.rpartition('.')[2]}" not in text:
        return False
    try:
        body: list[ast.stmt] = ast.parse(text).body
    except (SyntaxError, ValueError):
        return True
    for part in class_name.split("."):
        inside = [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        found = next((node for node in inside if node.name == part), None)
        if found is None:
            return part == "<locals>"
        body = found.body
    return True


def failure(verdict: Verdict) -> str:
    """In one line why a verdict is no pass."""
    if verdict.cause is not None:
        return f"not proven: {verdict.cause}; {verdict.advice}" if verdict.advice else f"not proven: {verdict.cause}"
    sides = [(check.title, check.after if verdict.rewritten else check.before) for check in verdict.checks]
    failed = next((f"{title}: {outcome.detail}" for title, outcome in sides if outcome.status is Status.FAIL), None)
    if failed is None and WITHOUT_FORWARD in verdict.tried:
        return "not proven: the class has no forward to run; check what is built of it, or fix it without --verify"
    if failed is None:
        return "not proven: no inputs were found that forward runs on; give them, as --input 2x6x3"
    return f"verification failed: {failed}"
