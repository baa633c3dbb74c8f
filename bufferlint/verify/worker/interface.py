"""What callers rely on besides results: parameters, constants, what methods return and reach."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
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
    "apply()": lambda module: module.apply(lambda _: None),
    "requires_grad_()": lambda module: module.requires_grad_(True),
    "double()": lambda module: module.double(),
    "float()": lambda module: module.float(),
}


def seen(cls: type[nn.Module], module: nn.Module) -> dict[str, Any]:
    """Returns the parameters of a class, and what its instance raises or returns otherwise than a module does."""
    functions = {"forward": cls.forward, "the constructor": cls.__init__, "load_state_dict": cls.load_state_dict}
    short = [name for name, reaches in _REACHING.items() if attempt(partial(reaches, module)) is False]
    length = attempt(partial(len, module)) if hasattr(cls, "__len__") else None  # type: ignore[arg-type]
    printed = attempt(lambda: repr(module))
    returned = {name: attempt(partial(call, module)) for name, call in _CHAINED.items()}
    odd = {name: _said(value) for name, value in returned.items() if value is not module}
    if isinstance(printed, Raised):
        odd["repr()"] = _said(printed)
    odd.update(dict.fromkeys(short, "does not reach all that the module holds"))
    return {
        "parameters": {name: _parameters(function) for name, function in functions.items()},
        "odd": odd,
        "constants": _constants(cls),
        "length": length if isinstance(length, int) else None,
        "truth": str(attempt(partial(bool, module))),
    }


def _applied(module: nn.Module) -> bool:
    visited: list[nn.Module] = []
    module.apply(visited.append)
    return {*map(id, visited)} >= {*map(id, module.modules())}


def _frozen(module: nn.Module) -> bool:
    """Does the module freeze all of its parameters? They are left as they were."""
    asked = [(each, each.requires_grad) for each in _own_parameters(module)]
    try:
        module.requires_grad_(False)
        return not any(each.requires_grad for each, _ in asked)
    finally:
        for each, requires in asked:
            each.requires_grad_(requires)


def _zeroed(module: nn.Module) -> bool:
    trained = [each for each in _own_parameters(module) if each.requires_grad and not nn.parameter.is_lazy(each)]
    for each in trained:
        each.grad = torch.ones_like(each)
    module.zero_grad()
    kept = [each for each in trained if each.grad is not None and bool(each.grad.any())]
    for each in trained:
        each.grad = None
    return not kept


def _single(module: nn.Module) -> bool:
    module.double().float()
    return not any(each.dtype == torch.float64 for each in _own_parameters(module))


def _shared(module: nn.Module) -> bool:
    """Are the parameters in the state_dict the module's own memory, into which averages are written?"""
    state = module.state_dict()
    own = {name: each.data_ptr() for name, each in nn.Module.named_parameters(module) if not nn.parameter.is_lazy(each)}
    return all(state[name].data_ptr() == place for name, place in own.items() if name in state)


def _listed(module: nn.Module) -> bool:
    return [*map(id, module.parameters())] == [*map(id, _own_parameters(module))]


def _own_parameters(module: nn.Module) -> list[nn.Parameter]:
    return [parameter for _, parameter in nn.Module.named_parameters(module)]


_REACHING: dict[str, Callable[[nn.Module], bool]] = {
    "apply() of a function": _applied,
    "requires_grad_(False)": _frozen,
    "zero_grad()": _zeroed,
    "parameters()": _listed,
    "float()": _single,
    "a write into state_dict()": _shared,
}


def _constants(cls: type[nn.Module]) -> dict[str, str]:
    """The plain values of a class that have public names, as text; those of torch's own classes aside."""
    own = [each for each in reversed(cls.__mro__) if not each.__module__.startswith("torch.")]
    held = {name: value for each in own for name, value in vars(each).items() if not name.startswith("_")}
    return {name: repr(value) for name, value in held.items() if isinstance(value, bool | int | float | str)}


def broken(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Returns which calls that the class took before it takes no longer, and which methods return something else, a
    line each."""
    found = [
        f"{name} {said} now, which breaks code that relies on it"
        for name, said in after["odd"].items()
        if name not in before["odd"]
    ]
    found += [
        f"{name} of the class is {after['constants'][name]}, which was {value}"
        for name, value in before["constants"].items()
        if after["constants"].get(name, value) != value
    ]
    if before["length"] is not None and after["length"] != before["length"]:
        found.append(f"len() gives {after['length']}, which was {before['length']}")
    if before["truth"] != after["truth"]:
        found.append(f"its truth is {after['truth']}, which was {before['truth']}")
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
