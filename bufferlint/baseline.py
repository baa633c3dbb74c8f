"""Findings that are known: told apart from new ones by rule, path, class and attribute, never by their line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bufferlint.finding import Finding
from bufferlint.settings import Known
from bufferlint.text.workspace import Workspace


def digest(finding: Finding, workspace: Workspace) -> str:
    """Returns what a finding's code is, blanks aside: it recognises the finding in a file that was renamed."""
    import hashlib  # most projects have no baseline

    source = workspace.source(finding.path)
    code = "".join(source.text[finding.span.start : finding.span.end].split()) if source else ""
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()[:16]


def partition(
    findings: Sequence[Finding], known: Sequence[Known], workspace: Workspace
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that are new, and those that are known.

    Of more findings than an entry counts, the last ones are new. What an entry of a file that is gone holds may be in
    any file, with the same code.
    """
    if not known:
        return tuple(findings), ()
    left: Counter[Known] = Counter()
    for entry in known:
        left[entry] += entry.count
    here = {(entry.code, entry.path, entry.subject): entry for entry in known if entry.path is not None}
    gone: dict[tuple[str, str], list[Known]] = {}
    for entry in known:
        if entry.path is None:
            gone.setdefault((entry.code, entry.subject), []).append(entry)
    new: list[Finding] = []
    held: list[Finding] = []
    for finding in findings:
        own = here.get((finding.code, finding.path, finding.subject))
        others = gone.get((finding.code, finding.subject), ())
        moved = (entry for entry in others if digest(finding, workspace) in entry.digests)
        holder = next((entry for entry in (*((own,) if own else ()), *moved) if left[entry] > 0), None)
        if holder is None:
            new.append(finding)
        else:
            left[holder] -= 1
            held.append(finding)
    return tuple(new), tuple(held)


def record(findings: Iterable[Finding], workspace: Workspace) -> tuple[Known, ...]:
    """The entries that make findings known, in order."""
    grouped: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.code, finding.path, finding.subject), []).append(finding)
    return tuple(
        Known(code, path, subject, len(group), tuple(sorted({digest(finding, workspace) for finding in group})))
        for (code, path, subject), group in sorted(grouped.items())
    )
