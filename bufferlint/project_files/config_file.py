"""One configuration file, read and validated."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bufferlint import __version__
from bufferlint.finding import Problem
from bufferlint.project_files import versions
from bufferlint.project_files.files import absolute, is_regular, read_bounded
from bufferlint.project_files.options import OPTIONS, VERIFY_OPTIONS, Option
from bufferlint.project_files.suggestions import nearest
from bufferlint.text.span import Location

if TYPE_CHECKING:
    from bufferlint.verify.contract import Recipe

_MOST_BYTES = 1_000_000
"""Bytes of the largest file that counts as one of TOML."""
_ADVICE = "correct the file and run again"
_OF_PROJECTS = frozenset({"tool", "project", "build-system"})
"""Tables of a pyproject.toml."""
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says. ``values`` holds the keys that it sets; ``recipes`` are by absolute path and class."""

    file: str
    values: Mapping[str, object] = field(default_factory=dict)
    verify: Mapping[str, object] = field(default_factory=dict)
    recipes: Mapping[tuple[str, str], Recipe] = field(default_factory=dict)
    extended_at: Location | None = None
    """Where ``extend`` stands."""

    @property
    def folder(self) -> str:
        """Tells what paths and patterns of the file are relative to."""
        return absolute(self.file).rpartition("/")[0]


def read(file: str, *, extended: bool = False) -> Layer | tuple[Problem, ...]:
    """Read and validate a file; every fault in it is a Problem. One that another ``extended`` must have our table."""
    if extended and Path(file).exists() and not is_regular(file):
        return (Problem(file, "it is a folder, a pipe or a device", "name a file in the 'extend' that names it"),)
    try:
        text = read_bounded(file, _MOST_BYTES).decode()
    except OSError as error:
        return (Problem(file, f"cannot read it: {error.strerror}", "name a file that exists and is readable"),)
    except UnicodeDecodeError:
        return (Problem(file, "it is not UTF-8, which TOML must be", "save it as UTF-8"),)
    document = _parsed(file, text)
    if isinstance(document, Problem):
        return (document,)
    table = _table(file, document)
    if table is None and extended:
        return (Problem(file, "it has no table [tool.bufferlint]", "add one, or take out the 'extend' that names it"),)
    return _validated(file, text, {} if table is None else table)


def _table(file: str, document: Mapping[str, Any]) -> object:
    """The table with our keys: a pyproject.toml has it under its name, a file of another name may be all ours."""
    name = Path(file).name
    if name == "bufferlint.toml" or (name != "pyproject.toml" and _OF_PROJECTS.isdisjoint(document)):
        return document
    return _ours(document)


def mentions_us(project: Path) -> bool:
    """Returns whether a pyproject.toml has our table. One that is broken counts if it names us: its error must be
    seen."""
    try:
        text = read_bounded(project.as_posix(), _MOST_BYTES).decode()
    except (OSError, UnicodeDecodeError):
        return False
    if "bufferlint" not in text:
        return False
    document = _parsed(project.as_posix(), text)
    if isinstance(document, Problem):
        return re.search(r"^\s*\[\s*tool\s*\.\s*bufferlint", text, re.MULTILINE) is not None
    return _ours(document) is not None


def _parsed(file: str, text: str) -> dict[str, Any] | Problem:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        location = Location(int(place[1]), int(place[2])) if place else None
        return Problem(file, f"it is not valid TOML: {_PLACE.sub('', str(error)).strip()}", _ADVICE, location)
    except ValueError as error:  # a number of more than 4,300 digits
        return Problem(file, f"it holds a value that cannot be read: {error}", _ADVICE)
    except RecursionError:
        return Problem(file, "its values are nested too deeply", _ADVICE)
    return document


def _ours(document: Mapping[str, Any]) -> object:
    """Our table; None where there is none."""
    tool = document.get("tool")
    return tool.get("bufferlint") if isinstance(tool, dict) else None


def _validated(file: str, text: str, table: object) -> Layer | tuple[Problem, ...]:
    if not isinstance(table, dict):
        return (Problem(file, "'tool.bufferlint' must be a table", _ADVICE),)
    required = _required(file, text, table.get("required-version"))
    if required is not None:  # what another version understands is no fault
        return (required,)
    values = {key: value for key, value in table.items() if key != "verify"}
    faults = _faults(values, OPTIONS, (*(each.key for each in OPTIONS), "verify"))
    verify = table.get("verify", {})
    if not isinstance(verify, dict):
        faults.append(("verify", "'verify' must be a table"))
        verify = {}
    tables = {key: value for key, value in verify.items() if "::" in key}
    plain = {key: value for key, value in verify.items() if key not in tables}
    names = (*(each.key for each in VERIFY_OPTIONS), "path/to/file.py::Class")
    faults += [(key, f"verify: {cause}") for key, cause in _faults(plain, VERIFY_OPTIONS, names)]
    recipes: dict[tuple[str, str], Recipe] = {}
    if not faults:
        for key, value in tables.items():
            recipe = _recipe(value, plain)
            if isinstance(recipe, str):
                faults.append((key, f"verify: '{key}': {recipe}"))
            else:
                path, _, class_name = key.rpartition("::")
                recipes[absolute(str(Path(file).parent / path)), class_name] = recipe
    if faults:
        return tuple(Problem(file, cause, _ADVICE, _location(text, key)) for key, cause in faults)
    return Layer(file, values, plain, recipes, _location(text, "extend") if "extend" in values else None)


def _required(file: str, text: str, required: object) -> Problem | None:
    """A Problem when the file asks for another version of bufferlint; a value of the wrong type is a fault like any."""
    if not isinstance(required, str) or not versions.is_requirement(required):
        return None
    if versions.satisfies(__version__, required):
        return None
    wanted = required if required[0] in "<>=!~" else f"=={required}"
    cause = f"'required-version' is {required}, and this is bufferlint {__version__}"
    return Problem(
        file, cause, f"install one with pip install 'bufferlint{wanted}'", _location(text, "required-version")
    )


def _faults(values: Mapping[str, object], options: Sequence[Option], names: Sequence[str]) -> list[tuple[str, str]]:
    """The keys at fault, each with what is wrong."""
    by_key = {each.key: each for each in options}
    faults: list[tuple[str, str]] = []
    for key, value in values.items():
        if key not in by_key:
            faults.append((key, f"unknown key '{key}'; {nearest(key, names)}"))
        elif not by_key[key].takes(value):
            faults.append((key, f"'{key}' must be {by_key[key].expected}; got {_shown(value)}"))
    return faults


def _shown(value: object) -> str:
    try:
        return repr(value)
    except ValueError:
        return "a number of more than 4,300 digits"


def _recipe(table: object, defaults: Mapping[str, object]) -> Recipe | str:
    """The recipe of a sub-table over the defaults of ``verify``, or what is wrong with it."""
    from bufferlint.verify.plan import recipe_from_table

    if not isinstance(table, dict):
        return "it must be a table with init and inputs"
    try:
        return recipe_from_table({**{key: value for key, value in defaults.items() if key != "python"}, **table})
    except ValueError as error:
        return str(error)


def _location(text: str, key: str) -> Location | None:
    """Returns where a key stands, as far as its first mention below our table's name tells."""
    start = max(0, text.find("[tool.bufferlint"))
    match = re.compile(rf"^[^\n#]*?(?<![\w-]){re.escape(key)}(?![\w-])", re.MULTILINE).search(text, start)
    if match is None:
        return None
    return Location(text.count("\n", 0, match.end()) + 1, 1)
