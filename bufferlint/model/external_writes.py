"""What files say around their classes; each file is searched once, however many classes ask."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from bufferlint.ir.reader import Reader
from bufferlint.resolution.context import Context
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef

_ASSIGNMENT = re.compile(r"(?:^|(?<=[\r\n]))[ \t]*(?!self\b)\w+\.(\w+)[ \t]*=(?!=)([^\r\n]*)")
_META_BUILDING = re.compile(r"\b(?:to_empty|init_empty_weights|torch\.device\(\s*[\"']meta[\"']\s*\))")


class ExternalWrites:
    """Answers for a project; ``context`` holds the files in which the name of a class is looked for."""

    def __init__(self, reader: Reader, names: Names, context: Context) -> None:
        self._reader = reader
        self._names = names
        self._context = context
        self._assigned: dict[str, dict[str, list[tuple[int, str]]]] = {}
        self._meta: dict[str, str | None] = {}

    def assigned(self, ref: ClassRef, attr: str) -> str | None:
        """Where code outside of classes, in the file of a class or in one that names it, assigns to an attribute of
        something (``model.x = 3``) a value that is not made of the attribute itself."""
        for path in (ref.path, *self._others(ref)):
            for offset, value in self._assignments(path).get(attr, ()):
                if f".{attr}" not in value:
                    line = f"line {self._reader.where(path, offset).row}"
                    return line if path == ref.path else f"{path.rpartition('/')[2]}, {line}"
        return None

    def builds_on_meta(self, path: str) -> str | None:
        """How a file builds modules on the meta device."""
        if path not in self._meta:
            found = _META_BUILDING.search(self._reader.text(path))
            self._meta[path] = found.group() if found else None
        return self._meta[path]

    def _others(self, ref: ClassRef) -> Iterator[str]:
        """The other files that write the name of a class."""
        return (path for path in self._context.mentioning(ref.header.name) if path != ref.path)

    def _assignments(self, path: str) -> dict[str, list[tuple[int, str]]]:
        """The assignments outside of classes by attribute: the offset and the text of each value."""
        if path not in self._assigned:
            outline = self._names.outline(path)
            spans = sorted((header.span.start, header.span.end) for header in outline.classes) if outline else []
            starts, ends = [start for start, _ in spans], _furthest(spans)
            found = self._assigned[path] = {}
            for match in _ASSIGNMENT.finditer(self._reader.text(path)):
                before = bisect_right(starts, match.start())
                if not before or ends[before - 1] <= match.start():
                    found.setdefault(match[1], []).append((match.start(2), match[2]))
        return self._assigned[path]


def _furthest(spans: Sequence[tuple[int, int]]) -> list[int]:
    """How far the spans reach up to each of them; they may lie in each other."""
    ends: list[int] = []
    for _, end in spans:
        ends.append(max(end, ends[-1]) if ends else end)
    return ends
