"""The parameters of a constructor or of forward, their annotations resolved."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bufferlint.verify.worker.catch import Raised, attempt

EMPTY = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """``annotation`` and ``default`` are `EMPTY` when there is none; ``named`` when it is passed by keyword.

    ``handed_on`` is whether it is one of a class above, which ``**kwargs`` are passed to.
    """

    name: str
    annotation: Any
    default: Any
    named: bool
    handed_on: bool = False

    @property
    def required(self) -> bool:
        return self.default is EMPTY


@dataclass(frozen=True)
class Signature:
    """``rest`` is whether positional arguments beyond those named are taken, ``open`` the same for keywords."""

    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    rest: bool
    open: bool


def of_constructor(cls: type) -> Signature:
    """Returns what a class takes; where it hands ``**kwargs`` on, what the class above takes too."""
    own = of_function(_constructor(cls))
    if not own.open:
        return own
    known = {each.name: each for each in own.parameters}
    for ancestor in cls.__mro__[1:]:
        above = vars(ancestor).get("__init__")
        if above is None or ancestor.__module__.split(".")[0] == "torch" or ancestor is object:
            continue
        more = of_function(above)
        for each in more.parameters:
            named = Parameter(each.name, each.annotation, each.default, True, True)
            known.setdefault(each.name, named if not own.rest or own.parameters else replace(each, handed_on=True))
        if not more.open:
            break
    return Signature(own.function, tuple(known.values()), own.rest, own.open)


def of_function(function: Callable[..., Any]) -> Signature:
    """The parameters of a function but for ``self``; none at all when it does not say."""
    signature = attempt(lambda: inspect.signature(function))
    if isinstance(signature, Raised):
        return Signature(function, (), True, True)
    hints = _hints(function)
    found = list(signature.parameters.values())
    if found and found[0].name in ("self", "cls"):
        found = found[1:]
    kinds = {each.kind for each in found}
    named = [each for each in found if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    return Signature(
        function,
        tuple(
            Parameter(each.name, hints.get(each.name, each.annotation), each.default, each.kind is each.KEYWORD_ONLY)
            for each in named
        ),
        inspect.Parameter.VAR_POSITIONAL in kinds,
        inspect.Parameter.VAR_KEYWORD in kinds,
    )


def _constructor(cls: type) -> Callable[..., Any]:
    found: Callable[..., Any] = vars(cls).get("__init__") or cls.__init__  # type: ignore[misc]
    return found


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    plain = inspect.unwrap(function)
    hints = attempt(lambda: typing.get_type_hints(plain))
    if not isinstance(hints, Raised):
        return hints
    found: dict[str, Any] = {}
    scope = vars(sys.modules.get(plain.__module__, typing))
    for name, text in getattr(plain, "__annotations__", {}).items():
        value = attempt(lambda text=text: eval(text, scope, vars(typing))) if isinstance(text, str) else text  # type: ignore[misc]
        if not isinstance(value, Raised):
            found[name] = value
    return {**dict.fromkeys(getattr(plain, "__annotations__", {}), EMPTY), **found}
