"""Everything that a configuration file may say, as one table: it drives validation and the command line's options."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from bufferlint.shell.files import DEFAULT_EXCLUDE


class Kind(Enum):
    """What an option's value is; the text says it to a person who wrote something else."""

    STRINGS = "a list of strings"
    FLAG = "true or false"
    TEXT = "a string"
    NUMBER = "a number"
    CHOICE = "one of"


@dataclass(frozen=True, slots=True)
class Option:
    """One key of the configuration, with the values it takes and what it is when nobody says."""

    key: str
    kind: Kind
    default: object
    help: str
    choices: tuple[bool | str, ...] = ()

    @property
    def expected(self) -> str:
        """What a value must be, in words and as TOML writes it."""
        if self.kind is not Kind.CHOICE:
            return str(self.kind.value)
        return "one of " + ", ".join(
            f'"{choice}"' if isinstance(choice, str) else str(choice).lower() for choice in self.choices
        )

    def takes(self, value: object) -> bool:
        if self.kind is Kind.STRINGS:
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        if self.kind is Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind is Kind.CHOICE:
            return any(value is choice or (isinstance(choice, str) and value == choice) for choice in self.choices)
        return isinstance(value, bool if self.kind is Kind.FLAG else str)


OPTIONS = (
    Option("select", Kind.STRINGS, (), "Rules to run: codes, code prefixes or names."),
    Option("ignore", Kind.STRINGS, (), "Rules not to run: codes, code prefixes or names."),
    Option(
        "exclude", Kind.STRINGS, DEFAULT_EXCLUDE, "Patterns of files and folders to leave out, instead of the usual."
    ),
    Option("extend-exclude", Kind.STRINGS, (), "Patterns of files and folders to leave out as well."),
    Option(
        "persistent",
        Kind.CHOICE,
        True,
        "Whether new buffers join the state_dict; auto: state does, constants do not.",
        (True, False, "auto"),
    ),
    Option(
        "style",
        Kind.CHOICE,
        "register_buffer",
        "How to write a registration; nn.Buffer needs torch 2.5.",
        ("register_buffer", "nn.Buffer"),
    ),
    Option("module-bases", Kind.STRINGS, (), "Qualified names of classes to take for subclasses of torch.nn.Module."),
    Option("tensor-factories", Kind.STRINGS, (), "Qualified names of functions to take to return a tensor."),
    Option("unsafe-fixes", Kind.FLAG, False, "Also apply fixes that may change what the code does."),
)

VERIFY_OPTIONS = (
    Option(
        "python", Kind.TEXT, None, "The interpreter to run classes under: one with torch and the project's imports."
    ),
    Option("timeout", Kind.NUMBER, 60.0, "Seconds that one side of a class may take."),
    Option("device", Kind.TEXT, None, "The device to move classes to."),
    Option("seed", Kind.NUMBER, 0, "The random seed."),
    Option("memory", Kind.NUMBER, 8192, "MiB of memory that a class may take."),
)


def option(key: str) -> Option:
    return next(each for each in OPTIONS if each.key == key)


def nearest(name: str, names: Iterable[str]) -> str:
    """What to say after naming something that does not exist."""
    known = list(names)
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f"did you mean '{close[0]}'?" if close else f"one of: {', '.join(known)}"
