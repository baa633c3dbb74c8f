"""The shapes that an error states: "must have a shape of (*, 1, H, W)", "we expect BxCxHxW"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bufferlint.verify.worker.discovery.layers import BATCH, LENGTH

_SIZE = r"(?:\d+|\*|[A-Z][a-z]?(?:/\d)?)"
_LISTED = re.compile(rf"[(\[]\s*({_SIZE}(?:\s*,\s*{_SIZE})+)\s*[)\]]")
_JOINED = re.compile(r"(?<![\w*])((?:\d+|\*|[A-Z])(?:x(?:\d+|[A-Z]))+)(?!\w)")
_CHANNELS = 3


def of_text(text: str, side: int) -> Iterator[tuple[int, ...]]:
    """Yields the shapes in which at least one size is named by a letter; ``side`` is that of an image."""
    found = [re.split(r"\s*,\s*", each) for each in _LISTED.findall(text)]
    found += [each.split("x") for each in _JOINED.findall(text)]
    for sizes in found:
        if any(size[0].isalpha() or size == "*" for size in sizes):
            yield tuple(_size(size, place, side) for place, size in enumerate(sizes))


def _size(name: str, place: int, side: int) -> int:
    if name.isdigit():
        return int(name)
    name, _, divisor = name.partition("/")
    usual = {"C": _CHANNELS, "H": side, "W": side, "*": BATCH, "B": BATCH}
    size = BATCH if place == 0 and name == "N" else usual.get(name, LENGTH)
    return max(1, size // int(divisor or 1))
