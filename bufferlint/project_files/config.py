"""The configuration file: ``[tool.bufferlint]`` of a pyproject.toml, or a bufferlint.toml."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bufferlint.finding import Problem
from bufferlint.project_files.config_file import Layer, mentions_us, read
from bufferlint.project_files.files import absolute, common_folder
from bufferlint.project_files.ignore import Patterns, covers
from bufferlint.project_files.options import OPTIONS, option
from bufferlint.settings import Persistence, Settings, Style

if TYPE_CHECKING:
    from bufferlint.verify.contract import Recipe

SELECTORS = ("select", "extend-select", "ignore", "fixable", "unfixable", "per-file-ignores", "extend-per-file-ignores")
"""The keys that name rules."""
_VERSION = re.compile(r"(?:py)?(\d)\.?(\d+)")


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says, together with those that it extends. ``values`` holds the keys that they set, the nearer file
    over the farther one, keys that begin with ``extend-`` added up; ``recipes`` are by absolute path and class."""

    file: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    verify: Mapping[str, object] = field(default_factory=dict)
    recipes: Mapping[tuple[str, str], Recipe] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    """The files, the nearest first."""

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(layer.file for layer in self.layers)

    def origin(self, key: str) -> Layer | None:
        """The nearest file that sets a key."""
        return next((layer for layer in self.layers if key in layer.values), None)


def find(paths: Sequence[str]) -> str | None:
    """The nearest configuration file above all the paths; a pyproject.toml without our table is passed over."""
    folder = Path(common_folder(paths))
    for candidate in (folder, *folder.parents):
        if (candidate / "bufferlint.toml").is_file():
            return (candidate / "bufferlint.toml").as_posix()
        project = candidate / "pyproject.toml"
        if project.is_file() and mentions_us(project):
            return project.as_posix()
    return None


def load(file: str | None) -> Config | tuple[Problem, ...]:
    """Read and validate a configuration file and those that it extends; every fault in them is a Problem."""
    if file is None:
        return Config()
    layers: list[Layer] = []
    following: str | None = file
    while following is not None:
        layer = read(following, extended=bool(layers))
        if not isinstance(layer, Layer):
            return layer
        layers.append(layer)
        following = _extended(layer)
        if following is not None and following in [each.file for each in layers]:
            cause = f"'extend' leads back to {following}"
            return (Problem(layer.file, cause, "name another file, or take the line out", layer.extended_at),)
    return _joined(layers)


def _extended(layer: Layer) -> str | None:
    """The file that another extends, relative to its folder."""
    named = layer.values.get("extend")
    if not isinstance(named, str):
        return None
    return absolute(str(Path(layer.folder, os.path.expandvars(Path(named).expanduser().as_posix()))))


def _joined(layers: Sequence[Layer]) -> Config:
    values: dict[str, object] = {}
    verify: dict[str, object] = {}
    recipes: dict[tuple[str, str], Recipe] = {}
    for layer in reversed(layers):
        values = _over(values, layer.values)
        python = layer.verify.get("python")
        near = Path(layer.folder, Path(python).expanduser()) if isinstance(python, str) else None
        verify |= layer.verify
        if near is not None and layer is not layers[0] and near.exists():
            verify["python"] = near.as_posix()
        recipes |= layer.recipes
    return Config(layers[0].file, values, verify, recipes, tuple(layers))


def _over(values: Mapping[str, object], nearer: Mapping[str, object]) -> dict[str, object]:
    """Values with nearer ones over them."""
    adds = {key for key in nearer if key.startswith("extend-") and key in values}
    return {**values, **{key: _added(values[key], nearer[key]) if key in adds else nearer[key] for key in nearer}}


def _added(one: object, other: object) -> object:
    """Two lists, or two tables of lists, as one."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {key: [*one.get(key, ()), *other.get(key, ())] for key in {**one, **other}}
    return [*_strings(one), *_strings(other)]


def files_read(file: str | None, loaded: Config | tuple[Problem, ...]) -> tuple[str, ...]:
    """The files on which rests what `load` gave for one: those that it extends too, readable or not."""
    named = loaded.files if isinstance(loaded, Config) else [problem.path for problem in loaded]
    return tuple(dict.fromkeys([*([file] if file else []), *named]))


def merged(config: Config, given: Mapping[str, object]) -> dict[str, object]:
    """Returns what the command line says over what the files say; its ``extend-`` options add to theirs."""
    return _over(config.values, given)


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
        load_old_checkpoints=chosen["load-old-checkpoints"],
        clean_up=chosen["clean-up"],
        module_bases=tuple(chosen["module-bases"]),
        tensor_factories=tuple(chosen["tensor-factories"]),
        extend_select=tuple(chosen["extend-select"]),
        fixable=tuple(chosen["fixable"]),
        unfixable=tuple(chosen["unfixable"]),
        min_torch=_version(chosen["min-torch"]),
        target_version=_version(chosen["target-version"]),
    )


def settings_for(files: Iterable[str], config: Config, given: Mapping[str, object]) -> Settings:
    """The settings for files (absolute paths): what the file says, the command line over it."""
    groups = list(_file_ignores(config, given))
    ignores = ((file, selectors) for file in files for patterns, selectors in groups if covers(patterns, file))
    return replace(settings(merged(config, given)), file_ignores=tuple(ignores))


def _file_ignores(config: Config, given: Mapping[str, object]) -> Iterator[tuple[Patterns, tuple[str, ...]]]:
    """Patterns of files with the rules not to run in them; patterns are relative to the file that holds them."""
    here = absolute(".")
    origin = config.origin("per-file-ignores")
    if "per-file-ignores" in given:
        tables = [(here, given["per-file-ignores"])]
    else:
        tables = [(origin.folder, origin.values["per-file-ignores"])] if origin else []
    tables += [(layer.folder, layer.values.get("extend-per-file-ignores")) for layer in config.layers]
    tables.append((here, given.get("extend-per-file-ignores")))
    for base, table in tables:
        for pattern, selectors in table.items() if isinstance(table, Mapping) else ():
            yield Patterns.parse(base, [pattern]), tuple(selectors)


def baseline_file(config: Config, given: Mapping[str, object]) -> str | None:
    """The baseline's absolute path: the command line names it from the current folder, the file from its own."""
    if isinstance(given.get("baseline"), str):
        return absolute(str(given["baseline"])) if given["baseline"] else None
    origin = config.origin("baseline")
    return absolute(str(Path(origin.folder, str(origin.values["baseline"])))) if origin else None


def selectors_of(value: object) -> tuple[str, ...]:
    """The rules that a value of one of `SELECTORS` names."""
    if isinstance(value, Mapping):
        return tuple(selector for selectors in value.values() for selector in selectors)
    return _strings(value)


def excludes(config: Config, given: Mapping[str, object]) -> tuple[Patterns, ...]:
    """Patterns to leave out: those of a file are relative to its folder, those of the command line to the current."""
    here = absolute(".")
    origin = config.origin("exclude")
    first = Patterns.parse("", _strings(option("exclude").default))
    if "exclude" in given:
        first = Patterns.parse(here, _strings(given["exclude"]))
    elif origin is not None:
        first = Patterns.parse(origin.folder, _strings(origin.values["exclude"]))
    more = [(layer.folder, layer.values) for layer in config.layers] + [(here, given)]
    key = "extend-exclude"
    return (first, *(Patterns.parse(base, _strings(values[key])) for base, values in more if key in values))


def excludes_by_project(
    config: Config, given: Mapping[str, object], forced: bool
) -> Callable[[str], Sequence[Patterns]]:
    """Returns what is left out of the project with some top folder, as its own configuration says; ``config`` is that
    of the run, which is everyone's if it is ``forced``."""

    @cache
    def of(top: str) -> Sequence[Patterns]:
        file = find([top])
        own = config if forced or file == config.file else load(file)
        return excludes(own if isinstance(own, Config) else config, given)

    return of


def _version(text: str | None) -> tuple[int, int] | None:
    """``2.5`` and ``py310`` as numbers."""
    match = _VERSION.fullmatch(text) if text else None
    return (int(match[1]), int(match[2])) if match else None


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, Iterable) else ()
