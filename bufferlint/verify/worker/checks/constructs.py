"""The class can be built and called as before, and so can the classes of its file that inherit it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import partial

from torch import nn

from bufferlint.verify.contract import Outcome, Status, dumps, loads
from bufferlint.verify.worker import attributes, discovery, interface, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks._outcomes import differing
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "constructs"
TITLE = "constructs"
_MOST = 8
"""How many subclasses are built."""
_RECIPES = "the recipe's"


def observe(bench: Bench) -> Observed:
    module = bench.module()
    attributes.ensure_walkable(module)
    by_path = {slot.path: slot.kind for slot in attributes.slots(module)}
    kinds = list(by_path.values())
    subclasses = [*dict.fromkeys(_subclasses(bench.cls))][:_MOST] if bench.recipe.factory is None else []
    known = bench.earlier.get(NAME, {}).get("subclasses", {})
    return {
        "interface": interface.seen(bench.cls, module),
        "kinds": by_path,
        "parameters": kinds.count(attributes.PARAMETER),
        "buffers": sum(kind in attributes.BUFFERS for kind in kinds),
        "subclasses": {cls.__qualname__: _built(bench, cls, known.get(cls.__qualname__)) for cls in subclasses},
    }


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    old, new = before["subclasses"], after["subclasses"]
    both = [name for name in old if name in new]
    broken = [
        f"{name}, which inherits it, can no longer be {done}: {new[name][done]}"
        for name in both
        for done in ("built", "called")
        if new[name].get(done) and old[name].get(done) == ""
    ]
    broken += interface.broken(before["interface"], after["interface"])
    if broken:
        return _outcome(before), Outcome(Status.FAIL, "; ".join(broken))
    apart = [
        f"{name}, which inherits it: {line}"
        for name in both
        if not old[name].get("again") and "output" in old[name] and "output" in new[name]
        for line in values.differences(old[name]["output"], new[name]["output"])
    ]
    if apart:
        return _outcome(before), differing(apart, change)
    errors = {name: old[name]["built"] for name in both if old[name]["built"] and not old[name]["abstract"]}
    if errors:
        unbuilt = [f"{name}, which inherits it, could not be built: {error}" for name, error in errors.items()]
        return _outcome(before), Outcome(Status.SKIP, "; ".join(unbuilt))
    return _outcome(before), _outcome(after)


def _outcome(seen: Observed) -> Outcome:
    return Outcome(Status.PASS, f"parameters: {seen['parameters']}, buffers: {seen['buffers']}")


def _subclasses(cls: type[nn.Module]) -> Iterator[type[nn.Module]]:
    for each in cls.__subclasses__():
        if each.__module__ == cls.__module__ and not inspect.isabstract(each):
            yield each
        yield from _subclasses(each)


def _built(bench: Bench, cls: type[nn.Module], earlier: Observed | None) -> Observed:
    """Returns what a subclass raises when it is built and when it is called, nothing where it raises nothing, and its
    result.

    One that is not written yet, and says so by NotImplementedError, is no subclass to be built.

    It is built with the recipe's arguments, else without any, else with some that are searched for.
    """
    inits: list[tuple[tuple[str, object], ...] | None] = [None, ()]
    if earlier is not None:
        inits = [None if earlier["init"] == _RECIPES else loads(earlier["init"])]
    for init in inits:
        module = bench.attempt(partial(bench.instance, cls, init))
        if not isinstance(module, Raised):
            break
    if isinstance(module, Raised) and earlier is None:
        init = discovery.arguments(cls)
        module = bench.attempt(partial(bench.instance, cls, init)) if init is not None else module
    error = str(module) if isinstance(module, Raised) else ""
    seen: Observed = {"init": _RECIPES if init is None else dumps(init), "built": error, "abstract": False}
    if isinstance(module, Raised):
        return {**seen, "abstract": isinstance(module.error, NotImplementedError)}
    if not bench.calls_forward:
        return seen
    output = _called(bench, module)
    if isinstance(output, Raised):
        return {**seen, "called": str(output)}
    again = bench.attempt(lambda: _called(bench, bench.instance(cls, init))) if earlier is None else output
    unsteady = isinstance(again, Raised) or values.differences(output, again) != []
    return {**seen, "called": "", "output": output, "again": unsteady}


def _called(bench: Bench, module: nn.Module) -> values.Leaves | Raised:
    return bench.attempt(lambda: values.leaves(bench.forward(module, training=False)))
