"""Completion of rules in the comments that suppress them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from bufferlint.rules import catalogue

TRIGGERS = ("[", ":", ",")
_OPEN = re.compile(r"#[^#]*(?:bufferlint: *ignore(?:-file)?\[|noqa: *)(?P<named>[\w, -]*)$", re.IGNORECASE)
_WORD = re.compile(r"[\w-]*$")


def completions(before: str) -> Iterator[types.CompletionItem]:
    """The rules that may stand at the end of a line's beginning; none where no suppression is open."""
    opened = _OPEN.search(before)
    if opened is None:
        return
    word = _WORD.search(opened["named"])
    begun = word[0].upper() if word else ""
    named = {each.strip().upper() for each in opened["named"].split(",")}
    for rule in catalogue():
        if rule.code.startswith(begun) and (rule.code not in named or rule.code == begun):
            yield types.CompletionItem(
                rule.code,
                types.CompletionItemLabelDetails(description=rule.name),
                kind=types.CompletionItemKind.EnumMember,
                documentation=rule.summary,
            )
