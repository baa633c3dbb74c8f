"""A recipe as the table of pyproject.toml that gives it back."""

from __future__ import annotations

import json
import math

from bufferlint.text.escaping import visible
from bufferlint.verify.contract import Expression, InputSpec, Recipe
from bufferlint.verify.plan import source


def table(name: str, recipe: Recipe) -> list[str]:
    """The lines of ``[tool.bufferlint.verify."path::Class"]``; what is as usual is left out."""
    lines = [f"[tool.bufferlint.verify.{_text(name)}]"]
    if recipe.factory is not None:
        lines.append(f"recipe = {_text(recipe.factory)}")
    if recipe.args:
        lines.append(f"args = [{', '.join(map(_value, recipe.args))}]")
    if recipe.init:
        lines.append(f"init = {{ {', '.join(f'{_key(name)} = {_value(value)}' for name, value in recipe.init)} }}")
    if recipe.inputs is not None:
        lines.append(f"inputs = [{', '.join(_text(written(each)) for each in recipe.inputs)}]")
    usual = Recipe()
    for key in ("seed", "device", "timeout", "memory"):
        value = getattr(recipe, key)
        if value != getattr(usual, key):
            lines.append(f"{key} = {_value(value)}")
    return lines


def _key(name: str) -> str:
    return name if name.isidentifier() else _text(name)


def written(spec: InputSpec) -> str:
    """One input as ``--input`` takes it."""
    name = f"{spec.name}=" if spec.name else ""
    if spec.shape is None:
        kind = "py" if isinstance(spec.value, Expression) or not _is_plain(spec.value) else "value"
        return f"{name}{kind}:{source(spec.value)}"
    text = "x".join(map(str, spec.shape)) or "scalar"
    if spec.dtype != "float32":
        text += f":{spec.dtype}"
    if spec.low is not None and spec.high is not None:
        text += f":{spec.low:g}..{spec.high:g}"
    return name + text


def _is_plain(value: object) -> bool:
    """Returns whether the value is written as a literal, without an expression in it."""
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return not isinstance(value, Expression)


def _value(value: object) -> str:
    """The value in TOML; what TOML has no form for as an expression."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if isinstance(value, str) and not value.startswith("py:"):
        return _text(value)
    if isinstance(value, list) and all(isinstance(each, bool | int | float | str | list) for each in value):
        return f"[{', '.join(map(_value, value))}]"
    return _text(f"py:{source(value)}")


def _text(text: str) -> str:
    """The text as a basic string of TOML, what steers a terminal escaped."""
    return visible(json.dumps(text, ensure_ascii=False), short=False)
