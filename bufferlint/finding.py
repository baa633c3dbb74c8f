"""What the tool has to say: findings with their fixes, problems with the input, and the report that holds both."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from bufferlint.text.edits import Edit
from bufferlint.text.span import Location, Span


class Applicability(Enum):
    """How far a fix may be trusted."""

    SAFE = "safe"
    """Construction and every CPU result stay as they were; only the announced state_dict keys are new."""
    UNSAFE = "unsafe"
    """May change behaviour in a way that the analysis cannot rule out; `Fix.caveat` says which."""
    DISPLAY = "display"
    """Shown as a suggestion, never applied."""


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fix:
    """Text edits that fix one finding; all of them apply or none does.

    ``adds_keys`` are the state_dict keys that the class gains (names within the class).
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]
    caveat: str | None = None
    adds_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """A place that has to do with a finding; ``message`` says how."""

    path: str
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place. ``reason`` says what the belief rests on; ``withheld`` why there is no fix.

    ``class_name`` is empty for a finding about a comment; ``attribute`` then holds what the comment names. ``related``
    are other places of the code, if they were asked for.
    """

    code: str
    name: str
    message: str
    path: str
    span: Span
    location: Location
    end_location: Location
    severity: Severity
    class_name: str
    attribute: str
    kind: str
    reason: str
    persistent: bool | None = None
    fix: Fix | None = None
    withheld: str | None = None
    related: tuple[Related, ...] = ()

    @property
    def sort_key(self) -> tuple[str, Span, str, str]:
        return (self.path, self.span, self.code, self.attribute)

    @property
    def subject(self) -> str:
        """Tells what it is about: ``Class.attribute``."""
        return f"{self.class_name}.{self.attribute}" if self.class_name else self.attribute

    @property
    def mark(self) -> str:
        """``[*]`` a safe fix, ``[~]`` an unsafe one, ``[ ]`` none that can be applied."""
        if self.fix is None or self.fix.applicability is Applicability.DISPLAY:
            return "[ ]"
        return "[*]" if self.fix.applicability is Applicability.SAFE else "[~]"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept a file from being checked or written: the cause, and what to do next."""

    path: str
    cause: str
    advice: str
    location: Location | None = None

    @property
    def sort_key(self) -> tuple[str, tuple[int, int], str]:
        at = (self.location.row, self.location.column) if self.location else (0, 0)
        return (self.path, at, self.cause)


@dataclass(frozen=True, slots=True)
class Report:
    """Findings and problems of one run, in the order of path, line, column, code.

    ``known`` counts the findings that a baseline holds: they are not among the others.
    """

    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = field(default=0)
    known: int = 0

    @property
    def exit_code(self) -> int:
        """0 nothing found, 1 findings, 2 some input could not be checked."""
        if self.problems:
            return 2
        return 1 if self.findings else 0
