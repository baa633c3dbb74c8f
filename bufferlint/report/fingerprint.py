"""A name for each finding that stays the same when lines move, for those who compare one report with the next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from bufferlint.finding import Finding
from bufferlint.report.view import View


def fingerprints(findings: Sequence[Finding], view: View) -> list[str]:
    """One for each finding, all different: of the rule, the path, class and attribute, and the code without its blanks.

    Several findings that agree in all of these are told apart by their order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    made: list[str] = []
    for finding in findings:
        source = view.source(finding.path)
        code = "".join(source.text[finding.span.start : finding.span.end].split()) if source else ""
        key = (finding.code, view.from_top(finding.path), finding.subject, code)
        seen[key] += 1
        made.append(hashlib.sha256("\0".join((*key, str(seen[key]))).encode(errors="surrogateescape")).hexdigest())
    return made
