"""Steps that the analysis of a class and of a file's classes may take: counted, so that all machines stop alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

MOST_OF_A_CLASS = 1_000_000
MOST_OF_A_FIX = 1_000_000
"""What examining one fix may take, beside its class."""
MOST_OF_A_FILE = 2_000_000
"""A step takes about five microseconds. Real code stays far below: what is known of one class serves the next, so a
bound that real code met would make its report depend on the order of classes."""
EXPRESSION = 8
"""An expression that is evaluated, in steps."""
CALL = 20
"""A call of a function of the project that is followed."""
STATEMENT_READ = 200
"""A statement that LibCST reads."""
CLASS = 300
"""A class, whatever is in it."""


class OverBudget(Exception):
    """Raised where the steps of a class are used up."""


class Budget:
    """Counts steps; raises within `of_class` once a class or the classes of its file have taken too many."""

    def __init__(self) -> None:
        self._left = self._unbounded = 1 << 62
        self._files: dict[str, int] = {}

    def spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise OverBudget

    def restart(self) -> None:
        """Forget what files have taken."""
        self._files.clear()

    def left_of(self, path: str) -> int:
        """The steps that the classes of a file may still take."""
        return MOST_OF_A_FILE - self._files.get(path, 0)

    @contextmanager
    def of_fix(self, path: str) -> Iterator[None]:
        """Count what the body spends to a fix in a class of a file, and not to the class."""
        before = self._left
        allowed = self._left = min(MOST_OF_A_FIX, max(self.left_of(path), 0))
        try:
            yield
        finally:
            self._files[path] = self._files.get(path, 0) + allowed - self._left
            self._left = before

    @contextmanager
    def of_class(self, path: str) -> Iterator[None]:
        """Count what the body spends to a class of a file."""
        allowed = self._left = min(MOST_OF_A_CLASS, self.left_of(path))
        try:
            self.spend(CLASS)
            yield
        finally:
            self._files[path] = self._files.get(path, 0) + allowed - self._left
            self._left = self._unbounded
