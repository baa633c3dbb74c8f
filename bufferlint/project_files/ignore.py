"""The pattern language of ``.gitignore``, which ``exclude`` speaks too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<lead>^(?:\*\*/)+)"
    r"|(?P<middle>/(?:\*\*/)+)"
    r"|(?P<tail>/\*\*$)"
    r"|(?P<star>\*+)"
    r"|(?P<one>\?)"
    r"|\[(?P<not>[!^]?)(?P<set>\]?[^\]]*)\]"
    r"|\\(?P<escaped>.)"
    r"|(?P<plain>.)"
)
_SET_ITEM = re.compile(r"(?P<low>[^\\])-(?P<high>[^\\])|\\?(?P<single>.)")
_FOLDERS = "(?:[^/]*/)*"
_LONGEST = 4096
"""Characters of a pattern: no path is longer."""


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    negated: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns relative to the folder ``base`` (absolute, forward slashes); a later one overrules an earlier one.

    An empty ``base`` is above every folder.
    """

    base: str
    rules: tuple[_Rule, ...]

    @classmethod
    def parse(cls, base: str, lines: Iterable[str]) -> Patterns:
        """Read lines as git reads a ``.gitignore`` in ``base``; a line that is no pattern is passed over."""
        rules = (_rule(_below(base, line)) for line in lines)
        return cls(base, tuple(rule for rule in rules if rule is not None))

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Returns whether the patterns take the path out (True) or back in (False); None when they do not speak of
        it."""
        prefix = self.base.rstrip("/") + "/" if self.base else ""
        if not path.startswith(prefix):
            return None
        relative = path[len(prefix) :]
        for rule in reversed(self.rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(relative):
                return not rule.negated
        return None


def ignored(patterns: Iterable[Patterns], path: str, is_folder: bool) -> bool:
    """Returns whether the last of the pattern files that speaks of the path takes it out."""
    for group in reversed(tuple(patterns)):
        verdict = group.verdict(path, is_folder)
        if verdict is not None:
            return verdict
    return False


def covers(patterns: Patterns, path: str) -> bool:
    """Returns whether patterns take a file out: it, or a folder above it that lies below their base."""
    if patterns.verdict(path, False):
        return True
    folder = path.rpartition("/")[0]
    while len(folder) > len(patterns.base.rstrip("/")):
        if patterns.verdict(folder, True):
            return True
        folder = folder.rpartition("/")[0]
    return False


def _below(base: str, line: str) -> str:
    """A pattern that a person wrote as an absolute path, or with a leading ``./``, relative to ``base``."""
    prefix = base.rstrip("/") + "/"
    if base and line.startswith(prefix):
        return "/" + line[len(prefix) :]
    return line[1:] if line.startswith("./") else line


def _rule(line: str) -> _Rule | None:
    pattern = _without_trailing_space(line.rstrip("\r\n"))
    if not pattern or pattern.startswith("#") or len(pattern) > _LONGEST:
        return None
    negated = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    try:
        compiled = re.compile(_Translation().of(pattern), re.DOTALL)
    except re.error:
        return None
    return _Rule(compiled, negated, folders_only)


def _without_trailing_space(line: str) -> str:
    """A line without the blanks at its end, but one that a backslash keeps."""
    bare = line.rstrip(" ")
    return line[: len(bare) + 1] if bare.endswith("\\") else bare


class _Translation:
    """A pattern as a regular expression whose time grows with the length of the path only.

    A star takes the nearest place where what stands behind it fits, and never looks for another: what fits there has a
    fixed length, so nothing is gained further on. ``(?=(?P<n>...))(?P=n)`` is how Python 3.10 writes an atomic group.
    """

    def __init__(self) -> None:
        self._groups = 0

    def of(self, pattern: str) -> str:
        """The whole pattern: parts between double stars, each of single names between slashes."""
        parts: list[list[list[str]]] = [[[""]]]
        is_anchored, tail = "/" in pattern, ""
        for match in _TOKEN.finditer(pattern.removeprefix("/")):
            kind = match.lastgroup or ""
            if kind in ("lead", "middle"):
                is_anchored = is_anchored and kind != "lead"
                parts += [[[""]]] if kind == "middle" else []
            elif kind == "tail":
                tail = "/.+"
            elif kind == "star":
                parts[-1][-1].append("")
            elif match.group() == "/":
                parts[-1].append([""])
            else:
                parts[-1][-1][-1] += _one_character(match)
        first, *others = parts
        if not others:
            return ("" if is_anchored else _FOLDERS) + self._names(first) + tail
        start = f"{self._names(first)}/" if is_anchored else self._nearest(_FOLDERS + "?", f"{self._names(first)}/")
        *middle, last = others
        between = "".join(self._nearest(_FOLDERS + "?", f"{self._names(part)}/") for part in middle)
        return start + between + _FOLDERS + self._names(last) + tail

    def _names(self, names: list[list[str]]) -> str:
        """Names between slashes, each of pieces between stars."""
        return "/".join(map(self._name, names))

    def _name(self, pieces: list[str]) -> str:
        first, *others = pieces
        if not others:
            return first
        *middle, last = others
        return first + "".join(self._nearest("[^/]*?", piece) for piece in middle) + f"[^/]*{last}"

    def _nearest(self, gap: str, piece: str) -> str:
        """Returns what lies before the nearest place where a piece fits, and the piece."""
        if not piece:
            return ""
        self._groups += 1
        name = f"g{self._groups}"
        return f"(?=(?P<{name}>{gap}{piece}))(?P={name})"


def _one_character(match: re.Match[str]) -> str:
    """A piece of a pattern that stands for one character, as a regular expression."""
    if match.lastgroup == "one":
        return "[^/]"
    if match["set"] is not None:
        items = "".join(_set_item(item) for item in _SET_ITEM.finditer(match["set"]))
        return f"(?!/)[{'^' if match['not'] else ''}{items}]"
    return re.escape(match["escaped"] or match["plain"])


def _set_item(item: re.Match[str]) -> str:
    if item["single"] is not None:
        return re.escape(item["single"])
    return f"{re.escape(item['low'])}-{re.escape(item['high'])}"
