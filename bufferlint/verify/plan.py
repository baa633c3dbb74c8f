"""From what a user writes (command line, pyproject.toml) to a recipe, and from a file to how it is imported."""

from __future__ import annotations

import ast
import dataclasses
import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bufferlint.verify.contract import SPREAD, Expression, InputSpec, Recipe, Subject, is_literal

DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64",
    "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip
_ALIASES = {"half": "float16", "float": "float32", "double": "float64", "int": "int32", "long": "int64"}
_NUMBER = r"-?\d+(?:\.\d+)?"
_INPUT = re.compile(
    rf"(?P<shape>\d+(?:x\d+)*|scalar)(?::(?:torch\.)?(?P<dtype>[A-Za-z]\w*))?(?::(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER}))?"
)
_NAMED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_RELATIVE_IMPORT = re.compile(r"^[ \t]*from[ \t]+\.", re.MULTILINE)
_EXPRESSION = "py:"
_FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
RECIPE_KEYS = ("init", "args", "inputs", "recipe", "seed", "device", "timeout", "memory")


def parse_recipe(
    init: Sequence[str] = (),
    inputs: Sequence[str] = (),
    args: Sequence[str] = (),
    *,
    seed: int | None = None,
    device: str | None = None,
    timeout: float | None = None,
    memory: int | None = None,
    base: Recipe | None = None,
) -> Recipe:
    """A command line's recipe; what it leaves out comes from ``base``. ValueError says what a good one looks like."""
    recipe = base or Recipe()
    given = dict(_parse_init(item) for item in init)
    chosen: dict[str, Any] = {
        "init": tuple({**dict(recipe.init), **given}.items()),
        "factory": None if given or args or inputs else recipe.factory,
        "args": tuple(_literal(item) for item in args) or recipe.args,
        "inputs": tuple(parse_input(item) for item in inputs) or recipe.inputs,
        "seed": seed,
        "device": device,
        "timeout": timeout,
        "memory": memory,
    }
    kept = {key: value for key, value in chosen.items() if value is not None or key == "factory"}
    return _checked(dataclasses.replace(recipe, **kept))


def recipe_from_table(table: Mapping[str, object]) -> Recipe:
    """The recipe of a table ``[tool.bufferlint.verify."pkg/module.py::Class"]``; ValueError names the key at fault."""
    for key in table:
        if key not in RECIPE_KEYS:
            nearest = difflib.get_close_matches(key, RECIPE_KEYS, 1, 0.0)[0]
            raise ValueError(f"unknown key '{key}' in a verify recipe; did you mean '{nearest}'?")
    init = _typed(table, "init", dict, "a table such as { d_in = 3, bias = false }", {})
    args = _typed(table, "args", list, "a list such as [3, 2]", [])
    for key, value in (("init", init), ("args", args)):
        if not is_literal(value):
            raise ValueError(f"'{key}' in a verify recipe holds a value that is not a number, text, list or table")
    usual = Recipe()
    inputs = _typed(table, "inputs", list, 'a list such as ["2x6x3", "4x10:int64:0..100"]', None)
    factory = _typed(table, "recipe", str, 'a function such as "pkg.testing:make_model"', None)
    if factory is not None and not _FACTORY.fullmatch(factory):
        raise ValueError(f"'recipe' in a verify recipe names a function as module:function; got '{factory}'")
    if factory is not None and (init or args or inputs):
        raise ValueError("'recipe' in a verify recipe stands in for 'init', 'args' and 'inputs': leave those out")
    return _checked(
        Recipe(
            init=tuple((name, _expressed(value)) for name, value in init.items()),
            args=tuple(_expressed(value) for value in args),
            inputs=None if inputs is None else tuple(parse_input(str(item)) for item in inputs),
            factory=factory,
            seed=_typed(table, "seed", int, "a whole number such as 123", usual.seed),
            device=_typed(table, "device", str, 'a device name such as "cuda"', usual.device),
            timeout=float(_typed(table, "timeout", (int, float), "seconds such as 60", usual.timeout)),
            memory=_typed(table, "memory", int, "MiB such as 8192", usual.memory),
        )
    )


def parse_input(text: str) -> InputSpec:
    """``2x6x3``, ``4x10:int64:0..100``, ``scalar:bool``, ``value:None``, ``py:torch.eye(3)``; also as ``name=...``."""
    name, spec = None, text.strip()
    named = _NAMED.fullmatch(spec)
    if named:
        name, spec = named.group(1), named.group(2).strip()
    if spec.startswith(_EXPRESSION):
        return InputSpec(None, value=_literal(spec), name=name)
    if spec.startswith("value:"):
        return InputSpec(None, value=_literal(spec[len("value:") :]), name=name)
    match = _INPUT.fullmatch(spec)
    if match is None:
        raise ValueError(
            f"'{text}' is not an input; write its shape, for example 2x6x3, 2x6x3:int64, 4x10:int64:0..100, scalar, "
            "a plain value as value:None, or an expression as py:torch.eye(3); mask=6x6:bool hands it over by name"
        )
    dtype = _dtype(match["dtype"] or "float32")
    shape = () if match["shape"] == "scalar" else tuple(int(size) for size in match["shape"].split("x"))
    low, high = (None if match[end] is None else float(match[end]) for end in ("low", "high"))
    if low is not None and high is not None and low >= high:
        raise ValueError(f"'{text}' has an empty range: the low end is included, the high end is not, as in 0..100")
    return InputSpec(shape, dtype, low, high, name=name)


def source(value: object) -> str:
    """A value of a recipe as Python."""
    if isinstance(value, Expression):
        return value.source
    if isinstance(value, dict):
        return "{" + ", ".join(f"{source(key)}: {source(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        inner = ", ".join(map(source, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return repr(value)


def subject(
    path: str,
    class_name: str,
    before: str,
    after: str | None,
    *,
    notebook: bool = False,
    search: Sequence[str] = (),
) -> Subject:
    """Returns how to import the file: its package's root found by walking up ``__init__.py``, else its own folder.

    ``search`` are further folders for sys.path, such as the project's root. A file without ``__init__.py`` beside it is
    a member of a namespace package if it imports the package that its folder lies in, or, with relative imports, below
    the nearest of those folders.
    """
    file = Path(path)
    parts = [] if file.name == "__init__.py" else [file.stem]
    folder = file.parent
    if notebook:
        parts = [re.sub(r"\W", "_", file.stem)]
    else:
        while (folder / "__init__.py").is_file() and folder.name.isidentifier():
            parts.insert(0, folder.name)
            folder = folder.parent
        if folder == file.parent:
            parts, folder = _loose(file, before, search)
    folders = dict.fromkeys([folder.as_posix(), *search])
    return Subject(file.as_posix(), class_name, before, after, ".".join(parts), tuple(folders), notebook)


def _loose(file: Path, text: str, search: Sequence[str]) -> tuple[list[str], Path]:
    around = [folder for folder in file.parent.parents if (folder / "__init__.py").is_file()]
    package = next((folder for folder in around if folder.parent not in around), None)
    if package and re.search(rf"^[ \t]*(?:from|import)[ \t]+{package.name}\b", text, re.MULTILINE):
        return [*file.relative_to(package.parent).parent.parts, file.stem], package.parent
    above = [Path(root) for root in search if Path(root) in file.parent.parents]
    if above and _RELATIVE_IMPORT.search(text):
        root = max(above, key=lambda each: len(each.parts))
        return [*file.relative_to(root).parent.parts, file.stem], root
    return [re.sub(r"\W", "_", file.stem)], file.parent


def _parse_init(item: str) -> tuple[str, object]:
    if item.strip().startswith(SPREAD + _EXPRESSION):
        return SPREAD, _expressed(item.strip().removeprefix(SPREAD))
    match = _NAMED.fullmatch(item.strip())
    if match is None:
        raise ValueError(
            f"'{item}' is not a constructor argument; write name=value, for example d_in=3, or all fields of an object "
            "as **py:pkg.config.Config(d_in=3)"
        )
    return match.group(1), _literal(match.group(2))


def _literal(text: str) -> object:
    if text.strip().startswith(_EXPRESSION):
        return _expressed(text.strip())
    try:
        value: object = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError):
        return text
    return value if is_literal(value) else text


def _expressed(value: object) -> object:
    """The value with each text ``py:...`` in it as an expression. ValueError when one is not Python."""
    if isinstance(value, str) and value.startswith(_EXPRESSION):
        source = value[len(_EXPRESSION) :].strip()
        try:
            ast.parse(source, mode="eval")
        except SyntaxError as error:
            raise ValueError(f"'{value}' is not a Python expression: {error.msg}") from error
        return Expression(source)
    if isinstance(value, list | tuple):
        return type(value)(_expressed(item) for item in value)
    if isinstance(value, dict):
        return {key: _expressed(item) for key, item in value.items()}
    return value


def _dtype(name: str) -> str:
    name = _ALIASES.get(name, name)
    if name in DTYPES:
        return name
    nearest = difflib.get_close_matches(name, DTYPES, 1, 0.0)[0]
    raise ValueError(f"unknown dtype '{name}'; did you mean '{nearest}'? One of: {', '.join(DTYPES)}")


def _typed(table: Mapping[str, object], key: str, kind: type | tuple[type, ...], example: str, default: Any) -> Any:
    value = table.get(key, default)
    if value is not default and (not isinstance(value, kind) or isinstance(value, bool)):
        raise ValueError(f"'{key}' in a verify recipe must be {example}; got {value!r}")
    return value


def _checked(recipe: Recipe) -> Recipe:
    if recipe.timeout <= 0:
        raise ValueError(f"the timeout is in seconds and above 0, for example 60; got {recipe.timeout:g}")
    if recipe.memory <= 0:
        raise ValueError(f"the memory limit is in MiB and above 0, for example 8192; got {recipe.memory}")
    return recipe
