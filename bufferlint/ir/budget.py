"""Steps that the analysis of a class and of a file's classes may take: counted, so that all machines stop alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

MOST_OF_A_CLASS = 500_000
MOST_OF_A_FIX = 500_000
"""What examining one fix may take, beside its class."""
MOST_OF_A_CALLER = 200_000
"""What running one function for what it hands a constructor may take, beside the class that asks."""
MOST_OF_A_FILE = 1_000_000
"""A step takes five to eight microseconds. What is known of one class serves the next, so that a bound which real code
met would make its report depend on the order of classes: a fence against code made to be slow, no more than that."""
LOOK = 0.25
"""A look at what is known already."""
EXPRESSION = 8
"""An expression that is evaluated, in steps."""
CALL = 20
"""A call of a function of the project that is followed."""
STATEMENT_READ = 200
"""A statement that LibCST reads."""
CLASS = 300
"""A class, whatever is in it."""
FILTERED = 60
"""A class that is asked whether it may have a finding, beside its code."""
FUNCTION_READ = 30
"""A function that is lowered, beside its code."""
LINE_READ = 15
"""A statement of a class or module body that is lowered, beside its code."""
CODE_READ = 16
"""Characters that are lowered in a step."""
OUTLINED = 4
"""Characters of a file that are outlined and searched in a step, before any class is looked at."""
CONSTRUCTION = 40
"""A class whose construction is followed, beside the code that it runs."""
METHOD = 4
"""A method that is followed once the instance is built, beside the code that it runs."""
_LEFT_BY_FILTERS = 3
_FILES = 50
_MOST_TIMES = 20


class OverBudget(Exception):
    """Raised where the steps of a class are used up."""


class Budget:
    """Counts steps; raises within `of_class` once a class or the classes of its file have taken too many."""

    def __init__(self) -> None:
        self._left: float = 1 << 62
        self._unbounded = self._left
        self._beside: float = self._unbounded
        self._files: dict[str, float] = {}
        self._times = 1

    def allow_for(self, files: int) -> None:
        """Allow as many steps as a project of so many files may need: a class is looked at with what they do."""
        self._times = min(1 + files // _FILES, _MOST_TIMES)

    @property
    def most_of_a_class(self) -> int:
        return MOST_OF_A_CLASS * self._times

    @property
    def most_of_a_file(self) -> int:
        return MOST_OF_A_FILE * self._times

    def spend(self, steps: float) -> None:
        self._left -= steps
        if self._left < 0:
            raise OverBudget

    def restart(self) -> None:
        """Forget what files have taken."""
        self._files.clear()

    def begin(self, path: str, size: int) -> None:
        """Count the reading of a file of so many characters; once, however often it is said."""
        self._files.setdefault(path, size // OUTLINED)

    def may_filter(self, path: str) -> bool:
        """Returns whether one more class of a file may be asked for findings: a part of the steps is left for those
        that have some."""
        return self.left_of(path) > self.most_of_a_file // _LEFT_BY_FILTERS

    def filter(self, path: str, size: int) -> None:
        """Count that a class of a file, of so many characters, is asked whether it may have a finding."""
        self._files[path] += FILTERED + size // CODE_READ

    def left_of(self, path: str) -> float:
        """The steps that the classes of a file may still take."""
        return self.most_of_a_file - self._files.get(path, 0)

    def of_caller(self) -> AbstractContextManager[None]:
        """Count what the body spends by itself, and not to the class; `OverBudget` says that it took too many steps, or
        that all which the class has done aside did."""
        return self._aside(MOST_OF_A_CALLER)

    def of_fix(self) -> AbstractContextManager[None]:
        """The same, where the body examines a fix."""
        return self._aside(MOST_OF_A_FIX)

    @contextmanager
    def _aside(self, most: int) -> Iterator[None]:
        before = self._left
        allowed: float = min(most * self._times, max(self._beside, 0))
        self._left = allowed
        try:
            yield
        finally:
            self._beside -= allowed - self._left
            self._left = before

    @contextmanager
    def of_class(self, path: str) -> Iterator[None]:
        """Count what the body spends to a class of a file."""
        allowed = min(self.most_of_a_class, self.left_of(path))
        self._left, self._beside = allowed, allowed
        try:
            self.spend(CLASS)
            yield
        finally:
            spent = allowed - self._left + allowed - self._beside
            self._files[path] = self._files.get(path, 0) + spent
            self._left = self._beside = self._unbounded
