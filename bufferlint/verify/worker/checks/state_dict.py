"""state_dict gains exactly the new buffers that are saved, and otherwise keeps its keys in their order."""

from __future__ import annotations

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "state_dict"
TITLE = "state_dict keys"


def observe(bench: Bench) -> Observed:
    return {"keys": [str(key) for key in bench.module().state_dict()]}


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    old, new = before["keys"], after["keys"]
    missing = [name for name in change.saved if name not in old]
    first = Outcome(Status.PASS, _listed(old))
    if missing:
        first = Outcome(Status.FAIL, f"{', '.join(missing)} not in state_dict ({_listed(old)})")
    wrong = [f"lost {key}" for key in old if key not in new]
    wrong += [f"gained {key}, which is no new buffer" for key in new if key not in old and key not in change.saved]
    wrong += [f"{name} is a new buffer but no key" for name in change.saved if name not in new]
    wrong += [f"{name} is not to be saved but a key" for name in change.unsaved if name in new and name not in old]
    if not wrong and [key for key in new if key in old] != old:
        wrong = ["the keys stand in another order"]
    if wrong:
        return first, Outcome(Status.FAIL, "; ".join(wrong))
    unsaved = f"; {', '.join(change.unsaved)} not saved, as asked" if change.unsaved else ""
    return first, Outcome(Status.PASS, _listed(new) + unsaved)


def _listed(keys: list[str]) -> str:
    shown = ", ".join(keys[:8]) + (f" and {len(keys) - 8} more" if len(keys) > 8 else "")
    return shown or "no keys"
