"""What callers rely on besides results: the parameters of forward and of the constructor, what methods return."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from bufferlint.verify.worker.catch import Raised, attempt

_PLACES = ("device", "dtype")
"""Parameters of a constructor that a module whose buffers move can do without."""
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_CHAINED: dict[str, Callable[[nn.Module], object]] = {
    "train()": lambda module: module.train(),
    "eval()": lambda module: module.eval(),
    "to('cpu')": lambda module: module.to("cpu"),
    "cpu()": lambda module: module.cpu(),
}


def seen(cls: type[nn.Module], module: nn.Module) -> dict[str, Any]:
    """Returns the parameters of a class, and what its instance raises or returns otherwise than a module does."""
    functions = {"forward": cls.forward, "the constructor": cls.__init__}
    printed = attempt(lambda: repr(module))
    returned = {name: attempt(partial(call, module)) for name, call in _CHAINED.items()}
    odd = {name: _said(value) for name, value in returned.items() if value is not module}
    if isinstance(printed, Raised):
        odd["repr()"] = _said(printed)
    return {"parameters": {name: _parameters(function) for name, function in functions.items()}, "odd": odd}


def broken(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Returns which calls that the class took before it takes no longer, and which methods return something else, a
    line each."""
    found = [
        f"{name} {said} now, which breaks code that goes on with it"
        for name, said in after["odd"].items()
        if name not in before["odd"]
    ]
    for function, old in before["parameters"].items():
        new = after["parameters"][function]
        if old is not None and new is not None:
            free = _PLACES if function != "forward" else ()
            found += [f"{function} {line}" for line in _lost(old, new) if not line.endswith(free)]
    return found


def _said(value: object) -> str:
    return f"raises {value}" if isinstance(value, Raised) else f"returns {type(value).__name__}"


def _parameters(function: Any) -> list[list[str]] | None:
    """Returns name, kind and default of each parameter but the instance; None for a function that does not tell."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[1:]
    except (TypeError, ValueError):
        return None
    return [[each.name, each.kind.name, _default(each.default)] for each in parameters]


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return ""
    return repr(value) if value is None or isinstance(value, bool | int | float | str | tuple) else "an object"


def _lost(old: list[list[str]], new: list[list[str]]) -> list[str]:
    known = {name: (kind, default) for name, kind, default in new}
    kinds = {kind for _, kind, _ in new}
    places = [name for name, kind, _ in new if kind in {each.name for each in _BY_PLACE}]
    found = []
    for place, (name, kind, default) in enumerate(old):
        if kind.startswith("VAR_"):
            if kind not in kinds and name not in known:
                found.append(f"takes no {'*' if kind == 'VAR_POSITIONAL' else '**'}{name} any more")
        elif name not in known:
            if kind != "POSITIONAL_ONLY" and "VAR_KEYWORD" not in kinds:
                found.append(f"has no parameter {name}")
        elif "VAR_POSITIONAL" not in kinds and kind == "POSITIONAL_OR_KEYWORD" and name not in places:
            found.append(f"takes {name} by name only")
        elif (
            kind in {each.name for each in _BY_PLACE} and places.index(name) != place and "VAR_POSITIONAL" not in kinds
        ):
            found.append(f"has another order of parameters: {', '.join(places)}")
            break
        elif default and not known[name][1]:
            found.append(f"needs {name}, which was {default} by default")
        elif default and default != known[name][1]:
            found.append(f"has {known[name][1]} as default of {name}, which was {default}")
    return found
