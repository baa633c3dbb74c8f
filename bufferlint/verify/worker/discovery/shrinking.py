"""Smaller arguments for a class whose defaults make it large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import nn

from bufferlint.verify.worker.catch import Raised, attempt
from bufferlint.verify.worker.discovery import names

LARGE = 10_000_000
"""Parameters beyond which a smaller instance is looked for."""
_WIDTH, _HEADS, _DEPTH = 32, 2, 1


def is_large(module: object) -> bool:
    """Returns whether a module has more parameters than a quick check wants."""
    if not isinstance(module, nn.Module):
        return False
    parameters = attempt(lambda: list(nn.Module.parameters(module)))
    if isinstance(parameters, Raised):  # super().__init__() was never called, or the class is unhashable
        return False
    return sum(each.numel() for each in parameters if not nn.parameter.is_lazy(each)) > LARGE


def shrunk(optional: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Smaller values for parameters that have defaults: all at once, those of depth or of width, then one by one."""
    depths = {name: small for name, value in optional.items() if (small := _shallow(name, value)) is not None}
    widths = {name: small for name, value in optional.items() if (small := _narrow(name, value)) is not None}
    yield {**widths, **depths}
    yield depths
    yield widths
    for name, small in {**depths, **widths}.items():
        yield {name: small}


def _shallow(name: str, value: object) -> object:
    if not names.DEPTHS.fullmatch(name):
        return None
    if type(value) is int and value > 2:
        return _DEPTH
    if isinstance(value, list | tuple) and value and all(type(each) is int and each < 64 for each in value):
        return type(value)(_DEPTH for _ in value) if max(value) > _DEPTH else None
    return None


def _narrow(name: str, value: object) -> object:
    if not names.WIDTHS.fullmatch(name) or _shallow(name, value) is not None:
        return None
    if type(value) is int and "head" in name and "dim" not in name:
        return _HEADS if value > 4 else None
    if type(value) is int and value > 2 * _WIDTH:
        return _WIDTH
    if isinstance(value, list | tuple) and value and all(type(each) is int for each in value):
        return type(value)(min(each, _WIDTH) for each in value) if max(value) > 2 * _WIDTH else None
    return None
