"""What a fix came to."""

from __future__ import annotations

from dataclasses import dataclass

from bufferlint.finding import Fix


@dataclass(frozen=True, slots=True)
class Made:
    """Either ``fix`` or the reason for which it is ``withheld``."""

    fix: Fix | None = None
    withheld: str | None = None
