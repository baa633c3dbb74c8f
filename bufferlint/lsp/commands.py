"""Commands that an editor may run by name; what is wrong with one is said, and never raised."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from bufferlint.project_files.suggestions import nearest, nearest_rule
from bufferlint.rules import catalogue

FIX_ALL, VERIFY, EXPLAIN = "bufferlint.fixAll", "bufferlint.verify", "bufferlint.explain"
NAMES = (FIX_ALL, VERIFY, EXPLAIN)


class WrongArguments(Exception):
    """A command was called with what it does not take; the message says what it takes."""


def uri_of(arguments: Sequence[object]) -> str:
    """The document that a command is about."""
    first = arguments[0] if arguments else None
    uri = first.get("uri") if isinstance(first, dict) else getattr(first, "uri", first)
    if not isinstance(uri, str) or ":" not in uri:
        raise WrongArguments("the first argument must be the URI of an open file")
    return uri


def explain(arguments: Sequence[object]) -> str:
    """A rule's page, by code or name."""
    name = arguments[0] if arguments else None
    if not isinstance(name, str):
        raise WrongArguments("the argument must be a rule, such as BUF001")
    page = next((rule.page for rule in catalogue() if name in (rule.code, rule.name)), None)
    if page is None:
        raise WrongArguments(f"unknown rule '{name}'; {nearest_rule(name)}")
    return page


def class_of(arguments: Sequence[object]) -> str:
    """The class that is to be verified."""
    name = arguments[1] if len(arguments) > 1 else None
    if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
        raise WrongArguments("the second argument must be the name of a class")
    return name


async def verify(path: str, class_name: str) -> str:
    """The table that ``bufferlint verify`` prints of a class as it is saved; runs the user's code in its process."""
    command = (sys.executable, "-m", "bufferlint", "verify", f"{path}::{class_name}", "--color", "never")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return said.decode(errors="replace")


def unknown(name: str) -> WrongArguments:
    return WrongArguments(f"unknown command; {nearest(name, NAMES)}")
