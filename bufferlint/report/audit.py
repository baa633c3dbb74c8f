"""What an audit found: a line for each tensor with what the static check says of it, then what each class holds."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence

from bufferlint.cli.audit_findings import Entry
from bufferlint.report.view import plural
from bufferlint.verify.contract import EqualBuffers

HIDDEN = "hidden module"
"""The kind of a tensor of a module that the model does not know."""
MEBIBYTE = 1 << 20


def render(
    entries: Sequence[Entry],
    model: str,
    shown: Callable[[str], str],
    equal: Sequence[EqualBuffers] = (),
    limits: Sequence[str] = (),
) -> str:
    """The whole report; ``shown`` shortens a path."""
    notes = [*_equal(equal), *_limits(limits)]
    if not entries:
        clear = (
            "every tensor is a parameter or a buffer" if not limits else "no tensor was found that is not registered"
        )
        return "\n".join([f"{model}: {clear}.", *notes])
    lines = [line for entry in entries for line in _lines(entry, shown)]
    reported = sum(bool(entry.findings) for entry in entries)
    end = f"{model}: {plural(len(entries), 'tensor')} not registered; the static check reports {reported} of them."
    return "\n".join([*lines, "", *_grouped(entries), *_hidden(entries), *notes, end])


def one_line(entry: Entry) -> str:
    """The tensor with its shape, type, device and the line that made it."""
    stray = entry.stray
    shape = "x".join(map(str, stray.shape)) or "scalar"
    return f"{stray.path}: {stray.kind} {shape} {stray.dtype} on {stray.device}"


def to_json(
    entries: Sequence[Entry], model: str, equal: Sequence[EqualBuffers] = (), limits: Sequence[str] = ()
) -> str:
    """The report as one JSON object."""
    found = {
        "model": model,
        "tensors": [_as_object(entry) for entry in entries],
        "equal_buffers": [{"paths": list(each.paths), "saved_bytes": each.saved} for each in equal],
        "not_looked_at": list(limits),
    }
    return json.dumps(found, indent=2)


def to_html(entries: Sequence[Entry], model: str) -> str:
    """The report as a table for a notebook."""
    head = ("tensor", "kind", "shape", "dtype", "device", "class", "made at", "check")
    cells = [
        (
            entry.stray.path,
            entry.stray.kind,
            "x".join(map(str, entry.stray.shape)) or "scalar",
            entry.stray.dtype,
            entry.stray.device,
            entry.stray.owner,
            f"{entry.stray.file}:{entry.stray.line}" if entry.stray.file else "",
            ", ".join(entry.codes) or entry.silence,
        )
        for entry in entries
    ]
    rows = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in cells)
    titles = "".join(f"<th>{title}</th>" for title in head)
    caption = f"{html.escape(model)}: {plural(len(entries), 'tensor')} not registered"
    return f"<table><caption>{caption}</caption><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"


def _as_object(entry: Entry) -> dict[str, object]:
    stray = entry.stray
    return {
        "path": stray.path,
        "kind": stray.kind,
        "shape": list(stray.shape),
        "dtype": stray.dtype,
        "device": stray.device,
        "bytes": stray.size,
        "class": stray.owner,
        "filename": stray.file,
        "row": stray.line,
        "findings": [{"code": each.code, "message": each.message} for each in entry.findings],
        "silence": entry.silence or None,
    }


def _lines(entry: Entry, shown: Callable[[str], str]) -> list[str]:
    stray = entry.stray
    made = f", made at {shown(stray.file)}:{stray.line}" if stray.file else ""
    said = [f"{each.code} {each.mark} {each.message}" for each in entry.findings]
    return [
        one_line(entry) + made,
        *(f"    {line}" for line in said or [f"the static check is silent: {entry.silence}"]),
    ]


def _grouped(entries: Sequence[Entry]) -> list[str]:
    """Returns what the instances of each class hold together, the largest first; nothing where there is one class."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for entry in entries:
        stray = entry.stray
        groups.setdefault((stray.owner, stray.dtype, stray.device), []).append(stray.size)
    rows = sorted(groups.items(), key=lambda item: -sum(item[1]))
    return [
        f"  {owner}: {plural(len(sizes), 'tensor')}, {_mebibytes(sum(sizes))}, {dtype} on {device}"
        for (owner, dtype, device), sizes in rows
    ]


def _hidden(entries: Sequence[Entry]) -> list[str]:
    """The attributes whose modules are in a plain list or dictionary, and what to write instead."""
    hidden = [entry.stray for entry in entries if entry.stray.kind == HIDDEN and "[" in entry.stray.path]
    names = dict.fromkeys(stray.path.partition("[")[0] for stray in hidden)
    return [
        f"  {name} holds modules that the model does not know: use nn.ModuleList or nn.ModuleDict" for name in names
    ]


def _equal(equal: Sequence[EqualBuffers]) -> list[str]:
    if not equal:
        return []
    lines = [
        f"    {each.paths[0]} and {plural(len(each.paths) - 1, 'other')}: one for all saves {_mebibytes(each.saved)}"
        for each in equal
    ]
    return ["  equal buffers of several layers:", *lines]


def _limits(limits: Sequence[str]) -> list[str]:
    return ["  not looked at:", *(f"    {limit}" for limit in limits)] if limits else []


def _mebibytes(size: int) -> str:
    return f"{size / MEBIBYTE:.2f} MiB" if size >= MEBIBYTE // 100 else f"{size} bytes"
