"""The class can be built, and so can the classes of its file that inherit it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "constructs"
TITLE = "constructs"
_MOST = 8
"""How many subclasses are built."""


def observe(bench: Bench) -> Observed:
    module = bench.module()
    attributes.ensure_walkable(module)
    kinds = [slot.kind for slot in attributes.slots(module)]
    subclasses = [*dict.fromkeys(_subclasses(bench.cls))][:_MOST] if bench.recipe.factory is None else []
    return {
        "parameters": kinds.count(attributes.PARAMETER),
        "buffers": sum(kind in attributes.BUFFERS for kind in kinds),
        "subclasses": {cls.__qualname__: _built(bench, cls) for cls in subclasses},
    }


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    old, new = before["subclasses"], after["subclasses"]
    broken = [
        f"{name}, which inherits it, can no longer be {done}: {new[name][done]}"
        for name, seen in old.items()
        for done in ("built", "called")
        if name in new and new[name].get(done) and seen.get(done) == ""
    ]
    return _outcome(before), Outcome(Status.FAIL, "; ".join(broken)) if broken else _outcome(after)


def _outcome(seen: Observed) -> Outcome:
    return Outcome(Status.PASS, f"parameters: {seen['parameters']}, buffers: {seen['buffers']}")


def _subclasses(cls: type[nn.Module]) -> Iterator[type[nn.Module]]:
    for each in cls.__subclasses__():
        if each.__module__ == cls.__module__ and not inspect.isabstract(each):
            yield each
        yield from _subclasses(each)


def _built(bench: Bench, cls: type[nn.Module]) -> Observed:
    """What a subclass raises when it is built, with the recipe's arguments or else without any, and when it is called;
    nothing where it raises nothing."""
    for arguments in (True, False):
        module = bench.attempt(lambda arguments=arguments: bench.instance(cls, arguments))  # type: ignore[misc]
        if not isinstance(module, Raised):
            break
    if isinstance(module, Raised):
        return {"built": str(module)}
    if not bench.calls_forward:
        return {"built": ""}
    output = bench.attempt(lambda: values.leaves(bench.forward(module, training=False)))
    return {"built": "", "called": str(output) if isinstance(output, Raised) else ""}
