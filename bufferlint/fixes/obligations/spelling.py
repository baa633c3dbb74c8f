"""The spelling is right: the oldest torch of the project has it, and it registers the name that the code reads."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.settings import Style


def _reasons(case: Case) -> Iterator[Reason]:
    oldest = case.settings.min_torch
    needs = [("nn.Buffer", (2, 5))] if case.settings.style is Style.NN_BUFFER else []
    needs += [] if case.persistent else [("persistent=False", (1, 6))]
    for spelled, since in needs:
        if oldest is not None and oldest < since:
            text = f"{spelled} needs torch {since[0]}.{since[1]}, and min-torch is {oldest[0]}.{oldest[1]}"
            yield Reason(text, raises=True)


OBLIGATION = Obligation(
    "the spelling is right",
    "the oldest torch of the project knows the call, and the name is mangled and normalised as Python does",
    _reasons,
)
