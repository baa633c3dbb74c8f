"""What a run would look at and with what settings, and what can be set at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bufferlint.cli.invocation import Invocation
from bufferlint.project_files.options import OPTIONS, VERIFY_OPTIONS, Kind, Option

_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.STRINGS: {"type": "array", "items": {"type": "string"}},
    Kind.FLAG: {"type": "boolean"},
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.VERSION: {"type": "string", "pattern": r"^[1-9]\d*\.\d+$"},
    Kind.REQUIREMENT: {"type": "string", "pattern": r"^\s*(==|!=|>=|<=|~=|>|<)?\s*\d+(\.\d+)*\s*(,.*)?$"},
    Kind.LISTS: {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
}


def files(setup: Invocation) -> str:
    """The files that are checked, a line each; then the other files of their projects, marked as context."""
    parts = setup.membership.parts(setup.targets)
    others = {file for part in parts for file in setup.membership.files(part)}
    others = others.difference(setup.targets, (problem.path for problem in setup.problems))
    named = [setup.view.path(path) for path in setup.targets]
    return "".join(
        f"{line}\n" for line in (*named, *(f"# context: {setup.view.path(path)}" for path in sorted(others)))
    )


def settings(setup: Invocation, given: Mapping[str, object]) -> str:
    """Each setting as TOML, with where it comes from."""
    file = setup.view.path(setup.config.file) if setup.config.file else "no configuration file"
    lines = [f"# {file}", f"# project: {setup.workspace.root}"]
    for option in OPTIONS:
        value = setup.values.get(option.key, option.default)
        layer = setup.config.origin(option.key)
        origin = "command line" if option.key in given else setup.view.path(layer.file) if layer else "default"
        lines.append(f"{'# ' if value is None else ''}{option.key} = {toml(value)}  # {origin}")
    return "".join(f"{line}\n" for line in lines)


def every_option() -> list[tuple[str, Option]]:
    """All options by their whole key."""
    return [
        *((option.key, option) for option in OPTIONS),
        *((f"verify.{option.key}", option) for option in VERIFY_OPTIONS),
    ]


def page(key: str, option: Option) -> str:
    """An option in words."""
    default = "nothing" if option.default is None else toml(option.default)
    return f"{key}\n  {option.help}\n  value    {option.expected}\n  default  {default}\n"


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return (
            "{"
            + ", ".join(f" {json.dumps(key)} = {toml(item)}" for key, item in value.items())
            + (" }" if value else "}")
        )
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def schema() -> dict[str, Any]:
    """The JSON schema of ``[tool.bufferlint]`` and of bufferlint.toml, for editors."""
    from bufferlint.verify.plan import RECIPE_KEYS

    verify = {option.key: _described(option) for option in VERIFY_OPTIONS}
    recipe = {"type": "object", "properties": {key: {} for key in RECIPE_KEYS}, "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bufferlint",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{option.key: _described(option) for option in OPTIONS},
            "verify": {
                "description": "How classes are run; a table for each class with a recipe.",
                "type": "object",
                "properties": verify,
                "patternProperties": {"::": recipe},
                "additionalProperties": False,
            },
        },
    }


def _described(option: Option) -> dict[str, Any]:
    shape = {"enum": list(option.choices)} if option.kind is Kind.CHOICE else _KINDS[option.kind]
    default = list(option.default) if isinstance(option.default, tuple) else option.default
    return {"description": option.help, **shape, **({} if default is None else {"default": default})}
