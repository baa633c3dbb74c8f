"""What a process for user code is there for: one side of a class, or the audit of a model."""

from __future__ import annotations

from pathlib import Path

from bufferlint.verify.contract import AuditRequest, loads
from bufferlint.verify.worker import auditing, observations, run_side
from bufferlint.verify.worker.evidence_pipe import Sender


def run(folder: Path, sender: Sender) -> None:
    """Do what the request in the folder says, and send what came of it."""
    request = loads((folder / "request").read_text())
    report = observations.Report(sender, observations.finished(folder))
    if isinstance(request, AuditRequest):
        auditing.run(folder, request, report)
    else:
        run_side.run(folder, request, report)
