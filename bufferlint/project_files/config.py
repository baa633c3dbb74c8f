"""The configuration file: ``[tool.bufferlint]`` of a pyproject.toml, or a bufferlint.toml."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bufferlint.finding import Problem
from bufferlint.project_files.files import absolute, common_folder
from bufferlint.project_files.ignore import Patterns, covers
from bufferlint.project_files.options import OPTIONS, VERIFY_OPTIONS, Option, option
from bufferlint.project_files.suggestions import nearest
from bufferlint.settings import Persistence, Settings, Style
from bufferlint.text.span import Location

if TYPE_CHECKING:
    from bufferlint.verify.contract import Recipe

_ADVICE = "correct the file and run again"
SELECTORS = ("select", "extend-select", "ignore", "per-file-ignores")
"""The keys that name rules."""
_VERSION = re.compile(r"(?:py)?(\d)\.?(\d+)")
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says. ``values`` holds the keys that it sets; ``recipes`` are by absolute path and class."""

    file: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    verify: Mapping[str, object] = field(default_factory=dict)
    recipes: Mapping[tuple[str, str], Recipe] = field(default_factory=dict)


def find(paths: Sequence[str]) -> str | None:
    """The nearest configuration file above all the paths; a pyproject.toml without our table is passed over."""
    folder = Path(common_folder(paths))
    for candidate in (folder, *folder.parents):
        if (candidate / "bufferlint.toml").is_file():
            return (candidate / "bufferlint.toml").as_posix()
        project = candidate / "pyproject.toml"
        if project.is_file() and _mentions_us(project):
            return project.as_posix()
    return None


def load(file: str | None) -> Config | tuple[Problem, ...]:
    """Read and validate a configuration file; every fault in it is a Problem."""
    if file is None:
        return Config()
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        return (Problem(file, f"cannot read it: {error.strerror}", "name a file that exists and is readable"),)
    except UnicodeDecodeError:
        return (Problem(file, "it is not UTF-8, which TOML must be", "save it as UTF-8"),)
    document = _parsed(file, text)
    if isinstance(document, Problem):
        return (document,)
    table = document if Path(file).name == "bufferlint.toml" else _ours(document)
    return _validated(file, text, table)


def settings(values: Mapping[str, object]) -> Settings:
    """The settings that values by option key stand for, but those of single files; a missing key has its default."""
    chosen: dict[str, Any] = {each.key: values.get(each.key, each.default) for each in OPTIONS}
    persistence = {True: Persistence.PERSISTENT, False: Persistence.NON_PERSISTENT, "auto": Persistence.AUTO}
    return Settings(
        select=tuple(chosen["select"]),
        ignore=tuple(chosen["ignore"]),
        persistence=persistence[chosen["persistent"]],
        style=Style(chosen["style"]),
        unsafe_fixes=chosen["unsafe-fixes"],
        module_bases=tuple(chosen["module-bases"]),
        tensor_factories=tuple(chosen["tensor-factories"]),
        extend_select=tuple(chosen["extend-select"]),
        min_torch=_version(chosen["min-torch"]),
        target_version=_version(chosen["target-version"]),
    )


def settings_for(files: Iterable[str], config: Config, given: Mapping[str, object]) -> Settings:
    """The settings for files (absolute paths): what the file says, the command line over it."""
    groups = [
        (Patterns.parse(base, [pattern]), tuple(selectors))
        for values, base in ((given, absolute(".")), (config.values, _folder(config)))
        for pattern, selectors in _items(values.get("per-file-ignores"))
    ]
    if "per-file-ignores" in given:
        groups = groups[: len(_items(given["per-file-ignores"]))]
    ignores = ((file, selectors) for file in files for patterns, selectors in groups if covers(patterns, file))
    return replace(settings({**config.values, **given}), file_ignores=tuple(ignores))


def baseline_file(config: Config, given: Mapping[str, object]) -> str | None:
    """The baseline's absolute path: the command line names it from the current folder, the file from its own."""
    if isinstance(given.get("baseline"), str):
        return absolute(str(given["baseline"])) if given["baseline"] else None
    named = config.values.get("baseline")
    return absolute(str(Path(_folder(config), named))) if isinstance(named, str) else None


def selectors_of(value: object) -> tuple[str, ...]:
    """The rules that a value of one of `SELECTORS` names."""
    if isinstance(value, Mapping):
        return tuple(selector for selectors in value.values() for selector in selectors)
    return _strings(value)


def excludes(config: Config, given: Mapping[str, object]) -> tuple[Patterns, ...]:
    """Patterns to leave out: those of the file are relative to its folder, those of the command line to the current."""
    from_file = _patterns(config.values, _folder(config))
    from_line = _patterns(given, absolute("."))
    first = (
        from_line.get("exclude") or from_file.get("exclude") or Patterns.parse("", _strings(option("exclude").default))
    )
    return (first, *(group["extend-exclude"] for group in (from_file, from_line) if "extend-exclude" in group))


def excludes_by_project(
    config: Config, given: Mapping[str, object], forced: bool
) -> Callable[[str], Sequence[Patterns]]:
    """What is left out of the project with some top folder, as its own configuration says; ``config`` is that of the
    run, which is everyone's if it is ``forced``."""

    @cache
    def of(top: str) -> Sequence[Patterns]:
        file = find([top])
        own = config if forced or file == config.file else load(file)
        return excludes(own if isinstance(own, Config) else config, given)

    return of


def _patterns(values: Mapping[str, object], base: str) -> dict[str, Patterns]:
    keys = ("exclude", "extend-exclude")
    return {key: Patterns.parse(base, _strings(values[key])) for key in keys if key in values}


def _folder(config: Config) -> str:
    """What paths and patterns of the file are relative to; the current folder when there is no file."""
    return absolute(config.file or "bufferlint.toml").rpartition("/")[0]


def _items(value: object) -> list[tuple[str, Iterable[str]]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _version(text: str | None) -> tuple[int, int] | None:
    """``2.5`` and ``py310`` as numbers."""
    match = _VERSION.fullmatch(text) if text else None
    return (int(match[1]), int(match[2])) if match else None


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Iterable) else ()


def _mentions_us(project: Path) -> bool:
    """Whether a pyproject.toml has our table. One that is broken counts if it names us: its error must be seen."""
    try:
        text = project.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    if "bufferlint" not in text:
        return False
    document = _parsed(project.as_posix(), text)
    if isinstance(document, Problem):
        return re.search(r"^\s*\[\s*tool\s*\.\s*bufferlint", text, re.MULTILINE) is not None
    tool = document.get("tool")
    return isinstance(tool, dict) and "bufferlint" in tool


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
    tool = document.get("tool", {})
    return tool.get("bufferlint", {}) if isinstance(tool, dict) else {}


def _validated(file: str, text: str, table: object) -> Config | tuple[Problem, ...]:
    if not isinstance(table, dict):
        return (Problem(file, "'tool.bufferlint' must be a table", _ADVICE),)
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
    return Config(file, values, plain, recipes)


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
    """Where a key stands, as far as its first mention below our table's name tells."""
    start = max(0, text.find("[tool.bufferlint"))
    match = re.compile(rf"^[^\n#]*?(?<![\w-]){re.escape(key)}(?![\w-])", re.MULTILINE).search(text, start)
    if match is None:
        return None
    return Location(text.count("\n", 0, match.end()) + 1, 1)
