"""After ``half()``, ``bfloat16()`` and ``double()`` forward does what it did; values that a cast ruins are named."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, contents, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks._outcomes import NO_INPUTS, differing
from bufferlint.verify.worker.harness import Bench, raised, seed_everything
from bufferlint.verify.worker.observations import Observed

NAME = "dtype_casts"
TITLE = "casts to half, bfloat16, double"
_CALLED = " after a call"
DTYPES = {"half": torch.float16, "bfloat16": torch.bfloat16, "double": torch.float64, f"double{_CALLED}": torch.float64}
"""By name, the dtype: what a module made when it was called is to follow the cast as well."""
_LIMITS = {"half": 0.05, "bfloat16": 0.2, "double": 1e-4, f"double{_CALLED}": 1e-4}
"""How far, as a part of its size, a result may be off: forward rounds at each of its steps."""

_FEW = 0.01
"""The part of the whole numbers and flags of a result that rounding may change."""


def observe(bench: Bench) -> Observed:
    return {name: _cast(bench, name, dtype) for name, dtype in DTYPES.items()}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if not all("forward" in side[name] for side in (before, after) for name in DTYPES):
        ruined = [line for name in DTYPES for line in _ruined(name, before, after, change)]
        return Outcome(Status.NOT_RUN, NO_INPUTS), Outcome(Status.NOT_RUN, "; ".join([NO_INPUTS, *ruined]))
    wrong: list[str] = []
    apart: list[str] = []
    fixed: list[str] = []
    notes: list[str] = []
    drawn: list[str] = []
    for name, dtype in DTYPES.items():
        old, new = before[name]["forward"], after[name]["forward"]
        if "raised" in old:
            (notes if "raised" in new else fixed).append(f"{name}: {old['raised']}")
        elif "raised" in new:
            wrong.append(f"{name} no longer works: {new['raised']}")
        else:
            wrong += [f"{name}: {line}" for line in _of_other_dtypes(old["output"], new["output"], dtype)]
            off = _off(old["output"], new["output"])
            chosen = _chosen_otherwise(old["output"], new["output"])
            if chosen and not (old["drew"] and new["drew"]):
                apart += [f"{name}: {line}" for line in chosen]
                apart += _ruined(name, before, after, change)
            if off > _LIMITS[name] and old["drew"] and new["drew"]:
                drawn.append(f"{name}: not compared, since the numbers that forward draws depend on the dtype")
            elif off > _LIMITS[name]:
                apart += [f"{name}: the result is off by {off:.2g}", *_ruined(name, before, after, change)]
    ruined = [line for name in DTYPES for line in _ruined(name, before, after, change)]
    works = ", ".join(name for name in DTYPES if "raised" not in before[name]["forward"])
    first = Outcome(Status.FAIL if fixed else Status.PASS, "; ".join([*fixed, *notes]) or works)
    if wrong:
        return first, Outcome(Status.FAIL, "; ".join([*wrong, *apart]))
    if apart:
        return first, differing(list(dict.fromkeys(apart)), change)
    works = ", ".join(name for name in DTYPES if "raised" not in after[name]["forward"])
    as_before = ["the others raise as before"] if notes else []
    said = "; ".join([works, *as_before, *drawn, *ruined]).removeprefix("; ")
    return first, Outcome(Status.SKIP if drawn else Status.PASS, said)


def _cast(bench: Bench, name: str, dtype: torch.dtype) -> Observed:
    module = bench.module()
    ruins = {
        slot.path: fate
        for slot in attributes.slots(module)
        if slot.kind in attributes.BUFFERS and slot.value is not None and (fate := _fate(slot.value, dtype))
    }
    if not bench.calls_forward:
        return {"ruins": ruins}
    output = bench.attempt(partial(_forward, bench, module, name, dtype))
    return {"ruins": ruins, "forward": raised(output) if isinstance(output, Raised) else output}


def _forward(bench: Bench, module: nn.Module, name: str, dtype: torch.dtype) -> Observed:
    args, kwargs = bench.inputs()
    if name.endswith(_CALLED):
        bench.attempt(lambda: bench.forward(module, False))
    module = getattr(module, name.removesuffix(_CALLED))().eval()  # unlike to(dtype) it leaves complex tensors alone
    seed_everything(bench.recipe.seed)
    seeded = torch.get_rng_state()
    args, kwargs = tree_map(partial(_as, dtype=dtype), (args, kwargs))
    with torch.no_grad():
        output = values.leaves(contents.settled(module(*args, **kwargs)))
    return {"output": output, "drew": not torch.equal(seeded, torch.get_rng_state())}


def _as(value: Any, dtype: torch.dtype) -> Any:
    return value.to(dtype) if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def _fate(tensor: torch.Tensor, dtype: torch.dtype) -> str | None:
    """Returns what a cast does to the values of a float tensor beyond rounding them; None when they survive."""
    kept = values.stored(tensor)
    if kept is None or not kept.is_floating_point() or not kept.numel():
        return None
    wide = kept.double()
    cast = kept.to(dtype).double()
    if (cast.isinf() & wide.isfinite()).any():
        return f"{float(wide[wide.isfinite()].abs().max()):g} becomes infinite"
    gone = (cast == 0) & (wide != 0)
    if gone.any():
        return f"{float(wide[gone].abs().max()):g} becomes 0"
    whole = (wide == wide.round()) & (cast != wide)
    if whole.any():
        return f"{float(wide[whole].abs().min()):g} becomes {float(cast[whole].abs().min()):g}"
    return None


def _off(before: values.Leaves, after: values.Leaves) -> float:
    """The distance of two results as a part of the first's size; infinite when they are finite at other places."""
    worst = 0.0
    for place, one in before.items():
        other = after.get(place)
        if not (isinstance(one, torch.Tensor) and one.is_floating_point()):
            continue
        if not isinstance(other, torch.Tensor) or other.shape != one.shape:
            return torch.inf
        left, right = one.double(), other.double()
        if not torch.equal(left.isfinite(), right.isfinite()):
            return torch.inf
        size, gap = (float(each[left.isfinite()].norm()) for each in (left, left - right))
        worst = max(worst, gap / size if size else gap)
    return worst


def _of_other_dtypes(before: values.Leaves, after: values.Leaves, asked: torch.dtype) -> list[str]:
    """The floats of a result that have neither the dtype that they had nor the one that was asked for."""
    found = []
    for place, one in before.items():
        other = after.get(place)
        if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
            continue
        if one.is_floating_point() and other.is_floating_point() and other.dtype not in (one.dtype, asked):
            found.append(f"{place or 'the result'} is {other.dtype} instead of {one.dtype}")
    return found


def _chosen_otherwise(before: values.Leaves, after: values.Leaves) -> list[str]:
    """The whole numbers and flags of a result that another dtype changes, more than rounding at a few places can."""
    changed = []
    for place, one in before.items():
        other = after.get(place)
        whole = isinstance(one, torch.Tensor) and not one.is_floating_point() and not one.is_complex()
        if not whole or not isinstance(other, torch.Tensor) or other.shape != one.shape or not one.numel():
            continue
        count = int((one != other).sum())
        if count > _FEW * one.numel():
            changed.append(f"{place or 'the result'} chooses otherwise at {count} of {one.numel()} places")
    return changed


def _ruined(name: str, before: Observed, after: Observed, change: Change) -> list[str]:
    """The new buffers whose values a cast ruins, which left them alone as long as they were plain tensors."""
    new = {*change.saved, *change.unsaved}
    fates = {} if name.endswith(_CALLED) else after[name]["ruins"]
    return [f"{name} ruins {path}: {fate}" for path, fate in fates.items() if path in new]
