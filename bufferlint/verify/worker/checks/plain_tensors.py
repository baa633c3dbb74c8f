"""Which tensors are left unregistered: plain, in containers, in other objects: an oracle independent of the analysis.

No failure of a rewrite, which may leave what is meant to be so; state that is left is one where nothing is rewritten.
"""

from __future__ import annotations

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.worker import inventory
from bufferlint.verify.worker.attributes import Change
from bufferlint.verify.worker.checks.save_and_load import changed_by_forward
from bufferlint.verify.worker.harness import Bench
from bufferlint.verify.worker.observations import Observed

NAME = "plain_tensors"
TITLE = "plain tensors left"
_SHOWN = 8


def observe(bench: Bench) -> Observed:
    state = changed_by_forward(bench) if bench.calls_forward and not bench.earlier else []
    return {
        "state": state,
        "plain": list(dict.fromkeys(stray.path for stray in inventory.unregistered_tensors(bench.module()))),
    }


def judge(before: Observed, after: Observed, change: Change) -> tuple[Outcome, Outcome]:
    return _outcome(before), _outcome(after)


def _outcome(seen: Observed) -> Outcome:
    plain: list[str] = seen["plain"]
    more = f" and {len(plain) - _SHOWN} more" if len(plain) > _SHOWN else ""
    return Outcome(Status.PASS, ", ".join(plain[:_SHOWN]) + more or "none")
