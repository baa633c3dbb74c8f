"""An index of the words of all files answers as a search of each file does."""

from __future__ import annotations

from collections.abc import Sequence

from bufferlint.resolution.context import Context
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.overlay import Overlay
from bufferlint.text.source import Source
from bufferlint.text.workspace import Workspace
from tests.memory import MemoryWorkspace, at

FILES = {
    "whole.py": "mask = 1\nself.mask = mask\n",
    "part.py": "masks = unmask = mask_2 = 1\n",
    "beside.py": "maské = émask = 1\n",
    "quoted.py": "'«mask»'\n",
    "mangled.py": "self._Net__mask = 1\n",
    "accents.py": "größe = 1\n",
    "edited.py": "mask = 1\n",
}
ASKED = ("mask", "masks", "__mask", "größe", "mask_2", "nothing", "self")


def context(workspace: Workspace) -> Context:
    return Context(SyntaxReader(workspace), (), lambda: workspace.files)


def answers(of: Context) -> dict[str, Sequence[str]]:
    return {word: of.mentioning(word) for word in ASKED}


def test_an_index_answers_as_a_search_does() -> None:
    workspace = Overlay(MemoryWorkspace(FILES), [Source(at("edited.py"), "self.table = 1\n")])
    searched, indexed = context(workspace), context(workspace)
    for number in range(1000):
        indexed.mentioning(f"word{number}")
    assert answers(indexed) == answers(searched)
    assert answers(searched)["mask"] == (at("quoted.py"), at("whole.py"))
    assert answers(searched)["__mask"] == (at("mangled.py"),)
    assert answers(searched)["größe"] == (at("accents.py"),)
