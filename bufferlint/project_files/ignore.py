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
_TRAILING_SPACE = re.compile(r"(?<!\\)[ ]+$")


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
        """Whether the patterns take the path out (True) or back in (False); None when they do not speak of it."""
        prefix = self.base.rstrip("/") + "/" if self.base else ""
        if not path.startswith(prefix):
            return None
        relative = path[len(prefix) :]
        for rule in reversed(self.rules):
            if (is_folder or not rule.folders_only) and rule.pattern.fullmatch(relative):
                return not rule.negated
        return None


def ignored(patterns: Iterable[Patterns], path: str, is_folder: bool) -> bool:
    """Whether the last of the pattern files that speaks of the path takes it out."""
    for group in reversed(tuple(patterns)):
        verdict = group.verdict(path, is_folder)
        if verdict is not None:
            return verdict
    return False


def covers(patterns: Patterns, path: str) -> bool:
    """Whether patterns take a file out: it, or a folder above it that lies below their base."""
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
    pattern = _TRAILING_SPACE.sub("", line.rstrip("\r\n"))
    if not pattern or pattern.startswith("#"):
        return None
    negated = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    anywhere = "" if "/" in pattern else "(?:.*/)?"
    try:
        compiled = re.compile(anywhere + _translated(pattern.removeprefix("/")), re.DOTALL)
    except re.error:
        return None
    return _Rule(compiled, negated, folders_only)


def _translated(pattern: str) -> str:
    return "".join(_token(match) for match in _TOKEN.finditer(pattern))


def _token(match: re.Match[str]) -> str:
    """One piece of a pattern as a regular expression."""
    fixed = {"lead": "(?:.*/)?", "middle": "/(?:.*/)?", "tail": "/.+", "star": "[^/]*", "one": "[^/]"}
    kind = match.lastgroup or ""
    if kind in fixed:
        return fixed[kind]
    if kind == "set":
        items = "".join(_set_item(item) for item in _SET_ITEM.finditer(match["set"]))
        return f"(?!/)[{'^' if match['not'] else ''}{items}]"
    return re.escape(match["escaped"] or match["plain"])


def _set_item(item: re.Match[str]) -> str:
    if item["single"] is not None:
        return re.escape(item["single"])
    return f"{re.escape(item['low'])}-{re.escape(item['high'])}"
