"""`audit` of a model in this process, which has torch already: nothing is built or run, only looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bufferlint.cli.audit_findings import Entry, audit_findings
from bufferlint.report.audit import render, to_html, to_json
from bufferlint.settings import Settings
from bufferlint.verify.contract import EqualBuffers
from bufferlint.verify.worker.inventory import equal_buffers, unregistered_tensors

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Audit:
    """The tensors that a model holds unregistered, each with what ``bufferlint check`` says of it; prints as a list."""

    model: str
    entries: tuple[Entry, ...]
    equal_buffers: tuple[EqualBuffers, ...] = ()
    limits: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __str__(self) -> str:
        return render(self.entries, self.model, str, self.equal_buffers, self.limits)

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        return to_html(self.entries, self.model)

    def to_json(self) -> str:
        """Returns what ``bufferlint audit --output-format json`` prints."""
        return to_json(self.entries, self.model, self.equal_buffers, self.limits)


def audit(model: nn.Module) -> Audit:
    """Returns what a model and its submodules hold outside of their parameters and buffers."""
    limits: list[str] = []
    entries = audit_findings(unregistered_tensors(model, limits=limits), Settings())
    return Audit(type(model).__qualname__, entries, equal_buffers(model), tuple(limits))
