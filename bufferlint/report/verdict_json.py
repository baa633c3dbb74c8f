"""Verdicts as one JSON object, as ``schemas/verify.schema.json`` has it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bufferlint import __version__
from bufferlint.report.verdict import described, state
from bufferlint.verify.contract import Check, Outcome, Recipe, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A class that was run: where it stands, what it was held against, and what came of it."""

    path: str
    class_name: str
    against: str | None
    recipe: Recipe
    verdict: Verdict


def render(judged: Sequence[Judged]) -> str:
    """All verdicts of a run."""
    return json.dumps({"version": __version__, "verdicts": [_as_object(each) for each in judged]}, indent=2)


def _as_object(judged: Judged) -> dict[str, Any]:
    verdict = judged.verdict
    return {
        "filename": judged.path,
        "class": judged.class_name,
        "against": judged.against,
        "verdict": state(verdict),
        "rewritten": verdict.rewritten,
        "recipe": described(verdict.recipe or judged.recipe),
        "device": verdict.device,
        "cause": verdict.cause,
        "advice": verdict.advice,
        "tried": list(verdict.tried),
        "checks": [_check(check) for check in verdict.checks],
        "output": verdict.output,
    }


def _check(check: Check) -> dict[str, Any]:
    sides = {"before": _outcome(check.before), "after": _outcome(check.after)}
    return {"name": check.name, "title": check.title, **sides}


def _outcome(outcome: Outcome) -> dict[str, str]:
    return {"status": outcome.status.value, "detail": outcome.detail}
