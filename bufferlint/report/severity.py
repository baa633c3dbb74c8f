"""How bad a finding is, in the words of each format: the same everywhere."""

from __future__ import annotations

from bufferlint.finding import Severity

WORDS: dict[str, dict[Severity, str]] = {
    "azure": {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "warning"},
    "github": {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"},
    "gitlab": {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "minor"},
    "rdjson": {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"},
    "sarif": {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"},
}
"""By format; the others write `Severity.value` itself. Azure Pipelines know no third word."""
