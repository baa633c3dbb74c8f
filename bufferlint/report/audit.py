"""What an audit found, a line for each tensor and one for what the static check says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bufferlint.cli.audit_findings import Entry
from bufferlint.report.view import plural
from bufferlint.text.escaping import visible


def render(entries: Sequence[Entry], model: str, shown: Callable[[str], str]) -> str:
    """The whole report; ``shown`` shortens a path."""
    if not entries:
        return f"{model}: every tensor is a parameter or a buffer."
    lines = [line for entry in entries for line in _lines(entry, shown)]
    audit_findings = sum(bool(entry.findings) for entry in entries)
    end = (
        f"{model}: {plural(len(entries), 'tensor')} not registered; the static check reports {audit_findings} of them."
    )
    return "\n".join([*lines, "", end])


def one_line(entry: Entry) -> str:
    """The tensor with its shape, type, device and the line that made it."""
    stray = entry.stray
    shape = "x".join(map(str, stray.shape)) or "scalar"
    return visible(f"{stray.path}: {stray.kind} {shape} {stray.dtype} on {stray.device}")


def _lines(entry: Entry, shown: Callable[[str], str]) -> list[str]:
    stray = entry.stray
    made = f", made at {visible(shown(stray.file))}:{stray.line}" if stray.file else ""
    said = [visible(f"{each.code} {each.mark} {each.message}") for each in entry.findings]
    return [
        one_line(entry) + made,
        *(f"    {line}" for line in said or [f"the static check is silent: {entry.silence}"]),
    ]
