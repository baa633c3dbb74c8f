"""Built on ``torch.device("meta")``, given memory by ``to_empty`` and filled from a state_dict, values are there."""

from __future__ import annotations

import torch
from torch import nn

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import attributes, values
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.checks.save_and_load import perturb, tensors
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "meta_device"
TITLE = "meta device, to_empty, load"


_QUANTISED = "quantised tensor"
"""What torch says where ``to_empty`` made a quantised tensor an ordinary one."""


def observe(bench: Bench) -> Observed:
    normal = bench.module()
    kinds = {slot.path: slot.kind for slot in attributes.slots(normal)}
    loaded = bench.attempt(lambda: _loaded(bench, normal))
    if isinstance(loaded, Raised):
        return {"could not": str(loaded), "kinds": kinds}
    wanted, found = tensors(normal), tensors(loaded)
    lost = [path for path, value in wanted.items() if path not in found or not values.same(value, found[path])]
    return {"lost": lost, "kinds": kinds}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    if "could not" in before:
        first = Outcome(Status.SKIP, before["could not"])
    else:
        lost_saved = set(before["lost"]) & set(change.saved)
        first = Outcome(Status.FAIL if lost_saved else Status.PASS, _told(before))
    if "could not" in after and "lost" in before and _QUANTISED in after["could not"]:
        return first, Outcome(Status.SKIP, f"{after['could not']}; before, {_told(before)}")
    if "could not" in after:
        return first, Outcome(Status.PASS, "fails as before") if "could not" in before else Outcome(
            Status.FAIL, f"no longer works: {after['could not']}"
        )
    known: list[str] = before["lost"] if "lost" in before else list(before["kinds"])
    wrong = [path for path in after["lost"] if path not in known or path in change.saved]
    if wrong:
        return first, Outcome(Status.FAIL, f"{', '.join(wrong)} did not come back")
    return first, Outcome(Status.PASS, _told(after))


def _loaded(bench: Bench, normal: nn.Module) -> nn.Module:
    """Returns what ``to_empty`` leaves uninitialised is filled with other values, so that none comes back by chance."""
    with torch.device("meta"):
        module = bench.module(seed_offset=1)
    module.to_empty(device="cpu")
    perturb(module)
    module.load_state_dict(normal.state_dict())
    return module


def _told(seen: Observed) -> str:
    if not seen["lost"]:
        return "all values come back"
    plain = [path for path in seen["lost"] if seen["kinds"][path] == attributes.PLAIN]
    unsaved = [path for path in seen["lost"] if path not in plain]
    parts = [f"{', '.join(plain)} left on meta"] if plain else []
    parts += (
        [f"{', '.join(unsaved)} uninitialised: a buffer that is not saved has to be filled anew"] if unsaved else []
    )
    return "; ".join(parts)
