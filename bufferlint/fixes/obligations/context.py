"""The context is whole: bases and subclasses are read, and so is all that mentions the class."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason


def _reasons(case: Case) -> Iterator[Reason]:
    module = case.module
    if module.lineage.unread:
        yield Reason(f"nobody here can read its base class {module.lineage.unread[0]}, which may claim the name")


def _elsewhere(case: Case) -> Iterator[Reason]:
    module = case.module
    if module.is_built_on_meta and not case.persistent:
        yield Reason(f"{module.is_built_on_meta}: a non-persistent buffer built on the meta device is never filled")
    elif module.is_built_on_meta:
        text = f"{module.is_built_on_meta}: checkpoints saved before lack the key, which then stays uninitialised"
        yield Reason(text)
    for broken in module.unparsed(module.header.name):
        name = broken.rpartition("/")[2]
        yield Reason(f"{name} mentions {module.header.name} and cannot be parsed: correct it, then run again")


OBLIGATION = Obligation(
    "the context is whole",
    "all bases, subclasses and files that mention the class were read",
    _reasons,
    _elsewhere,
)
