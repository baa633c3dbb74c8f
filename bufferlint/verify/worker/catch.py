"""The one place where whatever user code raises is caught."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "bad_alloc", "Cannot allocate memory")
_SCRIPTED = "TorchScript interpreter"
_PLAINLY = {
    "uninitialized parameter": "a lazy parameter has no shape before forward has run once",
    "NestedTensorImpl": "torch cannot do this with a nested tensor",
    "nested tensor": "torch cannot do this with a nested tensor",
    "quantized": "torch cannot do this with a quantised tensor",
    "Quantized": "torch cannot do this with a quantised tensor",
    _SCRIPTED: "the scripted or traced code raised an error",
}
"""What words of torch's messages mean."""


@dataclass(frozen=True)
class Raised:
    """An exception of user code: ``message`` is its essence, ``line`` where it left the user's file."""

    type: str
    message: str
    line: int | None
    error: BaseException

    def __str__(self) -> str:
        place = f" (line {self.line})" if self.line else ""
        return f"{self.type}: {self.message}{place}" if self.message else f"{self.type}{place}"

    @property
    def out_of_memory(self) -> bool:
        return isinstance(self.error, MemoryError) or any(words in str(self.error) for words in _OUT_OF_MEMORY)


def attempt(run: Callable[[], T], path: str = "") -> T | Raised:
    """Returns what ``run`` returns, or what it raised: SystemExit too, for a constructor may call sys.exit.

    ``path`` is the user's file, for the line.
    """
    try:
        return run()
    except BaseException as error:  # user code may raise anything
        message = str(error.msg) if isinstance(error, SyntaxError) else str(error)
        return Raised(type(error).__name__, essence(message), _line(error, path), error)


def essence(message: str) -> str:
    """The first line of an error message, and the next when it announces that; at most 300 characters. What torch says
    of kinds of tensors that it can do little with begins with a plain sentence."""
    plain = next((sentence for words, sentence in _PLAINLY.items() if words in message), "")
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if lines and _SCRIPTED in lines[0]:  # what was raised stands last, below the code of it
        lines = [lines[-1].removeprefix("RuntimeError: ")]
    first = " ".join(lines[:2]) if lines and lines[0].endswith(":") else "".join(lines[:1])
    short = first if len(first) <= 300 else first[:297] + "..."
    return f"{plain}: {short[:100]}" if plain else short


def _line(error: BaseException, path: str) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    frames: list[Any] = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == path]
    return frames[-1].lineno if frames else None
