"""Values under search: literals, Python expressions, and objects to be built whose fields are searched in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bufferlint.verify.contract import Expression

NAMESPACE = "types.SimpleNamespace"


@dataclass(frozen=True)
class Build:
    """A call of the ``target``: a configuration object, or another module. ``fields`` are its keyword arguments."""

    target: str
    fields: tuple[tuple[str, object], ...] = ()

    def having(self, name: str, value: object) -> Build:
        """The same with a field set."""
        return replace(self, fields=tuple({**dict(self.fields), name: value}.items()))

    def __repr__(self) -> str:
        return f"{self.target}({', '.join(f'{name}={source(value)}' for name, value in self.fields)})"


def source(value: object) -> str:
    """The value as Python."""
    if isinstance(value, Expression):
        return value.source
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(source, value))}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{source(key)}: {source(item)}" for key, item in value.items()) + "}"
    return repr(value)


def expressed(value: object) -> object:
    """The value as a recipe holds it: a literal, or an expression."""
    if isinstance(value, Build):
        return Expression(repr(value))
    if isinstance(value, list | tuple):
        return type(value)(map(expressed, value))
    if isinstance(value, dict):
        return {key: expressed(item) for key, item in value.items()}
    return value


def py(text: str) -> Expression:
    return Expression(text)
