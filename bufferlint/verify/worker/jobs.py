"""What a process for user code is there for: one side of a class, or the audit of a model."""

from __future__ import annotations

from pathlib import Path

from bufferlint.verify.contract import AuditRequest, loads
from bufferlint.verify.worker import auditing, run_side


def run(folder: Path) -> None:
    """Do what the request in the folder says; the result is in the folder afterwards."""
    request = loads((folder / "request").read_text())
    if isinstance(request, AuditRequest):
        auditing.run(folder, request)
    else:
        run_side.run(folder, request)
