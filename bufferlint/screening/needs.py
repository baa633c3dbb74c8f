"""What a class must have for a rule to say anything of it."""

from __future__ import annotations

from enum import Enum


class Need(Enum):
    """Told without running the class, which takes a hundred times longer."""

    TENSOR = "construction leaves a tensor that is not registered, or registers one in a way that may go wrong"
    BUFFER = "construction leaves a tensor or registers a buffer"
    MOVED = "a method of the class moves an attribute that may be a buffer"
    MODULES = "construction leaves modules or parameters in a plain container"
    CACHE = "construction leaves an attribute None that a method fills"
    LATE = "a method of the class stores an attribute, or its result is kept"
    COUNTER = "construction leaves a number or a flag that a method changes"
    UNSAVED = "construction registers a buffer that is not saved"
    NOTHING = "any class will do"
